import type { Random } from '../base/index.ts'

/** Exponential waiting times with jitter: each twice the last, up to a maximum, until something succeeds. */
export interface Backoff {
  next_ms(): number
  reset(): void
}

export function createBackoff(options: { readonly random: Random; readonly first_ms: number; readonly maximum_ms: number }): Backoff {
  const { random, first_ms, maximum_ms } = options
  let delay_ms = first_ms
  return {
    next_ms() {
      const jittered = delay_ms * (1 + random.next())
      delay_ms = Math.min(delay_ms * 2, maximum_ms)
      return jittered
    },
    reset() {
      delay_ms = first_ms
    },
  }
}
