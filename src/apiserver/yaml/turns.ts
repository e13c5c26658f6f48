/** What waits, served in turns: one of each owner after the other, however many another has waiting. */
export interface Turns<Item> {
  add(owner: string, item: Item): void
  /** Whose turn it is, taken out. */
  next(): Item | undefined
  takeAll(): readonly Item[]
}

export function createTurns<Item>(): Turns<Item> {
  /** In the order of turns. */
  const waiting = new Map<string, Item[]>()
  return {
    add(owner, item) {
      const own = waiting.get(owner)
      if (own) own.push(item)
      else waiting.set(owner, [item])
    },
    next() {
      for (const [owner, own] of waiting) {
        waiting.delete(owner)
        const item = own.shift()
        // Behind everybody who waits already.
        if (own.length > 0) waiting.set(owner, own)
        return item
      }
      return undefined
    },
    takeAll() {
      const all = [...waiting.values()].flat()
      waiting.clear()
      return all
    },
  }
}
