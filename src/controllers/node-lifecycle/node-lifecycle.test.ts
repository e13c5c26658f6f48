import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Node, nodeKind } from '../../apis/core/node.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { formatTime, sleep } from '../../base/index.ts'
import { allControllers, type RunningControllers } from '../index.ts'
import { fastClock, openTestCluster, type TestCluster } from '../testing/cluster.test-support.ts'

const clock = fastClock(500)
let cluster: TestCluster
let controllers: RunningControllers

before(async () => {
  cluster = await openTestCluster({ clock })
  controllers = cluster.start({ controllers: allControllers })
})
after(async () => {
  await controllers.close()
  await cluster.close()
})

async function createNode(name: string): Promise<Node> {
  const node = await cluster.client.create(nodeKind, { metadata: { name } })
  const now = formatTime(clock.now())
  const conditions = [
    { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastHeartbeatTime: now, lastTransitionTime: now },
  ]
  return cluster.client
    .patch(nodeKind, undefined, name, { type: 'strategic', body: { status: { conditions } } }, { subresource: 'status' })
    .then(() => node)
}

async function createRunningPod(name: string, nodeName: string, more: object = {}): Promise<Pod> {
  const pod = { metadata: { name, namespace: 'default' }, spec: { nodeName, containers: [{ name: 'main', image: 'one' }], ...more } } as Pod
  const created = await cluster.client.create(podKind, pod)
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: formatTime(clock.now()) }]
  return cluster.client.updateStatus(podKind, { ...created, status: { ...created.status, phase: 'Running', conditions } })
}

const nodeOf = (name: string) => cluster.client.informer(nodeKind).get(undefined, name)
const podOf = (name: string) => cluster.client.informer(podKind).get('default', name)
const readiness = (conditions: readonly { readonly type?: string; readonly status?: string }[] | undefined) =>
  conditions?.find(({ type }) => type === 'Ready')?.status
const taintsOf = (name: string) => (nodeOf(name)?.spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).sort()

describe('the controllers of nodes', () => {
  it('give each node a range of addresses of its own', async () => {
    await Promise.all(['ipam-1', 'ipam-2', 'ipam-3'].map(name => cluster.client.create(nodeKind, { metadata: { name } })))
    const ranges = () => ['ipam-1', 'ipam-2', 'ipam-3'].map(name => nodeOf(name)?.spec?.podCIDR)
    await cluster.until(nodeKind, () => ranges().every(Boolean), 'ranges')
    assert.equal(new Set(ranges()).size, 3)
    assert.ok(ranges().every(range => /^10\.42\.\d+\.0\/24$/.test(range ?? '')))
    assert.deepEqual(nodeOf('ipam-1')?.spec?.podCIDRs, [nodeOf('ipam-1')?.spec?.podCIDR])
  })

  it('taint a node that fell silent, and remove its pods when their time is up', async () => {
    await createNode('silent')
    await createRunningPod('victim', 'silent')
    await createRunningPod('loyal', 'silent', { tolerations: [{ operator: 'Exists' }] })
    await cluster.until(nodeKind, () => readiness(nodeOf('silent')?.status?.conditions) === 'Unknown', 'an unknown node')
    const ready = nodeOf('silent')?.status?.conditions?.find(({ type }) => type === 'Ready')
    assert.deepEqual([ready?.reason, ready?.message], ['NodeStatusUnknown', 'Kubelet stopped posting node status.'])
    const unreachable = 'node.kubernetes.io/unreachable'
    await cluster.until(
      nodeKind,
      () => taintsOf('silent').join() === `${unreachable}:NoExecute,${unreachable}:NoSchedule`,
      'the taints of an unreachable node',
    )
    const tainted_ms = clock.now()
    await cluster.until(
      podKind,
      () => ['victim', 'loyal'].every(name => readiness(podOf(name)?.status?.conditions) === 'False'),
      'pods not ready',
    )
    await cluster.until(podKind, () => podOf('victim')?.metadata.deletionTimestamp !== undefined, 'an eviction')
    assert.ok(clock.now() - tainted_ms >= 290_000, 'pods tolerate it for five minutes')
    const disruption = podOf('victim')?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')
    assert.equal(disruption?.reason, 'DeletionByTaintManager')
    assert.equal(podOf('loyal')?.metadata.deletionTimestamp, undefined)
  })

  it('take the taints off when the node is back', async () => {
    const now = formatTime(clock.now())
    const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: now, lastTransitionTime: now }]
    await cluster.client.patch(
      nodeKind,
      undefined,
      'silent',
      { type: 'strategic', body: { status: { conditions } } },
      { subresource: 'status' },
    )
    await cluster.until(
      nodeKind,
      () => taintsOf('silent').length === 0 && readiness(nodeOf('silent')?.status?.conditions) === 'True',
      'no taints',
    )
  })

  it('remove pods when they no longer tolerate a taint that somebody set, unless it is taken off before', async () => {
    await createNode('tainted')
    const tolerations = (tolerationSeconds: number) => ({
      tolerations: [
        { key: 'evict', operator: 'Exists', effect: 'NoExecute', tolerationSeconds },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists' },
      ],
    })
    await createRunningPod('short', 'tainted', tolerations(20))
    await createRunningPod('long', 'tainted', tolerations(600))
    const taint = (taints: object[]) => cluster.client.patch(nodeKind, undefined, 'tainted', { type: 'merge', body: { spec: { taints } } })
    const before_ms = clock.now()
    await taint([{ key: 'evict', value: 'x', effect: 'NoExecute' }])
    await cluster.until(podKind, () => podOf('short')?.metadata.deletionTimestamp !== undefined, 'the first eviction')
    assert.ok(clock.now() - before_ms >= 20_000)
    await taint([])
    await sleep(clock, 700_000)
    assert.equal(podOf('long')?.metadata.deletionTimestamp, undefined)
  })

  it('remove pods of a node that is gone, as failed', async () => {
    await createNode('leaving')
    await createRunningPod('left', 'leaving', {})
    await cluster.client.patch(podKind, 'default', 'left', { type: 'merge', body: { metadata: { finalizers: ['example.com/seen'] } } })
    await cluster.client.delete(nodeKind, undefined, 'leaving')
    await cluster.until(podKind, () => podOf('left')?.metadata.deletionTimestamp !== undefined, 'the deletion')
    assert.equal(podOf('left')?.status?.phase, 'Failed')
    assert.equal(podOf('left')?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason, 'DeletionByPodGC')
  })

  it('remove pods that are deleted and were never placed', async () => {
    const pod = {
      metadata: { name: 'unplaced', namespace: 'default', finalizers: ['example.com/seen'] },
      spec: { containers: [{ name: 'main', image: 'one' }] },
    }
    await cluster.client.create(podKind, pod)
    await cluster.client.delete(podKind, 'default', 'unplaced')
    await cluster.until(podKind, () => podOf('unplaced')?.status?.phase === 'Failed', 'its failure')
  })
})
