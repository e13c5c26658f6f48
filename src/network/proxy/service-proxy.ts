import { type Pod, podKind } from '../../apis/core/pod.ts'
import { type Service, serviceKind } from '../../apis/core/service.ts'
import { type EndpointSlice, endpointSliceKind } from '../../apis/discovery/endpoint-slice.ts'
import { type Clock, type Logger, type MetricsRegistry, sleep } from '../../base/index.ts'
import type { Client, EventRecorder } from '../../client/types.ts'
import { type ClaimStore, type Claims, createClaimStore, noClaims } from './claims.ts'
import type { Conntrack } from './conntrack.ts'
import { systemConntrack } from './conntrack.ts'
import { serviceLabel } from './endpoints.ts'
import { createEndpointsGone } from './endpoints-gone.ts'
import { createHealthChecks, type HealthCheck, healthCheckOf } from './health-checks.ts'
import { hostPortClaims } from './host-port-claims.ts'
import type { Nft } from './nft.ts'
import { serviceClaims } from './service-claims.ts'
import { skeleton, tableName } from './table.ts'

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
  const { client, clock, cluster, conntrack = systemConntrack(options.logger), logger, nft, node } = options
  const table = tableName(cluster.name)
  const services = client.informer(serviceKind)
  const slices = client.informer(endpointSliceKind)
  const pods = client.informer(podKind, { fieldSelector: `spec.nodeName=${node.name}` })
  slices.addIndex('service', slice => serviceKeyOf(slice))
  const endpointsGone = createEndpointsGone(slices)
  const healthChecks = createHealthChecks(node.addresses, logger)
  const { duration, lastSync, fullSyncs } = metricsOf(options.metrics)

  const store = createClaimStore(table)
  /** Where the UDP of each owner goes, to see what is gone. */
  const udpTargets = new Map<string, readonly string[]>()
  let dirty = new Set<string>()
  let full = true
  let revision = 0
  let wake: () => void = () => {}
  const stop = new AbortController()
  const synced = Promise.withResolvers<void>()
  synced.promise.catch(() => {})

  const mark = (owner: string) => {
    dirty.add(owner)
    revision++
    wake()
  }
  const unsubscribe = [
    services.onChange((old, current) => mark(ownerOfService(keyOf((current ?? old) as Service)))),
    slices.onChange((old, current) => {
      for (const key of new Set([...serviceKeyOf(old), ...serviceKeyOf(current)])) mark(ownerOfService(key))
    }),
    pods.onChange((old, current) => {
      if (hasHostPorts(old) || hasHostPorts(current)) mark(`pod ${keyOf((current ?? old) as Pod)}`)
    }),
  ]
  const checking = checkTable()
  const running = run()

  async function run(): Promise<void> {
    try {
      await whileOpen(Promise.all([services.synced, slices.synced, pods.synced]), stop.signal)
    } catch (error) {
      synced.reject(error)
      return
    }
    let retry_ms = firstRetry_ms
    while (!stop.signal.aborted) {
      try {
        if (full || dirty.size) await sync()
        retry_ms = firstRetry_ms
        synced.resolve()
        if (!full && dirty.size === 0) await changed()
        // What else this turn of the loop brings is applied together with it.
        await clock.yield()
      } catch (error) {
        if (stop.signal.aborted) break
        logger.warn(`write the service rules of node ${node.name}: failed; writing all of them anew in ${retry_ms} ms`, { error })
        full = true
        await sleep(clock, retry_ms, stop.signal).catch(() => {})
        retry_ms = Math.min(longestRetry_ms, retry_ms * 2)
      }
    }
    synced.reject(new Error(`the service proxy of node ${node.name} was closed before its first rules were written`))
  }

  const changed = (): Promise<void> =>
    new Promise(resolve => {
      wake = resolve
      if (stop.signal.aborted) resolve()
    })

  async function sync(): Promise<void> {
    const start = clock.monotonic()
    const applying = revision
    const owners = full ? everyOwner() : dirty
    const wasFull = full
    dirty = new Set()
    full = false
    const checks: [string, HealthCheck | undefined][] = []
    const claims = new Map<string, Claims | undefined>()
    for (const owner of owners) {
      claims.set(owner, claimsOf(owner, checks))
      if (claims.size % ownersAtOnce === 0) await clock.yield()
    }
    const goneUdp = udpGone(claims)
    if (wasFull) await replaceTable(claims)
    else await applyChanges(claims)
    endpointsGone.applied(applying)
    for (const [owner, check] of checks) healthChecks.set(owner, check)
    if (goneUdp.length) await conntrack.forgetUdpTo(goneUdp)
    duration.observe((clock.monotonic() - start) / 1000)
    lastSync.set(clock.now() / 1000)
  }

  function everyOwner(): Set<string> {
    return new Set([
      ...store.owners(),
      ...services.list().map(service => ownerOfService(keyOf(service))),
      ...pods.list().flatMap(pod => (hasHostPorts(pod) ? `pod ${keyOf(pod)}` : [])),
    ])
  }

  function claimsOf(owner: string, checks: [string, HealthCheck | undefined][]): Claims | undefined {
    const [kind, key = ''] = owner.split(' ')
    const [namespace = '', name = ''] = key.split('/')
    if (kind === 'pod') {
      const pod = pods.get(namespace, name)
      return pod && hostPortClaims(pod)
    }
    const service = services.get(namespace, name)
    const own = slices.byIndex('service', key).filter(slice => !isHeadlessSlice(slice))
    checks.push([owner, service && healthCheckOf(service, own, node)])
    return service && serviceClaims(service, own, node)
  }

  function udpGone(claims: ReadonlyMap<string, Claims | undefined>): string[] {
    const gone = new Set<string>()
    for (const [owner, claim = noClaims] of claims) {
      for (const target of udpTargets.get(owner) ?? []) if (!claim.udpTargets.includes(target)) gone.add(target.split(' ')[0] ?? '')
      if (claim.udpTargets.length) udpTargets.set(owner, claim.udpTargets)
      else udpTargets.delete(owner)
    }
    return [...gone]
  }

  async function applyChanges(claims: ReadonlyMap<string, Claims | undefined>): Promise<void> {
    for (const [owner, claim] of claims) store.set(owner, claim)
    reportConflicts(store, claims.keys())
    const commands = store.takeChanges()
    if (commands) await nft.apply(commands)
  }

  /** All in one transaction; if the kernel refuses, owner by owner, so that only what is refused is missing. */
  async function replaceTable(claims: ReadonlyMap<string, Claims | undefined>): Promise<void> {
    fullSyncs.add()
    for (const [owner, claim] of claims) store.set(owner, claim)
    reportConflicts(store, claims.keys())
    const empty = skeleton({ ...cluster, name: table })
    try {
      await nft.apply(empty + store.all())
    } catch (error) {
      await nft.apply(empty)
      logger.warn(`write the service rules of node ${node.name}: the kernel refused them together; writing them one by one`, { error })
      store.clear()
      for (const [owner, claim] of claims) await applyAlone(owner, claim)
    }
  }

  async function applyAlone(owner: string, claim: Claims | undefined): Promise<void> {
    store.set(owner, claim)
    const commands = store.takeChanges()
    try {
      if (commands) await nft.apply(commands)
    } catch (error) {
      store.refused()
      store.set(owner, undefined)
      store.takeChanges()
      logger.error(`write the rules of ${owner}: the kernel refused them; it is not served on node ${node.name}`, { error })
    }
  }

  function reportConflicts(from: ClaimStore, owners: Iterable<string>): void {
    for (const owner of owners) {
      for (const { element, holder } of from.conflictsOf(owner)) {
        const message = `${element.key.replaceAll(' . ', ' ')} on node ${node.name} belongs to ${holder} already`
        logger.warn(`${owner}: ${message}`)
        const [kind, key = ''] = owner.split(' ')
        const [namespace, name = ''] = key.split('/')
        const service = kind === 'service' ? services.get(namespace, name) : undefined
        if (service) options.events.record(service, serviceKind, 'Warning', 'FailedToProgramPort', message)
      }
    }
  }

  async function checkTable(): Promise<void> {
    while (!stop.signal.aborted) {
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
    for (const end of unsubscribe) end()
    stop.abort(new Error(`the service proxy of node ${node.name} was closed`))
    wake()
    await Promise.all([running, checking, healthChecks.close()])
  }

  return {
    synced: synced.promise,
    endpointsGone: async (podUid, signal) => {
      await whileOpen(synced.promise, signal)
      await endpointsGone.wait(podUid, () => revision, signal)
    },
    close,
    async remove() {
      await close()
      await nft.apply(`add table inet ${table}\ndelete table inet ${table}\n`)
    },
  }
}

const keyOf = ({ metadata }: Service | Pod): string => `${metadata.namespace}/${metadata.name}`
const ownerOfService = (key: string): string => `service ${key}`

function serviceKeyOf(slice: EndpointSlice | undefined): string[] {
  const name = slice?.metadata.labels?.[serviceLabel]
  return name ? [`${slice?.metadata.namespace}/${name}`] : []
}

const isHeadlessSlice = ({ metadata }: EndpointSlice): boolean => metadata.labels?.['service.kubernetes.io/headless'] !== undefined

const hasHostPorts = (pod: Pod | undefined): boolean =>
  [...(pod?.spec?.containers ?? []), ...(pod?.spec?.initContainers ?? [])].some(one => one.ports?.some(port => port.hostPort))

/** Rejects with the signal's reason if that comes first. */
function whileOpen<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
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
      [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192, 16.384],
    ),
    lastSync: metrics.gauge('kubeproxy_sync_proxy_rules_last_timestamp_seconds', 'When service rules were last written.'),
    fullSyncs: metrics.counter('kubeproxy_sync_full_proxy_rules_total', 'How often all service rules were written anew.'),
  }
}
