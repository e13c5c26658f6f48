import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sharedLibraryCluster } from '../support/library.ts'
import { type OperationsCase, operationsCases } from '../support/operations-cases.ts'
import { eventually } from '../support/real-cluster.ts'

/**
 * The "API operations" that the conformance programme drives over every kind that is not a workload, in its order and with the
 * requests of its clients: typed ones, dynamic ones, and those that want metadata only.
 */

const shared = await sharedLibraryCluster()

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind.
type Any = any

const protobuf = 'application/vnd.kubernetes.protobuf'
const metadataOnly = (what: string) =>
  `${protobuf};as=${what};g=meta.k8s.io;v=v1,application/json;as=${what};g=meta.k8s.io;v=v1,application/json`
const asJson = (what: string) => ({ accept: `application/json;as=${what};g=meta.k8s.io;v=v1` })
const patchType = (type: string) => ({
  'content-type': `application/${type}`,
  'user-agent': 'e2e.test/v1.36.0 (linux/amd64) kubernetes/0000000',
})

function testKind({
  resource: words,
  kind,
  cluster,
  body,
  names,
  status,
  statusKeepsMetadata,
  deletionAnswersObject,
}: OperationsCase): void {
  const [version, group, resource] = ((parts: string[]) => [parts.at(-2), parts.slice(0, -2).join('/'), parts.at(-1)])(
    words.split('/'),
  ) as [string, string, string]
  const apiVersion = group === '' ? version : `${group}/${version}`
  const root = group === '' ? `/api/${version}` : `/apis/${apiVersion}`
  const path = cluster ? `${root}/${resource}` : `${root}/namespaces/default/${resource}`
  const prefix = `ops-${group === '' ? 'core' : group.split('.')[0]}`
  const [one, two, three] = names ?? [`${prefix}-1`, `${prefix}-2`, `${prefix}-3`]
  const label = `${prefix}-${resource}`
  const chosen = `labelSelector=special-label%3D${label}`
  const { send } = shared
  const object = (name: string, index: number): Any => ({
    apiVersion,
    kind,
    metadata: { name, labels: { 'special-label': label } },
    ...(typeof body === 'function' ? body(index) : body),
  })
  const read = async (name: string): Promise<Any> => (await send('GET', `${path}/${name}`)).json
  const retried = (what: string, ask: (current: Any) => Promise<Any>, name: string): Promise<Any> =>
    eventually(
      what,
      10_000,
      async () => ask(await read(name)),
      answer => answer.status !== 409,
    )

  it(`${apiVersion} ${kind}`, async () => {
    const list = (await send('GET', `${path}?${chosen}`)).json
    assert.deepEqual([list.apiVersion, list.kind, list.items], [apiVersion, `${kind}List`, []])
    const created: Any[] = []
    for (const [index, name] of [one, two, three].entries()) {
      const answer = await send('POST', `${path}?fieldManager=e2e.test&fieldValidation=Strict`, { body: object(name, index) })
      assert.equal(answer.status, 201, answer.text)
      created.push(answer.json)
    }
    assert.match(created[0].metadata.uid, /^[0-9a-f-]{36}$/)
    assert.equal((await read(one)).metadata.uid, created[0].metadata.uid)
    assert.equal((await send('GET', `${path}?${chosen}`)).json.items.length, 3)
    assert.equal((await send('GET', `${root}/${resource}?${chosen}&limit=500&resourceVersion=0`)).json.items.length, 3)
    const page = (await send('GET', `${root}/${resource}?${chosen}&limit=2`)).json
    assert.deepEqual([page.items.length, page.metadata.remainingItemCount], [2, undefined])
    const rest = await send('GET', `${root}/${resource}?${chosen}&limit=2&continue=${encodeURIComponent(page.metadata.continue)}`)
    assert.equal(rest.json.items.length, 1)

    const partial = await send('GET', `${path}?${chosen}`, { headers: asJson('PartialObjectMetadataList') })
    assert.deepEqual([partial.json.apiVersion, partial.json.kind], ['meta.k8s.io/v1', 'PartialObjectMetadataList'])
    assert.deepEqual(
      Object.keys(partial.json.items[0]).sort(),
      ['apiVersion', 'kind', 'metadata'].filter(key => key === 'metadata' || key in partial.json.items[0]),
    )
    const binary = await send('GET', `${path}?${chosen}`, { headers: { accept: metadataOnly('PartialObjectMetadataList') } })
    assert.deepEqual([binary.status, binary.headers['content-type']], [200, protobuf])
    assert.ok(binary.text.startsWith('k8s\0') && binary.text.includes('PartialObjectMetadataList'))

    const merged = await send('PATCH', `${path}/${one}`, {
      body: { metadata: { annotations: { patched: 'true' } } },
      headers: patchType('merge-patch+json'),
    })
    assert.equal(merged.json.metadata.annotations?.patched, 'true', merged.text)
    const strategic = await send('PATCH', `${path}/${one}`, {
      body: { metadata: { labels: { strategic: 'yes' } } },
      headers: patchType('strategic-merge-patch+json'),
    })
    assert.equal(strategic.json.metadata.labels.strategic, 'yes', strategic.text)
    const byPath = [{ op: 'add', path: '/metadata/annotations/by-path', value: 'yes' }]
    const jsonPatched = await send('PATCH', `${path}/${one}`, { body: byPath, headers: patchType('json-patch+json') })
    assert.equal(jsonPatched.json.metadata.annotations['by-path'], 'yes', jsonPatched.text)
    const applied = await send('PATCH', `${path}/${one}?fieldManager=applier&force=true`, {
      body: { ...object(one, 0), metadata: { labels: { 'special-label': label, applied: 'yes' } } },
      headers: patchType('apply-patch+yaml'),
    })
    assert.deepEqual([applied.status, applied.json.metadata?.labels.applied], [200, 'yes'], applied.text)
    const onlyMetadata = await send('PATCH', `${path}/${one}`, {
      body: { metadata: { annotations: { meta: 'yes' } } },
      headers: { ...patchType('merge-patch+json'), ...asJson('PartialObjectMetadata') },
    })
    assert.deepEqual(
      [onlyMetadata.json.apiVersion, onlyMetadata.json.kind, onlyMetadata.json.metadata.annotations.meta],
      ['meta.k8s.io/v1', 'PartialObjectMetadata', 'yes'],
    )
    const updated = await retried(
      'an update',
      current =>
        send('PUT', `${path}/${one}`, {
          body: { ...current, metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, updated: 'true' } } },
        }),
      one,
    )
    assert.deepEqual([updated.status, updated.json.metadata.annotations.updated], [200, 'true'], updated.text)
    const stale = await send('PUT', `${path}/${one}`, {
      body: { ...updated.json, metadata: { ...updated.json.metadata, resourceVersion: created[0].metadata.resourceVersion, labels: {} } },
    })
    assert.deepEqual([stale.status, stale.json.reason], [409, 'Conflict'])

    if (status !== undefined) {
      const before = await read(one)
      assert.equal((await send('GET', `${path}/${one}/status`)).json.kind, kind)
      const patched = await send('PATCH', `${path}/${one}/status`, {
        body: { metadata: { annotations: { patchedstatus: 'true' } }, status },
        headers: patchType('merge-patch+json'),
      })
      assert.equal(patched.status, 200, patched.text)
      assert.equal(patched.json.metadata.annotations.patchedstatus, statusKeepsMetadata ? undefined : 'true')
      assert.deepEqual(patched.json.spec, before.spec)
      const [field, value] = Object.entries(status)[0] as [string, unknown]
      assertPart(patched.json.status[field], value)
      const written = await retried(
        'an update of the status',
        current => send('PUT', `${path}/${one}/status`, { body: { ...current, status: { ...current.status, ...status } } }),
        one,
      )
      assert.equal(written.status, 200, written.text)
      assertPart(written.json.status[field], value)
    }

    const metaDelete = await send('DELETE', `${path}/${two}?dryRun=All`, { headers: { accept: metadataOnly('PartialObjectMetadata') } })
    assert.equal(metaDelete.status, 200, metaDelete.text)
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'wrong' }, propagationPolicy: 'Background' }
    const refused = await send('DELETE', `${path}/${one}`, { body })
    assert.deepEqual([refused.status, refused.json.reason], [409, 'Conflict'])
    const deleted = await send('DELETE', `${path}/${one}`)
    assert.equal(deleted.status, 200, deleted.text)
    if (deletionAnswersObject) assert.equal(deleted.json.kind, kind, deleted.text)
    else {
      const details = { name: one, ...(group && { group }), kind: resource, uid: created[0].metadata.uid }
      assert.deepEqual(deleted.json, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details })
    }
    await eventually(
      'it is gone',
      10_000,
      () => send('GET', `${path}/${one}`),
      ({ status }) => status === 404,
    )
    const collection = await send('DELETE', `${path}?${chosen}`, { body: { kind: 'DeleteOptions', apiVersion: 'v1' } })
    assert.equal(collection.status, 200, collection.text)
    await eventually(
      'all are gone',
      10_000,
      () => send('GET', `${path}?${chosen}`),
      ({ json }) => json.items.length === 0,
    )

    const query = `watch=true&timeoutSeconds=1&resourceVersion=${list.metadata.resourceVersion}&${chosen}`
    const [watched, watchedMetadata] = await Promise.all([
      send('GET', `${path}?${query}&allowWatchBookmarks=true`),
      send('GET', `${root}/${resource}?${query}`, { headers: asJson('PartialObjectMetadata') }),
    ])
    const names3 = (text: string, type: string) =>
      text
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line))
        .filter(event => event.type === type)
        .map(event => event.object.metadata.name)
        .sort()
    for (const { text } of [watched, watchedMetadata])
      for (const type of ['ADDED', 'DELETED']) assert.deepEqual(names3(text, type), [one, two, three].sort())
    assert.ok(names3(watched.text, 'MODIFIED').length >= 3)
    assert.equal(JSON.parse(watchedMetadata.text.split('\n')[0] as string).object.kind, 'PartialObjectMetadata')
  })
}

function assertPart(found: unknown, wanted: unknown): void {
  assert.ok(
    JSON.stringify(found)?.includes(JSON.stringify(wanted).slice(1, -1)),
    `${JSON.stringify(found)} lacks ${JSON.stringify(wanted)}`,
  )
}

describe('API operations', { concurrency: true }, () => operationsCases.forEach(testKind))
