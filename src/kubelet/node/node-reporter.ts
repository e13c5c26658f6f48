import { isDeepStrictEqual } from 'node:util'
import { isAlreadyExists, isNotFound } from '../../apimachinery/api-errors.ts'
import { type Node, type NodeStatus, nodeKind } from '../../apis/core/node.ts'
import { type Clock, formatTime, type Logger, sleep, type Timer } from '../../base/index.ts'
import type { Client, EventRecorder } from '../../client/types.ts'
import type { HostAccess } from '../host/types.ts'
import type { NodeDescription } from '../options.ts'
import type { ContainerRuntime } from '../runtime/types.ts'
import { nodeConditions } from './conditions.ts'
import { nodeLabels, nodeObject, nodeStatus } from './node-object.ts'
import { offered, patchOf } from './offered.ts'

/** Registers the node and keeps its status true: written when it changes, and now and then when it does not. */
export interface NodeReporter {
  readonly node: () => Node | undefined
  /** Registers the node; resolves when the API has it with its first status. */
  register(signal: AbortSignal): Promise<void>
  /** Looks at machine and runtime, and writes what changed. */
  report(signal: AbortSignal): Promise<void>
  close(): void
}

interface Options {
  readonly client: Client
  readonly runtime: ContainerRuntime
  readonly host: HostAccess
  readonly description: NodeDescription
  readonly podsDirectory: string
  readonly clock: Clock
  readonly logger: Logger
  readonly events: EventRecorder
  readonly report_ms: number
}

const retry_ms = 500
/** A runtime that answered so recently counts as ready: one that restarts must not make the node NotReady and its pods leave. */
const runtimeGrace_ms = 30_000

const firstLook_ms = 20
const longestLook_ms = 5000

type RuntimeHealth = Awaited<ReturnType<ContainerRuntime['status']>>

