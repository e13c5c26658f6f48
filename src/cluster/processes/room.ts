import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Clock,
  createLogger,
  createMetrics,
  type Logger,
  type MetricsRegistry,
  measureProcess,
  type Random,
  systemClock,
  systemRandom,
} from '../../base/index.ts'
import { type ClusterConfiguration, type ClusterPaths, clusterPaths } from '../configuration.ts'
import { identify, identityFile } from '../lifecycle/processes.ts'
import { readyFile } from '../lifecycle/up.ts'
import { openLogFile } from './log-file.ts'
import { holdSingleInstance } from './single-instance.ts'

/** What every process of a cluster has: the world's clock and randomness, a log, metrics, and the lock that there is one of it. */
export interface ProcessRoom {
  readonly configuration: ClusterConfiguration
  readonly paths: ClusterPaths
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  /** Tells whoever waits that the component does its work. */
  announceReady(): void
  close(): void
}

export async function openProcessRoom(configuration: ClusterConfiguration, component: 'server' | 'agent'): Promise<ProcessRoom> {
  const paths = clusterPaths(configuration.name, configuration.dataDirectory)
  const clock = systemClock()
  const lock = await holdSingleInstance(configuration.name, component)
  noteProcess(paths.run, component)
  const log = openLogFile(join(paths.logs, `${component}.log`))
  // What a predecessor that crashed announced is no longer so.
  rmSync(readyFile(paths.run, component), { force: true })
  const logger = createLogger({ clock, level: configuration.logLevel, write: log.write })
  const metrics = createMetrics()
  measureProcess(metrics)
  return {
    configuration,
    paths,
    clock,
    random: systemRandom(),
    logger,
    metrics,
    announceReady: () =>
      writeFileSync(readyFile(paths.run, component), `${JSON.stringify({ readyAt: new Date(clock.now()).toISOString() })}\n`),
    close() {
      log.close()
      lock.close()
    },
  }
}

/** A supervisor notes whom it started; in the foreground nobody else does. */
function noteProcess(run: string, component: 'server' | 'agent'): void {
  const self = identify(process.pid)
  if (self) writeFileSync(identityFile(run, component), `${self.pid} ${self.startTime}\n`)
}
