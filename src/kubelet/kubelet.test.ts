import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leaseKind } from '../apis/coordination/lease.ts'
import { configMapKind } from '../apis/core/config-map.ts'
import { nodeKind } from '../apis/core/node.ts'
import { podKind } from '../apis/core/pod.ts'
import { nodeName, startTestNode, type TestNode } from './test-support/node.ts'

const condition = (node: TestNode, type: string, name?: string) => node.pod(name).status?.conditions?.find(it => it.type === type)
const main = (node: TestNode, name?: string) => node.pod(name).status?.containerStatuses?.[0]

test('registers the node, with conditions, labels and a lease', async () => {
  const node = await startTestNode()
  await node.clock.settle()
  const object = await node.client.get(nodeKind, undefined, nodeName)
  assert.equal(object.metadata.labels?.['kubernetes.io/hostname'], nodeName)
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready')
  assert.equal(ready?.status, 'True')
  assert.equal(ready?.message, 'kubelet is posting ready status')
  const before = await node.client.get(leaseKind, 'kube-node-lease', nodeName)
  await node.clock.advance(10_000)
  const after = await node.client.get(leaseKind, 'kube-node-lease', nodeName)
  assert.equal(after.spec?.holderIdentity, nodeName)
  assert.notEqual(after.spec?.renewTime, before.spec?.renewTime)
  assert.equal(after.metadata.ownerReferences?.[0]?.uid, object.metadata.uid)
  await node.close()
})

test('runs a pod and says so', async () => {
  const node = await startTestNode()
  node.create({})
  await node.clock.settle()
  const { status } = node.pod()
  assert.equal(status?.phase, 'Running')
  assert.equal(status?.podIP, status?.podIPs?.[0]?.ip)
  assert.equal(status?.hostIP, '192.168.0.1')
  for (const type of ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']) {
    assert.equal(condition(node, type)?.status, 'True', type)
    assert.equal(condition(node, type)?.observedGeneration, 1)
  }
  assert.match(main(node)?.containerID ?? '', /^containerd:\/\/container-/)
  assert.ok(main(node)?.ready && main(node)?.started)
  assert.deepEqual(
    node.events.filter(event => event.includes('ontainer') || event.includes('Pull')),
    [
      'Normal Pulling Pulling image "busybox:1.35"',
      'Normal Pulled Successfully pulled image "busybox:1.35" in 0ms (0ms including waiting). Image size: 1000000 bytes.',
      'Normal Created Container created',
      'Normal Started Container started',
    ],
  )
  await node.close()
})

test('a pod that came for a label just put on the node is not refused for the labels of before', async () => {
  const node = await startTestNode()
  await node.clock.settle()
  const before = await node.client.get(nodeKind, undefined, nodeName)
  node.client.put(nodeKind, { ...before, metadata: { ...before.metadata, labels: { ...before.metadata.labels, disk: 'fast' } } })
  node.create({ nodeSelector: { disk: 'fast' } }, { name: 'fits' })
  node.create({ nodeSelector: { disk: 'slow' } }, { name: 'fits-not' })
  await node.clock.settle()
  assert.equal(node.pod('fits').status?.phase, 'Running')
  await node.clock.advance(60_000)
  const refused = node.pod('fits-not').status
  // kubectl shows the reason where nothing is said of containers.
  assert.deepEqual([refused?.phase, refused?.reason, refused?.containerStatuses], ['Failed', 'NodeAffinity', undefined])
  await node.close()
})

test('a status that says nothing new is not written', async () => {
  const node = await startTestNode()
  node.create({})
  await node.clock.settle()
  const before = node.client.writes.filter(write => write.includes('pods/')).length
  await node.clock.advance(300_000)
  assert.equal(node.client.writes.filter(write => write.includes('pods/')).length, before)
  await node.close()
})

