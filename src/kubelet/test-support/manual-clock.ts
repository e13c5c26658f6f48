import { type Clock, systemClock } from '../../base/index.ts'

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Runs all timers that come due within that time, in their order, and lets everything that follows settle. */
  advance(duration_ms: number): Promise<void>
  settle(): Promise<void>
}

const rounds = 60

export function manualClock(start_ms = Date.parse('2026-01-01T00:00:00Z')): ManualClock {
  const real = systemClock()
  const timers = new Set<{ readonly due_ms: number; readonly run: () => void }>()
  let now_ms = start_ms
  const settle = async () => {
    for (let round = 0; round < rounds; round++) await real.yield()
  }
  return {
    now: () => now_ms,
    monotonic: () => now_ms,
    setTimer(delay_ms, run) {
      const timer = { due_ms: now_ms + Math.max(0, delay_ms), run }
      timers.add(timer)
      return { cancel: () => void timers.delete(timer) }
    },
    yield: real.yield,
    settle,
    async advance(duration_ms) {
      await settle()
      const end_ms = now_ms + duration_ms
      while (true) {
        const due = [...timers].filter(timer => timer.due_ms <= end_ms).sort((a, b) => a.due_ms - b.due_ms)[0]
        if (!due) break
        timers.delete(due)
        now_ms = Math.max(now_ms, due.due_ms)
        due.run()
        await settle()
      }
      now_ms = end_ms
      await settle()
    },
  }
}
