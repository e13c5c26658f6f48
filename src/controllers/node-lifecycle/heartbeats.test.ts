import assert from 'node:assert/strict'
import { it } from 'node:test'
import { leaseKind } from '../../apis/coordination/lease.ts'
import { namespaceKind } from '../../apis/core/namespace.ts'
import { nodeKind } from '../../apis/core/node.ts'
import { formatMicroTime } from '../../base/index.ts'
import { createManualClock } from '../../client/testing/manual-clock.ts'
import { openTestCluster } from '../testing/cluster.test-support.ts'
import { nodeLifecycleController } from './index.ts'

it('believes in a node as long as its lease is renewed, by its own clock', async () => {
  const clock = createManualClock()
  const cluster = await openTestCluster({ clock })
  const { client } = cluster
  const namespaces = client.informer(namespaceKind)
  await namespaces.synced
  if (!namespaces.get(undefined, 'kube-node-lease')) await client.create(namespaceKind, { metadata: { name: 'kube-node-lease' } })
  await client.create(nodeKind, { metadata: { name: 'one' } })
  await client.patch(
    nodeKind,
    undefined,
    'one',
    {
      type: 'merge',
      body: { status: { conditions: [{ type: 'Ready', status: 'True' }] } },
    },
    { subresource: 'status' },
  )
  // The node's clock is years behind; only that it goes on matters.
  const spec = () => ({ holderIdentity: 'one', leaseDurationSeconds: 40, renewTime: formatMicroTime(clock.now() - 1e11) })
  let lease = await client.create(leaseKind, { metadata: { name: 'one', namespace: 'kube-node-lease' }, spec: spec() })
  const controllers = cluster.start({ controllers: [nodeLifecycleController] })
  const nodes = client.informer(nodeKind)
  await nodes.synced
  const ready = () => nodes.get(undefined, 'one')?.status?.conditions?.find(({ type }) => type === 'Ready')?.status
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) await clock.advance(1000)
  }
  for (let renewal = 0; renewal < 10; renewal++) {
    await pass(30)
    lease = await client.update(leaseKind, { ...lease, spec: spec() })
  }
  assert.equal(ready(), 'True')
  await pass(45)
  assert.equal(ready(), 'True')
  await pass(10)
  assert.equal(ready(), 'Unknown')
  await controllers.close()
  await cluster.close()
})
