import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { StatusError } from '../apimachinery/api-errors.ts'
import type { ApiCall, ApiConnection, WatchEvent } from '../apimachinery/connection.ts'
import type { KubernetesList, KubernetesObject } from '../apimachinery/meta.ts'
import { type DevServer, startDevServer } from './dev.test-support.ts'
import { httpsConnection } from './https-connection.test-support.ts'

const configmaps = { group: '', version: 'v1', resource: 'configmaps' }
const pods = { group: '', version: 'v1', resource: 'pods' }
const services = { group: '', version: 'v1', resource: 'services' }
const namespaces = { group: '', version: 'v1', resource: 'namespaces' }
const deployments = { group: 'apps', version: 'v1', resource: 'deployments' }

type ConfigMap = KubernetesObject & { readonly data?: Readonly<Record<string, string>> }
const configMap = (name: string, data: Record<string, string> = {}, labels?: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data,
})
const podNamed = (name: string, rest: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...rest },
  spec: { containers: [{ name: 'main', image: 'nginx' }] },
})

const refusedWith = (code: number, reason: string, message?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StatusError, `a StatusError, not ${String(error)}`)
  assert.deepEqual([error.code, error.reason], [code, reason], error.message)
  if (message) assert.match(error.message, message)
  return true
}

let dev: DevServer
before(async () => {
  dev = await startDevServer()
})
after(() => dev.close())

const ways: Readonly<Record<string, () => ApiConnection>> = {
  'in process': () => dev.server.connect({ name: 'tester', groups: [] }, { userAgent: 'tester/1' }),
  'over HTTPS': () => httpsConnection(dev.url),
}

