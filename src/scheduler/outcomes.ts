import { isConflict, isNotFound } from '../apimachinery/api-errors.ts'
import { type Pod, podKind } from '../apis/core/pod.ts'
import type { Logger } from '../base/logger.ts'
import type { Random } from '../base/random.ts'
import type { Informer } from '../client/types.ts'
import { type Diagnosis, formatDiagnosis } from './diagnosis.ts'
import { evictVictims } from './evict.ts'
import { clearNomination, type Failure, type FailureTools, reportFailure } from './failure.ts'
import type { ClusterChange, ClusterState } from './framework.ts'
import type { InFlight } from './in-flight.ts'
import type { SchedulerMetrics } from './metrics.ts'
import { type Nominations, preemptionForbidden } from './nominations.ts'
import { describeAgain, describePod, type PodInfo } from './pod-info.ts'
import { isPlaced, isWaitingFor } from './pod-state.ts'
import { findPreemption, type Preemption } from './preemption.ts'
import type { QueuedPod, SchedulingQueue } from './queue.ts'
import type { SchedulingProfile } from './schedule-pod.ts'

/** What follows from a decision: counted at once, written in the background. */
export interface Outcomes {
  place(queued: QueuedPod, nodeName: string): void
  refuse(queued: QueuedPod, diagnosis: Diagnosis): void
  fail(queued: QueuedPod, error: Error): void
}

export interface OutcomesOptions extends FailureTools {
  readonly logger: Logger
  readonly random: Random
  readonly schedulerName: string
  readonly profile: SchedulingProfile
  readonly pods: Informer<Pod>
  readonly cluster: ClusterState
  readonly queue: SchedulingQueue
  readonly nominations: Nominations
  readonly inFlight: InFlight
  readonly metrics: SchedulerMetrics
}

const noNodes: ReadonlySet<ClusterChange> = new Set(['nodeAdded'])
const victimsAreLeaving = 'not eligible due to a terminating pod on the nominated node.'

