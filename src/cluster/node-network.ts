import { join } from 'node:path'
import { nodeKind } from '../apis/core/node.ts'
import { type Client, createEventRecorder } from '../client/index.ts'
import { applyHostSettings, startDnsServer, startServiceProxy, systemNft, writeCniConfiguration } from '../network/index.ts'
import { entryUrl } from './entry.ts'
import { containerdLayout } from './lifecycle/containerd.ts'
import { findNodeAddress } from './node-address.ts'
import type { ProcessRoom } from './processes/room.ts'

/** The network of a real node: addresses for its pods, rules for services, and the cluster's DNS. */
export interface NodeNetwork {
  /** Resolves once this node no longer sends new connections to the pod. */
  endpointsGone(podUid: string, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export async function startNodeNetwork(room: ProcessRoom, client: Client): Promise<NodeNetwork> {
  const { configuration, clock, logger, metrics } = room
  const { name, nodeName, podCidr, serviceCidr, clusterDomain, dnsPort } = configuration
  const address = findNodeAddress()
  await applyHostSettings([4])
  const stopFollowing = followPodRange(room, client)
  const events = createEventRecorder({ client, component: 'kube-proxy', host: nodeName, clock, logger })
  const proxy = startServiceProxy({
    client,
    node: { name: nodeName, addresses: [address] },
    cluster: { name, podCidrs: podCidr.split(','), serviceCidrs: serviceCidr.split(',') },
    nft: systemNft(),
    clock,
    logger: logger.with({ component: 'proxy' }),
    metrics,
    events,
  })
  const dns = await startDnsServer({
    client,
    // Pods reach it by way of the service; the node itself on loopback too.
    listen: { addresses: [...new Set([address, '127.0.0.1'])], port: dnsPort },
    clusterDomain,
    threadUrl: entryUrl('dns-thread'),
    clock,
    logger: logger.with({ component: 'dns' }),
    metrics,
  })
  return {
    endpointsGone: (podUid, signal) => proxy.endpointsGone(podUid, signal),
    async close() {
      stopFollowing()
      await dns.close()
      await proxy.close()
      await events.close()
    },
  }
}

/** Tells the runtime which addresses pods get, as soon as the node has been given a range. */
function followPodRange({ configuration, paths, logger }: ProcessRoom, client: Client): () => void {
  const { name, nodeName } = configuration
  const nodes = client.informer(nodeKind, { fieldSelector: `metadata.name=${nodeName}` })
  // One write after the other: the node's object changes often while it comes up.
  let writing = Promise.resolve()
  let written = ''
  return nodes.onChange((_old, node) => {
    const podCidrs = node?.spec?.podCIDRs ?? (node?.spec?.podCIDR ? [node.spec.podCIDR] : [])
    if (podCidrs.length === 0 || written === podCidrs.join()) return
    written = podCidrs.join()
    writing = writing.then(() => configurePodNetwork(podCidrs))
  })

  async function configurePodNetwork(podCidrs: readonly string[]): Promise<void> {
    try {
      await writeCniConfiguration(containerdLayout(paths).cniConfiguration, { name, podCidrs, dataDirectory: join(paths.cni, 'addresses') })
    } catch (error) {
      written = ''
      logger.error(`configure the pod network of node ${nodeName}: ${(error as Error).message}; trying again when the node changes`)
    }
  }
}
