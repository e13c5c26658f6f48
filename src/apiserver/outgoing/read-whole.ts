import type { IncomingMessage } from 'node:http'

/** An answer's body, read to its end; what is larger than the bound ends the connection. */
export function readWhole(answer: IncomingMessage, maximumBytes: number, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      answer.destroy()
      reject(error)
    }
    const abort = () => fail(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    const parts: Buffer[] = []
    let length = 0
    answer.on('data', (part: Buffer) => {
      length += part.length
      if (length > maximumBytes) return fail(new Error(`the answer is larger than ${maximumBytes} bytes`))
      parts.push(part)
    })
    answer.on('end', () => resolve(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)))
    answer.on('error', reject)
    answer.on('close', () => {
      signal.removeEventListener('abort', abort)
      reject(new Error('unexpected EOF'))
    })
  })
}
