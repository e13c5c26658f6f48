import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { Service } from '../../apis/core/service.ts'
import { resourceOf, startTestCluster, type TestCluster } from '../admission/test-cluster.test-support.ts'

describe('ranges of service addresses', () => {
  let cluster: TestCluster
  before(async () => {
    cluster = await startTestCluster({}, {}, '10.43.0.0/29')
    await cluster.create('namespaces', { metadata: { name: 'default' } })
  })
  after(() => cluster.close())

  const addressOf = async (name: string): Promise<string> => {
    const service = { metadata: { name, namespace: 'default' }, spec: { ports: [{ port: 80 }] } }
    return ((await cluster.create('services', service)) as Service).spec?.clusterIP ?? ''
  }
  const makeReady = (object: KubernetesObject, status: string) => {
    const conditions = [{ type: 'Ready', status, reason: 'Test', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }]
    const body = { ...object, status: { conditions } }
    const { name } = object.metadata
    return cluster.admin.call({ verb: 'update', resource: resourceOf('servicecidrs'), subresource: 'status', name, body })
  }

  it('a full range is followed by one that was added, from the moment on in which it is ready', async () => {
    const first = new Set<string>()
    for (let index = 0; index < 6; index++) first.add(await addressOf(`s${index}`))
    assert.equal(first.size, 6)
    await assert.rejects(addressOf('one-more'), /failed to allocate a serviceIP: range is full/)
    const added = await cluster.create('servicecidrs', { metadata: { name: 'more' }, spec: { cidrs: ['10.44.0.0/30'] } })
    await assert.rejects(addressOf('too-early'), /range is full/)
    await makeReady(added, 'True')
    assert.deepEqual([await addressOf('a'), await addressOf('b')].sort(), ['10.44.0.1', '10.44.0.2'])
    await assert.rejects(addressOf('too-many'), /range is full/)
  })
})
