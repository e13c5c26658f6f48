import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestContext } from '../../apimachinery/request.ts'
import { type Change, changed, createPod, texts } from './pod.test-support.ts'
import { type Pod, podKind } from './pod.ts'

const context = {} as RequestContext

function update(old: Pod, change: Change): string[] {
  const pod = podKind.strategy.prepareForUpdate?.(changed(old, change), old, context) as Pod
  return texts([...podKind.strategy.validate(pod), ...(podKind.strategy.validateUpdate?.(pod, old) ?? [])])
}

function updateSubresource(name: string, old: Pod, change: Change): { pod: Pod; errors: string[] } {
  const action = podKind.subresources[name]?.action
  assert.equal(action?.type, 'fields')
  const pod = action.prepare(changed(old, change) as never, old as never, 0) as Pod
  return { pod, errors: texts(action.validate?.(pod as never, old as never) ?? []) }
}

const mayNot =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n'

const toleration = { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 10 }

test('what an update of a pod may change', () => {
  const allowed: readonly Change[] = [
    {},
    { 'metadata.labels': { a: 'b' } },
    { 'spec.containers[0].image': 'registry/app:2' },
    { 'spec.activeDeadlineSeconds': 5 },
    { 'spec.tolerations[1]': { key: 'b', operator: 'Exists' } },
    { 'spec.tolerations[0].tolerationSeconds': 20 },
    { 'spec.hostAliases': [] },
  ]
  for (const change of allowed)
    assert.deepEqual(update(createPod({ 'spec.tolerations': [toleration] }), change), [], JSON.stringify(change))
})

test('everything else of a pod stays', async t => {
  const immutable: readonly (readonly [Change, string])[] = [
    [{ 'spec.hostname': 'b' }, '+spec.hostname: "b"'],
    [{ 'spec.nodeName': 'n1' }, '+spec.nodeName: "n1"'],
    [{ 'spec.restartPolicy': 'Never' }, '-spec.restartPolicy: "Always"\n+spec.restartPolicy: "Never"'],
    [{ 'spec.terminationGracePeriodSeconds': 1 }, '-spec.terminationGracePeriodSeconds: 30\n+spec.terminationGracePeriodSeconds: 1'],
    [{ 'spec.containers[0].command': ['sh'] }, '+spec.containers[0].command: ["sh"]'],
    [{ 'spec.containers[0].env': [{ name: 'A' }] }, '+spec.containers[0].env: [{"name":"A"}]'],
    [{ 'spec.containers[0].resources': { limits: { cpu: '1' } } }, '+spec.containers[0].resources.limits: {"cpu":"1"}'],
    [{ 'spec.volumes': [{ name: 'v', emptyDir: {} }] }, '+spec.volumes: [{"name":"v","emptyDir":{}}]'],
    [{ 'spec.nodeSelector': { a: 'b' } }, '+spec.nodeSelector: {"a":"b"}'],
    [{ 'spec.serviceAccountName': 'b' }, '+spec.serviceAccountName: "b"\n+spec.serviceAccount: "b"'],
    [{ 'spec.priority': 5 }, '+spec.priority: 5'],
  ]
  for (const [change, difference] of immutable) {
    await t.test(JSON.stringify(change), () => assert.deepEqual(update(createPod(), change), [mayNot + difference]))
  }
})

test('updates that are wrong in themselves', async t => {
  const exists = { key: 'a', operator: 'Exists' }
  const cases: readonly (readonly [Change, Change, ...string[]])[] = [
    [
      {},
      { 'spec.containers[1]': { name: 'b', image: 'b', imagePullPolicy: 'Never', terminationMessagePolicy: 'File' } },
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ],
    [
      { 'spec.initContainers': [{ name: 'i', image: 'i' }] },
      { 'spec.initContainers': [] },
      'spec.initContainers: Forbidden: pod updates may not add or remove containers',
    ],
    [
      { 'spec.activeDeadlineSeconds': 5 },
      { 'spec.activeDeadlineSeconds': 6 },
      'spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value',
    ],
    [
      { 'spec.activeDeadlineSeconds': 5 },
      { 'spec.activeDeadlineSeconds': undefined },
      'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
    ],
    [
      { 'spec.tolerations': [exists] },
      { 'spec.tolerations': [] },
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ],
    [
      { 'spec.schedulingGates': [{ name: 'a' }] },
      { 'spec.schedulingGates[1]': { name: 'b' } },
      "spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'b'",
    ],
    [
      { 'spec.nodeName': 'n', 'metadata.annotations': { 'kubernetes.io/config.mirror': 'a' } },
      { 'metadata.annotations': {} },
      'metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not remove or update mirror pod annotation',
    ],
    [
      { 'spec.nodeName': 'n' },
      { 'metadata.annotations': { 'kubernetes.io/config.mirror': 'a' } },
      'metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation',
    ],
  ]
  for (const [before, change, ...errors] of cases) {
    await t.test(JSON.stringify(change), () => assert.deepEqual(update(createPod(before), change), errors))
  }
})

