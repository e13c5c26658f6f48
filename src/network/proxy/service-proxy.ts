import { serviceKind } from '../../apis/core/service.ts'
import { type Clock, type Logger, type MetricsRegistry, sleep } from '../../base/index.ts'
import type { Client, EventRecorder } from '../../client/types.ts'
import type { Claims, Element } from './claims.ts'
import { type Conntrack, systemConntrack } from './conntrack.ts'
import { createEndpointsGone } from './endpoints-gone.ts'
import { createHealthChecks } from './health-checks.ts'
import type { Nft } from './nft.ts'
import { followOwners } from './owners.ts'
import { tableName } from './table.ts'
import { createTableWriter } from './table-writer.ts'

export interface ServiceProxyOptions {
  /** Its informers for services, endpoint slices and this node's pods are used. */
  readonly client: Client
  readonly node: { readonly name: string; readonly addresses: readonly string[]; readonly zone?: string }
  readonly cluster: { readonly name: string; readonly podCidrs: readonly string[]; readonly serviceCidrs: readonly string[] }
  readonly nft: Nft
  /** The machine's `conntrack` by default. */
  readonly conntrack?: Conntrack
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  readonly events: EventRecorder
}

export interface ServiceProxy {
  /** Resolves when the table holds everything that was there at the start. */
  readonly synced: Promise<void>
  /** Resolves once the rules of this node no longer send new connections to the pod. */
  endpointsGone(podUid: string, signal: AbortSignal): Promise<void>
  /** Ends the following of changes. The rules stay, since containers outlive the agent. */
  close(): Promise<void>
  /** Closes and deletes the table. */
  remove(): Promise<void>
}

/** How often somebody else's `nft flush ruleset` is looked for. */
const tableCheck_ms = 60_000
/** How many owners' claims are worked out before others get their turn. */
const ownersAtOnce = 100
const firstRetry_ms = 100
const longestRetry_ms = 30_000

/** Keeps the table of this node as services, endpoint slices and pods want it. */
export function startServiceProxy(options: ServiceProxyOptions): ServiceProxy {
  const { clock, cluster, conntrack = systemConntrack(options.logger), logger, nft, node } = options
  const table = tableName(cluster.name)
  const owners = followOwners(options.client, node)
  const endpointsGone = createEndpointsGone(owners.slices)
  const healthChecks = createHealthChecks(node.addresses, logger)
  const writer = createTableWriter({ nft, table: { ...cluster, name: table }, logger, onConflict })
  const { duration, lastSync, fullSyncs } = metricsOf(options.metrics)

  /** Owners that may want something else than the table has. */
  let dirty = new Set<string>()
  /** Whether nothing is known of the table. */
  let full = true
  /** Counts changes, so that who waits for one knows when it has been written. */
  let revision = 0
  let wake: () => void = () => {}
  const stop = new AbortController()
  const synced = Promise.withResolvers<void>()
  // Nobody may be waiting.
  synced.promise.catch(() => {})

  const stopFollowing = owners.onChange(owner => {
    dirty.add(owner)
    revision++
    wake()
  })
  const checking = checkTable()
  const running = run().finally(() =>
    synced.reject(new Error(`the service proxy of node ${node.name} ended before its first rules were written`)),
  )

  async function run(): Promise<void> {
    try {
      await untilAborted(owners.synced, stop.signal)
    } catch (error) {
      return synced.reject(error)
    }
    let retry_ms = firstRetry_ms
    while (!stop.signal.aborted) {
      try {
        if (full || dirty.size) await sync()
        retry_ms = firstRetry_ms
        synced.resolve()
        if (!full && dirty.size === 0) await changed()
        // What else this turn of the loop brings is written together with it.
        await clock.yield()
      } catch (error) {
        logger.warn(`write the service rules of node ${node.name}: failed; writing all of them anew in ${retry_ms} ms`, { error })
        full = true
        await sleep(clock, retry_ms, stop.signal).catch(() => {})
        retry_ms = Math.min(longestRetry_ms, retry_ms * 2)
      }
    }
  }

  const changed = (): Promise<void> =>
    new Promise(resolve => {
      wake = resolve
      if (stop.signal.aborted) resolve()
    })

  async function sync(): Promise<void> {
    const start_ms = clock.monotonic()
    const writing = revision
    const isFull = full
    const names = isFull ? new Set([...writer.owners(), ...owners.all()]) : dirty
    dirty = new Set()
    full = false
    const claims = new Map<string, Claims | undefined>()
    for (const owner of names) {
      claims.set(owner, owners.claims(owner))
      if (claims.size % ownersAtOnce === 0) await clock.yield()
    }
    if (isFull) fullSyncs.add()
    const goneUdp = await (isFull ? writer.replace(claims) : writer.change(claims))
    endpointsGone.applied(writing)
    for (const owner of names) healthChecks.set(owner, owners.healthCheck(owner))
    if (goneUdp.length) await conntrack.forgetUdpTo(goneUdp)
    duration.observe((clock.monotonic() - start_ms) / 1000)
    lastSync.set(clock.now() / 1000)
  }

  function onConflict(owner: string, { key }: Element, holder: string): void {
    const message = `${key.replaceAll(' . ', ' ')} on node ${node.name} belongs to ${holder} already`
    logger.warn(`${owner}: ${message}`)
    const service = owners.service(owner)
    if (service) options.events.record(service, serviceKind, 'Warning', 'FailedToProgramPort', message)
  }

  async function checkTable(): Promise<void> {
    for (;;) {
      await sleep(clock, tableCheck_ms, stop.signal).catch(() => {})
      if (stop.signal.aborted) return
      try {
        if (full || (await nft.hasTable(table))) continue
        logger.warn(`the table ${table} is gone; somebody else deleted it; writing it anew`)
      } catch (error) {
        logger.warn(`look for the table ${table}: failed; writing it anew`, { error })
      }
      full = true
      wake()
    }
  }

  async function close(): Promise<void> {
    stopFollowing()
    stop.abort(new Error(`the service proxy of node ${node.name} was closed`))
    wake()
    await Promise.all([running, checking, healthChecks.close()])
  }

  return {
    synced: synced.promise,
    async endpointsGone(podUid, signal) {
      await untilAborted(synced.promise, signal)
      await endpointsGone.wait(podUid, () => revision, signal)
    },
    close,
    async remove() {
      await close()
      await nft.apply(`add table inet ${table}\ndelete table inet ${table}\n`)
    },
  }
}

/** Rejects with the signal's reason if that comes first. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: result, resolve, reject } = Promise.withResolvers<T>()
  const abort = () => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  return result
}

function metricsOf(metrics: MetricsRegistry) {
  return {
    duration: metrics.histogram(
      'kubeproxy_sync_proxy_rules_duration_seconds',
      'Time that writing changed service rules took.',
      Array.from({ length: 15 }, (_, index) => 0.001 * 2 ** index),
    ),
    lastSync: metrics.gauge('kubeproxy_sync_proxy_rules_last_timestamp_seconds', 'When service rules were last written.'),
    fullSyncs: metrics.counter('kubeproxy_sync_full_proxy_rules_total', 'How often all service rules were written anew.'),
  }
}
