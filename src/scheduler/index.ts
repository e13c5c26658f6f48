/**
 * The scheduler: in come pods without a node, out go bindings. It reads pods, nodes and namespaces through informers,
 * keeps them as flat arrays, decides synchronously, counts a placed pod at once (assumes it) and binds in the
 * background, many at a time. It owns no state that its informers don't give it back after a restart.
 */
import { isConflict, isNotFound } from '../apimachinery/api-errors.ts'
import { namespaceKind } from '../apis/core/namespace.ts'
import { type Node, nodeKind } from '../apis/core/node.ts'
import { type Pod, podKind } from '../apis/core/pod.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { MetricsRegistry } from '../base/metrics.ts'
import type { Random } from '../base/random.ts'
import type { Client, EventRecorder } from '../client/types.ts'
import { reportUnschedulable } from './failure.ts'
import type { ClusterChange, ClusterState } from './framework.ts'
import { schedulerMetrics } from './metrics.ts'
import { createNodeTable } from './node-table.ts'
import { filterPlugins, scorePlugins } from './plugins/index.ts'
import { describePod, type PodInfo, podKey } from './pod-info.ts'
import { createNominations, preempt } from './preempt.ts'
import { findPreemption } from './preemption.ts'
import { createSchedulingQueue, type QueuedPod } from './queue.ts'
import { type Diagnosis, formatDiagnosis, type SchedulingProfile, type SearchPosition, schedulePod } from './schedule-pod.ts'

export interface SchedulerOptions {
  /** As system:kube-scheduler. */
  readonly client: Client
  readonly events: EventRecorder
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  /** Pods that name another scheduler are left to it. */
  readonly schedulerName?: string
  readonly profile?: SchedulingProfile
}

export interface Scheduler {
  close(): Promise<void>
}

/** Longest stretch of decisions before other work gets its turn, milliseconds. */
const slice_ms = 5

