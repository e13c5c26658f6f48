import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Node, nodeKind } from '../../apis/core/node.ts'
import { createMetrics, systemClock } from '../../base/index.ts'
import { createTestCluster } from '../test-support/cluster.ts'
import { cannotMakeNetworks, createTestNetwork } from '../test-support/namespaces.ts'
import { routesTo, startNodeRoutes } from './node-routes.ts'
import { type Route, type RoutingTable, systemRoutingTable } from './routes.ts'

const node = (name: string, podCIDRs: string[], addresses: string[]): Node =>
  ({
    metadata: { name },
    spec: { podCIDRs },
    status: { addresses: addresses.map(address => ({ type: 'InternalIP', address })) },
  }) as unknown as Node

test('a route leads to each range of each other node by its address of that family', () => {
  const nodes = [
    node('own', ['10.42.0.0/24'], ['198.51.100.1']),
    node('other', ['10.42.1.0/24', 'fd42:1::/64'], ['198.51.100.2', 'fd00::2']),
    node('young', [], ['198.51.100.3']),
    node('single', ['10.42.3.0/24', 'fd42:3::/64'], ['198.51.100.4']),
  ]
  assert.deepEqual(routesTo(nodes, 'own'), [
    { destination: '10.42.1.0/24', gateway: '198.51.100.2' },
    { destination: 'fd42:1::/64', gateway: 'fd00::2' },
    { destination: '10.42.3.0/24', gateway: '198.51.100.4' },
  ])
})

async function followNodes(table: RoutingTable, holds: (routes: readonly Route[]) => boolean, steps: readonly (() => Promise<unknown>)[]) {
  for (const step of steps) await step()
  for (let left = 500; !holds(await table.list()); left--) {
    assert.ok(left > 0, `it did not come to hold: ${JSON.stringify(await table.list())}`)
    await systemClock().yield()
  }
}

const scenario = async (table: RoutingTable) => {
  const cluster = createTestCluster()
  const { client, logger } = cluster
  await client.create(nodeKind, node('own', ['10.42.0.0/24'], ['198.51.100.1']))
  await table.set({ destination: '10.42.9.0/24', gateway: '198.51.100.9' })
  await table.set({ destination: '10.77.0.0/24', gateway: '198.51.100.9' })
  const routes = startNodeRoutes({
    client,
    nodeName: 'own',
    podCidrs: ['10.42.0.0/16'],
    table,
    clock: systemClock(),
    logger,
    metrics: createMetrics(),
  })
  const destinations = (list: readonly Route[]) =>
    list
      .map(one => `${one.destination} ${one.gateway}`)
      .sort()
      .join()
  const other = '10.77.0.0/24 198.51.100.9'
  await followNodes(table, list => destinations(list) === `10.42.1.0/24 198.51.100.2,${other}`, [
    () => client.create(nodeKind, node('other', ['10.42.1.0/24'], ['198.51.100.2'])),
  ])
  await followNodes(table, list => destinations(list) === `10.42.1.0/24 198.51.100.3,${other}`, [
    () => client.update(nodeKind, node('other', ['10.42.1.0/24'], ['198.51.100.3'])),
  ])
  await followNodes(table, list => destinations(list) === other, [() => client.delete(nodeKind, undefined, 'other')])
  await routes.close()
  await client.close()
}

test('routes follow the nodes, and those of others stay', async () => {
  const routes = new Map<string, Route>()
  await scenario({
    list: async () => [...routes.values()],
    set: async route => void routes.set(route.destination, route),
    remove: async route => void routes.delete(route.destination),
  })
})

test('the same in the kernel', { skip: cannotMakeNetworks() ?? false }, async () => {
  const network = await createTestNetwork('routes')
  try {
    await scenario(systemRoutingTable([...network.enterNode, 'ip']))
  } finally {
    await network.close()
  }
})