for (const [way, connect] of Object.entries(ways)) {
  describe(`the API, ${way}`, () => {
    const namespace = way === 'in process' ? 'inside' : 'outside'
    let api: ApiConnection
    const call = <T extends KubernetesObject>(verb: ApiCall['verb'], resource: ApiCall['resource'], rest: Partial<ApiCall> = {}) =>
      api.call({ verb, resource, namespace, ...rest }) as Promise<T>
    before(() => {
      api = connect()
    })
    after(() => api.close())

    it('creates with identity, refuses a second one, and reads back what it answered', async () => {
      const created = await call<ConfigMap>('create', configmaps, { body: configMap('one', { a: '1' }) })
      assert.equal(created.metadata.namespace, namespace)
      assert.match(created.metadata.uid ?? '', /^[0-9a-f-]{36}$/)
      assert.match(created.metadata.creationTimestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      const read = await call<ConfigMap>('get', configmaps, { name: 'one' })
      assert.deepEqual(read, JSON.parse(JSON.stringify(created)))
      await assert.rejects(
        call('create', configmaps, { body: configMap('one') }),
        refusedWith(409, 'AlreadyExists', /^configmaps "one" already exists$/),
      )
    })

    it('refuses objects for other namespaces, with a resourceVersion, or with unknown fields when strict', async () => {
      const elsewhere = { ...configMap('x'), metadata: { name: 'x', namespace: 'elsewhere' } }
      await assert.rejects(call('create', configmaps, { body: elsewhere }), refusedWith(400, 'BadRequest', /does not match the namespace/))
      const versioned = { ...configMap('x'), metadata: { name: 'x', resourceVersion: '1' } }
      await assert.rejects(call('create', configmaps, { body: versioned }), refusedWith(400, 'BadRequest', /should not be set/))
      await assert.rejects(
        call('create', configmaps, { body: { ...configMap('x'), dta: {} }, options: { fieldValidation: 'Strict' } }),
        refusedWith(400, 'BadRequest', /strict decoding error: unknown field "dta"/),
      )
      await assert.rejects(
        call('create', configmaps, { body: configMap('Not_A_Name') }),
        refusedWith(422, 'Invalid', /metadata\.name: Invalid value: "Not_A_Name"/),
      )
      await assert.rejects(call('create', configmaps, { body: { ...configMap('x'), data: 'text' } }), refusedWith(400, 'BadRequest'))
    })

    it('generates names', async () => {
      const body = { ...configMap(''), metadata: { generateName: 'gen-' } }
      const first = await call('create', configmaps, { body })
      const second = await call('create', configmaps, { body })
      assert.match(first.metadata.name ?? '', /^gen-[a-z0-9]{5}$/)
      assert.notEqual(first.metadata.name, second.metadata.name)
    })

    it('updates, refuses what is stale, and makes no revision for no change', async () => {
      const created = await call<ConfigMap>('create', configmaps, { body: configMap('up', { a: '1' }) })
      const updated = await call<ConfigMap>('update', configmaps, { name: 'up', body: { ...created, data: { a: '2' } } })
      assert.notEqual(updated.metadata.resourceVersion, created.metadata.resourceVersion)
      const again = await call<ConfigMap>('update', configmaps, { name: 'up', body: updated })
      assert.equal(again.metadata.resourceVersion, updated.metadata.resourceVersion)
      await assert.rejects(
        call('update', configmaps, { name: 'up', body: { ...created, data: { a: '3' } } }),
        refusedWith(409, 'Conflict', /^Operation cannot be fulfilled on configmaps "up": the object has been modified; please apply/),
      )
      const otherUid = { ...updated, metadata: { ...updated.metadata, uid: 'other', resourceVersion: undefined } }
      await assert.rejects(
        call('update', configmaps, { name: 'up', body: otherUid }),
        refusedWith(409, 'Conflict', /Precondition failed: UID in precondition: other/),
      )
      await assert.rejects(
        call('update', configmaps, { name: 'none', body: configMap('none') }),
        refusedWith(404, 'NotFound', /^configmaps "none" not found$/),
      )
    })

    it('patches in three ways and applies, with conflicts between appliers', async () => {
      await call('create', configmaps, { body: configMap('pat', { a: '1', b: '2' }) })
      const patch = (patchType: ApiCall['patchType'], body: unknown, options: ApiCall['options'] = {}) =>
        call<ConfigMap>('patch', configmaps, { name: 'pat', patchType, body, options })
      assert.deepEqual((await patch('merge', { data: { a: null, c: '3' } })).data, { b: '2', c: '3' })
      assert.deepEqual((await patch('json', [{ op: 'replace', path: '/data/b', value: 'x' }])).data, { b: 'x', c: '3' })
      assert.deepEqual((await patch('strategic', { data: { c: null } })).data, { b: 'x' })
      await patch('apply', configMap('pat', { mine: '1' }), { fieldManager: 'first' })
      await assert.rejects(
        patch('apply', configMap('pat', { mine: '2' }), { fieldManager: 'second' }),
        refusedWith(409, 'Conflict', /Apply failed with 1 conflict: conflict with "first".*\.data\.mine/s),
      )
      const forced = await patch('apply', configMap('pat', { mine: '2' }), { fieldManager: 'second', force: true })
      assert.deepEqual(forced.data, { b: 'x', mine: '2' })
      await assert.rejects(patch('apply', configMap('pat')), refusedWith(422, 'Invalid', /fieldManager: Required value/))
      const made = await call<ConfigMap>('patch', configmaps, {
        name: 'applied',
        patchType: 'apply',
        body: configMap('applied', { a: '1' }),
        options: { fieldManager: 'first' },
      })
      assert.equal(made.metadata.name, 'applied')
    })

    it('retries patches of a hot object without losing one', async () => {
      await call('create', configmaps, { body: configMap('hot') })
      const patches = Array.from({ length: 20 }, (_, index) =>
        call('patch', configmaps, { name: 'hot', patchType: 'merge', body: { data: { [`k${index}`]: 'v' } } }),
      )
      await Promise.all(patches)
      assert.equal(Object.keys((await call<ConfigMap>('get', configmaps, { name: 'hot' })).data ?? {}).length, 20)
    })

    it('tries without doing', async () => {
      const tried = await call('create', configmaps, { body: configMap('dry'), options: { dryRun: true } })
      assert.equal(tried.metadata.resourceVersion, undefined)
      await assert.rejects(call('get', configmaps, { name: 'dry' }), refusedWith(404, 'NotFound'))
    })

    it('deletes at once, after finalizers, and with preconditions', async () => {
      await call('create', configmaps, { body: { ...configMap('fin'), metadata: { name: 'fin', finalizers: ['example.com/wait'] } } })
      const leaving = await call('delete', configmaps, { name: 'fin' })
      assert.ok(leaving.metadata.deletionTimestamp)
      await assert.rejects(
        call('create', configmaps, { body: configMap('fin') }),
        refusedWith(409, 'AlreadyExists', /^object is being deleted: /),
      )
      await call('patch', configmaps, { name: 'fin', patchType: 'merge', body: { metadata: { finalizers: null } } })
      await assert.rejects(call('get', configmaps, { name: 'fin' }), refusedWith(404, 'NotFound'))

      const plain = await call('create', configmaps, { body: configMap('pre') })
      const preconditions = { uid: 'other' }
      await assert.rejects(call('delete', configmaps, { name: 'pre', options: { preconditions } }), refusedWith(409, 'Conflict', /UID/))
      const status = (await call('delete', configmaps, { name: 'pre' })) as unknown as { status: string; details: { uid: string } }
      assert.deepEqual([status.status, status.details.uid], ['Success', plain.metadata.uid])
    })

    it('marks for dependents as the policy says', async () => {
      await call('create', deployments, { body: deployment('policy') })
      const foreground = await call('delete', deployments, { name: 'policy', options: { propagationPolicy: 'Foreground' } })
      assert.deepEqual(foreground.metadata.finalizers, ['foregroundDeletion'])
      assert.equal(foreground.metadata.generation, 2)
    })

    it('lists in pages of one revision, and by selectors', async () => {
      for (const name of ['p1', 'p2', 'p3']) await call('create', configmaps, { body: configMap(name, {}, { page: name, set: 'pages' }) })
      const list = (options: ApiCall['options']) => call<KubernetesList & KubernetesObject>('list', configmaps, { options })
      const names = (one: KubernetesList) => one.items.map(item => item.metadata.name)
      const first = await list({ labelSelector: 'set=pages', limit: 2 })
      assert.deepEqual(names(first), ['p1', 'p2'])
      await call('create', configmaps, { body: configMap('p4', {}, { set: 'pages' }) })
      const rest = await list({ labelSelector: 'set=pages', limit: 2, continue: first.metadata.continue })
      assert.deepEqual(names(rest), ['p3'])
      assert.equal(rest.metadata.resourceVersion, first.metadata.resourceVersion)
      assert.deepEqual(names(await list({ fieldSelector: 'metadata.name=p2' })), ['p2'])
      assert.deepEqual(names(await list({ labelSelector: 'page in (p1,p3)' })), ['p1', 'p3'])
      const all = await list({ limit: 1 })
      assert.ok((all.metadata.remainingItemCount ?? 0) >= 3)
      await assert.rejects(list({ fieldSelector: 'spec.no=1' }), refusedWith(400, 'BadRequest', /"spec\.no" is not a known field selector/))
      await assert.rejects(
        list({ continue: 'nonsense' }),
        refusedWith(400, 'BadRequest', /^invalid continue token: continue key is not valid: /),
      )
    })

    it('watches from a revision: an object that begins to match is added, one that ceases is deleted', async () => {
      const before = await call('create', configmaps, { body: configMap('w', {}, { watched: 'no' }) })
      const ended = new AbortController()
      const options = { resourceVersion: before.metadata.resourceVersion, labelSelector: 'watched=yes' }
      const seen = take(api.watch({ verb: 'watch', resource: configmaps, namespace, options, signal: ended.signal }), 3)
      for (const [watched, data] of [
        ['yes', '1'],
        ['yes', '2'],
        ['no', '3'],
      ] as const) {
        await call('patch', configmaps, { name: 'w', patchType: 'merge', body: { metadata: { labels: { watched } }, data: { data } } })
      }
      const events = await seen
      ended.abort()
      assert.deepEqual(
        events.map(event => event.type),
        ['ADDED', 'MODIFIED', 'DELETED'],
      )
      const revisions = events.map(event => Number(event.object.metadata.resourceVersion))
      assert.deepEqual(
        revisions,
        revisions.toSorted((a, b) => a - b),
      )
    })

    it('watches from the start, and says where that ends', async () => {
      const ended = new AbortController()
      const options = {
        sendInitialEvents: true,
        allowWatchBookmarks: true,
        resourceVersionMatch: 'NotOlderThan',
        fieldSelector: 'metadata.name=one',
      } as const
      const events = await take(api.watch({ verb: 'watch', resource: configmaps, namespace, options, signal: ended.signal }), 2)
      ended.abort()
      assert.deepEqual(
        events.map(event => event.type),
        ['ADDED', 'BOOKMARK'],
      )
      assert.equal(events[1]?.object.metadata.annotations?.['k8s.io/initial-events-end'], 'true')
    })

    it('keeps status and spec apart', async () => {
      const created = await call<KubernetesObject & { status: object }>('create', pods, { body: podNamed('st') })
      const changed = { ...created, status: { ...created.status, phase: 'Running' } }
      const main = await call<typeof created>('update', pods, { name: 'st', body: changed })
      assert.equal(main.metadata.resourceVersion, created.metadata.resourceVersion, 'the main resource does not write status')
      const status = await call<KubernetesObject & { status: { phase: string } }>('update', pods, {
        name: 'st',
        subresource: 'status',
        body: changed,
      })
      assert.equal(status.status.phase, 'Running')
    })

    it('scales through a Scale', async () => {
      await call('create', deployments, { body: deployment('sc') })
      type Scale = KubernetesObject & { readonly spec: { readonly replicas?: number } }
      const scale = await call<Scale>('get', deployments, { name: 'sc', subresource: 'scale' })
      assert.equal(scale.kind, 'Scale')
      const body = { ...scale, spec: { replicas: 4 } }
      assert.equal((await call<Scale>('update', deployments, { name: 'sc', subresource: 'scale', body })).spec.replicas, 4)
      assert.equal((await call<Scale>('get', deployments, { name: 'sc' })).spec.replicas, 4)
      await assert.rejects(call('update', deployments, { name: 'sc', subresource: 'scale', body }), refusedWith(409, 'Conflict'))
    })

    it('binds a pod by a binding in its namespace', async () => {
      await call('create', pods, { body: podNamed('bind-old') })
      const bindings = { group: '', version: 'v1', resource: 'bindings' }
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'bind-old' }, target: { kind: 'Node', name: 'n1' } }
      const answer = await call<KubernetesObject & { status: string }>('create', bindings, { body: binding })
      assert.deepEqual([answer.kind, answer.status], ['Status', 'Success'])
      const bound = await call<KubernetesObject & { spec: { nodeName?: string } }>('get', pods, { name: 'bind-old' })
      assert.equal(bound.spec.nodeName, 'n1')
      await assert.rejects(call('create', bindings, { body: binding }), refusedWith(409, 'Conflict', /already assigned to node "n1"/))
      const nameless = { ...binding, metadata: {} }
      await assert.rejects(call('create', bindings, { body: nameless }), refusedWith(422, 'Invalid', /metadata.name: Required value/))
    })

    it('binds a pod once, and evicts it', async () => {
      type Pod = KubernetesObject & {
        spec: { nodeName?: string }
        status: { nominatedNodeName?: string; conditions?: { type: string; status: string }[] }
      }
      await call('create', pods, { body: podNamed('bind') })
      const promise = { status: { nominatedNodeName: 'n0' } }
      await call('patch', pods, { name: 'bind', subresource: 'status', patchType: 'merge', body: promise as never })
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'bind' }, target: { kind: 'Node', name: 'n1' } }
      await call('create', pods, { name: 'bind', subresource: 'binding', body: binding })
      const bound = await call<Pod>('get', pods, { name: 'bind' })
      assert.equal(bound.spec.nodeName, 'n1')
      assert.equal(bound.status.nominatedNodeName, undefined, 'what was promised is forgotten')
      assert.ok(bound.status.conditions?.some(({ type, status }) => type === 'PodScheduled' && status === 'True'))
      await assert.rejects(
        call('create', pods, { name: 'bind', subresource: 'binding', body: binding }),
        refusedWith(409, 'Conflict', /pod bind is already assigned to node "n1"/),
      )
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'bind' } }
      await assert.rejects(
        call('create', pods, { name: 'bind', subresource: 'eviction', body: { ...eviction, apiVersion: 'policy/v2' } }),
        refusedWith(400, 'BadRequest', /policy\/v2/),
      )
      // Older clients still name the version from before, which upstream takes as well.
      const older = { ...eviction, apiVersion: 'policy/v1beta1' }
      await call('create', pods, { name: 'bind', subresource: 'eviction', body: older, options: { dryRun: true } })
      await call('create', pods, { name: 'bind', subresource: 'eviction', body: eviction })
      const evicted = await call<Pod>('get', pods, { name: 'bind' })
      assert.ok(evicted.metadata.deletionTimestamp)
      assert.ok(evicted.status.conditions?.some(({ type }) => type === 'DisruptionTarget'))
      await call('delete', pods, { name: 'bind', options: { gracePeriodSeconds: 0 } })
      await assert.rejects(call('get', pods, { name: 'bind' }), refusedWith(404, 'NotFound'))
    })

    it('gives services addresses and ports that nobody else has', async () => {
      type Service = KubernetesObject & { spec: { clusterIP: string; ports: { nodePort?: number }[] } }
      const service = (name: string, spec: object = {}) => ({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name },
        spec: { ports: [{ port: 80 }], type: 'NodePort', ...spec },
      })
      const names = Array.from({ length: 12 }, (_, index) => `svc-${index}`)
      const made = await Promise.all(names.map(name => call<Service>('create', services, { body: service(name) })))
      assert.equal(new Set(made.map(({ spec }) => spec.clusterIP)).size, names.length)
      assert.equal(new Set(made.map(({ spec }) => spec.ports[0]?.nodePort)).size, names.length)
      const [first] = made
      const { clusterIP, ports = [] } = first?.spec ?? {}
      await assert.rejects(
        call('create', services, { body: service('twice', { clusterIP }) }),
        refusedWith(
          422,
          'Invalid',
          /spec\.clusterIPs: Invalid value: \[".*"\]: failed to allocate IP .*: provided IP is already allocated/,
        ),
      )
      await assert.rejects(
        call('create', services, { body: service('twice', { ports: [{ port: 80, nodePort: ports[0]?.nodePort }] }) }),
        refusedWith(422, 'Invalid', /spec\.ports\[0\]\.nodePort: Invalid value: \d+: provided port is already allocated/),
      )
      await call('delete', services, { name: 'svc-0' })
      assert.equal((await call<Service>('create', services, { body: service('freed', { clusterIP }) })).spec.clusterIP, clusterIP)
      const headless = await call<Service>('create', services, { body: service('headless', { clusterIP: 'None', type: 'ClusterIP' }) })
      assert.equal(headless.spec.clusterIP, 'None')
    })

    it('keeps a namespace until its finalizer is gone', async () => {
      const name = `ns-${namespace}`
      const cluster = (verb: ApiCall['verb'], rest: Partial<ApiCall>) => api.call({ verb, resource: namespaces, ...rest })
      await cluster('create', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } })
      const leaving = (await cluster('delete', { name })) as KubernetesObject & { status: { phase: string } }
      assert.equal(leaving.status.phase, 'Terminating')
      await cluster('update', { name, subresource: 'finalize', body: { ...leaving, spec: { finalizers: [] } } })
      await assert.rejects(cluster('get', { name }), refusedWith(404, 'NotFound'))
    })

    it('deletes a collection', async () => {
      const deleted = await call<KubernetesList & KubernetesObject>('deletecollection', configmaps, {
        options: { labelSelector: 'set=pages' },
      })
      assert.equal(deleted.items.length, 4)
      const left = await call<KubernetesList & KubernetesObject>('list', configmaps, { options: { labelSelector: 'set=pages' } })
      assert.equal(left.items.length, 0)
    })

    it('refuses verbs and resources that are not there', async () => {
      await assert.rejects(call('get', { group: '', version: 'v1', resource: 'nothings' }, { name: 'x' }), refusedWith(404, 'NotFound'))
      await assert.rejects(
        call('get', { group: '', version: 'v1', resource: 'bindings' }, { name: 'x' }),
        refusedWith(405, 'MethodNotAllowed'),
      )
    })
  })
}

function deployment(name: string): object {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'nginx' }] } },
    },
  }
}

async function take(events: AsyncIterable<WatchEvent>, count: number): Promise<WatchEvent[]> {
  const taken: WatchEvent[] = []
  for await (const event of events) {
    taken.push(event)
    if (taken.length === count) break
  }
  return taken
}
