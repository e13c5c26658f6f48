/**
 * Rates from counters: runtimes often give no rate of their own. A rate needs two readings; each reading is kept until
 * the next one, and forgotten with its container.
 */
export interface UsageRates {
  /** Nanocores since the reading before; undefined at the first one. */
  nanoCores(id: string, cpuUsage_ns: number, timestamp_ms: number): number | undefined
  /** Whether each of them was read before. */
  knows(ids: readonly string[]): boolean
  keepOnly(ids: ReadonlySet<string>): void
}

interface Reading {
  readonly cpuUsage_ns: number
  readonly timestamp_ms: number
  readonly rate: number | undefined
}

export function createUsageRates(): UsageRates {
  const readings = new Map<string, Reading>()
  return {
    nanoCores(id, cpuUsage_ns, timestamp_ms) {
      const before = readings.get(id)
      const passed_ms = timestamp_ms - (before?.timestamp_ms ?? timestamp_ms)
      // Two askers at the same moment must not divide by nothing.
      if (before && passed_ms <= 0) return before.rate
      const rate = before && Math.max(0, Math.round(((cpuUsage_ns - before.cpuUsage_ns) / passed_ms) * 1000))
      readings.set(id, { cpuUsage_ns, timestamp_ms, rate })
      return rate
    },
    knows: ids => ids.every(id => readings.has(id)),
    keepOnly(ids) {
      for (const id of readings.keys()) if (!ids.has(id)) readings.delete(id)
    },
  }
}
