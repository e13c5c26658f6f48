import type { Clock } from '../../../base/clock.ts'

/** How often something that costs us more than the client may happen: so many at once, and so many a second on the whole. */
export function createBudget(clock: Clock, burst: number, perSecond: number): { spend(): boolean } {
  let left = burst
  let since = clock.monotonic()
  return {
    spend() {
      if (left < 1) {
        const now = clock.monotonic()
        left = Math.min(burst, left + ((now - since) / 1000) * perSecond)
        since = now
      }
      left--
      return left >= 0
    },
  }
}
