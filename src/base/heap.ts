/** A binary heap: the entry that comes first by `before` is at hand, adding and taking cost a logarithm. */
export interface Heap<Entry> {
  readonly size: number
  peek(): Entry | undefined
  push(entry: Entry): void
  pop(): Entry | undefined
}

export function createHeap<Entry>(before: (left: Entry, right: Entry) => boolean): Heap<Entry> {
  const entries: Entry[] = []

  const swap = (left: number, right: number) => {
    const entry = entries[left] as Entry
    entries[left] = entries[right] as Entry
    entries[right] = entry
  }

  const isBefore = (left: number, right: number): boolean => before(entries[left] as Entry, entries[right] as Entry)

  const rise = (index: number) => {
    while (index > 0) {
      const parent = (index - 1) >>> 1
      if (!isBefore(index, parent)) return
      swap(index, parent)
      index = parent
    }
  }

  const sink = (index: number) => {
    for (;;) {
      const left = index * 2 + 1
      const right = left + 1
      let first = index
      if (left < entries.length && isBefore(left, first)) first = left
      if (right < entries.length && isBefore(right, first)) first = right
      if (first === index) return
      swap(first, index)
      index = first
    }
  }

  return {
    get size() {
      return entries.length
    },
    peek: () => entries[0],
    push(entry) {
      entries.push(entry)
      rise(entries.length - 1)
    },
    pop() {
      const first = entries[0]
      const last = entries.pop()
      if (entries.length > 0 && last !== undefined) {
        entries[0] = last
        sink(0)
      }
      return first
    },
  }
}
