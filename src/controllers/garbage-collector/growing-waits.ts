/** How long to wait before something is looked at again: longer each time, until it is forgotten. */
export interface GrowingWaits {
  /** Milliseconds. */
  next(key: string): number
  forget(key: string): void
}

const first_ms = 200
const longest_ms = 60_000

export function createGrowingWaits(): GrowingWaits {
  const waits = new Map<string, number>()
  return {
    next(key) {
      const before = waits.get(key)
      const wait_ms = before === undefined ? first_ms : Math.min(before * 2, longest_ms)
      waits.set(key, wait_ms)
      return wait_ms
    },
    forget: key => void waits.delete(key),
  }
}
