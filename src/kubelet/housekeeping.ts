import { type Clock, type Logger, sleep } from '../base/index.ts'
import type { HostAccess } from './host/types.ts'
import { rotateLogs } from './pods/log-rotation.ts'
import type { PodWorkers } from './pods/pod-workers.ts'
import type { RuntimeState } from './pods/runtime-state.ts'
import type { ContainerRuntime } from './runtime/types.ts'

interface Options {
  readonly state: RuntimeState
  readonly workers: PodWorkers
  readonly runtime: ContainerRuntime
  readonly host: HostAccess
  readonly cgroupRoot: string
  readonly report: () => Promise<void>
  readonly clock: Clock
  readonly logger: Logger
  readonly interval_ms: number
}

/** Looks after what no event tells, seldom: what was missed, leftovers, logs that grew, the machine itself. */
export async function keepHouse(options: Options, signal: AbortSignal): Promise<void> {
  const { state, workers, runtime, host, logger } = options
  const tasks = [
    state.relist,
    workers.removeOrphans,
    () => removeStrangeGroups(options),
    () => rotateLogs(workers.list(), runtime, host, logger),
    options.report,
  ]
  while (!signal.aborted) {
    for (const task of tasks) {
      await task().catch(error => {
        if (!signal.aborted) logger.warn('housekeeping: trying again the next time', { error })
      })
    }
    await sleep(options.clock, options.interval_ms, signal).catch(() => {})
  }
}

/** Everything below the node's control groups is this kubelet's: what belongs to no pod of it is killed. */
async function removeStrangeGroups({ workers, host, cgroupRoot }: Options): Promise<void> {
  for (const below of ['kubepods', 'kubepods/burstable', 'kubepods/besteffort']) {
    const parent = `${cgroupRoot}/${below}`
    const groups = (await host.controlGroupsBelow(parent)).filter(name => name.startsWith('pod'))
    // Asked only now: a pod that has come meanwhile has its group before it is asked for.
    const known = new Set(workers.uids().map(uid => `pod${uid}`))
    for (const name of groups) if (!known.has(name)) await host.removeControlGroup(`${parent}/${name}`)
  }
}
