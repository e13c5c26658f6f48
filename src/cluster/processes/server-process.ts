import { listen } from '../../apiserver/index.ts'
import { publishAuthorities } from '../bootstrap.ts'
import type { ClusterConfiguration } from '../configuration.ts'
import { openControlPlane } from '../control-plane.ts'
import { entryUrl } from '../entry.ts'
import { addClusterContext } from '../lifecycle/kubeconfig.ts'
import { componentsOf } from '../lifecycle/processes.ts'
import { findNodeAddress } from '../node-address.ts'
import { type ClusterPki, followAuthorities, openPki, readPkiUser } from '../pki.ts'
import { createLivePair, keepPkiFresh } from '../renewal.ts'
import { firstServiceAddress } from '../service-addresses.ts'
import { startSimulatedNodes } from '../simulated-nodes.ts'
import { giveBackWhenIdle } from './idle-memory.ts'
import { openProcessRoom } from './room.ts'
import { watchSupervisors } from './supervisors.ts'

export interface ServerMode {
  /** In the background our supervisors restart what dies, and the server sees to them; in the foreground a service manager does. */
  readonly seesToSupervisors: boolean
}

/** Runs the control plane of a cluster until the signal aborts. */
export async function runServer(configuration: ClusterConfiguration, signal: AbortSignal, mode: ServerMode): Promise<void> {
  const room = await openProcessRoom(configuration, 'server')
  const { clock, random, logger, metrics, paths } = room
  const address = findNodeAddress()
  const addresses = [...new Set(['127.0.0.1', address, firstServiceAddress(configuration.serviceCidr)])]
  const reopen = () => openPki(paths.pki, configuration, addresses, { clock, random })
  const pki = await reopen()
  const kubeletClient = createLivePair(pki.kubeletClient)
  const frontProxyClient = createLivePair(pki.frontProxy.client)
  const controlPlane = await openControlPlane({
    clock,
    random,
    logger,
    metrics,
    clusterId: configuration.clusterId,
    journalDirectory: paths.journal,
    journalEntry: entryUrl('journal-thread'),
    podCidr: configuration.podCidr,
    serviceCidr: configuration.serviceCidr,
    authority: pki.authority,
    signCertificate: pki.signCertificate,
    tokenKey: pki.tokenKey,
    kubeletClient: kubeletClient.pair,
    frontProxy: { ...pki.frontProxy, client: frontProxyClient.pair },
    ...(configuration.runtime === 'containerd' && {
      dns: {
        clusterDns: [configuration.dnsAddress],
        node: { name: configuration.nodeName, addresses: [address] },
        port: configuration.dnsPort,
      },
    }),
    apiAddress: address,
    apiPort: configuration.apiPort,
    settings: configuration.apiServer,
  })
  const tlsOf = ({ server, authority, frontProxy }: ClusterPki) => ({
    key: server.key,
    cert: server.certificate,
    clientCa: authority,
    frontProxyCa: frontProxy.authority,
  })
  let tls = tlsOf(pki)
  const listening = await listen({ server: controlPlane.server, host: '0.0.0.0', port: configuration.apiPort, tls, clock, logger })
  const renewal = keepPkiFresh({
    pki,
    reopen,
    clock,
    logger,
    async onRenewed(renewed) {
      tls = tlsOf(renewed)
      listening.setCertificate(tls)
      kubeletClient.replace(renewed.kubeletClient)
      frontProxyClient.replace(renewed.frontProxy.client)
      await addClusterContext(configuration, { authority: renewed.authority, admin: readPkiUser(paths.pki, 'admin') }, { current: false })
    },
  })
  const publisher = controlPlane.clientAs({ name: 'system:apiserver', groups: ['system:masters'] }, 'kube-apiserver')
  const trust = followAuthorities(paths.pki, authorities => {
    tls = { ...tls, ...authorities }
    listening.setCertificate(tls)
    logger.info('clients are known by other certificate authorities from now on')
    publishAuthorities(publisher, authorities).catch(error =>
      logger.error('tell extension servers of other authorities: failed', { error }),
    )
  })
  controlPlane.startControllers()
  const nodes = configuration.runtime === 'simulated' ? await startSimulatedNodes(controlPlane, configuration, room) : undefined
  const idleMemory = giveBackWhenIdle(clock)
  room.announceReady()
  logger.info(`API server of cluster ${configuration.name} listens on port ${listening.port}`)
  // In the background `proa up` does it.
  if (!mode.seesToSupervisors) await addClusterContext(configuration, { authority: pki.authority, admin: readPkiUser(paths.pki, 'admin') })
  if (mode.seesToSupervisors) watchSupervisors(paths.run, componentsOf(configuration), clock, logger, signal)

  await new Promise<void>(resolve => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
  logger.info('the server ends')
  idleMemory.close()
  renewal.close()
  trust.close()
  await nodes?.close()
  await listening.close()
  await controlPlane.close()
  room.close()
}
