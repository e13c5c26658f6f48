import type { Random } from '../../base/random.ts'
import type { Call } from './trace.ts'

/** A file on a disk that may lose, at a power failure, whatever was not synced. */
export interface VolatileFile {
  apply(call: Call): void
  readonly unsynced: number
  /** What is on the disk after a power failure: all that was synced, and of the rest the sectors that `survives` picks. */
  afterPowerLoss(survives: () => boolean): Buffer
}

const sector_bytes = 512

export function createVolatileFile(): VolatileFile {
  const durable = createImage(Buffer.alloc(0))
  let unsynced: Call[] = []
  return {
    get unsynced() {
      return unsynced.length
    },
    apply(call) {
      if (call.name === 'pwrite64' || call.name === 'ftruncate') unsynced.push(call)
      if (call.name !== 'fsync' && call.name !== 'fdatasync') return
      for (const written of unsynced) durable.perform(written)
      unsynced = []
    },
    afterPowerLoss(survives) {
      const image = createImage(durable.content())
      for (const part of unsynced.flatMap(sectorsOf)) if (survives()) image.perform(part)
      return image.content()
    },
  }
}

/** A write reaches the disk sector by sector, in any order. */
function sectorsOf(call: Call): Call[] {
  if (call.name === 'ftruncate') return [call]
  const parts: Call[] = []
  for (let start = 0; start < call.data.length; ) {
    const end = Math.min(call.data.length, start + sector_bytes - ((call.offset + start) % sector_bytes))
    parts.push({ ...call, data: call.data.subarray(start, end), offset: call.offset + start })
    start = end
  }
  return parts
}

/** Bytes that are changed in place and grow; what lies between two writes is zero, as in a file. */
function createImage(start: Buffer) {
  let bytes = Buffer.from(start)
  let length = start.length

  const resize = (to: number) => {
    if (to > bytes.length) bytes = Buffer.concat([bytes, Buffer.alloc(to)])
    if (to < length) bytes.fill(0, to, length)
    length = to
  }

  return {
    content: () => Buffer.from(bytes.subarray(0, length)),
    perform({ name, data, offset }: Call) {
      if (name === 'ftruncate') return resize(offset)
      if (offset + data.length > length) resize(offset + data.length)
      data.copy(bytes, offset)
    },
  }
}

export const nothingSurvives = (): boolean => false
export const someSurvive = (random: Random) => (): boolean => random.next() < 0.5
