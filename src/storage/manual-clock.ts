import { type Clock, systemClock } from '../base/clock.ts'

/** A clock that stands still until it is moved; timers that fall due on the way run in order. For tests. */
export interface ManualClock extends Clock {
  advance(by_ms: number): void
  /** Timers that wait for their time. */
  readonly timers: number
}

export function createManualClock(start_ms = 1_700_000_000_000): ManualClock {
  const timers = new Set<{ readonly at_ms: number; readonly run: () => void }>()
  let now_ms = start_ms

  const takeDue = (until_ms: number) => {
    const due = [...timers].filter(timer => timer.at_ms <= until_ms).sort((left, right) => left.at_ms - right.at_ms)[0]
    if (due) timers.delete(due)
    return due
  }

  return {
    now: () => now_ms,
    monotonic: () => now_ms,
    setTimer(delay_ms, run) {
      const timer = { at_ms: now_ms + Math.max(0, delay_ms), run }
      timers.add(timer)
      return { cancel: () => void timers.delete(timer) }
    },
    yield: systemClock().yield,
    get timers() {
      return timers.size
    },
    advance(by_ms) {
      const until_ms = now_ms + by_ms
      for (let due = takeDue(until_ms); due; due = takeDue(until_ms)) {
        now_ms = Math.max(now_ms, due.at_ms)
        due.run()
      }
      now_ms = until_ms
    },
  }
}
