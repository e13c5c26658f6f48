import type { Readable } from 'node:stream'
import { requestTooLarge } from '../../apimachinery/api-errors.ts'
import type { Timer } from '../../base/clock.ts'
import { bodyTooSlow } from './h2/received-body.ts'

/** Reads a request's body up to a limit; what is larger is refused before it is all here, and what takes too long. */
export async function readBody(
  stream: Readable,
  contentLength: string | undefined,
  maximumBytes: number,
  setDeadline: (expire: () => void) => Timer,
): Promise<Uint8Array> {
  if (contentLength === '0') return new Uint8Array(0)
  let deadline: Timer | undefined
  const late = new Promise<never>((_, reject) => {
    deadline = setDeadline(() => reject(bodyTooSlow()))
  })
  try {
    return await Promise.race([gather(stream, contentLength, maximumBytes), late])
  } finally {
    deadline?.cancel()
  }
}

function gather(stream: Readable, contentLength: string | undefined, maximumBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const tooLarge = () => reject(requestTooLarge(`Request entity too large: limit is ${maximumBytes}`))
    if (contentLength !== undefined && Number(contentLength) > maximumBytes) return tooLarge()
    const chunks: Buffer[] = []
    let length = 0
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > maximumBytes) {
        // The rest is read and dropped, so that the client gets to see the answer.
        chunks.length = 0
        stream.removeAllListeners('data')
        stream.resume()
        return tooLarge()
      }
      chunks.push(chunk)
    })
    stream.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
    stream.on('error', reject)
    stream.on('aborted', () => reject(new Error('read the body of a request: the client went away')))
  })
}
