/**
 * Ground floor: time, randomness, logging, metrics and plain data structures, with no Kubernetes in them.
 * It imports nothing of ours and is the only place that may touch timers, wall time and random sources.
 */
export * from './clock.ts'
export * from './logger.ts'
export * from './metrics.ts'
export * from './process-metrics.ts'
export * from './random.ts'
