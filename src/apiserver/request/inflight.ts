import type { PushedBody } from '../types.ts'

/** How many requests are under way. Those over HTTP wait for their turn before (see fairness); those in process are the server's own. */
export interface InflightRequests {
  readonly reads: number
  readonly writes: number
  readonly watches: number
  run<T>(mutating: boolean, work: () => Promise<T>): Promise<T>
  /** Watches are counted while they last, and not bounded: they cost next to nothing. */
  counted(body: PushedBody): PushedBody
}

export function createInflightRequests(): InflightRequests {
  const counts = { reads: 0, writes: 0, watches: 0 }
  return {
    get reads() {
      return counts.reads
    },
    get writes() {
      return counts.writes
    },
    get watches() {
      return counts.watches
    },
    async run(mutating, work) {
      const key = mutating ? 'writes' : 'reads'
      counts[key]++
      try {
        return await work()
      } finally {
        counts[key]--
      }
    },
    counted: body => ({
      start(sink) {
        counts.watches++
        let stopped = false
        const stop = body.start(sink)
        return () => {
          if (stopped) return
          stopped = true
          counts.watches--
          stop()
        }
      },
    }),
  }
}
