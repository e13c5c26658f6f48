/**
 * Bounds how many sandboxes and containers are being started at once: more would not end sooner, and everybody would end late.
 * Containers go before sandboxes, so pods that are half there get ready first.
 */
export interface StartGate {
  run<T>(what: 'container' | 'sandbox', work: () => Promise<T>): Promise<T>
}

export function createStartGate(width: number): StartGate {
  const waiting = { container: [] as (() => void)[], sandbox: [] as (() => void)[] }
  let free = width
  return {
    async run(what, work) {
      if (free > 0) free--
      else await new Promise<void>(resolve => waiting[what].push(resolve))
      try {
        return await work()
      } finally {
        const next = waiting.container.shift() ?? waiting.sandbox.shift()
        if (next) next()
        else free++
      }
    },
  }
}
