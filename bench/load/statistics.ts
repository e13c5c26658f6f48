export function rounded(value: number, decimals = 3): number {
  const factor = 10 ** decimals
  return Math.round(value * factor) / factor
}

/** Of values in ascending order; 0 where there are none. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
}

export interface Summary {
  readonly n: number
  readonly min: number
  readonly p50: number
  readonly p90: number
  readonly max: number
}

export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((left, right) => left - right)
  const at = (share: number) => rounded(percentile(sorted, share), 1)
  return { n: sorted.length, min: at(0), p50: at(0.5), p90: at(0.9), max: at(1) }
}