export function startScheduler(options: SchedulerOptions): Scheduler {
  const { client, clock, events, logger, random, schedulerName = 'default-scheduler' } = options
  const profile = options.profile ?? { filters: filterPlugins, scores: scorePlugins }
  const pods = client.informer(podKind)
  const nodes = client.informer(nodeKind)
  const namespaces = client.informer(namespaceKind)
  const table = createNodeTable()
  const cluster: ClusterState = { table, namespaceLabels: name => namespaces.get(undefined, name)?.metadata.labels ?? {} }
  const nominations = createNominations()
  const position: SearchPosition = { next: 0 }
  const stopping = new AbortController()
  const binding = new Set<Promise<void>>()
  const unsubscribe: (() => void)[] = []
  let running: Promise<void> | undefined

  const queue = createSchedulingQueue({ clock, onActive: () => wake() })
  const metrics = schedulerMetrics(options.metrics, queue)

  const wake = () => {
    if (running || stopping.signal.aborted) return
    running = drain().finally(() => {
      running = undefined
      if (queue.counts.active > 0) wake()
    })
  }

  /** Decides for all active pods, in slices. */
  const drain = async (): Promise<void> => {
    // What arrives together is decided together, after the informers have told all of it.
    await Promise.resolve()
    let sliceEnd = clock.monotonic() + slice_ms
    for (let queued = queue.pop(); queued && !stopping.signal.aborted; queued = queue.pop()) {
      decide(queued)
      if (clock.monotonic() < sliceEnd) continue
      await clock.yield()
      sliceEnd = clock.monotonic() + slice_ms
    }
  }

  const decide = (queued: QueuedPod): void => {
    const began = clock.monotonic()
    const { info } = queued
    const placement = nominations.around(info, table, () => schedulePod(info, cluster, profile, position, random.next))
    metrics.decided(placement.fits ? 'scheduled' : 'unschedulable', clock.monotonic() - began)
    if (!placement.fits) return refuse(queued, placement.diagnosis)
    const nodeName = table.names[placement.slot] as string
    table.addPod(nodeName, info)
    nominations.remove(info.uid)
    const work = bind(queued, nodeName).finally(() => binding.delete(work))
    binding.add(work)
  }

  const bind = async (queued: QueuedPod, nodeName: string): Promise<void> => {
    const { pod, key, uid } = queued.info
    const { name, namespace } = pod.metadata
    try {
      const target = { apiVersion: 'v1', kind: 'Node', name: nodeName }
      const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target }
      await client.createSubresource(podKind, namespace, name as string, 'binding', body, { signal: stopping.signal })
      metrics.bound(queued.attempts, clock.monotonic() - queued.since_ms)
      events.record(pod, podKind, 'Normal', 'Scheduled', `Successfully assigned ${key} to ${nodeName}`, { action: 'Binding' })
    } catch (error) {
      if (stopping.signal.aborted) return
      table.removePod(nodeName, uid)
      const current = pods.get(namespace, name as string)
      if (current?.metadata.uid === uid && current.spec?.nodeName) return follow(undefined, current)
      // Deleted or bound by somebody else meanwhile: the informer tells the rest.
      if (isNotFound(error) || isConflict(error)) {
        if (current?.metadata.uid === uid) queue.addBackOff(queued)
        return
      }
      logger.warn(`bind pod ${key} to node ${nodeName}: ${(error as Error).message}; trying again`)
      queue.addBackOff(queued)
    }
  }

  const refuse = (queued: QueuedPod, diagnosis: Diagnosis): void => {
    const { info } = queued
    const outcome = nominations.mayPreempt(info, table)
      ? findPreemption(info, cluster, profile, diagnosis)
      : { message: 'not eligible due to a terminating pod on the nominated node.' }
    const message = formatDiagnosis(diagnosis, 'message' in outcome && diagnosis.nodeCount > 0 ? outcome.message : '')
    queue.addUnschedulable(queued, changesThatHelp(diagnosis))
    const nominated = 'preemption' in outcome ? (table.names[outcome.preemption.slot] as string) : undefined
    const work = (async () => {
      if ('preemption' in outcome) {
        nominations.add(info, outcome.preemption.slot)
        await preempt(info, nominated as string, outcome.preemption.victims, { client, events, clock, schedulerName })
      }
      await reportUnschedulable(info, message, nominated, { client, events, clock })
    })()
      .catch((error: unknown) => logger.warn(`report pod ${info.key} as unschedulable: ${(error as Error).message}`))
      .finally(() => binding.delete(work))
    binding.add(work)
  }

  const changesThatHelp = (diagnosis: Diagnosis): ReadonlySet<ClusterChange> =>
    diagnosis.nodeCount === 0
      ? new Set(['nodeAdded'])
      : new Set(profile.filters.filter(plugin => diagnosis.plugins.has(plugin.name)).flatMap(plugin => plugin.helpedBy))

  /** Brings table and queue in line with a pod's new state. */
  const follow = (old: Pod | undefined, current: Pod | undefined): void => {
    const wasPlaced = old?.spec?.nodeName && !isTerminal(old)
    if (current && !isTerminal(current) && current.spec?.nodeName) {
      if (old && !wasPlaced) queue.remove(podKey(current))
      nominations.remove(current.metadata.uid ?? '')
      table.addPod(current.spec.nodeName, describePod(current))
      if (!wasPlaced) queue.onChange('podPlaced')
      else if (old?.metadata.labels !== current.metadata.labels) queue.onChange('podChanged')
      return
    }
    if (old && !(current && !current.spec?.nodeName && !isTerminal(current))) forget(old)
    if (!current) return
    if (!mine(current)) {
      queue.remove(podKey(current))
      return
    }
    const info: PodInfo = describePod(current)
    if (!old || isGated(old)) queue.add(info)
    else queue.update(info, old.spec !== current.spec || old.metadata.labels !== current.metadata.labels)
  }

  const forget = (pod: Pod): void => {
    const uid = pod.metadata.uid ?? ''
    queue.remove(podKey(pod))
    nominations.remove(uid)
    const node = pod.spec?.nodeName
    if (node) table.removePod(node, uid)
    // An assumed pod may be deleted before its binding is seen.
    else for (const name of table.names) if (name !== undefined) table.removePod(name, uid)
    if (node) queue.onChange('podRemoved')
  }

  const mine = (pod: Pod): boolean =>
    !pod.spec?.nodeName &&
    !isTerminal(pod) &&
    !pod.metadata.deletionTimestamp &&
    (pod.spec?.schedulerName ?? 'default-scheduler') === schedulerName &&
    !isGated(pod)

  const followNode = (old: Node | undefined, current: Node | undefined): void => {
    if (!current) return table.removeNode(old?.metadata.name ?? '')
    table.setNode(current)
    if (!old) queue.onChange('nodeAdded')
    else if (mayHelp(old, current)) queue.onChange('nodeChanged')
  }

  const start = async (): Promise<void> => {
    await Promise.all([pods.synced, nodes.synced, namespaces.synced])
    if (stopping.signal.aborted) return
    // Nodes first, so that the first pods already find them.
    unsubscribe.push(nodes.onChange(followNode), pods.onChange(follow))
  }
  const started = start().catch((error: unknown) => logger.error(`start the scheduler: ${(error as Error).message}`))

  return {
    async close() {
      stopping.abort(new Error('the scheduler is closing'))
      for (const end of unsubscribe) end()
      queue.close()
      await Promise.allSettled([started, running, ...binding])
    },
  }
}

const isTerminal = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'

const isGated = (pod: Pod): boolean => (pod.spec?.schedulingGates ?? []).length > 0

/** Heartbeats and addresses help nobody; room, labels, taints and cordons may. */
function mayHelp(old: Node, current: Node): boolean {
  return (
    old.spec?.unschedulable !== current.spec?.unschedulable ||
    JSON.stringify(old.spec?.taints) !== JSON.stringify(current.spec?.taints) ||
    JSON.stringify(old.metadata.labels) !== JSON.stringify(current.metadata.labels) ||
    JSON.stringify(old.status?.allocatable) !== JSON.stringify(current.status?.allocatable)
  )
}
