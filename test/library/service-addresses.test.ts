import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind.
type Any = any

const networking = '/apis/networking.k8s.io/v1'
const services = '/api/v1/namespaces/default/services'
const service = (name: string, spec: object = {}) => ({ metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } })
const range = (name: string, ...cidrs: string[]) => ({ metadata: { name }, spec: { cidrs } })
const readyOf = ({ status }: Any) => status?.conditions?.find((one: Any) => one.type === 'Ready')

describe('addresses of services', async () => {
  const { send } = await sharedLibraryCluster()
  const get = async (path: string): Promise<Any> => (await send('GET', path)).json
  const create = async (path: string, body: unknown): Promise<Any> => {
    const answer = await send('POST', path, { body })
    assert.equal(answer.status, 201, answer.text)
    return answer.json
  }
  const until = (what: string, path: string, passes: (object: Any) => boolean) => eventually(what, 10_000, () => get(path), passes)
  const gone = (path: string) => until(`${path} is gone`, path, object => object.code === 404)

  it('the range that the cluster was started with is there, ready and protected', async () => {
    const ready = await until('the range is ready', `${networking}/servicecidrs/kubernetes`, object => readyOf(object)?.status === 'True')
    assert.deepEqual(ready.spec.cidrs, ['10.43.0.0/16'])
    assert.deepEqual(ready.metadata.finalizers, ['networking.k8s.io/service-cidr-finalizer'])
  })

  it('each address of a service is an object, and goes with it', async () => {
    const web = await create(services, service('web'))
    const path = `${networking}/ipaddresses/${web.spec.clusterIP}`
    const address = await until('the address is there', path, object => object.kind === 'IPAddress')
    assert.deepEqual(address.spec.parentRef, { group: '', resource: 'services', namespace: 'default', name: 'web' })
    assert.deepEqual(address.metadata.labels, {
      'ipaddress.kubernetes.io/ip-family': 'IPv4',
      'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
    })
    await send('DELETE', `${services}/web`)
    await gone(path)
  })

  it("an address that somebody took is nobody else's", async () => {
    const parentRef = { resource: 'gateways', group: 'example.com', name: 'g' }
    await create(`${networking}/ipaddresses`, { metadata: { name: '10.43.0.5' }, spec: { parentRef } })
    const refused = await send('POST', services, { body: service('late', { clusterIP: '10.43.0.5' }) })
    assert.equal(refused.status, 422)
    assert.match(refused.json.message, /failed to allocate IP 10\.43\.0\.5: provided IP is already allocated/)
    assert.equal((await get(`${networking}/ipaddresses/10.43.0.5`)).spec.parentRef.resource, 'gateways')
    await send('DELETE', `${networking}/ipaddresses/10.43.0.5`)
    assert.equal((await create(services, service('late', { clusterIP: '10.43.0.5' }))).spec.clusterIP, '10.43.0.5')
  })

  it('a further range is used once it is ready, and stays while its addresses are', async () => {
    const more = `${networking}/servicecidrs/more`
    const outside = await send('POST', services, { body: service('far', { clusterIP: '10.44.0.9' }) })
    assert.equal(outside.status, 422)
    await create(`${networking}/servicecidrs`, range('more', '10.44.0.0/28'))
    await until('the range is ready', more, object => readyOf(object)?.status === 'True')
    assert.equal((await create(services, service('far', { clusterIP: '10.44.0.9' }))).spec.clusterIP, '10.44.0.9')
    await until('the address is there', `${networking}/ipaddresses/10.44.0.9`, object => object.kind === 'IPAddress')

    await send('DELETE', more)
    const ending = await until('the range waits', more, object => readyOf(object)?.status === 'False')
    assert.deepEqual([readyOf(ending).reason, ending.spec.cidrs], ['Terminating', ['10.44.0.0/28']])
    const refused = await send('POST', services, { body: service('too-late', { clusterIP: '10.44.0.10' }) })
    assert.equal(refused.status, 422, 'it gives no more addresses')
    await send('DELETE', `${services}/far`)
    await gone(more)
  })
})