test('a negative grace period may be mended', () => {
  const old = createPod({ 'spec.terminationGracePeriodSeconds': -1 })
  assert.deepEqual(update(old, { 'spec.terminationGracePeriodSeconds': 1 }), [])
  assert.equal(update(old, { 'spec.terminationGracePeriodSeconds': 2 }).length, 1)
})

test('while gates hold a pod back, its choice of nodes may be narrowed', () => {
  const terms = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
  const requirement = { key: 'a', operator: 'Exists' }
  const old = createPod({
    'spec.schedulingGates': [{ name: 'g' }],
    'spec.nodeSelector': { a: 'b' },
    [terms]: [{ matchExpressions: [requirement] }],
  })
  assert.deepEqual(update(old, { 'spec.schedulingGates': [] }), [])
  assert.deepEqual(update(old, { 'spec.nodeSelector.c': 'd', [`${terms}[0].matchExpressions[1]`]: { key: 'b', operator: 'Exists' } }), [])
  assert.deepEqual(update(old, { 'spec.nodeSelector': { a: 'c' } }), [
    'spec.nodeSelector: Invalid value: {"a":"c"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
  ])
  assert.deepEqual(update(old, { [terms]: [{ matchExpressions: [{ key: 'z', operator: 'Exists' }] }] }), [
    `${terms}[0]: Invalid value: {"matchExpressions":[{"key":"z","operator":"Exists"}]}: only additions are allowed (no mutations or deletions)`,
  ])
  assert.deepEqual(update(old, { [`${terms}[1]`]: {} }), [
    `${terms}: Invalid value: [{"matchExpressions":[{"key":"a","operator":"Exists"}]},{}]: no additions/deletions to non-empty NodeSelectorTerms list are allowed`,
  ])
  assert.equal(update(createPod({ 'spec.nodeSelector': { a: 'b' } }), { 'spec.nodeSelector.c': 'd' }).length, 1)
})

test('an update counts the generation when the spec differs, and keeps the status', () => {
  const old = createPod()
  const touched = podKind.strategy.prepareForUpdate?.(
    changed(old, { 'metadata.labels': { a: 'b' }, 'status.phase': 'Failed' }),
    old,
    context,
  )
  assert.equal(touched?.metadata.generation, 1)
  assert.equal(touched?.status?.phase, 'Pending')
  const moved = podKind.strategy.prepareForUpdate?.(changed(old, { 'spec.containers[0].image': 'b' }), old, context)
  assert.equal(moved?.metadata.generation, 2)
})

test('a pod ends at once where no node has to stop it, and else in its own time', () => {
  const period = podKind.strategy.deletionGracePeriod
  const bound = { 'spec.nodeName': 'n1' }
  assert.equal(period?.(createPod(), undefined), 0)
  assert.equal(period?.(createPod(bound), undefined), 30)
  assert.equal(period?.(createPod(bound), 5), 5)
  assert.equal(period?.(createPod(bound), 0), 0)
  assert.equal(period?.(createPod(bound), -5), 1)
  assert.equal(period?.(changed(createPod(bound), { 'status.phase': 'Succeeded' }), 5), 0)
  assert.equal(period?.(changed(createPod(bound), { 'status.phase': 'Failed' }), undefined), 0)
})