test('restarts what crashes: at once, then after 10 s, then after 20 s', async () => {
  const node = await startTestNode({ images: () => ({ runsFor_ms: 1000, exitCode: 3 }) })
  node.create({})
  await node.clock.advance(1000)
  assert.equal(main(node)?.restartCount, 1)
  assert.equal(main(node)?.lastState?.terminated?.exitCode, 3)
  await node.clock.advance(1000)
  assert.equal(main(node)?.state?.waiting?.reason, 'CrashLoopBackOff')
  assert.equal(main(node)?.state?.waiting?.message, 'back-off 10s restarting failed container=main pod=web_default(web-uid)')
  assert.equal(node.pod().status?.phase, 'Running')
  assert.equal(condition(node, 'Ready')?.message, 'containers with unready status: [main]')
  assert.ok(node.events.includes('Warning BackOff Back-off restarting failed container main in pod web_default(web-uid)'))
  await node.clock.advance(9_999)
  assert.equal(main(node)?.restartCount, 1)
  await node.clock.advance(1)
  assert.equal(main(node)?.restartCount, 2)
  await node.clock.advance(1000)
  assert.match(main(node)?.state?.waiting?.message ?? '', /^back-off 20s /)
  await node.close()
})

test('the wait before a restart survives the kubelet', async () => {
  const node = await startTestNode({ images: () => ({ runsFor_ms: 1000, exitCode: 3 }) })
  node.create({})
  await node.clock.advance(3000)
  await node.restart()
  await node.clock.advance(8_000)
  assert.equal(main(node)?.restartCount, 1)
  assert.equal(main(node)?.state?.waiting?.reason, 'CrashLoopBackOff')
  await node.clock.advance(1_000)
  assert.equal(main(node)?.restartCount, 2)
  await node.close()
})

for (const { restartPolicy, exitCode, phase, restarts } of [
  { restartPolicy: 'Never', exitCode: 0, phase: 'Succeeded', restarts: 0 },
  { restartPolicy: 'Never', exitCode: 2, phase: 'Failed', restarts: 0 },
  { restartPolicy: 'OnFailure', exitCode: 0, phase: 'Succeeded', restarts: 0 },
  { restartPolicy: 'OnFailure', exitCode: 2, phase: 'Running', restarts: 1 },
  { restartPolicy: 'Always', exitCode: 0, phase: 'Running', restarts: 1 },
]) {
  test(`restart policy ${restartPolicy} after exit code ${exitCode}: ${phase}`, async () => {
    const node = await startTestNode({ images: () => ({ runsFor_ms: 1000, exitCode }) })
    node.create({ restartPolicy })
    await node.clock.advance(1500)
    assert.equal(node.pod().status?.phase, phase)
    assert.equal(main(node)?.restartCount, restarts)
    if (phase === 'Succeeded') assert.equal(condition(node, 'Ready')?.reason, 'PodCompleted')
    if (phase !== 'Running') assert.equal((await node.runtime.listSandboxes()).filter(({ ready }) => ready).length, 0)
    await node.close()
  })
}

test('init containers run one after the other, before the others', async () => {
  const node = await startTestNode({ images: image => (image.startsWith('init') ? { runsFor_ms: 1000 } : {}) })
  node.create({
    initContainers: [
      { name: 'first', image: 'init:1' },
      { name: 'second', image: 'init:2' },
    ],
  })
  await node.clock.settle()
  assert.equal(main(node)?.state?.waiting?.reason, 'PodInitializing')
  assert.equal(condition(node, 'Initialized')?.message, 'containers with incomplete status: [first second]')
  await node.clock.advance(1000)
  assert.equal(condition(node, 'Initialized')?.message, 'containers with incomplete status: [second]')
  assert.equal(node.pod().status?.phase, 'Pending')
  await node.clock.advance(1000)
  assert.equal(node.pod().status?.phase, 'Running')
  assert.equal(condition(node, 'Ready')?.status, 'True')
  await node.close()
})

