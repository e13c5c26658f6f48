import { existsSync, mkdirSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeKind } from '../../apis/core/node.ts'
import { sleep } from '../../base/clock.ts'
import { type Client, createClient, createEventRecorder, httpsConnection } from '../../client/index.ts'
import { describeMachine, type Kubelet, linuxHost, startKubelet } from '../../kubelet/index.ts'
import { connectContainerd, importImage, pauseImage, pauseImageArchive } from '../../kubelet/runtime/containerd/index.ts'
import type { ContainerRuntime } from '../../kubelet/runtime/types.ts'
import type { KeyPair } from '../certificates.ts'
import type { ClusterConfiguration } from '../configuration.ts'
import { cgroupRoot } from '../lifecycle/cgroups.ts'
import { findNodeAddress } from '../node-address.ts'
import { type NodeNetwork, startNodeNetwork } from '../node-network.ts'
import { serveNode } from '../node-server.ts'
import { followPkiUser, readPkiUser } from '../pki.ts'
import { createLivePair } from '../renewal.ts'
import { findBinary } from '../setup/packages.ts'
import { versionInfo } from '../version.ts'
import { openProcessRoom, type ProcessRoom } from './room.ts'

/** Runs the node's agent until the signal aborts: kubelet, its server, service proxy and DNS. Containers outlive it. */
export async function runAgent(configuration: ClusterConfiguration, signal: AbortSignal): Promise<void> {
  const room = await openProcessRoom(configuration, 'agent')
  const { logger, paths } = room
  // The server writes the agent's certificates; a certificate comes behind its key.
  await untilFile(paths.pki, 'kubelet.crt', signal)
  const runtime = connectContainerd({ socket: paths.containerdSocket, clock: room.clock, logger: logger.with({ component: 'runtime' }) })
  const initial = readPkiUser(paths.pki, 'kubelet')
  const certificate = createLivePair(initial)
  let { authority } = initial
  const nodeClient = connectAs(room, 'kubelet', certificate.pair, () => authority)
  const [network] = await Promise.all([startNodeNetwork(room, nodeClient), ensurePauseImage(room, runtime, signal)])
  const kubelet = await startNode(room, nodeClient, runtime, network)
  const server = await serveNode(room, nodeClient, runtime, kubelet)
  const renewal = followPkiUser(paths.pki, 'kubelet', renewed => {
    certificate.replace(renewed)
    authority = renewed.authority
    server.setCertificate({ ...renewed, clientAuthority: authority })
    logger.info('the node has a new certificate, or another authority')
  })
  await untilNodeReady(nodeClient, configuration.nodeName, signal)
  room.announceReady()
  logger.info(`node ${configuration.nodeName} is Ready`)

  await new Promise<void>(resolve => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
  logger.info('the agent ends')
  // The cluster is being stopped like a machine: its pods end with it. Otherwise the next agent adopts them.
  if (existsSync(join(paths.run, 'stopping'))) await kubelet.stopPods(30)
  renewal.close()
  await server.close()
  await kubelet.close()
  await network.close()
  await runtime.close()
  await nodeClient.close()
  room.close()
}

/** As this node, which follows services and endpoints for its proxy and DNS too. */
function connectAs(
  { configuration, clock, random, logger }: ProcessRoom,
  userAgent: string,
  pair: KeyPair,
  authority: () => string,
): Client {
  const connection = httpsConnection({
    server: `https://127.0.0.1:${configuration.apiPort}`,
    // Read for each new connection, since they are renewed.
    get certificateAuthority() {
      return authority()
    },
    get clientCertificate() {
      return pair.certificate
    },
    get clientKey() {
      return pair.key
    },
    userAgent: `${userAgent}/${versionInfo().gitVersion}`,
    clock,
    random,
  })
  return createClient({ connection, clock, random, logger, fieldManager: userAgent })
}

async function startNode(room: ProcessRoom, client: Client, runtime: ContainerRuntime, network: NodeNetwork): Promise<Kubelet> {
  const { configuration, paths, clock, random, logger, metrics } = room
  const { nodeName } = configuration
  mkdirSync(paths.kubelet, { recursive: true, mode: 0o711 })
  mkdirSync(paths.podLogs, { recursive: true, mode: 0o755 })
  const machine = await describeMachine(paths.kubelet)
  return startKubelet({
    client,
    runtime,
    host: linuxHost({ random }),
    node: {
      name: nodeName,
      addresses: [
        { type: 'InternalIP', address: findNodeAddress() },
        { type: 'Hostname', address: nodeName },
      ],
      labels: {},
      capacity: machine.capacity,
      info: { ...machine.info, kubeletVersion: versionInfo().gitVersion },
      cgroupRoot: `${cgroupRoot(configuration.name)}/${nodeName}`,
      serverPort: configuration.kubeletPort,
    },
    directories: { pods: join(paths.kubelet, 'pods'), logs: paths.podLogs, memory: join(paths.kubelet, 'memory') },
    clusterDns: [configuration.dnsAddress],
    clusterDomain: configuration.clusterDomain,
    clock,
    random,
    logger: logger.with({ component: 'kubelet' }),
    metrics,
    events: createEventRecorder({ client, component: 'kubelet', host: nodeName, clock, logger }),
    endpointsGone: network.endpointsGone,
  })
}

/** The pause image is ours and comes with us; containerd keeps it from the first start on. */
async function ensurePauseImage({ paths, clock, logger }: ProcessRoom, runtime: ContainerRuntime, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      if (await runtime.imageStatus(pauseImage)) return
      const archive = join(paths.images, 'pause.tar')
      mkdirSync(paths.images, { recursive: true })
      writeFileSync(archive, await pauseImageArchive())
      await importImage({ ctr: findBinary('ctr') ?? 'ctr', socket: paths.containerdSocket, path: archive, signal })
      return
    } catch (error) {
      // containerd may still be starting.
      if (signal.aborted) throw error
      logger.debug(`import the pause image: ${(error as Error).message}; trying again`)
      await sleep(clock, 20, signal)
    }
  }
}

async function untilFile(directory: string, name: string, signal: AbortSignal): Promise<void> {
  const path = join(directory, name)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  signal.throwIfAborted()
  if (existsSync(path)) return
  await new Promise<void>((resolve, reject) => {
    const watcher = watch(directory, () => check())
    const abort = () => finish(() => reject(signal.reason))
    const finish = (end: () => void) => {
      watcher.close()
      signal.removeEventListener('abort', abort)
      end()
    }
    const check = () => {
      if (existsSync(path)) finish(resolve)
    }
    signal.addEventListener('abort', abort, { once: true })
    // It may have come before the watcher.
    check()
  })
}

async function untilNodeReady(client: Client, name: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const nodes = client.informer(nodeKind, { fieldSelector: `metadata.name=${name}` })
  await new Promise<void>((resolve, reject) => {
    const unsubscribe = nodes.onChange((_old, node) => {
      if (!node?.status?.conditions?.some(condition => condition.type === 'Ready' && condition.status === 'True')) return
      queueMicrotask(() => unsubscribe())
      resolve()
    })
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
