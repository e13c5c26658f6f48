/**
 * The scheduler: in come pods without a node, out go bindings. It reads pods, nodes, namespaces and disruption budgets through informers,
 * keeps them as flat arrays, decides synchronously, counts a placed pod at once (assumes it) and binds in the
 * background, many at a time. It owns no state that its informers don't give it back after a restart.
 * It never reads the store, never asks the API for what an informer knows, and never waits within a decision.
 */
import { namespaceKind } from '../apis/core/namespace.ts'
import { nodeKind } from '../apis/core/node.ts'
import { podKind } from '../apis/core/pod.ts'
import { podDisruptionBudgetKind } from '../apis/policy/pod-disruption-budget.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { MetricsRegistry } from '../base/metrics.ts'
import type { Random } from '../base/random.ts'
import type { Client, EventRecorder } from '../client/types.ts'
import { followCluster } from './follow-cluster.ts'
import type { ClusterState } from './framework.ts'
import { createInFlight } from './in-flight.ts'
import { schedulerMetrics } from './metrics.ts'
import { createNodeTable } from './node-table.ts'
import { createNominations } from './nominations.ts'
import { createOutcomes } from './outcomes.ts'
import { filterPlugins, scorePlugins } from './plugins/index.ts'
import { createSchedulingQueue, type QueuedPod } from './queue.ts'
import { type SchedulingProfile, type Search, schedulePod } from './schedule-pod.ts'

export type { SchedulingProfile } from './schedule-pod.ts'

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

/** Half of what the API server takes at a time: decisions wait rather than have their bindings refused. */
const maximumInFlight = 1000

export function startScheduler(options: SchedulerOptions): Scheduler {
  const { client, clock, logger, random, schedulerName = 'default-scheduler' } = options
  const profile = options.profile ?? { filters: filterPlugins, scores: scorePlugins }
  const informers = { pods: client.informer(podKind), nodes: client.informer(nodeKind), namespaces: client.informer(namespaceKind) }
  const budgets = client.informer(podDisruptionBudgetKind)
  const table = createNodeTable()
  const cluster: ClusterState = {
    table,
    namespaceLabels: name => informers.namespaces.get(undefined, name)?.metadata.labels,
    disruptionBudgets: () => budgets.list(),
  }
  const nominations = createNominations()
  const search: Search = { next: 0, random: random.next }
  const stopping = new AbortController()
  const { signal } = stopping
  const inFlight = createInFlight(maximumInFlight)
  let running: Promise<void> | undefined

  const wake = () => {
    if (running || signal.aborted) return
    running = drain().finally(() => {
      running = undefined
      if (queue.hasNext) wake()
    })
  }
  const queue = createSchedulingQueue({ clock, onActive: wake })
  const metrics = schedulerMetrics(options.metrics, queue, schedulerName)
  const { pods } = informers
  const outcomes = createOutcomes({
    ...{ client, events: options.events, clock, logger, random, signal, schedulerName },
    ...{ profile, pods, cluster, queue, nominations, inFlight, metrics },
  })

  /** Decides for all active pods, in slices. */
  const drain = async (): Promise<void> => {
    // What arrives together is decided together, after the informers have told all of it.
    await Promise.resolve()
    let sliceEnd = clock.monotonic() + slice_ms
    for (let queued = queue.pop(); queued && !signal.aborted; queued = queue.pop()) {
      decide(queued)
      if (inFlight.isFull) await inFlight.room()
      if (clock.monotonic() < sliceEnd) continue
      await clock.yield()
      sliceEnd = clock.monotonic() + slice_ms
    }
  }

  const decide = (queued: QueuedPod): void => {
    const { info } = queued
    const began = clock.monotonic()
    try {
      const promised = nominations.nodeOf(info.uid)
      const nominated = promised === undefined ? undefined : table.slotOf(promised)
      const placement = nominations.around(info, table, () => schedulePod(info, cluster, profile, search, nominated))
      metrics.decided(placement.fits ? 'scheduled' : 'unschedulable', clock.monotonic() - began)
      if (placement.fits) outcomes.place(queued, table.names[placement.slot] as string)
      else outcomes.refuse(queued, placement.diagnosis)
    } catch (error) {
      // One pod that can't be understood must not keep the others from being placed.
      metrics.decided('error', clock.monotonic() - began)
      outcomes.fail(queued, error as Error)
    }
  }

  let unfollow = () => {}
  const start = async (): Promise<void> => {
    const { pods, nodes, namespaces } = informers
    const aborted = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
    await Promise.race([aborted, Promise.all([pods.synced, nodes.synced, namespaces.synced, budgets.synced])])
    if (signal.aborted) return
    unfollow = followCluster(informers, { table, queue, nominations, schedulerName, metrics })
  }
  const started = start().catch((error: unknown) => logger.error(`start the scheduler: ${(error as Error).message}; no pod is scheduled`))

  return {
    async close() {
      stopping.abort(new Error('the scheduler is closing'))
      unfollow()
      queue.close()
      await Promise.all([started, running, inFlight.idle()])
    },
  }
}
