import { cidrContains, formatCidr, networkAddress, parseCidr, parseIp } from '../../apimachinery/ip.ts'
import { type Node, nodeKind } from '../../apis/core/node.ts'
import type { Clock, Logger, MetricsRegistry } from '../../base/index.ts'
import { runController, watchOf } from '../../client/index.ts'
import type { Client } from '../../client/types.ts'
import type { Route, RoutingTable } from './routes.ts'

export interface NodeRoutesOptions {
  readonly client: Client
  /** This node's own name. */
  readonly nodeName: string
  /** The cluster's pod ranges: routes elsewhere are somebody else's. */
  readonly podCidrs: readonly string[]
  readonly table: RoutingTable
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsRegistry
}

/**
 * Leads to the pods of other nodes by plain routes over those nodes' addresses. Nodes must share a network for that;
 * where they don't, the kernel refuses the route, and the log says so.
 */
export function startNodeRoutes(options: NodeRoutesOptions): { close(): Promise<void> } {
  const { client, clock, logger, metrics } = options
  const nodes = client.informer(nodeKind)
  // Everything is compared at once, so that every change is the same key.
  const watches = [watchOf(nodes, () => ['routes'])]
  const reconcile = () => applyRoutes(options, routesTo(nodes.list(), options.nodeName))
  return runController({ name: 'node-routes', client, clock, logger, metrics, workers: 1, watches, reconcile })
}

async function applyRoutes({ podCidrs, table, logger }: NodeRoutesOptions, wanted: readonly Route[]): Promise<void> {
  const ranges = podCidrs.flatMap(cidr => parseCidr(cidr) ?? [])
  const isOurs = ({ destination }: Route) => {
    const cidr = parseCidr(destination) ?? parseCidr(`${destination}/${destination.includes(':') ? 128 : 32}`)
    return cidr !== undefined && ranges.some(range => cidrContains(range, networkAddress(cidr)))
  }
  const present = (await table.list()).filter(isOurs)
  const has = (routes: readonly Route[], route: Route) =>
    routes.some(one => one.destination === route.destination && one.gateway === route.gateway)
  const failures: unknown[] = []
  const attempt = async (step: Promise<void>) => step.catch((error: unknown) => void failures.push(error))
  for (const route of wanted) if (!has(present, route)) await attempt(table.set(route))
  const destinations = new Set(wanted.map(({ destination }) => destination))
  for (const route of present) if (!destinations.has(route.destination)) await attempt(table.remove(route))
  if (failures.length === 0) return
  logger.warn('route to the pods of other nodes: nodes that do not share a network with this one need an overlay, which is not there yet')
  throw new AggregateError(failures, failures.map(failure => (failure as Error).message).join('; '))
}

/** By each other node's internal address of the same family. */
export function routesTo(nodes: readonly Node[], ownName: string): Route[] {
  return nodes
    .filter(node => node.metadata.name !== ownName)
    .flatMap(({ spec, status }) => {
      const podCidrs = spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : [])
      const addresses = (status?.addresses ?? []).flatMap(({ type, address }) =>
        type === 'InternalIP' ? (parseIp(address) ? address : []) : [],
      )
      return podCidrs.flatMap(text => {
        const cidr = parseCidr(text)
        const gateway = addresses.find(address => address.includes(':') === text.includes(':'))
        return cidr && gateway !== undefined ? { destination: formatCidr(cidr), gateway } : []
      })
    })
}
