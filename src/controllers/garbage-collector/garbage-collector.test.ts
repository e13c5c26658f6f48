import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import type { KubernetesObject, OwnerReference } from '../../apimachinery/meta.ts'
import { type ConfigMap, configMapKind } from '../../apis/core/config-map.ts'
import { eventKind } from '../../apis/core/event.ts'
import { namespaceKind } from '../../apis/core/namespace.ts'
import { secretKind } from '../../apis/core/secret.ts'
import { makeOwnerReference } from '../../client/index.ts'
import type { RunningControllers } from '../index.ts'
import { openTestCluster, type TestCluster } from '../testing/cluster.test-support.ts'

let cluster: TestCluster
let controllers: RunningControllers

before(async () => {
  cluster = await openTestCluster()
  controllers = cluster.start()
  await cluster.client.create(namespaceKind, { metadata: { name: 'other' } })
})
after(async () => {
  await controllers.close()
  await cluster.close()
})

const ownedBy = (owner: KubernetesObject, blockOwnerDeletion = true, kind: Kind = configMapKind as unknown as Kind): OwnerReference => ({
  ...makeOwnerReference(owner, kind),
  blockOwnerDeletion,
})
const create = (name: string, ownerReferences: readonly OwnerReference[] = [], more: object = {}): Promise<ConfigMap> =>
  cluster.client.create(configMapKind, { metadata: { name, namespace: 'default', ownerReferences, ...more } })
const remove = (name: string, propagationPolicy?: 'Background' | 'Foreground' | 'Orphan') =>
  cluster.client.delete(configMapKind, 'default', name, propagationPolicy && { propagationPolicy })
const find = (name: string) => cluster.client.informer(configMapKind).get('default', name)
const gone = (...names: string[]) => cluster.until(configMapKind, () => !names.some(find), `the end of ${names}`)
const unfinalize = (name: string) =>
  cluster.client.patch(configMapKind, 'default', name, { type: 'merge', body: { metadata: { finalizers: null } } })

describe('the garbage collector', () => {
  it('deletes in the background what lost its last owner, down the tree', async () => {
    const root = await create('root')
    const child = await create('child', [ownedBy(root)])
    await create('grandchild', [ownedBy(child)])
    await remove('root')
    await gone('root', 'child', 'grandchild')
  })

  it('keeps what another owner still has, without the dangling reference', async () => {
    const [one, two] = [await create('one'), await create('two')]
    await create('shared', [ownedBy(one), ownedBy(two)])
    await remove('one', 'Background')
    await cluster.until(configMapKind, () => find('shared')?.metadata.ownerReferences?.length === 1, 'one owner left')
    assert.equal(find('shared')?.metadata.ownerReferences?.[0]?.uid, two.metadata.uid)
  })

  it('deletes in the foreground what blocks first', async () => {
    const owner = await create('first')
    await create('held', [ownedBy(owner)], { finalizers: ['example.com/held'] })
    await create('free', [ownedBy(owner, false)], { finalizers: ['example.com/held'] })
    await remove('first', 'Foreground')
    await cluster.until(configMapKind, () => find('held')?.metadata.deletionTimestamp !== undefined, 'the deletion of what blocks')
    await cluster.until(configMapKind, () => find('free')?.metadata.deletionTimestamp !== undefined, 'the deletion of what does not block')
    assert.deepEqual(find('first')?.metadata.finalizers, ['foregroundDeletion'])
    await unfinalize('held')
    await gone('first', 'held')
    assert.ok(find('free'))
    await unfinalize('free')
    await gone('free')
  })

  it('keeps what has a living owner beside one that waits in the foreground', async () => {
    const [waiting, living] = [await create('waiting'), await create('living')]
    await create('both', [ownedBy(waiting), ownedBy(living)])
    await remove('waiting', 'Foreground')
    await gone('waiting')
    assert.deepEqual(
      find('both')?.metadata.ownerReferences?.map(({ name }) => name),
      ['living'],
    )
  })

  it('leaves dependents as orphans when asked to', async () => {
    const owner = await create('parent')
    await create('orphan', [ownedBy(owner)])
    await remove('parent', 'Orphan')
    await gone('parent')
    assert.equal(find('orphan')?.metadata.ownerReferences, undefined)
  })

  it('is not stopped by a circle', async () => {
    const one = await create('circle-1')
    const two = await create('circle-2', [ownedBy(one)])
    const three = await create('circle-3', [ownedBy(two)])
    await cluster.client.patch(configMapKind, 'default', 'circle-1', {
      type: 'merge',
      body: { metadata: { ownerReferences: [ownedBy(three)] } },
    })
    await remove('circle-1', 'Foreground')
    await gone('circle-1', 'circle-2', 'circle-3')
  })

  it('deletes what names an owner that never was, or in another namespace, and says so', async () => {
    const owner = await cluster.client.create(secretKind, { metadata: { name: 'far', namespace: 'other' } })
    await create('misled', [ownedBy(owner, false, secretKind as unknown as Kind)])
    await gone('misled')
    await cluster.until(
      eventKind,
      events => events.list('default').some(({ reason }) => reason === 'OwnerRefInvalidNamespace'),
      'an event of the wrong namespace',
    )
    assert.ok(cluster.client.informer(secretKind).get('other', 'far'))
  })

  it('knows kinds that appear at run time, and deletes nothing on a guess before', async () => {
    const ship = topLevel('com.example.v1.Ship', 'A ship.', {})
    const shipKind = defineKind({
      kind: 'Ship',
      resource: 'ships',
      group: 'example.com',
      version: 'v1',
      schema: ship,
      scope: 'Namespaced',
      strategy: { validate: () => [] },
    }) as unknown as Kind
    await create('early', [{ apiVersion: 'example.com/v1', kind: 'Ship', name: 'nobody', uid: 'b7a0f6b0-0000-4000-8000-000000000000' }])
    const known = await create('known', [])
    await create('witness', [ownedBy(known)])
    await remove('known')
    await gone('witness')
    assert.ok(find('early'), 'what belongs to an unknown kind stays')
    cluster.server.registerKind(shipKind)
    await gone('early')
    const owner = await cluster.client.create(shipKind, { metadata: { name: 'proa', namespace: 'default' } })
    await create('cargo', [ownedBy(owner, true, shipKind)])
    await cluster.client.delete(shipKind, 'default', 'proa')
    await gone('cargo')
  })
})