test('the status subresource takes the status and leaves the rest', () => {
  const old = changed(createPod(), { 'metadata.ownerReferences': [{ apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' }] })
  const { pod, errors } = updateSubresource('status', old, {
    'spec.hostname': 'other',
    'metadata.ownerReferences': [],
    'status.qosClass': undefined,
    'status.phase': 'Running',
    'status.podIPs': [{ ip: '10.0.0.1' }],
  })
  assert.deepEqual(errors, [])
  assert.deepEqual(pod.spec, old.spec)
  assert.equal(pod.metadata.ownerReferences?.length, 1)
  assert.deepEqual(pod.status, { phase: 'Running', qosClass: 'BestEffort', podIPs: [{ ip: '10.0.0.1' }], podIP: '10.0.0.1' })
})

test('clients that know no observedGeneration do not clear it', () => {
  const condition = { type: 'Ready', status: 'True', observedGeneration: 3 }
  const old = changed(createPod(), { 'status.observedGeneration': 3, 'status.conditions': [condition] })
  const { pod } = updateSubresource('status', old, {
    'status.observedGeneration': 0,
    'status.conditions': [{ type: 'Ready', status: 'False' }],
  })
  assert.equal(pod.status?.observedGeneration, 3)
  assert.deepEqual(pod.status?.conditions, [{ type: 'Ready', status: 'False', observedGeneration: 3 }])
})

test('what a status may not say', async t => {
  const ended = { name: 'app', state: { terminated: { exitCode: 0 } }, ready: false, restartCount: 0, image: '', imageID: '' }
  const running = { ...ended, state: { running: {} } }
  const again = 'state: Forbidden: may not be transitioned to non-terminated state'
  const cases: readonly (readonly [Change, Change, ...string[]])[] = [
    [{}, { 'status.qosClass': 'Guaranteed' }, 'status.qosClass: Invalid value: "Guaranteed": field is immutable'],
    [
      {},
      { 'status.podIPs': [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] },
      'status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family',
    ],
    [
      {},
      { 'status.podIPs': [{ ip: 'x' }] },
      'status.podIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [{}, { 'status.hostIPs': [{ ip: '10.0.0.1' }] }, 'status.hostIPs[0].ip: Invalid value: "10.0.0.1": must be equal to `hostIP`'],
    [
      {},
      { 'status.resourceClaimStatuses': [{ name: 'gpu' }] },
      'status.resourceClaimStatuses[0].name: Invalid value: "gpu": must match the name of an entry in `spec.resourceClaims`',
    ],
    [
      { 'spec.restartPolicy': 'Never', 'status.containerStatuses': [ended] },
      { 'status.containerStatuses': [running] },
      `status.containerStatuses[0].${again}`,
    ],
    [
      { 'spec.restartPolicy': 'OnFailure', 'status.containerStatuses': [ended] },
      { 'status.containerStatuses': [running] },
      `status.containerStatuses[0].${again}`,
    ],
    [{ 'spec.restartPolicy': 'Always', 'status.containerStatuses': [ended] }, { 'status.containerStatuses': [running] }],
    [
      {
        'spec.restartPolicy': 'Never',
        'spec.initContainers': [{ name: 'app', image: 'i', restartPolicy: 'Always' }],
        'status.initContainerStatuses': [ended],
      },
      { 'status.initContainerStatuses': [running] },
    ],
    [
      { 'status.ephemeralContainerStatuses': [ended] },
      { 'status.ephemeralContainerStatuses': [running] },
      `status.ephemeralContainerStatuses[0].${again}`,
    ],
  ]
  for (const [before, change, ...errors] of cases) {
    await t.test(JSON.stringify(change), () => {
      const old = changed(createPod(), before)
      assert.deepEqual(updateSubresource('status', old, change).errors, errors)
    })
  }
})

test('ephemeral containers can be added, and then stay', () => {
  const added = { name: 'debug', image: 'busybox', imagePullPolicy: 'Always', terminationMessagePolicy: 'File' }
  const first = updateSubresource('ephemeralcontainers', createPod(), { 'spec.ephemeralContainers': [added], 'spec.hostname': 'other' })
  assert.deepEqual(first.errors, [])
  assert.equal(first.pod.spec?.hostname, undefined)
  assert.equal(first.pod.metadata.generation, 2)
  assert.deepEqual(update(first.pod, { 'metadata.labels': { a: 'b' } }), [])
  assert.deepEqual(updateSubresource('ephemeralcontainers', first.pod, { 'spec.ephemeralContainers': [] }).errors, [
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed\n',
  ])
  assert.deepEqual(updateSubresource('ephemeralcontainers', first.pod, { 'spec.ephemeralContainers[0].image': 'other' }).errors, [
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be changed\n-spec.ephemeralContainers.image: "busybox"\n+spec.ephemeralContainers.image: "other"',
  ])
})

test('a resize changes CPU and memory of containers', async t => {
  const resources = { requests: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1Gi' }, limits: { memory: '2Gi' } }
  const old = createPod({
    'spec.containers[0].resources': resources,
    'spec.initContainers': [{ name: 'i', image: 'i', resources: { requests: { cpu: '1' } } }],
  })
  const container = 'spec.containers[0].resources'
  const resized = updateSubresource('resize', old, {
    [`${container}.requests.cpu`]: '2',
    [`${container}.limits.memory`]: '3Gi',
    'spec.hostname': 'x',
  })
  assert.deepEqual(resized.errors, [])
  assert.equal(resized.pod.spec?.containers[0]?.resources?.requests?.cpu, '2')
  assert.equal(resized.pod.spec?.hostname, undefined)
  assert.equal(resized.pod.metadata.generation, 2)

  const cases: readonly (readonly [Change, ...string[]])[] = [
    [{ [`${container}.requests.cpu`]: undefined }, 'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed'],
    [{ [`${container}.limits.memory`]: '1Gi', [`${container}.limits.cpu`]: '2' }],
    [{ [`${container}.requests.ephemeral-storage`]: '2Gi' }, 'spec: Forbidden: only cpu and memory resources are mutable'],
    [{ 'spec.initContainers[0].resources.requests.cpu': '2' }, 'spec: Forbidden: resources for non-sidecar init containers are immutable'],
    [
      { 'spec.containers[1]': { name: 'b', image: 'b:1', imagePullPolicy: 'Never', terminationMessagePolicy: 'File' } },
      'spec: Forbidden: only cpu and memory resources are mutable',
    ],
  ]
  for (const [change, ...errors] of cases) {
    await t.test(JSON.stringify(change), () => assert.deepEqual(updateSubresource('resize', old, change).errors, errors))
  }
  const bare = createPod()
  assert.deepEqual(updateSubresource('resize', bare, { [`${container}.requests`]: { cpu: '1' } }).errors, [
    'spec: Invalid value: "BestEffort": Pod QOS Class may not change as a result of resizing',
  ])
})
