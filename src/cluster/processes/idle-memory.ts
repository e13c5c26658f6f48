import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Clock } from '../../base/index.ts'

/** What the process does and holds; a parameter so that tests can make it up. */
export interface ProcessMemory {
  /** Share of the time since the last call that the event loop was busy. */
  utilization(): number
  /** The heap as the operating system sees it, and what hangs on it. */
  size_bytes(): number
  collect(): void
}

const interval_ms = 500
/** A collection stops everything for a moment, so it waits for a second of quiet. */
const quietIntervals = 2
const quietUtilization = 0.05
/** Less is not worth the pause. */
const worthwhile_bytes = 24 * 1024 * 1024
/** Of a larger heap the pause could be felt by whoever comes next. */
const largest_bytes = 384 * 1024 * 1024

/**
 * V8 keeps the heap that a burst of requests needed, for the next burst. A server that shares a small machine gives it back
 * once the burst is over.
 */
export function giveBackWhenIdle(clock: Clock, memory: ProcessMemory = ownMemory()): { close(): void } {
  let quiet = 0
  // What starting needed is given back like any other burst.
  let floor_bytes = 0
  const look = () => {
    timer = clock.setTimer(interval_ms, look)
    quiet = memory.utilization() < quietUtilization ? quiet + 1 : 0
    if (quiet < quietIntervals) return
    const size_bytes = memory.size_bytes()
    floor_bytes = Math.min(floor_bytes, size_bytes)
    if (size_bytes - floor_bytes < worthwhile_bytes || size_bytes > largest_bytes) return
    memory.collect()
    floor_bytes = memory.size_bytes()
    quiet = 0
  }
  let timer = clock.setTimer(interval_ms, look)
  return { close: () => timer.cancel() }
}

function ownMemory(): ProcessMemory {
  // The function exists for contexts that are made after the flag was set.
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as NodeJS.GCFunction
  let before = performance.eventLoopUtilization()
  return {
    utilization() {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, before)
      before = now
      return utilization
    },
    size_bytes() {
      const { heapTotal, external } = process.memoryUsage()
      return heapTotal + external
    },
    collect: () => collect({ type: 'major', execution: 'sync', flavor: 'last-resort' }),
  }
}
