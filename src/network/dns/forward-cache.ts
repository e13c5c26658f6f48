import type { Clock } from '../../base/clock.ts'
import { skipName, types } from './wire.ts'

/** Answers of upstream servers, each kept as long as its shortest TTL, at most 30 s; bounded in number. */
export interface ForwardCache {
  get(query: Buffer): Buffer | undefined
  put(query: Buffer, answer: Buffer): void
}

const maximumEntries = 2000
const longest_s = 30

interface Entry {
  readonly answer: Buffer
  readonly ttlOffsets: readonly number[]
  readonly stored_ms: number
  readonly expires_ms: number
}

export function createForwardCache(clock: Clock): ForwardCache {
  const entries = new Map<string, Entry>()
  return {
    get(query) {
      const key = keyOf(query)
      const entry = entries.get(key)
      if (!entry) return undefined
      const now_ms = clock.monotonic()
      if (now_ms >= entry.expires_ms) {
        entries.delete(key)
        return undefined
      }
      return aged(entry, query, Math.floor((now_ms - entry.stored_ms) / 1000))
    },
    put(query, answer) {
      const ttls = readTtls(answer)
      if (!ttls || ttls.shortest_s <= 0) return
      const oldest = entries.size >= maximumEntries ? entries.keys().next().value : undefined
      if (oldest !== undefined) entries.delete(oldest)
      const stored_ms = clock.monotonic()
      entries.set(keyOf(query), {
        answer,
        ttlOffsets: ttls.offsets,
        stored_ms,
        expires_ms: stored_ms + Math.min(longest_s, ttls.shortest_s) * 1000,
      })
    },
  }
}

/** Everything but the id: flags, name in its case, type and EDNS options shape an answer. */
const keyOf = (query: Buffer): string => query.toString('latin1', 2)

function aged({ answer, ttlOffsets }: Entry, query: Buffer, age_s: number): Buffer {
  const copy = Buffer.from(answer)
  copy.writeUInt16BE(query.readUInt16BE(0), 0)
  for (const offset of ttlOffsets) copy.writeUInt32BE(Math.max(0, copy.readUInt32BE(offset) - age_s), offset)
  return copy
}

/** Undefined where an answer is not worth keeping: failed, truncated, malformed or without records. */
function readTtls(answer: Buffer): { readonly offsets: readonly number[]; readonly shortest_s: number } | undefined {
  const flags = answer.readUInt16BE(2)
  const code = flags & 15
  if (flags & 0x0200 || (code !== 0 && code !== 3)) return undefined
  let offset: number | undefined = 12
  for (let index = answer.readUInt16BE(4); index > 0 && offset !== undefined; index--) {
    offset = skipName(answer, offset)
    if (offset !== undefined) offset += 4
  }
  const offsets: number[] = []
  let shortest_s = Number.POSITIVE_INFINITY
  for (let index = answer.readUInt16BE(6) + answer.readUInt16BE(8) + answer.readUInt16BE(10); index > 0; index--) {
    offset = offset === undefined ? undefined : skipName(answer, offset)
    if (offset === undefined || offset + 10 > answer.length) return undefined
    if (answer.readUInt16BE(offset) !== types.OPT) {
      offsets.push(offset + 4)
      shortest_s = Math.min(shortest_s, answer.readUInt32BE(offset + 4))
    }
    offset += 10 + answer.readUInt16BE(offset + 8)
  }
  return offsets.length ? { offsets, shortest_s } : undefined
}
