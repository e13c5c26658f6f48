import { join } from 'node:path'
import { nodeKind } from '../apis/core/node.ts'
import { podKind } from '../apis/core/pod.ts'
import { serviceKind } from '../apis/core/service.ts'
import { sleep } from '../base/index.ts'
import { keepHouse } from './housekeeping.ts'
import { createImagePulls } from './images/image-pulls.ts'
import { keepNodeLease } from './node/node-lease.ts'
import { nodeLabels } from './node/node-object.ts'
import { createNodeReporter } from './node/node-reporter.ts'
import { createReferencedObjects } from './objects/referenced-objects.ts'
import type { Directories, Kubelet, KubeletOptions } from './options.ts'
import { unlessAborted } from './pods/abort.ts'
import { parseResolverConfiguration } from './pods/dns.ts'
import { createPodWorkers, type PodWorkers } from './pods/pod-workers.ts'
import { createRuntimeState } from './pods/runtime-state.ts'
import type { PodServices } from './pods/services.ts'
import { createStartGate } from './pods/start-gate.ts'
import { createProber } from './probes/prober.ts'
import { networkTransport } from './probes/transport.ts'
import { createStatusWriter } from './status/status-writer.ts'
import { volumePlugins } from './volumes/plugins.ts'
import { createVolumeSetup } from './volumes/pod-volumes.ts'
import { serviceAccountTokens } from './volumes/tokens.ts'

const startsAtOnce = 6
const startRetry_ms = 200
const defaults = { leaseDuration_s: 40, leaseRenewal_ms: 10_000, statusReport_ms: 300_000, housekeeping_ms: 60_000 }

/** Starts a node's agent. Resolves once the runtime has been read and the node is registered; pods are taken on from then on. */
export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const { client, runtime, host, node, clock, logger, events, metrics } = options
  const closing = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, closing.signal]) : closing.signal
  const directories = await prepareDirectories(options)
  const settings = { ...defaults, ...withoutUndefined(options) }
  const background = new Set<Promise<void>>()
  const inBackground = (what: string, work: Promise<void>) => {
    const guarded = work.catch(error => {
      if (!signal.aborted) logger.error(`${what} ended`, { error })
    })
    background.add(guarded)
    guarded.finally(() => background.delete(guarded))
  }

  // The parts below tell workers of changes; they have no worker to tell before there is one.
  let workers: PodWorkers | undefined
  const poke = (podUid: string) => workers?.poke(podUid)
  const state = createRuntimeState({
    runtime,
    clock,
    logger,
    changed: poke,
    reachable: () => inBackground('reporting the node', reporter.report(signal)),
  })
  const objects = createReferencedObjects({ client, clock, logger, changed: podUid => workers?.refresh(podUid) })
  const transport = options.probeTransport ?? networkTransport()
  const prober = createProber({ runtime, transport, clock, events, metrics, logger, changed: poke })
  const allocatable = node.allocatable ?? node.capacity
  const services: PodServices = {
    client,
    runtime,
    host,
    node,
    allocatable,
    directories,
    dns: { clusterDns: options.clusterDns, clusterDomain: options.clusterDomain, node: await nodeDns(options) },
    clock,
    logger,
    events,
    state,
    objects,
    images: createImagePulls({ runtime, clock, events }),
    services: client.informer(serviceKind),
    volumes: createVolumeSetup({
      host,
      events,
      objects,
      tokens: serviceAccountTokens({ client, clock }),
      plugins: [...volumePlugins, ...(options.volumePlugins ?? [])],
      podsDirectory: directories.pods,
      memoryDirectory: directories.memory,
      node: allocatable,
    }),
    prober,
    transport,
    statuses: createStatusWriter({ client, clock, logger }),
    gate: createStartGate(startsAtOnce),
    hostAddresses: node.addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
    endpointsGone: options.endpointsGone,
  }
  const reporter = createNodeReporter({
    client,
    runtime,
    host,
    description: node,
    podsDirectory: directories.pods,
    clock,
    logger,
    events,
    report_ms: settings.statusReport_ms,
  })
  // Whoever asks for nothing gets what others leave.
  await host.setControlGroup(`${node.cgroupRoot}/kubepods/besteffort`, { cpuShares: 2 })
  const started = createPodWorkers(services, {
    known: () => reporter.node()?.metadata.labels ?? nodeLabels(node),
    read: async () => (await client.get(nodeKind, undefined, node.name)).metadata.labels ?? {},
  })
  metrics.gauge('kubelet_running_pods', 'Pods of this node that have not ended.', () => started.running())

  const pods = client.informer(podKind, { fieldSelector: `spec.nodeName=${node.name}` })
  await unlessAborted(Promise.all([readRuntime(), reporter.register(signal), pods.synced, services.services.synced]), signal)
  workers = started
  const unfollow = pods.onChange(started.onChange)
  inBackground('following the runtime', state.follow(signal))
  inBackground(
    'renewing the lease',
    keepNodeLease({ client, clock, logger, nodeName: node.name, node: reporter.node, ...settings }, signal),
  )
  inBackground(
    'housekeeping',
    keepHouse(
      {
        state,
        workers: started,
        runtime,
        host,
        cgroupRoot: node.cgroupRoot,
        report: () => reporter.report(signal),
        clock,
        logger,
        interval_ms: settings.housekeeping_ms,
      },
      signal,
    ),
  )
  const self = reporter.node()
  if (self) events.record(self, nodeKind, 'Normal', 'Starting', 'Starting kubelet.')

  /** The runtime may come up later than this kubelet. */
  async function readRuntime(): Promise<void> {
    while (!signal.aborted) {
      try {
        return await state.relist()
      } catch (error) {
        logger.warn(`list the containers of node ${node.name}: trying again in ${startRetry_ms} ms`, { error })
        await sleep(clock, startRetry_ms, signal).catch(() => {})
      }
    }
  }

  let ended: Promise<void> | undefined
  async function end(): Promise<void> {
    closing.abort(new Error('the kubelet is closing'))
    reporter.close()
    unfollow()
    prober.close()
    await started.close()
    objects.close()
    await services.statuses.close()
    await Promise.all(background)
  }

  return {
    pods: { list: () => started.list(), get: (namespace, name) => started.get(namespace, name) },
    stats: () => runtime.containerStats(),
    async stopPods(gracePeriod_s) {
      unfollow()
      await started.reboot(gracePeriod_s)
      // Secrets and tokens don't survive a reboot.
      await host.unmountBelow(directories.memory)
    },
    close: () => (ended ??= end()),
  }
}

async function prepareDirectories({ host, directories }: KubeletOptions): Promise<Required<Directories>> {
  const memory = directories.memory ?? join(directories.pods, '.memory')
  await host.makeDirectory(directories.pods, 0o750)
  await host.makeDirectory(directories.logs, 0o755)
  await host.mountTmpfs(memory, undefined)
  return { ...directories, memory }
}

async function nodeDns({ host, resolverConfiguration = '/etc/resolv.conf' }: KubeletOptions) {
  const file = await host.readFile(resolverConfiguration)
  return parseResolverConfiguration(Buffer.from(file ?? []).toString('utf8'))
}

const withoutUndefined = ({
  leaseDuration_s,
  leaseRenewal_ms,
  statusReport_ms,
  housekeeping_ms,
}: KubeletOptions): Partial<typeof defaults> =>
  Object.fromEntries(
    Object.entries({ leaseDuration_s, leaseRenewal_ms, statusReport_ms, housekeeping_ms }).filter(([, value]) => value !== undefined),
  )
