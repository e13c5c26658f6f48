import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container } from '../../apis/core/container.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { Service } from '../../apis/core/service.ts'
import { containerEnvironment } from './environment.ts'
import { expand } from './expansion.ts'

const pod: Pod = {
  metadata: { name: 'web', namespace: 'shop', uid: 'u', labels: { app: 'web' }, annotations: { 'a/b': 'c' } },
  spec: {
    nodeName: 'n1',
    serviceAccountName: 'robot',
    containers: [{ name: 'main', resources: { limits: { cpu: '1500m', memory: '64Mi' } } }],
  },
}
const service = (namespace: string, name: string, clusterIP: string): Service => ({
  metadata: { namespace, name },
  spec: {
    clusterIP,
    ports: [
      { name: 'http', port: 80, protocol: 'TCP' },
      { port: 53, protocol: 'UDP' },
    ],
  },
})
const base64 = (text: string) => Buffer.from(text).toString('base64')
const sources = {
  configMap: async (name: string) => (name === 'settings' ? { metadata: { name }, data: { A: '1', B: '2' } } : undefined),
  secret: async (name: string) => (name === 'keys' ? { metadata: { name }, data: { password: base64('hunter2') } } : undefined),
  services: [service('default', 'kubernetes', '10.43.0.1'), service('shop', 'my-db', '10.43.0.7'), service('other', 'hidden', '10.43.0.8')],
  addresses: ['10.42.0.5', 'fd00::5'],
  hostAddresses: ['192.168.0.1'],
  node: { cpu: '4', memory: '8Gi' },
}
const environment = async (container: Partial<Container>, of = pod) => {
  const list = await containerEnvironment(of, { ...(of.spec?.containers[0] as Container), ...container }, sources)
  return Object.fromEntries(list.map(({ name, value }) => [name, value]))
}

for (const [written, expected] of [
  ['$(A) and $(B)', '1 and $(B)'],
  ['$$(A)', '$(A)'],
  ['$(A', '$(A'],
  ['$A $', '$A $'],
  ['$$$(A)', '$1'],
] as const) {
  test(`expands ${written}`, () =>
    assert.equal(
      expand(written, name => (name === 'A' ? '1' : undefined)),
      expected,
    ))
}

for (const [fieldPath, expected] of [
  ['metadata.name', 'web'],
  ['metadata.namespace', 'shop'],
  ['metadata.uid', 'u'],
  ["metadata.labels['app']", 'web'],
  ["metadata.annotations['a/b']", 'c'],
  ["metadata.labels['none']", ''],
  ['spec.nodeName', 'n1'],
  ['spec.serviceAccountName', 'robot'],
  ['status.podIP', '10.42.0.5'],
  ['status.podIPs', '10.42.0.5,fd00::5'],
  ['status.hostIP', '192.168.0.1'],
] as const) {
  test(`field ${fieldPath}`, async () =>
    assert.equal((await environment({ env: [{ name: 'X', valueFrom: { fieldRef: { fieldPath } } }] })).X, expected))
}

for (const [resource, divisor, expected] of [
  ['limits.cpu', undefined, '2'],
  ['limits.cpu', '1m', '1500'],
  ['limits.memory', '1Mi', '64'],
  ['requests.cpu', undefined, '0'],
  ['limits.ephemeral-storage', undefined, '0'],
] as const) {
  test(`resource ${resource} in units of ${divisor}`, async () => {
    assert.equal((await environment({ env: [{ name: 'X', valueFrom: { resourceFieldRef: { resource, divisor } } }] })).X, expected)
  })
}

test('a limit that is not set is what the node has', async () => {
  const open = { ...pod, spec: { containers: [{ name: 'main' }] } }
  assert.equal(
    (await environment({ resources: {}, env: [{ name: 'X', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }] }, open)).X,
    '4',
  )
})

test('own variables come after envFrom, may use it, and replace services', async () => {
  const values = await environment({
    envFrom: [
      { prefix: 'P_', configMapRef: { name: 'settings' } },
      { secretRef: { name: 'keys' } },
      { configMapRef: { name: 'none', optional: true } },
    ],
    env: [
      { name: 'P_B', value: 'mine' },
      { name: 'JOINED', value: '$(P_A)-$(P_B)-$(MY_DB_SERVICE_HOST)' },
      { name: 'MY_DB_SERVICE_PORT', value: 'own' },
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
      { name: 'LEFT_OUT', valueFrom: { configMapKeyRef: { name: 'settings', key: 'none', optional: true } } },
    ],
  })
  assert.equal(values.P_A, '1')
  assert.equal(values.JOINED, '1-mine-10.43.0.7')
  assert.equal(values.MY_DB_SERVICE_PORT, 'own')
  assert.equal(values.password, 'hunter2')
  assert.equal(values.PASSWORD, 'hunter2')
  assert.ok(!('LEFT_OUT' in values))
})

test('services of the namespace and the API server as variables', async () => {
  const values = await environment({})
  assert.equal(values.KUBERNETES_SERVICE_HOST, '10.43.0.1')
  assert.equal(values.MY_DB_SERVICE_PORT_HTTP, '80')
  assert.equal(values.MY_DB_PORT, 'tcp://10.43.0.7:80')
  assert.equal(values.MY_DB_PORT_53_UDP_PROTO, 'udp')
  assert.ok(!('HIDDEN_SERVICE_HOST' in values))
  const unlinked = await environment({}, { ...pod, spec: { ...pod.spec, containers: [], enableServiceLinks: false } as Pod['spec'] })
  assert.equal(unlinked.KUBERNETES_SERVICE_PORT, '80')
  assert.ok(!('MY_DB_PORT' in unlinked))
})

for (const [what, container, message] of [
  ['ConfigMap', { envFrom: [{ configMapRef: { name: 'none' } }] }, 'configmap "none" not found'],
  ['Secret', { env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'none', key: 'k' } } }] }, 'secret "none" not found'],
  [
    'key',
    { env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k' } } }] },
    "couldn't find key k in ConfigMap shop/settings",
  ],
] as const) {
  test(`a missing ${what} is named`, () => assert.rejects(environment(container), { message }))
}
