/**
 * Time as a parameter. Every room receives a Clock, so that a whole control plane can run on a virtual one;
 * only `base` may touch the timers of Node.
 */
export interface Clock {
  /** Wall time in milliseconds since 1970. */
  now(): number
  /** A time in milliseconds that never goes back; only differences mean something. */
  monotonic(): number
  /** Calls `run` once after `delay_ms`; a timer never keeps the process alive by itself. */
  setTimer(delay_ms: number, run: () => void): Timer
  /** Lets pending I/O and other tasks go first; for loops that would otherwise hold the event loop. */
  yield(): Promise<void>
}

export interface Timer {
  cancel(): void
}

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    setTimer(delay_ms, run) {
      // Node fires timers beyond 2^31 - 1 ms at once.
      const timer = setTimeout(run, Math.min(Math.max(0, delay_ms), 2 ** 31 - 1))
      timer.unref()
      return { cancel: () => clearTimeout(timer) }
    },
    yield: () => new Promise(resolve => setImmediate(resolve)),
  }
}

/** Resolves after `delay_ms`, or rejects with the signal's reason as soon as it aborts. */
export function sleep(clock: Clock, delay_ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      timer.cancel()
      reject(signal?.reason)
    }
    const timer = clock.setTimer(delay_ms, () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** RFC 3339 in UTC with whole seconds, the form of `metav1.Time`. */
export const formatTime = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`

/** RFC 3339 in UTC with six decimals, the form of `metav1.MicroTime`. */
export const formatMicroTime = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 23)}000Z`
