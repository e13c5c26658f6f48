import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyPodTemplateDefaults } from './pod/defaults.ts'
import { defaultPullPolicy } from './pod/pull-policy.ts'
import { at, type Change, createPod, decodePod, texts } from './pod.test-support.ts'
import { podKind } from './pod.ts'

const container = 'spec.containers[0]'

/** [what is given, where to look, what is there] */
const defaults: readonly (readonly [Change, string, unknown])[] = [
  [{}, 'spec.restartPolicy', 'Always'],
  [{ 'spec.restartPolicy': 'Never' }, 'spec.restartPolicy', 'Never'],
  [{}, 'spec.dnsPolicy', 'ClusterFirst'],
  [{}, 'spec.schedulerName', 'default-scheduler'],
  [{}, 'spec.securityContext', {}],
  [{}, 'spec.terminationGracePeriodSeconds', 30],
  [{ 'spec.terminationGracePeriodSeconds': 0 }, 'spec.terminationGracePeriodSeconds', 0],
  [{}, 'spec.enableServiceLinks', true],
  [{ 'spec.enableServiceLinks': false }, 'spec.enableServiceLinks', false],
  [{ 'spec.serviceAccountName': 'builder' }, 'spec.serviceAccount', 'builder'],
  [{ 'spec.serviceAccount': 'builder' }, 'spec.serviceAccountName', 'builder'],
  [{ 'spec.hostNetwork': false }, 'spec.hostNetwork', undefined],
  [{ 'spec.hostPID': false }, 'spec.hostPID', undefined],
  [{ 'spec.hostIPC': false }, 'spec.hostIPC', undefined],
  [{}, `${container}.terminationMessagePath`, '/dev/termination-log'],
  [{}, `${container}.terminationMessagePolicy`, 'File'],
  [{}, `${container}.imagePullPolicy`, 'IfNotPresent'],
  [{ [`${container}.image`]: 'nginx' }, `${container}.imagePullPolicy`, 'Always'],
  [{}, `${container}.resources`, {}],
  [
    { [`${container}.resources`]: { requests: { cpu: '1u', memory: '0.5n' } } },
    `${container}.resources.requests`,
    { cpu: '1m', memory: '1m' },
  ],
  [{ 'spec.overhead': { cpu: '1.0005' } }, 'spec.overhead', { cpu: '1001m' }],
  [{ [`${container}.stdin`]: false }, `${container}.stdin`, undefined],
  [{ [`${container}.tty`]: false }, `${container}.tty`, undefined],
  [{ [`${container}.ports`]: [{ containerPort: 80 }] }, `${container}.ports[0].protocol`, 'TCP'],
  [{ [`${container}.ports`]: [{ containerPort: 80 }] }, `${container}.ports[0].hostPort`, undefined],
  [{ 'spec.hostNetwork': true, [`${container}.ports`]: [{ containerPort: 80 }] }, `${container}.ports[0].hostPort`, 80],
  [
    { [`${container}.env`]: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
    `${container}.env[0].valueFrom.fieldRef.apiVersion`,
    'v1',
  ],
  [
    { [`${container}.env`]: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }] },
    `${container}.env[0].valueFrom.resourceFieldRef.divisor`,
    '0',
  ],
  [{ [`${container}.livenessProbe`]: { tcpSocket: { port: 1 } } }, `${container}.livenessProbe.timeoutSeconds`, 1],
  [{ [`${container}.livenessProbe`]: { tcpSocket: { port: 1 } } }, `${container}.livenessProbe.periodSeconds`, 10],
  [{ [`${container}.readinessProbe`]: { tcpSocket: { port: 1 } } }, `${container}.readinessProbe.successThreshold`, 1],
  [{ [`${container}.startupProbe`]: { tcpSocket: { port: 1 } } }, `${container}.startupProbe.failureThreshold`, 3],
  [
    { [`${container}.livenessProbe`]: { httpGet: { port: 1 } } },
    `${container}.livenessProbe.httpGet`,
    { port: 1, path: '/', scheme: 'HTTP' },
  ],
  [{ [`${container}.livenessProbe`]: { grpc: { port: 1 } } }, `${container}.livenessProbe.grpc.service`, ''],
  [{ [`${container}.lifecycle.preStop`]: { httpGet: { port: 1 } } }, `${container}.lifecycle.preStop.httpGet.path`, '/'],
  [{ [`${container}.lifecycle.postStart`]: { httpGet: { port: 1 } } }, `${container}.lifecycle.postStart.httpGet.scheme`, 'HTTP'],
  [
    { [`${container}.resources`]: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } } },
    `${container}.resources.requests`,
    { cpu: '500m', memory: '1Gi' },
  ],
  [
    { 'spec.initContainers': [{ name: 'i', image: 'i:1', resources: { limits: { cpu: '1' } } }] },
    'spec.initContainers[0].resources.requests',
    { cpu: '1' },
  ],
  [{ 'spec.initContainers': [{ name: 'i', image: 'i:1' }] }, 'spec.initContainers[0].terminationMessagePolicy', 'File'],
  [{ 'spec.ephemeralContainers': [{ name: 'e', image: 'e' }] }, 'spec.ephemeralContainers[0].imagePullPolicy', 'Always'],
  [{ 'spec.volumes': [{ name: 'v' }] }, 'spec.volumes[0].emptyDir', {}],
  [{ 'spec.volumes': [{ name: 'v', hostPath: { path: '/x' } }] }, 'spec.volumes[0].hostPath.type', ''],
  [{ 'spec.volumes': [{ name: 'v', secret: { secretName: 's' } }] }, 'spec.volumes[0].secret.defaultMode', 0o644],
  [{ 'spec.volumes': [{ name: 'v', configMap: { name: 's', defaultMode: 0 } }] }, 'spec.volumes[0].configMap.defaultMode', 0],
  [{ 'spec.volumes': [{ name: 'v', configMap: { name: 's' } }] }, 'spec.volumes[0].configMap.defaultMode', 0o644],
  [
    { 'spec.volumes': [{ name: 'v', downwardAPI: { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] } }] },
    'spec.volumes[0].downwardAPI',
    { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name', apiVersion: 'v1' } }], defaultMode: 0o644 },
  ],
  [
    { 'spec.volumes': [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] },
    'spec.volumes[0].projected',
    { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }], defaultMode: 0o644 },
  ],
  [
    {
      'spec.volumes': [
        {
          name: 'v',
          projected: {
            sources: [{ downwardAPI: { items: [{ path: 'n', resourceFieldRef: { containerName: 'app', resource: 'limits.cpu' } }] } }],
          },
        },
      ],
    },
    'spec.volumes[0].projected.sources[0].downwardAPI.items[0].resourceFieldRef.divisor',
    '0',
  ],
  [{ 'spec.volumes': [{ name: 'v', image: { reference: 'data' } }] }, 'spec.volumes[0].image.pullPolicy', 'Always'],
  [
    { 'spec.volumes': [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } } } }] },
    'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.volumeMode',
    'Filesystem',
  ],
  [{ 'spec.volumes': [{ name: 'v', iscsi: { targetPortal: 'p', iqn: 'i', lun: 0 } }] }, 'spec.volumes[0].iscsi.iscsiInterface', 'default'],
  [{ 'spec.volumes': [{ name: 'v', rbd: { monitors: ['m'], image: 'i' } }] }, 'spec.volumes[0].rbd.pool', 'rbd'],
  // Resources of the pod as a whole are completed from its containers, or from its limits.
  [
    { 'spec.resources': { limits: { cpu: '2' } }, [`${container}.resources`]: { requests: { cpu: '1' } } },
    'spec.resources.requests',
    { cpu: '1' },
  ],
  [{ 'spec.resources': { limits: { memory: '1Gi' } } }, 'spec.resources.requests', { memory: '1Gi' }],
  [
    { 'spec.resources': { requests: { cpu: '1' } }, [`${container}.resources`]: { limits: { cpu: '2' }, requests: { cpu: '1' } } },
    'spec.resources.limits',
    { cpu: '2' },
  ],
  [{ 'spec.resources': { requests: { cpu: '1' } } }, 'spec.resources.limits', undefined],
  [
    { 'spec.resources': { requests: { cpu: '1' } }, [`${container}.resources`]: { limits: { 'hugepages-2Mi': '4Mi' } } },
    'spec.resources.limits',
    { 'hugepages-2Mi': '4Mi' },
  ],
]

