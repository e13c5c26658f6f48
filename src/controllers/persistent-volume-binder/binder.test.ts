import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type PersistentVolume, persistentVolumeKind } from '../../apis/core/persistent-volume.ts'
import { type PersistentVolumeClaim, persistentVolumeClaimKind } from '../../apis/core/persistent-volume-claim.ts'
import { storageClassKind } from '../../apis/storage/storage-class.ts'
import type { RunningControllers } from '../index.ts'
import { openTestCluster, type TestCluster } from '../testing/cluster.test-support.ts'
import { persistentVolumeBinder } from './index.ts'

describe('volumes and claims', () => {
  let cluster: TestCluster
  let running: RunningControllers
  before(async () => {
    cluster = await openTestCluster()
    running = cluster.start({ controllers: [persistentVolumeBinder] })
  })
  after(async () => {
    await running.close()
    await cluster.close()
    assert.deepEqual(cluster.warnings, [])
  })

  const createVolume = (name: string, storage: string, spec: object = {}, labels: Record<string, string> = {}) =>
    cluster.client.create(persistentVolumeKind, {
      metadata: { name, labels },
      spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], hostPath: { path: `/${name}` }, storageClassName: 'manual', ...spec },
    })
  const createClaim = (name: string, storage: string, spec: object = {}) =>
    cluster.client.create(persistentVolumeClaimKind, {
      metadata: { name, namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, storageClassName: 'manual', ...spec },
    })
  const untilClaim = async (name: string, holds: (claim: PersistentVolumeClaim) => boolean): Promise<PersistentVolumeClaim> => {
    let found: PersistentVolumeClaim | undefined
    await cluster.until(
      persistentVolumeClaimKind,
      informer => {
        found = informer.get('default', name)
        return found !== undefined && holds(found)
      },
      `what is expected of claim ${name}`,
    )
    return found as PersistentVolumeClaim
  }
  const untilVolume = (name: string, holds: (volume: PersistentVolume) => boolean) =>
    cluster.until(
      persistentVolumeKind,
      informer => {
        const volume = informer.get(undefined, name)
        return volume !== undefined && holds(volume)
      },
      `what is expected of volume ${name}`,
    )
  const bound = (claim: PersistentVolumeClaim) => claim.status?.phase === 'Bound'
  const inPhase = (phase: string) => (volume: PersistentVolume) => volume.status?.phase === phase

  it('a claim gets the smallest volume that fits, by class, mode and labels', async () => {
    await createVolume('large', '10Gi')
    await createVolume('small', '2Gi')
    await createVolume('tiny', '1Mi')
    await createVolume('labelled', '3Gi', {}, { tier: 'gold' })
    for (const name of ['large', 'small', 'tiny', 'labelled']) await untilVolume(name, inPhase('Available'))
    await createClaim('first', '1Gi')
    const first = await untilClaim('first', bound)
    assert.deepEqual(
      [first.spec?.volumeName, first.status?.capacity, first.status?.accessModes],
      ['small', { storage: '2Gi' }, ['ReadWriteOnce']],
    )
    await untilVolume('small', inPhase('Bound'))
    await createClaim('choosy', '1Gi', { selector: { matchLabels: { tier: 'gold' } } })
    assert.equal((await untilClaim('choosy', bound)).spec?.volumeName, 'labelled')
    await createClaim('many', '1Gi', { accessModes: ['ReadWriteMany'] })
    assert.equal((await untilClaim('many', claim => claim.status?.phase === 'Pending')).spec?.volumeName, undefined)
    await createVolume('shared', '1Gi', { accessModes: ['ReadWriteMany'] })
    assert.equal((await untilClaim('many', bound)).spec?.volumeName, 'shared', 'a volume that comes later')
  })

  it('a volume that is kept for a claim waits for it, and a claim can name its volume', async () => {
    await createVolume('kept', '5Gi', { claimRef: { namespace: 'default', name: 'heir' } })
    await untilVolume('kept', inPhase('Available'))
    await createClaim('heir', '1Gi')
    assert.equal((await untilClaim('heir', bound)).spec?.volumeName, 'kept')
    await createClaim('names-it', '1Gi', { volumeName: 'later' })
    await createVolume('later', '1Gi')
    assert.equal((await untilClaim('names-it', bound)).spec?.volumeName, 'later')
  })

  it('a claim gets a volume that fits only after it was changed', async () => {
    await createVolume('relabelled', '1Gi', { storageClassName: 'by-label' })
    await untilVolume('relabelled', inPhase('Available'))
    await createClaim('picky', '1Gi', { storageClassName: 'by-label', selector: { matchLabels: { disk: 'fast' } } })
    await untilClaim('picky', claim => claim.status?.phase === 'Pending')
    await cluster.client.patch(persistentVolumeKind, undefined, 'relabelled', {
      type: 'merge',
      body: { metadata: { labels: { disk: 'fast' } } },
    })
    assert.equal((await untilClaim('picky', bound)).spec?.volumeName, 'relabelled')
  })

  it('a volume is released with its claim, and a claim is lost with its volume', async () => {
    await cluster.client.patch(persistentVolumeClaimKind, 'default', 'first', { type: 'merge', body: { metadata: { finalizers: null } } })
    await cluster.client.delete(persistentVolumeClaimKind, 'default', 'first')
    await untilVolume('small', inPhase('Released'))
    await createClaim('next', '2Gi')
    assert.equal((await untilClaim('next', bound)).spec?.volumeName, 'large', 'a released volume is not given again')
    await cluster.client.patch(persistentVolumeKind, undefined, 'large', { type: 'merge', body: { metadata: { finalizers: null } } })
    await cluster.client.delete(persistentVolumeKind, undefined, 'large')
    await untilClaim('next', claim => claim.status?.phase === 'Lost')
  })

  it('a volume that is to be deleted and that nobody can delete says so', async () => {
    await createVolume('doomed', '7Gi', { persistentVolumeReclaimPolicy: 'Delete' })
    await createClaim('short', '7Gi')
    await untilClaim('short', bound)
    await cluster.client.patch(persistentVolumeClaimKind, 'default', 'short', { type: 'merge', body: { metadata: { finalizers: null } } })
    await cluster.client.delete(persistentVolumeClaimKind, 'default', 'short')
    await untilVolume(
      'doomed',
      ({ status }) => status?.phase === 'Failed' && /no deletable volume plugin matched/.test(status.message ?? ''),
    )
  })

  it('claims of a class with a provisioner name it, and those of a class that waits are left waiting', async () => {
    const { client } = cluster
    await client.create(storageClassKind, { metadata: { name: 'made' }, provisioner: 'example.com/disk' })
    await client.create(storageClassKind, {
      metadata: { name: 'later' },
      provisioner: 'example.com/disk',
      volumeBindingMode: 'WaitForFirstConsumer',
    })
    await createVolume('ready', '1Gi', { storageClassName: 'later' })
    await createClaim('waits', '1Gi', { storageClassName: 'later' })
    await createClaim('ordered', '1Gi', { storageClassName: 'made' })
    const named = 'volume.kubernetes.io/storage-provisioner'
    await untilClaim('ordered', ({ metadata }) => metadata.annotations?.[named] === 'example.com/disk')
    assert.equal((await client.get(persistentVolumeClaimKind, 'default', 'waits')).spec?.volumeName, undefined)
  })
})
