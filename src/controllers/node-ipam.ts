import { isConflict, isNotFound } from '../apimachinery/api-errors.ts'
import { formatCidr, nthSubnet, parseCidr } from '../apimachinery/ip.ts'
import { nodeKind } from '../apis/core/node.ts'
import { runController, watchOf } from '../client/index.ts'
import { type Controller, ownKey } from './controller.ts'

/** Addresses of pods on one node: a 24 bit prefix leaves room for as many pods as a node takes. */
const nodePrefix = 24

/** Gives each node a range of pod addresses of its own. Ranges are derived from the nodes: there is no other record. */
export const nodeIpamController: Controller = {
  name: 'node-controller',
  start(context) {
    const { client, clusterCidr, events } = context
    const nodes = client.informer(nodeKind)
    return runController({
      ...context,
      name: 'node-ipam-controller',
      // One after the other, each seeing what the one before took.
      workers: 1,
      watches: [watchOf(nodes, ownKey)],
      async reconcile(name) {
        const node = nodes.get(undefined, name)
        if (!node || node.spec?.podCIDR) return
        const taken = new Set(nodes.list().map(other => other.spec?.podCIDR))
        const podCIDR = firstFree(clusterCidr.split(',')[0] as string, taken)
        if (!podCIDR) {
          events.record(node, nodeKind, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`)
          throw new Error(`give node ${name} a range of pod addresses: ${clusterCidr} has none left`)
        }
        try {
          const written = await client.patch(nodeKind, undefined, name, {
            type: 'merge',
            body: { metadata: { uid: node.metadata.uid }, spec: { podCIDR, podCIDRs: [podCIDR] } },
          })
          await nodes.reached(written.metadata.resourceVersion as string)
        } catch (error) {
          if (!isNotFound(error) && !isConflict(error)) throw error
        }
      },
    })
  },
}

/** The first node range within the cluster's that nobody has. */
export function firstFree(clusterCidr: string, taken: ReadonlySet<string | undefined>): string | undefined {
  const cluster = parseCidr(clusterCidr)
  for (let index = 0; cluster; index++) {
    const subnet = nthSubnet(cluster, nodePrefix, index)
    if (!subnet) return undefined
    const cidr = formatCidr(subnet)
    if (!taken.has(cidr)) return cidr
  }
  return undefined
}