export function createNodeReporter(options: Options): NodeReporter {
  const { client, clock, logger, description, events } = options
  let node: Node | undefined
  let reportedAt_ms = 0
  // A node is not known to run before its kubelet has said so once; the event tells when that was.
  let wasReady: boolean | undefined
  let lastHealth: { readonly health: RuntimeHealth; readonly at_ms: number } | undefined
  let recheck: Timer | undefined
  let untilReady_ms = firstLook_ms

  const closing = new AbortController()

  async function currentStatus(before: NodeStatus | undefined): Promise<NodeStatus> {
    const [usage, version, health, images] = await Promise.all([
      options.host.usage(options.podsDirectory),
      options.runtime.version().catch(() => undefined),
      runtimeHealth(),
      options.runtime.listImages().catch(() => []),
    ])
    const runtimeProblem = health.runtimeReady ? undefined : `container runtime is down: ${health.message}`
    const networkProblem = health.networkReady ? undefined : `container runtime network not ready: ${health.message}`
    const conditions = nodeConditions({ usage, runtimeProblem, networkProblem }, before?.conditions ?? [], formatTime(clock.now()))
    const runtimeVersion = version ? `${version.name}://${version.version}` : (before?.nodeInfo?.containerRuntimeVersion ?? '')
    return nodeStatus(description, before, { conditions, images, runtimeVersion })
  }

  async function runtimeHealth(): Promise<RuntimeHealth> {
    try {
      const health = await options.runtime.status()
      lastHealth = { health, at_ms: clock.monotonic() }
      return health
    } catch (error) {
      const left_ms = lastHealth ? lastHealth.at_ms + runtimeGrace_ms - clock.monotonic() : 0
      if (!lastHealth || left_ms <= 0) return { runtimeReady: false, networkReady: true, message: (error as Error).message }
      reportAfter(left_ms)
      return lastHealth.health
    }
  }

  function reportAfter(delay_ms: number): void {
    recheck?.cancel()
    recheck = clock.setTimer(delay_ms, () => {
      report(closing.signal).catch(error =>
        logger.warn(`report node ${description.name}: trying again with the next housekeeping`, { error }),
      )
    })
  }

  /** A runtime tells nobody when its network becomes ready, and a cluster waits for it: asked often at first, then seldom. */
  function lookAgainUntilReady(isReady: boolean): void {
    if (isReady) {
      untilReady_ms = firstLook_ms
      return
    }
    reportAfter(untilReady_ms)
    untilReady_ms = Math.min(longestLook_ms, untilReady_ms * 1.5)
  }

  /** Others write to the node too; resources that they add or take away change what pods can have. */
  const unfollow = client.informer(nodeKind, { fieldSelector: `metadata.name=${description.name}` }).onChange((_old, seen) => {
    if (!node || !seen || revisionOf(seen) <= revisionOf(node)) return
    node = seen
    const { allocatable } = offered(description, seen.status)
    if (!isDeepStrictEqual(plain(allocatable), plain(seen.status?.allocatable))) reportAfter(0)
  })

  async function registerOnce(signal: AbortSignal): Promise<void> {
    const wanted = nodeObject(description, await currentStatus(undefined))
    try {
      node = await client.create(nodeKind, wanted, { signal })
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
      node = await client.get(nodeKind, undefined, description.name, { signal })
      await correctLabels(node, signal)
    }
    await report(signal)
  }

  async function correctLabels(existing: Node, signal: AbortSignal): Promise<void> {
    const labels = Object.entries(nodeLabels(description)).filter(([key, value]) => existing.metadata.labels?.[key] !== value)
    if (!labels.length) return
    const body = { metadata: { labels: Object.fromEntries(labels) } }
    node = await client.patch(nodeKind, undefined, description.name, { type: 'strategic', body }, { signal })
  }

  async function report(signal: AbortSignal): Promise<void> {
    const before = node?.status
    const status = await currentStatus(before)
    lookAgainUntilReady(isNodeReady(status))
    const patch = changes(before ?? {}, status)
    const isDue = clock.monotonic() - reportedAt_ms >= options.report_ms
    if (!patch && !isDue) return
    const body = {
      status: {
        ...(patch ?? { conditions: status.conditions }),
        // What others added to the capacity is theirs to change.
        ...(patch?.capacity && { capacity: description.capacity }),
        ...(patch?.allocatable && { allocatable: patchOf(before?.allocatable, patch.allocatable) }),
      },
    }
    try {
      node = await client.patch(nodeKind, undefined, description.name, { type: 'strategic', body }, { subresource: 'status', signal })
      reportedAt_ms = clock.monotonic()
    } catch (error) {
      if (!isNotFound(error)) throw error
      // Somebody deleted the node; a kubelet that runs belongs to the cluster.
      node = undefined
      return registerOnce(signal)
    }
    noteReadiness(status)
  }

  function noteReadiness(status: NodeStatus): void {
    const isReady = isNodeReady(status)
    if (isReady !== wasReady && node) {
      const reason = isReady ? 'NodeReady' : 'NodeNotReady'
      events.record(node, nodeKind, 'Normal', reason, `Node ${description.name} status is now: ${reason}`)
    }
    wasReady = isReady
  }

  return {
    node: () => node,
    async register(signal) {
      while (!signal.aborted) {
        try {
          await registerOnce(signal)
          return
        } catch (error) {
          if (signal.aborted) return
          logger.warn(`register node ${description.name}: trying again in ${retry_ms} ms`, { error })
          await sleep(clock, retry_ms, signal).catch(() => {})
        }
      }
    },
    report,
    close() {
      closing.abort(new Error('the kubelet was closed'))
      unfollow()
      recheck?.cancel()
    },
  }
}

/** Revisions are decimal integers. */
const revisionOf = (node: Node): number => Number(node.metadata.resourceVersion ?? 0)

const isNodeReady = ({ conditions = [] }: NodeStatus): boolean =>
  conditions.some(({ type, status }) => type === 'Ready' && status === 'True')

/** Fields of the status that differ; heartbeats alone are no difference. */
function changes(before: NodeStatus, after: NodeStatus): Partial<NodeStatus> | undefined {
  const silent = (status: NodeStatus) => status.conditions?.map(({ lastHeartbeatTime: _, ...condition }) => condition)
  const fields = ['addresses', 'capacity', 'allocatable', 'daemonEndpoints', 'nodeInfo', 'images', 'features'] as const
  const changed = fields.filter(field => !isDeepStrictEqual(plain(before[field]), plain(after[field])))
  const conditions = after.conditions?.filter(
    condition => !silent(before)?.some(old => isDeepStrictEqual(plain(old), plain(silent({ conditions: [condition] })?.[0]))),
  )
  if (!changed.length && !conditions?.length) return undefined
  return { ...Object.fromEntries(changed.map(field => [field, after[field]])), conditions: after.conditions }
}

const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))
