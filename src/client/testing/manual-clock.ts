import type { Clock } from '../../base/index.ts'

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Goes forward, runs what falls due in order, and lets what that woke run to its next wait. */
  advance(milliseconds: number): Promise<void>
}

export function createManualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let elapsed = 0
  let sequence = 0
  const timers = new Map<number, { readonly due: number; readonly run: () => void }>()
  // Promise chains of any length end before the next macrotask, and sockets are not waited for.
  const settle = async () => {
    for (let round = 0; round < 3; round++) await new Promise<void>(resolve => process.nextTick(() => queueMicrotask(resolve)))
    for (let round = 0; round < 50; round++) await Promise.resolve()
  }
  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    setTimer(delay_ms, run) {
      const id = sequence++
      timers.set(id, { due: elapsed + Math.max(0, delay_ms), run })
      return { cancel: () => void timers.delete(id) }
    },
    yield: () => Promise.resolve(),
    async advance(milliseconds) {
      const until = elapsed + milliseconds
      await settle()
      for (;;) {
        const [next] = [...timers].filter(([, timer]) => timer.due <= until).sort(([a, one], [b, other]) => one.due - other.due || a - b)
        if (!next) break
        const [id, timer] = next
        timers.delete(id)
        elapsed = timer.due
        timer.run()
        await settle()
      }
      elapsed = until
      await settle()
    },
  }
}