export function createOutcomes(options: OutcomesOptions): Outcomes {
  const { client, clock, cluster, events, inFlight, logger, metrics, nominations, pods, profile, queue, random, schedulerName, signal } =
    options
  const { table } = cluster
  const evicting = new Set<string>()
  // What is written about a pod is written in order, so that an old "does not fit" never comes after its binding.
  const reports = new Map<string, Promise<void>>()

  const report = (info: PodInfo, write: () => Promise<void>): void =>
    inFlight.start(() => {
      const before = reports.get(info.uid)
      const one: Promise<void> = (async () => {
        await before
        await write()
      })()
        .catch((error: unknown) => {
          if (!signal.aborted) logger.warn(`report on pod ${info.key}: ${(error as Error).message}; the next attempt reports again`)
        })
        .finally(() => {
          if (reports.get(info.uid) === one) reports.delete(info.uid)
        })
      reports.set(info.uid, one)
      return one
    })

  const bind = async (queued: QueuedPod, nodeName: string): Promise<void> => {
    const { pod, key, uid } = queued.info
    const { name = '', namespace } = pod.metadata
    const target = { apiVersion: 'v1', kind: 'Node', name: nodeName }
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target }
    try {
      const before = reports.get(uid)
      if (before) await before
      await client.createSubresource(podKind, namespace, name, 'binding', body, { signal })
      metrics.bound(queued.attempts, clock.monotonic() - queued.since_ms)
      events.record(pod, podKind, 'Normal', 'Scheduled', `Successfully assigned ${key} to ${nodeName}`, { action: 'Binding' })
    } catch (error) {
      if (!signal.aborted) unbind(queued, nodeName, error as Error)
    }
  }

  /** The binding was refused, or its answer was lost. */
  const unbind = (queued: QueuedPod, nodeName: string, error: Error): void => {
    const { info } = queued
    const { name = '', namespace } = info.pod.metadata
    const found = pods.get(namespace, name)
    const current = found?.metadata.uid === info.uid ? found : undefined
    if (current && isPlaced(current)) {
      table.addPod(current.spec?.nodeName as string, describeAgain(info, current))
      return
    }
    table.removePod(info.uid)
    queue.onChange('podRemoved')
    if (!current || !isWaitingFor(schedulerName, current)) return
    const again = { ...queued, info: describePod(current) }
    queue.addBackOff(again)
    // Deleted, or bound by somebody else: the informer is about to tell.
    if (isNotFound(error) || isConflict(error)) return
    logger.warn(`bind pod ${info.key} to node ${nodeName}: ${error.message}; trying again`)
    report(again.info, () =>
      reportFailure(again.info, { reason: 'SchedulerError', message: `binding rejected: ${error.message}` }, options),
    )
  }

  /** The failure to report, and the pods to evict if that makes room. */
  const consider = (info: PodInfo, diagnosis: Diagnosis): { readonly failure: Failure; readonly preemption?: Preemption } => {
    const reason = 'Unschedulable'
    if (diagnosis.nodeCount === 0) return { failure: { reason, message: formatDiagnosis(diagnosis, undefined), nominatedNode: '' } }
    const forbidden = evicting.has(info.uid) ? victimsAreLeaving : preemptionForbidden(info, nominations.nodeOf(info.uid), table, diagnosis)
    if (forbidden !== undefined) return { failure: { reason, message: formatDiagnosis(diagnosis, forbidden) } }
    const outcome = findPreemption(info, cluster, profile, diagnosis, random.next())
    if ('message' in outcome) return { failure: { reason, message: formatDiagnosis(diagnosis, outcome.message), nominatedNode: '' } }
    const nominatedNode = table.names[outcome.preemption.slot]
    return { failure: { reason, message: formatDiagnosis(diagnosis, undefined), nominatedNode }, preemption: outcome.preemption }
  }

  const makeRoom = async (info: PodInfo, nodeName: string, { victims }: Preemption): Promise<void> => {
    const displaced = nominations.lessImportantOn(nodeName, info.priority)
    for (const other of displaced) {
      nominations.remove(other.uid)
      // It may fit elsewhere, or make room for itself elsewhere.
      queue.update(other, true)
    }
    metrics.preempted(victims.length)
    try {
      await Promise.all(displaced.map(other => clearNomination(other, options)))
      await evictVictims(info, nodeName, victims, options)
    } catch (error) {
      queue.update(info, true)
      throw error
    } finally {
      evicting.delete(info.uid)
    }
  }

  return {
    place(queued, nodeName) {
      table.addPod(nodeName, queued.info)
      nominations.remove(queued.info.uid)
      inFlight.start(() => bind(queued, nodeName))
    },
    refuse(queued, diagnosis) {
      const { info } = queued
      const { failure, preemption } = nominations.around(info, table, () => consider(info, diagnosis))
      queue.addUnschedulable(queued, changesThatHelp(diagnosis, profile))
      if (failure.nominatedNode === '') nominations.remove(info.uid)
      if (!preemption) return report(info, () => reportFailure(info, failure, options))
      const nodeName = failure.nominatedNode as string
      nominations.add(info, nodeName)
      evicting.add(info.uid)
      // The promise is written first, so that it outlives a restart while the victims leave.
      report(info, async () => {
        await reportFailure(info, failure, options).finally(() => makeRoom(info, nodeName, preemption))
      })
    },
    fail(queued, error) {
      const { info } = queued
      logger.error(`find a node for pod ${info.key}: ${error.message}; trying again`, { error })
      table.removePod(info.uid)
      queue.addBackOff(queued)
      report(info, () => reportFailure(info, { reason: 'SchedulerError', message: error.message }, options))
    },
  }
}

function changesThatHelp({ nodeCount, plugins }: Diagnosis, { filters }: SchedulingProfile): ReadonlySet<ClusterChange> {
  if (nodeCount === 0) return noNodes
  const changes = new Set<ClusterChange>()
  for (const plugin of filters) if (plugins.has(plugin.name)) for (const change of plugin.helpedBy) changes.add(change)
  return changes
}
