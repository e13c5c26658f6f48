import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

/** Behaviours that the conformance programme tests, of the kinds that are here; each test is named by what must hold. */

const core = '/api/v1/namespaces/default'
const apps = '/apis/apps/v1/namespaces/default'
const merge = { 'content-type': 'application/merge-patch+json' }

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind.
type Any = any

const container = { name: 'c', image: 'image' }
const podNamed = (name: string, metadata = {}, spec = {}) => ({
  metadata: { name, ...metadata },
  spec: { containers: [container], ...spec },
})
const replicaSet = (name: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { set: name } },
    template: { metadata: { labels: { set: name } }, spec: { containers: [container] } },
  },
})

describe('conformance', async () => {
  const { send } = await sharedLibraryCluster({ nodes: 1 })
  const get = async (path: string): Promise<Any> => (await send('GET', path)).json
  const create = async (path: string, body: unknown): Promise<Any> => {
    const answer = await send('POST', path, { body })
    assert.equal(answer.status, 201, answer.text)
    return answer.json
  }
  const patch = (path: string, body: unknown): Promise<Answer> => send('PATCH', path, { body, headers: merge })
  const until = (what: string, path: string, passes: (object: Any) => boolean) => eventually(what, 10_000, () => get(path), passes)
  const gone = (path: string) => until(`${path} is gone`, path, object => object.code === 404)
  await until('the service account is there', `${core}/serviceaccounts/default`, object => object.kind === 'ServiceAccount')

  it('field validation finds unknown and repeated fields of metadata, also of what is embedded', async () => {
    const body = JSON.stringify(replicaSet('odd', 1))
      .replace('"metadata":{"name":"odd"}', '"metadata":{"name":"odd","foo":1}')
      .replace('"metadata":{"labels"', '"metadata":{"bar":2,"labels"')
      .replace('"replicas":1', '"replicas":1,"replicas":2')
    const refused = await send('POST', `${apps}/replicasets?fieldValidation=Strict`, { body })
    assert.match(
      refused.json.message,
      /strict decoding error: unknown field "metadata\.foo", duplicate field "spec\.replicas", unknown field "spec\.template\.metadata\.bar"$/,
    )
    const applied = await send('PATCH', `${apps}/replicasets/odd?fieldManager=t`, {
      body: JSON.stringify({ ...replicaSet('odd', 1), spec: { ...replicaSet('odd', 1).spec, foo: 'bar' } }),
      headers: { 'content-type': 'application/apply-patch+yaml' },
    })
    assert.match(applied.json.message, /\.spec\.foo: field not declared in schema/)
  })

  it('only who applies takes fields by force, and a UID means an object that is there', async () => {
    const path = `${core}/configmaps`
    await create(path, { metadata: { name: 'plain' } })
    const forced = await patch(`${path}/plain?force=true`, { data: { a: 'b' } })
    assert.equal(forced.status, 422)
    assert.match(forced.json.message, /force: Forbidden: may not be specified for non-apply patch/)
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'lost', uid: 'gone' } }
    const apply = await send('PATCH', `${path}/lost?fieldManager=t`, { body, headers: { 'content-type': 'application/apply-patch+yaml' } })
    assert.equal(apply.json.reason, 'Conflict')
    assert.match(apply.json.message, /uid mismatch: the provided object specified uid gone, and no existing object was found/)
    assert.equal((await send('GET', `${path}/lost`)).status, 404)
  })

  it('a namespace goes in order: first pods, then the rest', async () => {
    await create('/api/v1/namespaces', { metadata: { name: 'ordered' } })
    const inside = '/api/v1/namespaces/ordered'
    await until('its service account is there', `${inside}/serviceaccounts/default`, object => object.kind === 'ServiceAccount')
    await create(`${inside}/pods`, podNamed('holds', { finalizers: ['example.com/hold'] }))
    await create(`${inside}/configmaps`, { metadata: { name: 'waits' } })
    await send('DELETE', '/api/v1/namespaces/ordered')
    await until('the namespace says that it waits', '/api/v1/namespaces/ordered', ({ status }) =>
      status?.conditions?.some((one: Any) => one.type === 'NamespaceFinalizersRemaining' && one.status === 'True'),
    )
    assert.equal((await get(`${inside}/configmaps/waits`)).metadata.deletionTimestamp, undefined)
    assert.notEqual((await get(`${inside}/pods/holds`)).metadata.deletionTimestamp, undefined)
    await patch(`${inside}/pods/holds`, { metadata: { finalizers: null } })
    await gone('/api/v1/namespaces/ordered')
  })

  it('a namespace takes finalizers of its own, and status by its subresource', async () => {
    const made = await create('/api/v1/namespaces', { metadata: { name: 'finalized' } })
    const path = '/api/v1/namespaces/finalized'
    const body = { ...made, spec: { finalizers: ['kubernetes', 'example.com/other'] } }
    assert.deepEqual((await send('PUT', `${path}/finalize`, { body })).json.spec.finalizers, ['kubernetes', 'example.com/other'])
    const condition = { type: 'Seen', status: 'True', reason: 'Test', message: 'x' }
    assert.equal((await patch(`${path}/status`, { status: { conditions: [condition] } })).json.status.conditions[0].type, 'Seen')
    await send('DELETE', path)
    await until('it waits for the other finalizer', path, ({ spec }) => spec?.finalizers?.length === 1)
    const last = await get(path)
    await send('PUT', `${path}/finalize`, { body: { ...last, spec: { finalizers: [] } } })
    await gone(path)
  })

  it('what has another owner stays when one that waits for dependents goes', async () => {
    const [one, two] = [
      await create(`${core}/configmaps`, { metadata: { name: 'one' } }),
      await create(`${core}/configmaps`, { metadata: { name: 'two' } }),
    ]
    const reference = ({ metadata }: Any, blockOwnerDeletion?: boolean) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: metadata.name,
      uid: metadata.uid,
      ...(blockOwnerDeletion && { blockOwnerDeletion }),
    })
    await create(`${core}/configmaps`, { metadata: { name: 'both', ownerReferences: [reference(one, true), reference(two)] } })
    await send('DELETE', `${core}/configmaps/one`, { body: { propagationPolicy: 'Foreground' } })
    await gone(`${core}/configmaps/one`)
    const both = await get(`${core}/configmaps/both`)
    assert.deepEqual(
      both.metadata.ownerReferences.map(({ name }: Any) => name),
      ['two'],
    )
    assert.equal(both.metadata.deletionTimestamp, undefined)
  })

  it('pods of replication controllers and jobs stay when these are deleted, unless the deletion says otherwise', async () => {
    const template = { metadata: { labels: { rc: 'default' } }, spec: { containers: [container] } }
    const controllers = `${core}/replicationcontrollers`
    const podsOf = `${core}/pods?labelSelector=rc=default`
    await create(controllers, { metadata: { name: 'stays' }, spec: { replicas: 2, selector: { rc: 'default' }, template } })
    await until('its pods are there', podsOf, ({ items }) => items.length === 2)
    assert.equal((await send('DELETE', `${controllers}/stays`)).status, 200)
    await gone(`${controllers}/stays`)
    for (const { metadata } of (await get(podsOf)).items)
      assert.deepEqual([metadata.ownerReferences, metadata.deletionTimestamp], [undefined, undefined])
    await create(controllers, { metadata: { name: 'takes' }, spec: { replicas: 2, selector: { rc: 'default' }, template } })
    await until('they are adopted', podsOf, ({ items }) =>
      items.every(({ metadata }: Any) => metadata.ownerReferences?.[0].name === 'takes'),
    )
    await send('DELETE', `${controllers}/takes`, { body: { propagationPolicy: 'Background' } })
    await until('they go with it', podsOf, ({ items }) => items.length === 0)
    const jobs = '/apis/batch/v1/namespaces/default/jobs'
    await create(jobs, {
      metadata: { name: 'warns' },
      spec: { suspend: true, template: { spec: { ...template.spec, restartPolicy: 'Never' } } },
    })
    const warned = await send('DELETE', `${jobs}/warns`)
    assert.match(
      String(warned.headers.warning),
      /child pods are preserved by default when jobs are deleted; set propagationPolicy=Background/,
    )
    await gone(`${jobs}/warns`)
  })

  it('owners in a circle all go', async () => {
    const made: Any[] = []
    for (const name of ['circle-1', 'circle-2', 'circle-3']) made.push(await create(`${core}/configmaps`, { metadata: { name } }))
    for (const [index, { metadata }] of made.entries()) {
      const owner = made[(index + 1) % made.length].metadata
      const ownerReferences = [
        { apiVersion: 'v1', kind: 'ConfigMap', name: owner.name, uid: owner.uid, controller: true, blockOwnerDeletion: true },
      ]
      await patch(`${core}/configmaps/${metadata.name}`, { metadata: { ownerReferences } })
    }
    await send('DELETE', `${core}/configmaps/circle-1`, { body: { propagationPolicy: 'Foreground' } })
    for (const name of ['circle-1', 'circle-2', 'circle-3']) await gone(`${core}/configmaps/${name}`)
  })

  it('a replica set adopts pods that match and releases those that no longer do; foreground deletion waits for its pods', async () => {
    await create(`${core}/pods`, podNamed('lonely', { labels: { set: 'adopter' } }))
    const set = await create(`${apps}/replicasets`, replicaSet('adopter', 1))
    await until('the pod is adopted', `${core}/pods/lonely`, ({ metadata }) => metadata.ownerReferences?.[0]?.uid === set.metadata.uid)
    await patch(`${core}/pods/lonely`, { metadata: { labels: { set: 'free' } } })
    await until('the pod is released', `${core}/pods/lonely`, ({ metadata }) => metadata.ownerReferences === undefined)
    await until('another took its place', `${apps}/replicasets/adopter`, ({ status }) => status?.readyReplicas === 1)
    const scaled = await patch(`${apps}/replicasets/adopter/scale`, { spec: { replicas: 2 } })
    assert.deepEqual([scaled.json.kind, scaled.json.spec.replicas], ['Scale', 2])
    await until('two are ready', `${apps}/replicasets/adopter`, ({ status }) => status?.readyReplicas === 2)
    await send('DELETE', `${apps}/replicasets/adopter`, { body: { propagationPolicy: 'Foreground' } })
    await gone(`${apps}/replicasets/adopter`)
    assert.equal((await get(`${core}/pods?labelSelector=set=adopter`)).items.length, 0)
  })

  it('status is patched on its own, of pods, deployments, replica sets, jobs, services and nodes', async () => {
    await create(`${core}/pods`, podNamed('told', {}, { nodeName: 'nowhere' }))
    const answer = await patch(`${core}/pods/told/status`, { status: { message: 'seen', reason: 'Test' } })
    assert.deepEqual([answer.status, answer.json.status.message], [200, 'seen'])
    const job = {
      metadata: { name: 'told' },
      spec: { suspend: true, template: { spec: { restartPolicy: 'Never', containers: [container] } } },
    }
    await create('/apis/batch/v1/namespaces/default/jobs', job)
    const condition = { type: 'Seen', status: 'True' }
    const told = await patch('/apis/batch/v1/namespaces/default/jobs/told/status', {
      metadata: { annotations: { a: 'b' } },
      status: { conditions: [condition] },
    })
    assert.equal(told.status, 200, told.text)
    assert.equal(
      told.json.status.conditions.some((one: Any) => one.type === 'Seen'),
      true,
    )
    await create(`${core}/services`, { metadata: { name: 'told' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } })
    const service = await patch(`${core}/services/told/status`, { status: { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } } })
    assert.deepEqual(service.json.status.loadBalancer.ingress, [{ ip: '203.0.113.1', ipMode: 'VIP' }])
    const node = await patch('/api/v1/nodes/node-1/status', { status: { capacity: { 'example.com/ship': '3' } } })
    assert.equal(node.json.status.capacity['example.com/ship'], '3')
  })

  it('what is immutable stays as it is', async () => {
    await create(`${core}/secrets`, { metadata: { name: 'fixed' }, stringData: { a: 'b' }, immutable: true })
    const changed = await patch(`${core}/secrets/fixed`, { data: { a: 'Yw==' } })
    assert.match(changed.json.message, /data: Forbidden: field is immutable when `immutable` is set/)
    const reset = await patch(`${core}/secrets/fixed`, { immutable: false })
    assert.match(reset.json.message, /immutable: Forbidden: field is immutable when `immutable` is set/)
    assert.equal((await patch(`${core}/secrets/fixed`, { metadata: { labels: { a: 'b' } } })).status, 200)
    const classes = '/apis/scheduling.k8s.io/v1/priorityclasses'
    await create(classes, { metadata: { name: 'high' }, value: 100 })
    assert.match((await patch(`${classes}/high`, { value: 200 })).json.message, /value: Forbidden: may not be changed in an update/)
    const empty = await send('POST', `${core}/configmaps`, { body: { metadata: { name: 'e' }, data: { '': 'x' } } })
    assert.equal(empty.status, 422)
  })

  it('events live in both of their groups', async () => {
    const events = '/apis/events.k8s.io/v1/namespaces/default/events'
    await create(events, {
      metadata: { name: 'happened' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'test',
      reportingInstance: 'test-1',
      action: 'Do',
      reason: 'Did',
      type: 'Normal',
      note: 'what happened',
      regarding: { kind: 'Pod', name: 'p', namespace: 'default', apiVersion: 'v1' },
    })
    const unfinished = await send('POST', events, {
      body: { metadata: { name: 'unfinished' }, note: 'x', type: 'Normal', regarding: { namespace: 'default' } },
    })
    assert.match(unfinished.json.message, /eventTime: Required value/)
    assert.match(
      (await patch(`${events}/happened`, { note: 'otherwise' })).json.message,
      /message: Invalid value: "otherwise": field is immutable/,
    )
    const old = await get(`${core}/events/happened`)
    assert.deepEqual([old.message, old.involvedObject.name, old.reportingComponent], ['what happened', 'p', 'test'])
    const series = await patch(`${events}/happened`, { series: { count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z' } })
    assert.equal(series.json.series.count, 2)
    assert.equal((await get('/api/v1/events?fieldSelector=reason=Did')).items.length, 1)
    assert.equal((await send('DELETE', `${events}?fieldSelector=metadata.name=happened`)).status, 200)
    assert.equal((await send('GET', `${core}/events/happened`)).status, 404)
  })

  it('tokens are mounted unless one opts out', async () => {
    await create(`${core}/pods`, podNamed('mounts'))
    await create(`${core}/pods`, podNamed('opts-out', {}, { automountServiceAccountToken: false }))
    assert.equal(
      (await get(`${core}/pods/mounts`)).spec.containers[0].volumeMounts[0].mountPath,
      '/var/run/secrets/kubernetes.io/serviceaccount',
    )
    assert.equal((await get(`${core}/pods/opts-out`)).spec.volumes, undefined)
    const published = `${core}/configmaps/kube-root-ca.crt`
    await send('DELETE', published)
    await until('the root certificate is published again', published, ({ data }) => data?.['ca.crt']?.includes('BEGIN CERTIFICATE'))
  })

  it('the issuer of tokens can be discovered', async () => {
    const found = await send('GET', '/.well-known/openid-configuration')
    assert.equal(found.status, 200, found.text)
    const { issuer, jwks_uri } = found.json
    const { status } = await create(`${core}/serviceaccounts/default/token`, { spec: {} })
    const [header, payload] = (status.token as string).split('.', 2).map(part => JSON.parse(Buffer.from(part, 'base64url').toString()))
    assert.equal(payload.iss, issuer)
    const keys = await send('GET', new URL(jwks_uri).pathname)
    assert.equal(
      keys.json.keys.some(({ kid }: Any) => kid === header.kid),
      true,
    )
  })

  it('a table of what has no metadata is not acceptable', async () => {
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
    }
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
    const table = await send('POST', path, { body, headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })
    assert.equal(table.status, 406)
    assert.equal((await create(path, body)).status.allowed, true)
  })

  it('every group, version and resource can be found', async () => {
    const { groups } = await get('/apis')
    for (const { name, versions, preferredVersion } of groups) {
      assert.ok(
        versions.some(({ groupVersion }: Any) => groupVersion === preferredVersion.groupVersion),
        name,
      )
      for (const { groupVersion } of versions) assert.ok((await get(`/apis/${groupVersion}`)).resources.length > 0, groupVersion)
      assert.equal((await get(`/apis/${name}`)).kind, 'APIGroup')
    }
  })

  it('concurrent watches see the same changes in the same order', async () => {
    const { metadata } = await get(`${core}/configmaps`)
    for (let index = 0; index < 20; index++) await create(`${core}/configmaps`, { metadata: { name: `order-${index % 5}-${index}` } })
    const watch = () => send('GET', `${core}/configmaps?watch=true&timeoutSeconds=1&resourceVersion=${metadata.resourceVersion}`)
    const seen = await Promise.all(Array.from({ length: 5 }, watch))
    const orders = seen.map(({ text }) =>
      text
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line).object.metadata.resourceVersion),
    )
    assert.ok((orders[0]?.length ?? 0) >= 20)
    for (const order of orders) assert.deepEqual(order, orders[0])
  })
})
