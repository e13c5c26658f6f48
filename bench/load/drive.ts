import type { Clock } from '../../src/base/index.ts'
import type { Reply } from './api.ts'
import { percentile, rounded } from './statistics.ts'

/** What a run of many equal operations came to. Refused ones are counted by status, with the first one's text. */
export interface RunResult {
  readonly n: number
  readonly concurrency: number
  readonly run_s: number
  readonly per_s: number
  readonly p50_ms: number
  readonly p90_ms: number
  readonly p99_ms: number
  readonly max_ms: number
  readonly errors?: Readonly<Record<string, number>>
  readonly firstError?: string
}

/** `total` operations, so many at once; each worker starts its next one when the last has been answered. */
export async function drive(
  clock: Clock,
  total: number,
  concurrency: number,
  operation: (index: number) => Promise<Pick<Reply, 'status' | 'body'>>,
): Promise<RunResult> {
  const latencies = new Float64Array(total)
  const errors: Record<string, number> = {}
  let firstError: string | undefined
  let next = 0
  const count = (what: string, text: string) => {
    errors[what] = (errors[what] ?? 0) + 1
    firstError ??= text
  }
  const work = async () => {
    while (next < total) {
      const index = next++
      const start = clock.monotonic()
      try {
        const { status, body } = await operation(index)
        if (status >= 300) count(String(status), body.toString('utf8', 0, 300))
      } catch (error) {
        count('broken', String(error))
      }
      latencies[index] = clock.monotonic() - start
    }
  }
  const start = clock.monotonic()
  await Promise.all(Array.from({ length: Math.min(concurrency, total) }, work))
  const elapsed_ms = clock.monotonic() - start
  latencies.sort()
  return {
    n: total,
    concurrency,
    run_s: rounded(elapsed_ms / 1000),
    per_s: rounded((total / elapsed_ms) * 1000, 1),
    p50_ms: percentile(latencies, 0.5),
    p90_ms: percentile(latencies, 0.9),
    p99_ms: percentile(latencies, 0.99),
    max_ms: percentile(latencies, 1),
    ...(firstError !== undefined && { errors, firstError }),
  }
}
