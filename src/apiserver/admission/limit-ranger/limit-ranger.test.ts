import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { LimitRangeItem } from '../../../apis/core/limit-range.ts'
import type { Pod } from '../../../apis/core/pod.ts'
import { startTestCluster, type TestCluster } from '../test-cluster.test-support.ts'
import { claimViolations, podViolations } from './constraints.ts'

type Resources = { readonly requests?: Readonly<Record<string, string>>; readonly limits?: Readonly<Record<string, string>> }

describe('limits of containers and pods', () => {
  const pod = (...containers: Resources[]): Pod => ({
    metadata: { name: 'pod' },
    spec: { containers: containers.map((resources, index) => ({ name: `c${index}`, resources })) },
  })
  const container = (fields: Partial<LimitRangeItem>): LimitRangeItem => ({ type: 'Container', ...fields })
  const whole = (fields: Partial<LimitRangeItem>): LimitRangeItem => ({ type: 'Pod', ...fields })
  const cpu = (request?: string, limit?: string): Resources => ({
    ...(request && { requests: { cpu: request } }),
    ...(limit && { limits: { cpu: limit } }),
  })
  const cases: readonly (readonly [LimitRangeItem, Pod, ...string[]])[] = [
    [container({ min: { cpu: '1' } }), pod(cpu('1', '1'))],
    [container({ min: { cpu: '1' } }), pod(cpu()), 'minimum cpu usage per Container is 1.  No request is specified'],
    [container({ min: { cpu: '1' } }), pod(cpu('500m')), 'minimum cpu usage per Container is 1, but request is 500m'],
    [container({ min: { cpu: '1' } }), pod(cpu('1', '500m')), 'minimum cpu usage per Container is 1, but limit is 500m'],
    [container({ max: { cpu: '1' } }), pod(cpu('1')), 'maximum cpu usage per Container is 1.  No limit is specified'],
    [container({ max: { cpu: '1' } }), pod(cpu('1', '2')), 'maximum cpu usage per Container is 1, but limit is 2'],
    [container({ max: { cpu: '1' } }), pod(cpu('2', '1')), 'maximum cpu usage per Container is 1, but request is 2'],
    [
      container({ maxLimitRequestRatio: { cpu: '2' } }),
      pod(cpu('1', '3'), cpu(undefined, '3'), cpu('1'), cpu('1', '2')),
      'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
      'cpu max limit to request ratio per Container is 2, but no request is specified or request is 0',
      'cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0',
    ],
    [whole({ max: { cpu: '2' } }), pod(cpu('1', '1'), cpu('1', '1'))],
    [whole({ max: { cpu: '2' } }), pod(cpu('1', '1'), cpu('1', '2')), 'maximum cpu usage per Pod is 2, but limit is 3'],
    [whole({ min: { cpu: '2' } }), pod(cpu('1'), cpu('500m')), 'minimum cpu usage per Pod is 2, but request is 1500m'],
  ]
  for (const [item, given, ...violations] of cases)
    it(`${JSON.stringify(item)} and ${JSON.stringify(given.spec)}`, () => assert.deepEqual(podViolations([item], given), violations))

  const claims: readonly (readonly [Partial<LimitRangeItem>, string | undefined, ...string[]])[] = [
    [{ min: { storage: '1Gi' }, max: { storage: '2Gi' } }, '2Gi'],
    [{ min: { storage: '1Gi' } }, '500Mi', 'minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi'],
    [{ max: { storage: '1Gi' } }, '2Gi', 'maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi'],
    [{ max: { storage: '1Gi' } }, undefined, 'maximum storage usage per PersistentVolumeClaim is 1Gi.  No request is specified'],
  ]
  for (const [fields, storage, ...violations] of claims) {
    it(`${JSON.stringify(fields)} and a claim of ${storage}`, () => {
      const requests: Readonly<Record<string, string>> = storage === undefined ? {} : { storage }
      const claim = { metadata: {}, spec: { resources: { requests } } }
      assert.deepEqual(claimViolations([{ type: 'PersistentVolumeClaim', ...fields }], claim), violations)
    })
  }
})

describe('LimitRanger', () => {
  let cluster: TestCluster
  before(async () => {
    cluster = await startTestCluster()
    for (const name of ['limited', 'free']) {
      await cluster.create('namespaces', { metadata: { name } })
      await cluster.create('serviceaccounts', { metadata: { name: 'default', namespace: name } })
    }
    const limits = [{ type: 'Container', max: { cpu: '2' }, min: { cpu: '100m' }, defaultRequest: { cpu: '200m', memory: '64Mi' } }]
    await cluster.create('limitranges', { metadata: { name: 'limits', namespace: 'limited' }, spec: { limits } })
  })
  after(() => cluster.close())

  const pod = (namespace: string, name: string, resources?: object) => ({
    metadata: { name, namespace },
    spec: { containers: [{ name: 'main', image: 'image', resources }], initContainers: [{ name: 'init', image: 'image', resources }] },
  })

  it('fills in what containers leave out and says so', async () => {
    const made = (await cluster.create('pods', pod('limited', 'silent'))) as Pod
    const expected = { requests: { cpu: '200m', memory: '64Mi' }, limits: { cpu: '2' } }
    assert.deepEqual([made.spec?.containers[0]?.resources, made.spec?.initContainers?.[0]?.resources], [expected, expected])
    assert.equal(
      made.metadata.annotations?.['kubernetes.io/limit-ranger'],
      'LimitRanger plugin set: cpu, memory request for container main; cpu limit for container main; cpu, memory request for init container init; cpu limit for init container init',
    )
  })

  it('leaves alone what they say, and other namespaces', async () => {
    const stated = { requests: { cpu: '1', memory: '1Mi' }, limits: { cpu: '1' } }
    const made = (await cluster.create('pods', pod('limited', 'said', stated))) as Pod
    assert.deepEqual(made.spec?.containers[0]?.resources, stated)
    assert.equal(made.metadata.annotations, undefined)
    assert.deepEqual(((await cluster.create('pods', pod('free', 'pod'))) as Pod).spec?.containers[0]?.resources, {})
  })

  it('refuses what is out of bounds', async () => {
    await assert.rejects(cluster.create('pods', pod('limited', 'big', { requests: { cpu: '3' }, limits: { cpu: '3' } })), {
      reason: 'Forbidden',
      message:
        'pods "big" is forbidden: [maximum cpu usage per Container is 2, but limit is 3, maximum cpu usage per Container is 2, but limit is 3]',
    })
  })
})
