import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

/** What clients of the API rely on, request by request: the API conventions and the behaviours that conformance tests look at. */

const configMaps = '/api/v1/namespaces/default/configmaps'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const controllerRevisions = '/apis/apps/v1/namespaces/default/controllerrevisions'
const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

const deployment = (name: string, replicas = 0) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, labels: { app: name } },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image: 'nginx:1' }] } },
  },
})

describe('the API as clients see it', async () => {
  const { send } = await sharedLibraryCluster()
  const create = async (path: string, body: unknown) => {
    const answer = await send('POST', path, { body })
    assert.equal(answer.status, 201, answer.text)
    return answer.json
  }
  const get = async (path: string) => (await send('GET', path)).json
  const patch = (type: keyof typeof patchTypes, path: string, body: unknown): Promise<Answer> =>
    send('PATCH', path, { body, headers: { 'content-type': patchTypes[type] } })
  const gone = (path: string) =>
    eventually(
      `${path} is gone`,
      10_000,
      async () => (await send('GET', path)).status,
      status => status === 404,
    )

  it('dry runs answer as if, and change nothing', async () => {
    const made = await send('POST', `${configMaps}?dryRun=All`, { body: { metadata: { name: 'dry' } } })
    assert.deepEqual([made.status, typeof made.json.metadata.uid], [201, 'string'])
    assert.equal((await send('GET', `${configMaps}/dry`)).status, 404)
    await create(configMaps, { metadata: { name: 'wet' }, data: { a: '1' } })
    const before = await get(`${configMaps}/wet`)
    assert.equal((await patch('merge', `${configMaps}/wet?dryRun=All`, { data: { a: '2' } })).json.data.a, '2')
    assert.equal((await send('DELETE', `${configMaps}/wet?dryRun=All`)).status, 200)
    assert.equal(
      (await send('DELETE', `${configMaps}/wet`, { body: { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] } })).status,
      200,
    )
    assert.equal((await send('DELETE', `${configMaps}?dryRun=All`)).status, 200)
    assert.deepEqual(await get(`${configMaps}/wet`), before)
    const wrong = await send('POST', `${configMaps}?dryRun=Some`, { body: { metadata: { name: 'x' } } })
    assert.equal(wrong.status, 422)
    const service = { metadata: { name: 'ports' }, spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30123 }] } }
    assert.equal((await send('POST', '/api/v1/namespaces/default/services?dryRun=All', { body: service })).status, 201)
    await create('/api/v1/namespaces/default/services', service)
  })

  it('unknown and repeated fields are refused, warned of, or dropped, as asked', async () => {
    const body = '{"metadata":{"name":"odd"},"data":{"a":"1"},"dta":{},"immutable":false,"immutable":true}'
    const strict = await send('POST', `${configMaps}?fieldValidation=Strict`, { body })
    assert.equal(strict.status, 400)
    assert.equal(
      strict.json.message,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dta", duplicate field "immutable"',
    )
    const warned = await send('POST', configMaps, { body })
    assert.deepEqual(warned.headers.warning, '299 - "unknown field \\"dta\\"", 299 - "duplicate field \\"immutable\\""')
    assert.equal('dta' in warned.json, false)
    const ignored = await send('PUT', `${configMaps}/odd?fieldValidation=Ignore`, { body })
    assert.deepEqual([ignored.status, ignored.headers.warning], [200, undefined])
    const typed = await send('POST', deployments, { body: { ...deployment('odd'), spec: { replicas: 'three' } } })
    assert.equal(typed.status, 400)
    assert.match(typed.json.message, /Deployment in version "v1" cannot be handled as a Deployment: .*replicas/)
  })

  it('integers that are not kept exactly are warned of', async () => {
    const body = `{"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"large"},"revision":1,"data":{"at":1764288000000000001,"exact":4503599627370496}}`
    const made = await send('POST', controllerRevisions, { body })
    assert.equal(made.status, 201, made.text)
    assert.equal(made.headers.warning, '299 - "integer 1764288000000000001 has more digits than are kept: it becomes 1764288000000000000"')
    await send('DELETE', `${controllerRevisions}/large`)
  })

  it('invalid objects name every field', async () => {
    const broken = deployment('broken', -1)
    const answer = await send('POST', deployments, {
      body: { ...broken, spec: { ...broken.spec, selector: { matchLabels: { app: 'else' } } } },
    })
    assert.equal(answer.status, 422)
    assert.equal(answer.json.reason, 'Invalid')
    assert.deepEqual(answer.json.details.name, 'broken')
    assert.deepEqual(
      answer.json.details.causes.map((cause: { reason: string; field: string }) => `${cause.reason} ${cause.field}`).sort(),
      ['FieldValueInvalid spec.replicas', 'FieldValueInvalid spec.template.metadata.labels'],
    )
    assert.match(answer.json.message, /^Deployment\.apps "broken" is invalid: \[/)
  })

  it('lists come in pages of one revision', async () => {
    for (const name of ['p1', 'p2', 'p3', 'p4', 'p5']) await create(configMaps, { metadata: { name, labels: { page: 'yes' } } })
    const names = (list: { items: { metadata: { name: string } }[] }) => list.items.map(({ metadata }) => metadata.name)
    const page = `${configMaps}?limit=2`
    const whole = await get(configMaps)
    const seen: string[] = []
    let revision: string | undefined
    for (let next: string | undefined = ''; next !== undefined; ) {
      const list = await get(`${page}${next && `&continue=${encodeURIComponent(next)}`}`)
      seen.push(...names(list))
      revision ??= list.metadata.resourceVersion
      assert.equal(list.metadata.resourceVersion, revision)
      if (next === '') {
        assert.equal(list.metadata.remainingItemCount, whole.items.length - 2)
        await create(configMaps, { metadata: { name: 'p9-late' } })
      }
      next = list.metadata.continue
    }
    assert.deepEqual(seen, names(whole))
    assert.deepEqual(names(await get(`${configMaps}?labelSelector=page%20in%20(yes)&fieldSelector=metadata.name!=p2`)), [
      'p1',
      'p3',
      'p4',
      'p5',
    ])
    const bad = await send('GET', `${configMaps}?limit=2&continue=nonsense`)
    assert.equal(bad.status, 400)
    assert.equal((await send('GET', `${configMaps}?labelSelector=,,`)).status, 400)
    assert.equal((await send('GET', `${configMaps}?fieldSelector=data.a=b`)).status, 400)
  })

  it('stale writes conflict, equal writes make no revision', async () => {
    const made = await create(configMaps, { metadata: { name: 'fresh' }, data: { a: '1' } })
    const same = await send('PUT', `${configMaps}/fresh`, { body: made })
    assert.equal(same.json.metadata.resourceVersion, made.metadata.resourceVersion)
    await patch('merge', `${configMaps}/fresh`, { data: { a: '2' } })
    const stale = await send('PUT', `${configMaps}/fresh`, { body: made })
    assert.deepEqual(
      [stale.status, stale.json.reason, stale.json.message],
      [
        409,
        'Conflict',
        'Operation cannot be fulfilled on configmaps "fresh": the object has been modified; please apply your changes to the latest version and try again',
      ],
    )
    const regardless = await send('PUT', `${configMaps}/fresh`, { body: { ...made, metadata: { ...made.metadata, resourceVersion: '0' } } })
    assert.deepEqual([regardless.status, regardless.json.data], [200, { a: '1' }], 'revision 0 is none')
    const precondition = { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } }
    assert.equal((await send('DELETE', `${configMaps}/fresh`, { body: precondition })).status, 409)
    const other = await send('PUT', `${configMaps}/fresh`, { body: { ...made, metadata: { ...made.metadata, name: 'else' } } })
    assert.equal(other.status, 400)
    assert.match(other.json.message, /the name of the object \(else\) does not match the name on the URL \(fresh\)/)
    const again = await send('POST', configMaps, { body: { metadata: { name: 'fresh' } } })
    assert.deepEqual([again.status, again.json.reason, again.json.message], [409, 'AlreadyExists', 'configmaps "fresh" already exists'])
    const versioned = await send('POST', configMaps, { body: { metadata: { name: 'v', resourceVersion: '1' } } })
    assert.match(versioned.json.message, /resourceVersion should not be set on objects to be created/)
  })

  it('names are generated, and refused where they are none', async () => {
    const made = await create(configMaps, { metadata: { generateName: 'gen-' } })
    assert.match(made.metadata.name, /^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    const none = await send('POST', configMaps, { body: { metadata: {} } })
    assert.match(none.json.message, /metadata\.name: Required value: name or generateName is required/)
    const bad = await send('POST', configMaps, { body: { metadata: { name: 'Not_A_Name' } } })
    assert.match(bad.json.message, /metadata\.name: Invalid value: "Not_A_Name": a lowercase RFC 1123 subdomain must consist of/)
  })

  it('finalizers hold an object, and let it go', async () => {
    await create(configMaps, { metadata: { name: 'held', finalizers: ['example.com/hold'] } })
    const deleted = await send('DELETE', `${configMaps}/held`)
    assert.equal(typeof deleted.json.metadata.deletionTimestamp, 'string')
    const added = await patch('merge', `${configMaps}/held`, { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } })
    assert.equal(added.status, 422)
    assert.match(added.json.message, /metadata\.finalizers: Forbidden: no new finalizers can be added if the object is being deleted/)
    await patch('json', `${configMaps}/held`, [{ op: 'remove', path: '/metadata/finalizers' }])
    assert.equal((await send('GET', `${configMaps}/held`)).status, 404)
  })

  it('owners take what they own with them, or wait for it, or leave it', async () => {
    const owned = async (owner: string) => {
      const { metadata } = await create(configMaps, { metadata: { name: owner } })
      const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid: metadata.uid, blockOwnerDeletion: true }
      await create(configMaps, { metadata: { name: `${owner}-child`, ownerReferences: [reference] } })
    }
    await owned('background')
    await send('DELETE', `${configMaps}/background?propagationPolicy=Background`)
    await gone(`${configMaps}/background-child`)
    await owned('foreground')
    await patch('merge', `${configMaps}/foreground-child`, { metadata: { finalizers: ['example.com/hold'] } })
    await send('DELETE', `${configMaps}/foreground`, { body: { propagationPolicy: 'Foreground' } })
    await eventually(
      'the child is being deleted',
      10_000,
      () => get(`${configMaps}/foreground-child`),
      child => child.metadata?.deletionTimestamp !== undefined,
    )
    assert.deepEqual((await get(`${configMaps}/foreground`)).metadata.finalizers, ['foregroundDeletion'])
    await patch('merge', `${configMaps}/foreground-child`, { metadata: { finalizers: null } })
    await gone(`${configMaps}/foreground`)
    await owned('orphaning')
    await send('DELETE', `${configMaps}/orphaning?propagationPolicy=Orphan`)
    await gone(`${configMaps}/orphaning`)
    const child = await get(`${configMaps}/orphaning-child`)
    assert.deepEqual([child.metadata.deletionTimestamp, child.metadata.ownerReferences], [undefined, undefined])
    const odd = await send('DELETE', `${configMaps}/orphaning-child`, { body: { propagationPolicy: 'Sideways' } })
    assert.equal(odd.status, 422)
  })

  it('watches tell what happens, from a revision on, with bookmarks', async () => {
    const { metadata } = await get(configMaps)
    await create(configMaps, { metadata: { name: 'seen', labels: { see: 'me' } } })
    await patch('merge', `${configMaps}/seen`, { metadata: { labels: { see: 'not' } } })
    await send('DELETE', `${configMaps}/seen`)
    const watch = (query: string) => send('GET', `${configMaps}?watch=true&timeoutSeconds=1&${query}`)
    const types = (answer: Answer) =>
      answer.text
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line))
    const all = types(await watch(`resourceVersion=${metadata.resourceVersion}&fieldSelector=metadata.name=seen`))
    assert.deepEqual(
      all.map(({ type }) => type),
      ['ADDED', 'MODIFIED', 'DELETED'],
    )
    const leaving = types(await watch(`resourceVersion=${metadata.resourceVersion}&labelSelector=see=me`))
    assert.deepEqual(
      leaving.map(({ type }) => type),
      ['ADDED', 'DELETED'],
    )
    const initial = types(
      await watch('sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&labelSelector=page=yes'),
    )
    assert.deepEqual(
      initial.map(({ type }) => type),
      ['ADDED', 'ADDED', 'ADDED', 'ADDED', 'ADDED', 'BOOKMARK'],
    )
    assert.equal(initial.at(-1).object.metadata.annotations['k8s.io/initial-events-end'], 'true')
    const future = await send('GET', `${configMaps}?watch=true&timeoutSeconds=1&resourceVersion=99999999`)
    assert.equal(future.status === 200 || future.status === 504, true)
  })

  it('a patch of each kind does what it says', async () => {
    await create(deployments, deployment('patched'))
    const path = `${deployments}/patched`
    const sidecar = { spec: { template: { spec: { containers: [{ name: 'side', image: 's' }] } } } }
    const containers = async () => (await get(path)).spec.template.spec.containers.map(({ name }: { name: string }) => name)
    assert.equal((await patch('strategic', path, sidecar)).status, 200)
    assert.deepEqual(await containers(), ['side', 'web'])
    const scaled = await patch('strategic', `${path}/scale`, { kind: 'Deployment', apiVersion: 'apps/v1', spec: { replicas: 0 } })
    assert.deepEqual([scaled.status, scaled.json.kind], [200, 'Scale'])
    for (const wrong of [{ kind: 'Deployment' }, { spec: { replicas: 'x' } }]) {
      const refused = await patch('merge', `${path}/scale`, wrong)
      assert.deepEqual([refused.status, refused.json.details.causes[0].field], [422, 'patch'])
    }
    assert.equal((await patch('merge', path, sidecar)).status, 200)
    assert.deepEqual(await containers(), ['side'])
    const tested = await patch('json', path, [
      { op: 'test', path: '/spec/replicas', value: 0 },
      { op: 'add', path: '/metadata/labels/x~1y', value: 'z' },
    ])
    assert.equal(tested.json.metadata.labels['x/y'], 'z')
    assert.equal((await patch('json', path, [{ op: 'test', path: '/spec/replicas', value: 5 }])).status, 422)
    assert.equal((await patch('json', path, [{ op: 'replace', path: '/spec/nosuch/deep', value: 5 }])).status, 422)
    assert.equal((await patch('json', path, { op: 'add' })).status, 400)
    const unsupported = await send('PATCH', path, { body: {}, headers: { 'content-type': 'application/json' } })
    assert.equal(unsupported.status, 415)
    const bare = await patch('apply', path, deployment('patched'))
    assert.equal(bare.status, 422)
    assert.match(bare.json.message, /fieldManager: Required value: is required for apply patch/)
    const conflict = await patch('apply', `${path}?fieldManager=tester`, deployment('patched', 3))
    assert.equal(conflict.status, 409)
    assert.equal(conflict.json.details.causes[0].reason, 'FieldManagerConflict')
    assert.equal((await patch('apply', `${path}?fieldManager=tester&force=true`, deployment('patched', 3))).json.spec.replicas, 3)
    const made = await patch('apply', `${configMaps}/applied?fieldManager=tester`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      data: { a: 'b' },
    })
    assert.equal(made.status, 201)
  })

  it('subresources change their part and nothing else', async () => {
    await create(deployments, deployment('parts'))
    const scale = await get(`${deployments}/parts/scale`)
    assert.deepEqual([scale.kind, scale.apiVersion, scale.spec.replicas ?? 0], ['Scale', 'autoscaling/v1', 0])
    const scaled = await send('PUT', `${deployments}/parts/scale`, { body: { ...scale, spec: { replicas: 2 } } })
    assert.equal(scaled.json.spec.replicas, 2)
    assert.equal((await get(`${deployments}/parts`)).spec.replicas, 2)
    const note = { type: 'Note', status: 'True', reason: 'Tested', message: 'seen' }
    const status = await patch('merge', `${deployments}/parts/status`, { spec: { replicas: 9 }, status: { conditions: [note] } })
    assert.equal(status.json.spec.replicas, 2)
    assert.equal((await get(`${deployments}/parts/status`)).kind, 'Deployment')
    assert.equal((await send('GET', `${deployments}/parts/nosuch`)).status, 404)
    assert.equal((await send('DELETE', `${deployments}/parts/status`)).status, 405)
  })

  it('collections are deleted by selector', async () => {
    for (const name of ['c1', 'c2', 'c3']) await create(configMaps, { metadata: { name, labels: { drop: name === 'c3' ? 'no' : 'yes' } } })
    assert.equal((await send('DELETE', `${configMaps}?labelSelector=drop=yes`)).status, 200)
    const left = (await get(`${configMaps}?labelSelector=drop`)).items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)
    assert.deepEqual(left, ['c3'])
  })

  it('answers come in the shape that was asked for', async () => {
    const accept = (value: string) => send('GET', `${configMaps}?limit=1`, { headers: { accept: value } })
    const table = (await accept('application/json;as=Table;v=v1;g=meta.k8s.io')).json
    assert.deepEqual(
      [table.kind, table.columnDefinitions.map(({ name }: { name: string }) => name), table.rows[0].object.kind],
      ['Table', ['Name', 'Data', 'Age'], 'PartialObjectMetadata'],
    )
    const partial = (await accept('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io')).json
    assert.deepEqual([partial.kind, 'data' in partial.items[0]], ['PartialObjectMetadataList', false])
    assert.match(String((await accept('application/vnd.kubernetes.protobuf')).headers['content-type']), /protobuf/)
    assert.match((await accept('application/yaml')).text, /^apiVersion: v1\n/m)
    assert.equal((await accept('text/html')).status, 406)
    assert.equal((await accept('application/xml, */*')).status, 200)
  })

  it('namespaces refuse what comes late, and take everything with them', async () => {
    await create('/api/v1/namespaces', { metadata: { name: 'ending' } })
    const inside = '/api/v1/namespaces/ending/configmaps'
    await create(inside, { metadata: { name: 'held', finalizers: ['example.com/hold'] } })
    const ending = await send('DELETE', '/api/v1/namespaces/ending')
    assert.equal(ending.json.status.phase, 'Terminating')
    const late = await send('POST', inside, { body: { metadata: { name: 'late' } } })
    assert.equal(late.status, 403)
    assert.match(
      late.json.message,
      /^configmaps "late" is forbidden: unable to create new content in namespace ending because it is being terminated$/,
    )
    assert.deepEqual(late.json.details.causes, [
      { reason: 'NamespaceTerminating', message: 'namespace ending is being terminated', field: 'metadata.namespace' },
    ])
    await eventually(
      'the namespace says what holds it',
      10_000,
      () => get('/api/v1/namespaces/ending'),
      ({ status }) =>
        status.conditions?.some(
          (condition: { type: string; status: string }) => condition.type === 'NamespaceFinalizersRemaining' && condition.status === 'True',
        ),
    )
    await patch('merge', `${inside}/held`, { metadata: { finalizers: null } })
    await gone('/api/v1/namespaces/ending')
    const missing = await send('POST', '/api/v1/namespaces/nosuch/configmaps', { body: { metadata: { name: 'x' } } })
    assert.deepEqual([missing.status, missing.json.message], [404, 'namespaces "nosuch" not found'])
    assert.equal((await send('DELETE', '/api/v1/namespaces/default')).status, 403)
  })

  it('paths and methods that are not there say so', async () => {
    assert.equal((await send('GET', '/nosuch')).status, 404)
    assert.equal((await send('GET', '/apis/nosuch/v1/things')).status, 404)
    assert.equal((await send('POST', `${configMaps}/name`, { body: {} })).status, 405)
    assert.equal((await send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body: {} })).status, 201)
    assert.equal((await send('GET', '/apis/authentication.k8s.io/v1/selfsubjectreviews')).status, 405)
    assert.equal((await send('POST', configMaps, { body: { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'x' } } })).status, 400)
  })
})
