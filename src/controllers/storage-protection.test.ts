import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { persistentVolumeKind } from '../apis/core/persistent-volume.ts'
import { persistentVolumeClaimKind } from '../apis/core/persistent-volume-claim.ts'
import { podKind } from '../apis/core/pod.ts'
import { serviceAccountKind } from '../apis/core/service-account.ts'
import { volumeAttributesClassKind } from '../apis/storage/volume-attributes-class.ts'
import type { RunningControllers } from './index.ts'
import { attributesClassProtectionController, claimProtectionController, volumeProtectionController } from './storage-protection.ts'
import { openTestCluster, type TestCluster } from './testing/cluster.test-support.ts'

describe('storage that is used', () => {
  let cluster: TestCluster
  let running: RunningControllers
  before(async () => {
    cluster = await openTestCluster()
    await cluster.client.create(serviceAccountKind, { metadata: { name: 'default', namespace: 'default' } })
    running = cluster.start({ controllers: [claimProtectionController, volumeProtectionController, attributesClassProtectionController] })
  })
  after(async () => {
    await running.close()
    await cluster.close()
    const others = cluster.warnings.filter(line => !line.includes('VolumeAttributesClass has no effect'))
    assert.deepEqual(others, [])
  })

  const claim = (name: string, spec: object = {}) => ({
    metadata: { name, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  })
  const pod = (name: string, claimName: string, spec: object = {}) => ({
    metadata: { name, namespace: 'default' },
    spec: {
      containers: [{ name: 'main', image: 'image' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
      ...spec,
    },
  })

  it('a claim stays while a pod on a node uses it', async () => {
    const { client } = cluster
    await client.create(persistentVolumeClaimKind, claim('used'))
    await client.create(podKind, pod('user', 'used', { nodeName: 'n1' }))
    await client.create(persistentVolumeClaimKind, claim('marker'))
    await client.delete(persistentVolumeClaimKind, 'default', 'used')
    await client.delete(persistentVolumeClaimKind, 'default', 'marker')
    await cluster.until(persistentVolumeClaimKind, informer => !informer.get('default', 'marker'), 'the end of an unused claim')
    assert.ok(client.informer(persistentVolumeClaimKind).get('default', 'used')?.metadata.deletionTimestamp)
    await client.delete(podKind, 'default', 'user', { gracePeriodSeconds: 0 })
    await cluster.until(persistentVolumeClaimKind, informer => !informer.get('default', 'used'), 'the end of the claim')
  })

  it('a claim goes though a pod without a node names it', async () => {
    const { client } = cluster
    await client.create(persistentVolumeClaimKind, claim('waited-for'))
    await client.create(podKind, pod('waiting', 'waited-for'))
    await client.delete(persistentVolumeClaimKind, 'default', 'waited-for')
    await cluster.until(persistentVolumeClaimKind, informer => !informer.get('default', 'waited-for'), 'the end of the claim')
  })

  it('a volume stays while it is bound', async () => {
    const { client } = cluster
    const spec = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/data' } }
    await client.create(persistentVolumeKind, { metadata: { name: 'disk' }, spec })
    const phase = (phase: string) =>
      client.patch(persistentVolumeKind, undefined, 'disk', { type: 'merge', body: { status: { phase } } }, { subresource: 'status' })
    await phase('Bound')
    await client.delete(persistentVolumeKind, undefined, 'disk')
    assert.ok(await client.get(persistentVolumeKind, undefined, 'disk'))
    await phase('Released')
    await cluster.until(persistentVolumeKind, informer => !informer.get(undefined, 'disk'), 'the end of the volume')
  })

  it('settings of volumes stay while a claim names them', async () => {
    const { client } = cluster
    await client.create(volumeAttributesClassKind, { metadata: { name: 'gold' }, driverName: 'example.com', parameters: { iops: '5' } })
    await client.create(persistentVolumeClaimKind, claim('golden', { volumeAttributesClassName: 'gold' }))
    await client.delete(volumeAttributesClassKind, undefined, 'gold')
    assert.ok(await client.get(volumeAttributesClassKind, undefined, 'gold'))
    await client.delete(persistentVolumeClaimKind, 'default', 'golden')
    await cluster.until(volumeAttributesClassKind, informer => !informer.get(undefined, 'gold'), 'the end of the settings')
  })

  it('storage that has lost its protection gets it back', async () => {
    const { client } = cluster
    await client.create(persistentVolumeClaimKind, claim('bare'))
    await client.patch(persistentVolumeClaimKind, 'default', 'bare', { type: 'merge', body: { metadata: { finalizers: null } } })
    const isProtected = () => client.informer(persistentVolumeClaimKind).get('default', 'bare')?.metadata.finalizers?.length === 1
    await cluster.until(persistentVolumeClaimKind, isProtected, 'the finalizer')
  })
})