test('on a simulated node, init containers end by themselves and sidecars run on', async () => {
  const node = await startTestNode({})
  node.create({
    initContainers: [
      { name: 'first', image: 'setup' },
      { name: 'second', image: 'proxy', restartPolicy: 'Always' },
    ],
  })
  await node.clock.advance(100)
  assert.equal(condition(node, 'Ready')?.status, 'True')
  assert.deepEqual(
    node.pod().status?.initContainerStatuses?.map(({ state }) => Object.keys(state ?? {})),
    [['terminated'], ['running']],
  )
  await node.close()
})

test('a failed init container fails a pod that must not restart', async () => {
  const node = await startTestNode({ images: image => (image.startsWith('init') ? { runsFor_ms: 10, exitCode: 1 } : {}) })
  node.create({ restartPolicy: 'Never', initContainers: [{ name: 'first', image: 'init:1' }] })
  await node.clock.advance(100)
  assert.equal(node.pod().status?.phase, 'Failed')
  await node.close()
})

test('sidecars start before and end after the containers that they serve', async () => {
  const node = await startTestNode({ images: image => (image.startsWith('main') ? { runsFor_ms: 1000 } : {}) })
  node.create({
    restartPolicy: 'Never',
    initContainers: [{ name: 'side', image: 'side:1', restartPolicy: 'Always' }],
    containers: [{ name: 'main', image: 'main:1' }],
  })
  await node.clock.settle()
  assert.ok(node.pod().status?.initContainerStatuses?.[0]?.ready)
  await node.clock.advance(1000)
  assert.equal(node.pod().status?.phase, 'Succeeded')
  assert.equal(node.pod().status?.initContainerStatuses?.[0]?.state?.terminated?.exitCode, 0)
  await node.close()
})

test('an image that cannot be pulled', async () => {
  const node = await startTestNode({ images: () => undefined })
  node.create({})
  await node.clock.settle()
  assert.equal(main(node)?.state?.waiting?.reason, 'ErrImagePull')
  await node.clock.advance(2000)
  assert.equal(main(node)?.state?.waiting?.reason, 'ImagePullBackOff')
  assert.match(main(node)?.state?.waiting?.message ?? '', /^Back-off pulling image "busybox:1.35": ErrImagePull: /)
  assert.equal(node.pod().status?.phase, 'Pending')
  await node.close()
})

for (const [image, policy, reason] of [
  ['UPPER:1', 'IfNotPresent', 'InvalidImageName'],
  ['absent:1', 'Never', 'ErrImageNeverPull'],
] as const) {
  test(`image ${image} with policy ${policy}: ${reason}`, async () => {
    const node = await startTestNode()
    node.create({ containers: [{ name: 'main', image, imagePullPolicy: policy }] })
    await node.clock.settle()
    assert.equal(main(node)?.state?.waiting?.reason, reason)
    await node.close()
  })
}

test('a missing ConfigMap is named, and the container starts as soon as it is there', async () => {
  const node = await startTestNode()
  node.create({ containers: [{ name: 'main', image: 'busybox:1.35', envFrom: [{ configMapRef: { name: 'settings' } }] }] })
  await node.clock.settle()
  assert.equal(main(node)?.state?.waiting?.reason, 'CreateContainerConfigError')
  assert.equal(main(node)?.state?.waiting?.message, 'configmap "settings" not found')
  node.client.put(configMapKind, { metadata: { name: 'settings', namespace: 'default' }, data: { A: '1' } })
  await node.clock.settle()
  assert.equal(node.pod().status?.phase, 'Running')
  await node.close()
})

