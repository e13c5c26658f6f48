import { readdirSync, readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import type { MetricsRegistry } from './metrics.ts'

/** What every scraper asks of a process, under the names that all of them use; read when asked for, so idle costs nothing. */
export function measureProcess(metrics: MetricsRegistry): void {
  metrics.counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  metrics.gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', () => process.memoryUsage.rss())
  metrics.gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', () => performance.timeOrigin / 1000)
  metrics.gauge('process_open_fds', 'Number of open file descriptors.', () => unlessAbsent(() => readdirSync('/proc/self/fd').length))
  metrics.gauge('process_max_fds', 'Maximum number of open file descriptors.', () =>
    unlessAbsent(() => Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1])),
  )
  metrics.gauge(
    'proa_event_loop_utilization',
    'Share of time that the event loop was busy since the process started.',
    () => performance.eventLoopUtilization().utilization,
  )
}

/** Not every system shows it. */
function unlessAbsent(read: () => number): number | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
