/**
 * A map whose keys are ordered by UTF-16 code units: sorted chunks answer ranges by copying whole slices,
 * a hash answers single keys.
 */
export interface SortedMap<Value> {
  readonly size: number
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  delete(key: string): boolean
  clear(): void
  /** The values whose keys start with `prefix`, in key order, from the first key greater than or equal to `start`, at most `limit`; a new array. */
  list(prefix: string, start?: string, limit?: number): Value[]
  count(prefix: string, start?: string): number
}

interface Chunk<Value> {
  readonly keys: string[]
  readonly values: Value[]
}

interface Position {
  readonly chunk: number
  readonly offset: number
}

const largestChunk = 512
/** Neighbours that fit into one chunk of this size are joined, well below the size at which chunks split, so that the two don't alternate. */
const joinedChunk = 192

export function createSortedMap<Value>(): SortedMap<Value> {
  const hash = new Map<string, Value>()
  let chunks: Chunk<Value>[] = []

  const range = (prefix: string, start: string): [Position, Position] => {
    const from = lowerBound(chunks, start > prefix ? start : prefix)
    // Most of what is asked for is not there, and that shows at once.
    if (chunks[from.chunk]?.keys[from.offset]?.startsWith(prefix) !== true) return [from, from]
    const end = afterPrefix(prefix)
    return [from, end === undefined ? { chunk: chunks.length, offset: 0 } : lowerBound(chunks, end)]
  }

  const insert = (key: string, value: Value) => {
    const found = lowerBound(chunks, key)
    // A key beyond the last of its chunk belongs to the end of that chunk, not to the front of the next.
    const index = found.offset === 0 && found.chunk > 0 ? found.chunk - 1 : found.chunk
    const chunk = chunks[index]
    if (!chunk) {
      chunks.push({ keys: [key], values: [value] })
      return
    }
    const offset = index === found.chunk ? found.offset : chunk.keys.length
    chunk.keys.splice(offset, 0, key)
    chunk.values.splice(offset, 0, value)
    if (chunk.keys.length > largestChunk) split(chunks, index, offset)
  }

  return {
    get size() {
      return hash.size
    },
    get: key => hash.get(key),
    set(key, value) {
      const known = hash.has(key)
      hash.set(key, value)
      if (!known) return insert(key, value)
      const { chunk, offset } = lowerBound(chunks, key)
      const values = chunks[chunk]?.values
      if (values) values[offset] = value
    },
    delete(key) {
      if (!hash.delete(key)) return false
      const { chunk: index, offset } = lowerBound(chunks, key)
      const chunk = chunks[index]
      chunk?.keys.splice(offset, 1)
      chunk?.values.splice(offset, 1)
      join(chunks, index)
      return true
    },
    clear() {
      hash.clear()
      chunks = []
    },
    list(prefix, start = '', limit = Number.POSITIVE_INFINITY) {
      const [from, to] = range(prefix, start)
      if (from.chunk === to.chunk) return chunks[from.chunk]?.values.slice(from.offset, Math.min(to.offset, from.offset + limit)) ?? []
      const parts: Value[][] = []
      let left = limit
      for (let index = from.chunk; index <= to.chunk && left > 0; index++) {
        const values = chunks[index]?.values
        if (!values) break
        const first = index === from.chunk ? from.offset : 0
        const end = Math.min(index === to.chunk ? to.offset : values.length, first + left)
        if (end <= first) continue
        parts.push(first === 0 && end === values.length ? values : values.slice(first, end))
        left -= end - first
      }
      return ([] as Value[]).concat(...parts)
    },
    count(prefix, start = '') {
      const [from, to] = range(prefix, start)
      if (from.chunk > to.chunk) return 0
      let count = to.offset - from.offset
      for (let index = from.chunk; index < to.chunk; index++) count += chunks[index]?.keys.length ?? 0
      return Math.max(0, count)
    },
  }
}

/** Where the first key greater than or equal to `key` stands; behind the last chunk when there is none. */
function lowerBound(chunks: readonly Chunk<unknown>[], key: string): Position {
  let low = 0
  let high = chunks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const keys = chunks[middle]?.keys as string[]
    if ((keys[keys.length - 1] as string) < key) low = middle + 1
    else high = middle
  }
  const keys = chunks[low]?.keys
  if (!keys) return { chunk: low, offset: 0 }
  let first = 0
  let last = keys.length
  while (first < last) {
    const middle = (first + last) >>> 1
    if ((keys[middle] as string) < key) first = middle + 1
    else last = middle
  }
  return { chunk: low, offset: first }
}

/** The smallest string greater than every string that starts with `prefix`; undefined when there is no such. */
function afterPrefix(prefix: string): string | undefined {
  for (let length = prefix.length; length > 0; length--) {
    const unit = prefix.charCodeAt(length - 1)
    if (unit < 0xffff) return prefix.slice(0, length - 1) + String.fromCharCode(unit + 1)
  }
  return undefined
}

function split<Value>(chunks: Chunk<Value>[], index: number, insertedAt: number) {
  const chunk = chunks[index]
  if (!chunk) return
  // Keys that arrive in order leave full chunks behind instead of half-empty ones.
  const middle = insertedAt === chunk.keys.length - 1 ? chunk.keys.length - 1 : chunk.keys.length >>> 1
  chunks.splice(index + 1, 0, { keys: chunk.keys.splice(middle), values: chunk.values.splice(middle) })
}

function join<Value>(chunks: Chunk<Value>[], index: number) {
  const chunk = chunks[index]
  if (!chunk) return
  if (chunk.keys.length === 0) {
    chunks.splice(index, 1)
    return
  }
  const next = chunks[index + 1]
  if (!next || chunk.keys.length + next.keys.length > joinedChunk) return
  chunk.keys.push(...next.keys)
  chunk.values.push(...next.values)
  chunks.splice(index + 1, 1)
}