test('an unknown volume type keeps the pod waiting and says why', async () => {
  const node = await startTestNode()
  node.create({
    containers: [{ name: 'main', image: 'busybox:1.35', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    volumes: [{ name: 'data', nfs: { server: 'a', path: '/' } }],
  })
  await node.clock.settle()
  assert.equal(main(node)?.state?.waiting?.reason, 'ContainerCreating')
  assert.ok(node.events.some(event => event.startsWith('Warning FailedMount MountVolume.SetUp failed for volume "data" : volume type nfs')))
  await node.close()
})

test('a deleted pod is stopped gracefully and then removed', async () => {
  const node = await startTestNode({ images: () => ({ stopsAfter_ms: 3000 }) })
  node.create({})
  await node.clock.settle()
  node.client.requestDeletion(podKind, 'default', 'web', 30)
  await node.clock.advance(2900)
  assert.equal(node.pod().status?.phase, 'Running')
  await node.clock.advance(200)
  assert.throws(() => node.pod())
  assert.ok(node.client.writes.includes('delete pods/default/web'))
  assert.deepEqual(await node.runtime.listSandboxes(), [])
  assert.deepEqual(await node.runtime.listContainers(), [])
  assert.ok(node.events.includes('Normal Killing Stopping container main'))
  await node.close()
})

test('a pod removed by force is killed', async () => {
  const node = await startTestNode({ images: () => ({ stopsAfter_ms: 60_000 }) })
  node.create({})
  await node.clock.settle()
  node.client.requestDeletion(podKind, 'default', 'web', 30)
  await node.clock.advance(1000)
  node.client.requestDeletion(podKind, 'default', 'web', 0)
  await node.clock.advance(2100)
  assert.deepEqual(await node.runtime.listContainers(), [])
  await node.close()
})

test('a pod that waits for its image can be deleted at once', async () => {
  const node = await startTestNode({ images: () => ({ pull_ms: 60_000 }) })
  node.create({})
  await node.clock.advance(1000)
  node.client.requestDeletion(podKind, 'default', 'web', 30)
  await node.clock.settle()
  assert.throws(() => node.pod())
  await node.close()
})

test('the next kubelet adopts what runs, and removes what nobody wants', async () => {
  const node = await startTestNode()
  node.create({})
  node.create({}, { name: 'doomed' })
  await node.clock.settle()
  const id = main(node)?.containerID
  const doomed = main(node, 'doomed')?.containerID
  await node.kubelet.close()
  node.client.requestDeletion(podKind, 'default', 'doomed', 0)
  await node.restart()
  await node.clock.advance(3000)
  assert.equal(main(node)?.containerID, id)
  assert.equal(main(node)?.restartCount, 0)
  const left = await node.runtime.listContainers()
  assert.deepEqual(
    left.map(container => `containerd://${container.id}`),
    [id],
  )
  assert.notEqual(doomed, undefined)
  await node.close()
})

test('after a reboot pods run again with one more restart, and those that must not are Failed', async () => {
  const node = await startTestNode()
  node.create({})
  node.create({ restartPolicy: 'Never' }, { name: 'once' })
  node.create({ restartPolicy: 'OnFailure' }, { name: 'task' })
  await node.clock.settle()
  await node.kubelet.stopPods(10)
  assert.equal(node.pod().status?.phase, 'Running')
  await node.restart()
  await node.clock.settle()
  assert.equal(main(node)?.restartCount, 1)
  assert.equal(condition(node, 'Ready')?.status, 'True')
  assert.equal(main(node, 'task')?.restartCount, 1)
  assert.ok(main(node, 'task')?.state?.running)
  assert.equal(node.pod('once').status?.phase, 'Failed')
  await node.close()
})

test('a reboot leaves a pod no longer than its own grace period', async () => {
  const node = await startTestNode({ images: () => ({ stopsAfter_ms: 60_000 }) })
  node.create({ terminationGracePeriodSeconds: 3 })
  await node.clock.settle()
  const stopped = node.kubelet.stopPods(30)
  await node.clock.settle()
  await node.clock.advance(3000)
  await stopped
  const containers = await node.runtime.listContainers()
  assert.deepEqual(
    containers.map(({ state }) => state),
    ['exited'],
  )
  await node.close()
})

test('a machine that crashed lost its containers', async () => {
  const node = await startTestNode()
  node.create({})
  node.create({ restartPolicy: 'Never' }, { name: 'once' })
  await node.clock.settle()
  await node.kubelet.close()
  for (const { id } of await node.runtime.listSandboxes()) await node.runtime.removeSandbox(id)
  await node.restart()
  await node.clock.settle()
  assert.equal(main(node)?.restartCount, 1)
  assert.equal(main(node)?.lastState?.terminated?.reason, 'ContainerStatusUnknown')
  assert.equal(node.pod('once').status?.phase, 'Failed')
  assert.equal(main(node, 'once')?.state?.terminated?.exitCode, 137)
  await node.close()
})

test('refuses a pod that does not fit', async () => {
  const node = await startTestNode()
  node.create({ containers: [{ name: 'main', image: 'busybox:1.35', resources: { requests: { cpu: '5' } } }] })
  await node.clock.settle()
  const { status } = node.pod()
  assert.equal(status?.phase, 'Failed')
  assert.equal(status?.reason, 'OutOfcpu')
  assert.equal(status?.message, "Pod was rejected: Node didn't have enough resource: cpu, requested: 5000, used: 0, capacity: 4000")
  await node.close()
})

test('a pod that asks for what the node cannot do waits and says so', async () => {
  const node = await startTestNode()
  node.create({ hostUsers: false })
  await node.clock.settle()
  assert.equal(node.pod().status?.phase, 'Pending')
  assert.ok(node.events.some(event => event.startsWith('Warning FailedCreatePodSandBox') && event.includes('hostUsers')))
  await node.close()
})

test('ends a pod after its deadline', async () => {
  const node = await startTestNode()
  node.create({ activeDeadlineSeconds: 5 })
  await node.clock.advance(4000)
  assert.equal(node.pod().status?.phase, 'Running')
  await node.clock.advance(1500)
  assert.equal(node.pod().status?.phase, 'Failed')
  assert.equal(node.pod().status?.reason, 'DeadlineExceeded')
  await node.close()
})

test('waits for endpoints before the stop signal, one second at most', async () => {
  let asked = ''
  const endpointsGone = (uid: string) => {
    asked = uid
    return new Promise<void>(() => {})
  }
  const node = await startTestNode({ kubelet: { endpointsGone } })
  node.create({})
  await node.clock.settle()
  node.client.requestDeletion(podKind, 'default', 'web', 30)
  await node.clock.advance(900)
  assert.equal(asked, 'web-uid')
  assert.equal((await node.runtime.listContainers())[0]?.state, 'running')
  await node.clock.advance(200)
  assert.throws(() => node.pod())
  await node.close()
})

test('an ephemeral container joins a running pod and is not restarted', async () => {
  const node = await startTestNode({ images: image => (image.startsWith('debug') ? { runsFor_ms: 1000 } : {}) })
  node.create({})
  await node.clock.settle()
  const pod = node.pod()
  const ephemeralContainers = [{ name: 'debugger', image: 'debug:1', targetContainerName: 'main' }]
  node.client.put(podKind, { ...pod, spec: { ...pod.spec, containers: pod.spec?.containers ?? [], ephemeralContainers } })
  await node.clock.settle()
  assert.ok(node.pod().status?.ephemeralContainerStatuses?.[0]?.state?.running)
  await node.clock.advance(1500)
  assert.equal(node.pod().status?.ephemeralContainerStatuses?.[0]?.state?.terminated?.exitCode, 0)
  assert.equal(node.pod().status?.phase, 'Running')
  await node.close()
})

test('a new image replaces the container', async () => {
  const node = await startTestNode()
  node.create({})
  await node.clock.settle()
  const pod = node.pod()
  node.client.put(podKind, { ...pod, spec: { ...pod.spec, containers: [{ name: 'main', image: 'busybox:1.36' }] } })
  await node.clock.settle()
  assert.equal(main(node)?.image, 'busybox:1.36')
  assert.equal(main(node)?.restartCount, 1)
  assert.ok(node.events.includes('Normal Killing Container main definition changed, will be restarted'))
  await node.close()
})

test('a resize that fails is told and tried again, and until then the status shows what the container has', async context => {
  const node = await startTestNode()
  const containers = (cpu: string) => [{ name: 'main', image: 'busybox:1.35', resources: { requests: { cpu } } }]
  node.create({ containers: containers('100m') })
  await node.clock.settle()
  const update = context.mock.method(node.runtime, 'updateContainerResources', async () => {
    throw new Error('device busy')
  })
  const pod = node.pod()
  node.client.put(podKind, { ...pod, spec: { ...pod.spec, containers: containers('200m') } })
  await node.clock.settle()
  assert.ok(node.events.includes('Warning ResizeError resize container main: device busy'))
  assert.equal(main(node)?.resources?.requests?.cpu, '100m')
  assert.equal(main(node)?.allocatedResources?.cpu, '200m')
  update.mock.restore()
  await node.clock.advance(11_000)
  assert.equal(main(node)?.resources?.requests?.cpu, '200m')
  assert.equal(main(node)?.restartCount, 0)
  await node.close()
})

test('a sandbox that dies is made again, and its containers with it', async () => {
  const node = await startTestNode()
  node.create({})
  await node.clock.settle()
  const before = node.pod().status?.podIP
  const [sandbox] = await node.runtime.listSandboxes()
  await node.runtime.stopSandbox(sandbox?.id ?? '')
  await node.clock.settle()
  assert.equal(node.pod().status?.phase, 'Running')
  assert.equal(main(node)?.restartCount, 1)
  assert.notEqual(node.pod().status?.podIP, before)
  assert.deepEqual(node.pod().status?.podIPs, [{ ip: node.pod().status?.podIP }])
  assert.ok(node.events.includes('Normal SandboxChanged Pod sandbox changed, it will be killed and re-created.'))
  await node.close()
})

test('a pod on the network of the node has its addresses', async () => {
  const node = await startTestNode()
  node.create({ hostNetwork: true })
  await node.clock.settle()
  assert.equal(node.pod().status?.phase, 'Running')
  assert.equal(node.pod().status?.podIP, '192.168.0.1')
  await node.close()
})

test('readiness gates hold back Ready until somebody opens them', async () => {
  const node = await startTestNode()
  node.create({ readinessGates: [{ conditionType: 'example.com/open' }] })
  await node.clock.settle()
  assert.equal(condition(node, 'ContainersReady')?.status, 'True')
  assert.equal(condition(node, 'Ready')?.reason, 'ReadinessGatesNotReady')
  const pod = node.pod()
  const conditions = [...(pod.status?.conditions ?? []), { type: 'example.com/open', status: 'True' }]
  node.client.put(podKind, { ...pod, status: { ...pod.status, conditions } })
  await node.clock.settle()
  assert.equal(condition(node, 'Ready')?.status, 'True')
  assert.equal(condition(node, 'example.com/open')?.status, 'True')
  await node.close()
})

test('the node says when its runtime is gone, and when it is back', async () => {
  const node = await startTestNode()
  node.create({})
  await node.clock.settle()
  let down = true
  const { runtime } = node
  const answers = {
    ...runtime,
    status: async () => ({ runtimeReady: !down, networkReady: true, message: 'no answer' }),
  }
  await node.kubelet.close()
  const second = await startTestNode({ runtime: answers, kubelet: { client: node.client } })
  await second.clock.settle()
  const ready = async () => (await node.client.get(nodeKind, undefined, nodeName)).status?.conditions?.find(({ type }) => type === 'Ready')
  assert.equal((await ready())?.status, 'False')
  assert.equal((await ready())?.message, 'container runtime is down: no answer')
  down = false
  await second.clock.advance(60_000)
  assert.equal((await ready())?.status, 'True')
  await second.close()
  await node.close()
})
