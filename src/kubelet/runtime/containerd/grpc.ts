import http2 from 'node:http2'
import net from 'node:net'
import type { Clock } from '../../../base/index.ts'
import { GrpcError, statusCode } from './grpc-status.ts'

/**
 * A gRPC client over one HTTP/2 connection on a Unix socket: unary calls and server streams, in bytes. The connection
 * is opened by the first call and again by the first call after it broke; calls in flight when it breaks fail with
 * `Unavailable`, and whether to repeat them is the caller's to say, since only it knows if that is safe.
 */
export interface GrpcClient {
  unary(path: string, request: Uint8Array, options?: CallOptions): Promise<Uint8Array>
  /** Ends when the server ends it; aborting the signal ends it without an error. */
  serverStream(path: string, request: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined>
  close(): void
}

export interface CallOptions {
  /** Absent means that the call may take for ever. */
  readonly deadline_ms?: number
  readonly signal?: AbortSignal | undefined
}

/** containerd's own bound on a message. */
const maxMessage_bytes = 16 * 1024 * 1024
const window_bytes = 1024 * 1024

export function connectGrpc(socket: string, clock: Clock, lost: (error: Error | undefined) => void = () => {}): GrpcClient {
  let session: http2.ClientHttp2Session | undefined
  let closed = false

  const connected = (): http2.ClientHttp2Session => {
    if (closed) throw new GrpcError(statusCode.unavailable, `the connection to ${socket} was closed`)
    if (session && !session.closed && !session.destroyed) return session
    const opened = http2.connect('http://localhost', {
      createConnection: () => net.connect(socket),
      settings: { initialWindowSize: window_bytes, enablePush: false },
    })
    const forget = (error?: Error) => {
      if (session !== opened) return
      session = undefined
      if (!closed) lost(error)
    }
    // Each call in flight gets an error of its own; without a listener the session's would end the process.
    opened.on('error', forget)
    opened.on('close', () => forget())
    opened.on('goaway', () => forget())
    session = opened
    return opened
  }

  const open = (path: string, request: Uint8Array): http2.ClientHttp2Stream => {
    const stream = connected().request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    stream.end(frameMessage(request))
    return stream
  }

  return {
    unary: (path, request, options = {}) =>
      new Promise((resolve, reject) => {
        const stream = open(path, request)
        const status = watchStatus(stream, path)
        let answer: Uint8Array | undefined
        const deframe = createDeframer(message => {
          answer = message
        })
        const cancel = (error: GrpcError) => {
          settle()
          reject(error)
          stream.close(http2.constants.NGHTTP2_CANCEL)
        }
        const abort = () => cancel(new GrpcError(statusCode.cancelled, `${path} was cancelled`, { cause: options.signal?.reason }))
        const timer =
          options.deadline_ms === undefined
            ? undefined
            : clock.setTimer(options.deadline_ms, () =>
                cancel(new GrpcError(statusCode.deadlineExceeded, `${path} gave no answer within ${options.deadline_ms} ms`)),
              )
        const settle = () => {
          timer?.cancel()
          options.signal?.removeEventListener('abort', abort)
        }
        stream.on('data', (chunk: Buffer) => {
          const error = deframe(chunk)
          if (error) cancel(error)
        })
        stream.on('close', () => {
          settle()
          const error = status()
          if (error) reject(error)
          else if (answer) resolve(answer)
          else reject(new GrpcError(statusCode.internal, `${path} ended without an answer`))
        })
        if (options.signal?.aborted) abort()
        else options.signal?.addEventListener('abort', abort, { once: true })
      }),

    async *serverStream(path, request, signal) {
      if (signal.aborted) return
      const stream = open(path, request)
      const status = watchStatus(stream, path)
      const received: Uint8Array[] = []
      const deframe = createDeframer(message => received.push(message))
      const abort = () => stream.close(http2.constants.NGHTTP2_CANCEL)
      const ended = new Promise<void>(resolve => stream.on('close', resolve))
      signal.addEventListener('abort', abort, { once: true })
      try {
        // Not `for await` over the stream itself: that would report a broken connection as its own error.
        const chunks = stream[Symbol.asyncIterator]()
        while (true) {
          const next = await chunks.next().catch(() => ({ done: true, value: undefined }))
          if (next.done) break
          const error = deframe(next.value)
          if (error) throw error
          yield* received.splice(0)
        }
        await ended
        const error = status()
        if (error && !signal.aborted) throw error
      } finally {
        signal.removeEventListener('abort', abort)
        stream.close(http2.constants.NGHTTP2_CANCEL)
      }
    },

    close() {
      closed = true
      session?.destroy()
    },
  }
}

function frameMessage(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(5 + message.length)
  frame[0] = 0
  frame.writeUInt32BE(message.length, 1)
  frame.set(message, 5)
  return frame
}

/** Takes chunks as they come and hands on whole messages; returns an error where the peer breaks the rules. */
function createDeframer(deliver: (message: Uint8Array) => void): (chunk: Buffer) => GrpcError | undefined {
  let pending: Buffer[] = []
  let pending_bytes = 0
  let wanted = 5
  return chunk => {
    pending.push(chunk)
    pending_bytes += chunk.length
    while (pending_bytes >= wanted) {
      const buffer = pending.length === 1 ? (pending[0] as Buffer) : Buffer.concat(pending, pending_bytes)
      const length = buffer.readUInt32BE(1)
      if (buffer[0] !== 0) return new GrpcError(statusCode.internal, 'the server sent a compressed message, which was not asked for')
      if (length > maxMessage_bytes) return new GrpcError(statusCode.resourceExhausted, `a message of ${length} bytes is over the limit`)
      wanted = 5 + length
      const whole = buffer.length >= wanted
      if (whole) deliver(buffer.subarray(5, wanted))
      const rest = whole ? buffer.subarray(wanted) : buffer
      pending = rest.length ? [rest] : []
      pending_bytes = rest.length
      if (!whole) return undefined
      wanted = 5
    }
    return undefined
  }
}

/** Collects how a call ends: its trailers, or headers alone where it failed at once, or the connection's error. */
function watchStatus(stream: http2.ClientHttp2Stream, path: string): () => GrpcError | undefined {
  let error: Error | undefined
  let headers: http2.IncomingHttpHeaders | undefined
  const keep = (received: http2.IncomingHttpHeaders) => {
    if (received['grpc-status'] !== undefined) headers = received
  }
  stream.on('response', keep).on('trailers', keep)
  stream.on('error', (reason: Error) => {
    error = reason
  })
  return () => {
    if (!headers) return new GrpcError(statusCode.unavailable, `${path}: ${error?.message ?? 'the connection closed'}`, { cause: error })
    const code = Number(headers['grpc-status'])
    return code === statusCode.ok ? undefined : new GrpcError(code, decodeText(String(headers['grpc-message'] ?? '')))
  }
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // The encoding belongs to the sender; a broken one must not hide the error itself.
    return text
  }
}