test('defaults of pods', async context => {
  for (const [change, path, expected] of defaults) {
    await context.test(`${JSON.stringify(change)} ${path}`, () => assert.deepEqual(at(decodePod(change), path), expected))
  }
})

test('defaults are applied once and for all', () => {
  const everything = Object.assign({}, ...defaults.map(([change]) => change)) as Change
  const pod = decodePod(everything)
  assert.equal(podKind.strategy.applyDefaults?.(pod), pod)
})

test('defaults of pods alone are not those of templates', () => {
  const { spec } = decodePod({})
  const limited = { name: 'app', resources: { limits: { cpu: '1' } }, ports: [{ containerPort: 80 }] }
  const template = applyPodTemplateDefaults({ spec: { hostNetwork: true, containers: [limited] } })
  assert.equal(template.spec?.enableServiceLinks, undefined)
  assert.equal(template.spec?.containers[0]?.resources?.requests, undefined)
  assert.equal(template.spec?.containers[0]?.ports?.[0]?.hostPort, undefined)
  assert.equal(template.spec?.restartPolicy, spec?.restartPolicy)
})

test('images are pulled always when their tag may move', () => {
  const policies: readonly (readonly [string, string])[] = [
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.25', 'IfNotPresent'],
    ['localhost:5000/nginx', 'Always'],
    ['localhost:5000/team/nginx:v1', 'IfNotPresent'],
    [`nginx@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
    [`nginx:latest@sha256:${'a'.repeat(64)}`, 'Always'],
    ['Not/An Image', 'IfNotPresent'],
    ['', 'IfNotPresent'],
  ]
  for (const [image, policy] of policies) assert.equal(defaultPullPolicy(image), policy, image)
})

test('a new pod is pending, with its class of service, and nothing that a client says of its status', () => {
  const pod = createPod({ status: { phase: 'Running', podIP: '10.0.0.1' }, 'metadata.generation': 7 })
  assert.deepEqual(pod.status, { phase: 'Pending', qosClass: 'BestEffort' })
  assert.equal(pod.metadata.generation, 1)
})

test('a gated pod says that it waits for its gates', () => {
  assert.deepEqual(createPod({ 'spec.schedulingGates': [{ name: 'example.com/wait' }] }).status?.conditions, [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'SchedulingGated',
      message: 'Scheduling is blocked due to non-empty scheduling gates',
    },
  ])
})

test('creation puts the pod’s own labels into selectors that ask for them', () => {
  const term = { topologyKey: 'zone', labelSelector: {}, matchLabelKeys: ['app', 'absent'], mismatchLabelKeys: ['tenant'] }
  const constraint = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {}, matchLabelKeys: ['app'] }
  const pod = createPod({
    'metadata.labels': { app: 'web', tenant: 'a' },
    'spec.affinity.podAntiAffinity': {
      requiredDuringSchedulingIgnoredDuringExecution: [term],
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'zone', matchLabelKeys: ['app'] } }],
    },
    'spec.topologySpreadConstraints': [constraint],
  })
  const isApp = { key: 'app', operator: 'In', values: ['web'] }
  const affinity = pod.spec?.affinity?.podAntiAffinity
  assert.deepEqual(affinity?.requiredDuringSchedulingIgnoredDuringExecution?.[0]?.labelSelector?.matchExpressions, [
    isApp,
    { key: 'tenant', operator: 'NotIn', values: ['a'] },
  ])
  assert.equal(affinity?.preferredDuringSchedulingIgnoredDuringExecution?.[0]?.podAffinityTerm.labelSelector, undefined)
  assert.deepEqual(pod.spec?.topologySpreadConstraints?.[0]?.labelSelector?.matchExpressions, [isApp])
  // What creation has added is not held against the pod; keys without a selector are.
  const path = 'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.matchLabelKeys'
  assert.deepEqual(texts(podKind.strategy.validate(pod)), [`${path}: Forbidden: must not be specified when labelSelector is not set`])
})
