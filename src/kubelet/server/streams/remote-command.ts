import type { Logger } from '../../../base/index.ts'
import type { RuntimeStream } from '../../runtime/types.ts'
import { internalErrorStatus } from './status.ts'

/** The client's side of exec and attach, whatever it speaks. */
export interface RemoteCommandClient {
  readonly stdin: ReadableStream<Uint8Array> | undefined
  readonly stdout: WritableStream<Uint8Array> | undefined
  readonly stderr: WritableStream<Uint8Array> | undefined
  /** JSON documents `{"Width":80,"Height":24}`. */
  readonly resizes: ReadableStream<Uint8Array> | undefined
  /** Sends the outcome on the error channel and ends the connection. */
  finish(status: unknown): Promise<void>
  /** Resolves when the client is gone. */
  readonly closed: Promise<void>
}

/** Joins a client with the runtime until the command has ended and all of its output is sent, or the client is gone. */
export async function joinRemoteCommand(client: RemoteCommandClient, stream: RuntimeStream, logger: Logger): Promise<void> {
  const unfinished = (error: unknown) => logger.debug('copy a stream between client and container: one side ended first', { error })
  // When the command ends before its input, the rest of the input has no reader.
  if (client.stdin && stream.stdin) client.stdin.pipeTo(stream.stdin).catch(unfinished)
  if (client.resizes) forwardResizes(client.resizes, stream).catch(unfinished)
  const outputs = [copyOutput(stream.stdout, client.stdout), copyOutput(stream.stderr, client.stderr)]
  const finished = Promise.allSettled(outputs).then(() => stream.result.catch(internalErrorStatus))
  const status = await Promise.race([finished, client.closed])
  try {
    if (status !== undefined) await client.finish(status)
  } finally {
    stream.close()
  }
}

async function copyOutput(from: ReadableStream<Uint8Array> | undefined, to: WritableStream<Uint8Array> | undefined): Promise<void> {
  if (from && to) await from.pipeTo(to)
  else await to?.close()
}

async function forwardResizes(resizes: ReadableStream<Uint8Array>, stream: RuntimeStream): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of resizes) {
    text += decoder.decode(chunk, { stream: true })
    // Documents are flat: each ends with its first brace.
    for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}')) {
      const size = parseSize(text.slice(0, end + 1))
      if (size) stream.resize(size.width, size.height)
      text = text.slice(end + 1)
    }
    if (text.length > 1024) throw new Error('the resize channel carries something else than sizes')
  }
}

function parseSize(document: string): { width: number; height: number } | undefined {
  const { Width: width, Height: height } = JSON.parse(document)
  return Number.isInteger(width) && Number.isInteger(height) ? { width, height } : undefined
}
