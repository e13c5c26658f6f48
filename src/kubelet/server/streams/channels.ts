import type { WebSocket } from 'ws'

/**
 * Numbered channels over one WebSocket: each message begins with its channel's number (in the base64 forms a digit,
 * and the rest is base64). With v5, channel 255 closes the half of the channel that it names.
 */
export interface ChannelSocket {
  input(channel: number): ReadableStream<Uint8Array>
  output(channel: number): WritableStream<Uint8Array>
  send(channel: number, bytes: Uint8Array): Promise<void>
  close(code: number, reason: string): void
  readonly closed: Promise<void>
}

export interface ChannelOptions {
  readonly base64: boolean
  readonly closeSignal: boolean
  /** Channels that the client may write to. */
  readonly inputs: readonly number[]
}

const closeChannel = 255
const buffered_bytes = 64 * 1024
const unsupportedData = 1003
const normalClosure = 1000

export function channelSocket(socket: WebSocket, options: ChannelOptions): ChannelSocket {
  const readers = new Map<number, ReadableStreamDefaultController<Uint8Array>>()
  const streams = new Map<number, ReadableStream<Uint8Array>>()
  const stalled = new Set<number>()
  const resume = (channel: number) => {
    if (stalled.delete(channel) && !stalled.size) socket.resume()
  }
  const forget = (channel: number) => {
    readers.delete(channel)
    resume(channel)
  }

  for (const channel of options.inputs)
    streams.set(
      channel,
      new ReadableStream<Uint8Array>(
        {
          start: controller => void readers.set(channel, controller),
          pull: () => resume(channel),
          cancel: () => forget(channel),
        },
        new ByteLengthQueuingStrategy({ highWaterMark: buffered_bytes }),
      ),
    )

  const end = (channel: number) => {
    readers.get(channel)?.close()
    forget(channel)
  }
  socket.on('message', (data: Buffer) => {
    const message = options.base64 ? decodeBase64(data) : data
    const channel = message[0]
    if (channel === undefined) return
    if (channel === closeChannel && options.closeSignal) return end(message[1] ?? closeChannel)
    if (!streams.has(channel)) return socket.close(unsupportedData, `channel ${channel} is not open for writing`)
    const reader = readers.get(channel)
    if (!reader || message.length === 1) return
    reader.enqueue(message.subarray(1))
    if ((reader.desiredSize ?? 1) > 0) return
    stalled.add(channel)
    socket.pause()
  })

  const closed = new Promise<void>(resolve => {
    let cause: Error | undefined
    socket.on('error', error => {
      cause = error
    })
    socket.on('close', (code: number) => {
      for (const [channel, reader] of readers) {
        // Without v5 a client's only way to say that its input is over is to close the socket.
        if (code === normalClosure) reader.close()
        else reader.error(new Error(`the WebSocket closed with code ${code}`, { cause }))
        readers.delete(channel)
      }
      resolve()
    })
  })

  const write = (message: Buffer | string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (socket.readyState !== socket.OPEN) return reject(new Error('the WebSocket is closed'))
      socket.send(message, error => (error ? reject(error) : resolve()))
    })

  // Each message is written once the one before it is, and so stands in a TLS record of its own: some clients look
  // whether the socket is readable, and miss a message that came in the same record as the one they just read.
  let last: Promise<void> = Promise.resolve()
  const send = (channel: number, bytes: Uint8Array): Promise<void> => {
    const message = options.base64 ? encodeBase64(channel, bytes) : encodeBinary(channel, bytes)
    const written = last.then(() => write(message))
    last = written.catch(() => {})
    return written
  }

  return {
    input: channel => {
      const stream = streams.get(channel)
      if (!stream) throw new Error(`channel ${channel} is not one of the client's`)
      return stream
    },
    // Ending an output has no sign of its own: v5's is the client's alone, and the socket's end follows.
    output: channel => new WritableStream<Uint8Array>({ write: bytes => send(channel, bytes) }),
    send,
    close(code, reason) {
      // Reading on lets the peer's own close arrive.
      stalled.clear()
      socket.resume()
      socket.close(code, reason)
    },
    closed,
  }
}

function encodeBinary(channel: number, bytes: Uint8Array): Buffer {
  const message = Buffer.allocUnsafe(1 + bytes.length)
  message[0] = channel
  message.set(bytes, 1)
  return message
}

/** A string, so that it is sent as a text message. */
const encodeBase64 = (channel: number, bytes: Uint8Array): string => `${channel}${Buffer.from(bytes).toString('base64')}`

function decodeBase64(message: Buffer): Buffer {
  if (!message.length) return message
  return encodeBinary((message[0] as number) - '0'.charCodeAt(0), Buffer.from(message.toString('latin1', 1), 'base64'))
}
