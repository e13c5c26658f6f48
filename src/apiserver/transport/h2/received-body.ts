import { Readable } from 'node:stream'
import { requestTooLarge, timeout } from '../../../apimachinery/api-errors.ts'
import type { Timer } from '../../../base/clock.ts'

/** A request's body as it comes in: held until somebody reads it (the window bounds it), then gathered up to a limit. */
export interface ReceivedBody {
  /** Returns how many bytes may be given credit for: those that are not held any more. */
  take(chunk: Buffer): number
  end(): void
  fail(error: Error): void
  /** Whatever comes from now on is dropped. Returns the bytes that were held. */
  discard(): number
  read(maximumBytes: number, expected: number | undefined): Promise<Uint8Array>
  /** For who hands it on: credit is given as it is taken. */
  stream(): Readable
}

/**
 * `onCredit` is told of bytes that were held and are not any more. `setDeadline` is asked for a timer where a body is read
 * that is not here yet: whoever sends one slowly must not keep a place that others wait for.
 */
export function createReceivedBody(onCredit: (bytes: number) => void, setDeadline: (expire: () => void) => Timer): ReceivedBody {
  let chunks: Buffer[] = []
  let length = 0
  let held = 0
  let limit: number | undefined
  let dropping = false
  let ended = false
  let failure: Error | undefined
  let passedOn: Readable | undefined
  let reader: { resolve: (bytes: Uint8Array) => void; reject: (error: Error) => void } | undefined

  let deadline: Timer | undefined

  const settle = () => {
    if (!reader) return
    if (failure) reader.reject(failure)
    else if (limit !== undefined && length > limit) reader.reject(tooLarge(limit))
    else if (ended) reader.resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length))
    else return
    reader = undefined
    deadline?.cancel()
    discard()
  }

  const fail = (error: Error) => {
    failure ??= error
    passedOn?.destroy(error)
    settle()
  }

  const discard = (): number => {
    dropping = true
    chunks = []
    return release()
  }

  const release = (): number => {
    const released = held
    held = 0
    return released
  }

  return {
    take(chunk) {
      if (dropping) return chunk.length
      if (passedOn) {
        held += chunk.length
        return passedOn.push(chunk) ? release() : 0
      }
      chunks.push(chunk)
      length += chunk.length
      if (limit === undefined) {
        held += chunk.length
        return 0
      }
      settle()
      return chunk.length
    },
    end() {
      ended = true
      passedOn?.push(null)
      settle()
    },
    fail,
    discard,
    stream() {
      const readable = new Readable({ read: () => onCredit(release()) })
      // Whoever passes it on may have its answer already and listen no more.
      readable.on('error', () => {})
      for (const chunk of chunks) readable.push(chunk)
      chunks = []
      passedOn = readable
      if (ended) readable.push(null)
      if (failure) readable.destroy(failure)
      return readable
    },
    read(maximumBytes, expected) {
      return new Promise((resolve, reject) => {
        reader = { resolve, reject }
        limit = maximumBytes
        const released = release()
        if (expected !== undefined && expected > maximumBytes) length = expected
        settle()
        if (reader) deadline = setDeadline(() => fail(bodyTooSlow()))
        if (released > 0) onCredit(released)
      })
    },
  }
}

/** As upstream where a request takes longer than a minute. */
export const bodyTooSlow = (): Error => timeout('request did not complete within the allotted timeout')

const tooLarge = (limit: number): Error => requestTooLarge(`Request entity too large: limit is ${limit}`)
