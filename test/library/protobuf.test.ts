import assert from 'node:assert/strict'
import { Agent, request } from 'node:https'
import { describe, it } from 'node:test'
import { decodeProtobufEnvelope, decodeProtobufMessage, encodeProtobuf } from '../../src/apimachinery/codec/index.ts'
import type { Kind } from '../../src/apimachinery/kind.ts'
import { ObjectMeta } from '../../src/apimachinery/meta.ts'
import { list, object, optional } from '../../src/apimachinery/schema.ts'
import { builtInKinds, configMapKind } from '../../src/apis/index.ts'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

/** What client-go sends and expects by default: protobuf in both directions, and in watches. */

const protobuf = 'application/vnd.kubernetes.protobuf'
const { cluster, send } = await sharedLibraryCluster({ nodes: 1 })
const agent = new Agent({ keepAlive: true, ca: cluster.certificateAuthority })

interface Bytes {
  readonly status: number
  readonly type: string
  readonly body: Buffer
}

const exchange = (method: string, path: string, accept: string, body?: Uint8Array): Promise<Bytes> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${cluster.token}`, accept, ...(body && { 'content-type': protobuf }) }
    const sent = request(new URL(path, cluster.server), { method, agent, headers }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: String(response.headers['content-type']), body: Buffer.concat(chunks) }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })

/** The frames of a watch: a length, then a message with the event's type and its object. */
function frames(body: Buffer): { readonly type: string; readonly kind: string; readonly apiVersion: string; readonly raw: Uint8Array }[] {
  const found = []
  for (let at = 0; at < body.length; ) {
    const length = body.readUInt32BE(at)
    const message = body.subarray(at + 4, at + 4 + length)
    at += 4 + length
    // Field 1 is the type, field 2 a RawExtension whose field 1 is the object in an envelope.
    const typeLength = message[1] as number
    const start = message.indexOf('k8s\0')
    found.push({ type: message.toString('utf8', 2, 2 + typeLength), ...decodeProtobufEnvelope(message.subarray(start)) })
  }
  return found
}

const metadataOnly = object('', '', { metadata: optional(1, ObjectMeta, '') })
const metadataList = object('', '', { items: optional(2, list(metadataOnly), '') })

const watched = builtInKinds.filter(({ verbs }) => verbs.includes('watch'))
const pathOf = ({ resource }: Kind, { group, version }: { readonly group: string; readonly version: string }) =>
  `${group === '' ? '/api' : `/apis/${group}`}/${version}/${resource}`

describe('every built-in kind in protobuf', { concurrency: true }, () => {
  for (const kind of watched) {
    for (const served of kind.served) {
      const apiVersion = served.group === '' ? served.version : `${served.group}/${served.version}`
      it(`${apiVersion} ${kind.kind}: lists and watches`, async () => {
        const path = pathOf(kind, served)
        const list = await exchange('GET', path, `${protobuf},application/json`)
        assert.deepEqual([list.status, list.type], [200, protobuf])
        const envelope = decodeProtobufEnvelope(list.body)
        assert.deepEqual([envelope.apiVersion, envelope.kind], [apiVersion, `${kind.kind}List`])
        const query = '?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
        const watch = await exchange('GET', `${path}${query}`, `${protobuf};type=watch,${protobuf},application/json`)
        assert.deepEqual([watch.status, watch.type], [200, `${protobuf};stream=watch`])
        const events = frames(watch.body)
        assert.equal(events.filter(({ type }) => type === 'BOOKMARK').length >= 1, true)
        for (const event of events) {
          assert.deepEqual([event.apiVersion, event.kind], [apiVersion, kind.kind])
          decodeProtobufMessage(served.schema, event.raw)
        }
      })
    }
  }
})

describe('protobuf', () => {
  const path = '/api/v1/namespaces/default/configmaps'
  const body = (object: object) => encodeProtobuf(configMapKind.schema, object, 'v1', 'ConfigMap')
  const read = (bytes: Buffer) => decodeProtobufMessage(configMapKind.schema, decodeProtobufEnvelope(bytes).raw) as { data?: object }

  it('creates, updates and reads', async () => {
    const made = await exchange('POST', path, protobuf, body({ metadata: { name: 'binary' }, data: { a: 'b' } }))
    assert.deepEqual([made.status, made.type, read(made.body).data], [201, protobuf, { a: 'b' }])
    const updated = await exchange('PUT', `${path}/binary`, protobuf, body({ metadata: { name: 'binary' }, data: { a: 'c' } }))
    assert.deepEqual([updated.status, read(updated.body).data], [200, { a: 'c' }])
    assert.deepEqual((await send('GET', `${path}/binary`)).json.data, { a: 'c' })
  })

  it('errors are a Status in protobuf too', async () => {
    const missing = await exchange('GET', `${path}/missing`, protobuf)
    assert.deepEqual([missing.status, missing.type, decodeProtobufEnvelope(missing.body).kind], [404, protobuf, 'Status'])
  })

  it('is spoken with those who want metadata only, of custom kinds too', async () => {
    const only = (what: string) => `${protobuf};as=${what};g=meta.k8s.io;v=v1,application/json;as=${what};g=meta.k8s.io;v=v1`
    const list = await exchange('GET', path, only('PartialObjectMetadataList'))
    const { apiVersion, kind, raw } = decodeProtobufEnvelope(list.body)
    assert.deepEqual([apiVersion, kind, list.type], ['meta.k8s.io/v1', 'PartialObjectMetadataList', protobuf])
    const { items } = decodeProtobufMessage(metadataList, raw) as { items: { metadata: { name: string } }[] }
    assert.ok(items.some(({ metadata }) => metadata.name === 'binary'))
    const one = decodeProtobufEnvelope((await exchange('GET', `${path}/binary`, only('PartialObjectMetadata'))).body)
    const { metadata } = decodeProtobufMessage(metadataOnly, one.raw) as { metadata: { name: string; uid: string } }
    assert.deepEqual([one.kind, metadata.name, metadata.uid.length], ['PartialObjectMetadata', 'binary', 36])
    const query = '?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
    const seen = frames((await exchange('GET', `${path}${query}`, only('PartialObjectMetadata'))).body)
    assert.ok(seen.some(({ type }) => type === 'ADDED') && seen.some(({ type }) => type === 'BOOKMARK'))
    assert.ok(seen.every(event => event.kind === 'PartialObjectMetadata' && event.apiVersion === 'meta.k8s.io/v1'))

    const definition = {
      metadata: { name: 'things.binary.example.com' },
      spec: {
        group: 'binary.example.com',
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    }
    assert.equal((await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition })).status, 201)
    const things = '/apis/binary.example.com/v1/namespaces/default/things'
    await eventually(
      'it is served',
      10_000,
      () => send('GET', things),
      ({ status }) => status === 200,
    )
    const custom = await exchange('GET', things, only('PartialObjectMetadataList'))
    assert.equal(decodeProtobufEnvelope(custom.body).kind, 'PartialObjectMetadataList')
    assert.equal((await exchange('GET', things, protobuf)).status, 406)
  })

  it('is never a table', async () => {
    const table = `${protobuf};as=Table;v=v1;g=meta.k8s.io`
    assert.equal((await exchange('GET', path, table)).status, 406)
    const second = await exchange('GET', path, `${table},application/json;as=Table;v=v1;g=meta.k8s.io`)
    assert.deepEqual([second.status, second.type, JSON.parse(second.body.toString()).kind], [200, 'application/json', 'Table'])
  })
})

describe('what is accepted and sent', () => {
  const path = '/api/v1/namespaces/default/configmaps'
  it('HEAD answers the head of a GET', async () => {
    const { status, text, headers } = await send('HEAD', path)
    assert.deepEqual([status, text, headers['content-type']], [200, '', 'application/json'])
  })
  it('other methods are refused', async () => {
    for (const method of ['OPTIONS', 'PROPFIND']) assert.equal((await send(method, path)).status, 405)
  })
  const unread: readonly (readonly [method: string, path: string, type: string])[] = [
    ['POST', path, 'application/xml'],
    ['PUT', `${path}/x`, 'text/plain'],
    ['PATCH', `${path}/kube-root-ca.crt`, 'application/json'],
    ['DELETE', `${path}/x`, 'application/x-www-form-urlencoded'],
  ]
  for (const [method, target, type] of unread) {
    it(`${method} of ${type} is refused, with what would be read`, async () => {
      const { status, json } = await send(method, target, { body: 'x', headers: { 'content-type': type } })
      assert.deepEqual([status, json.reason], [415, 'UnsupportedMediaType'])
      assert.match(json.message, /^the body of the request was in an unknown format - accepted media types include: application\//)
    })
  }
  const ranges: readonly (readonly [accept: string, type: string])[] = [
    ['application/json; charset=utf-8', 'application/json'],
    ['text/html, application/yaml;q=0.5, */*;q=0.1', 'application/yaml'],
    ['application/json;type=watch', 'application/json'],
    ['application/*', 'application/json'],
  ]
  for (const [accept, type] of ranges)
    it(`${accept} is ${type}`, async () => assert.equal((await send('GET', path, { headers: { accept } })).headers['content-type'], type))
  it('an audit id is kept as far as it is short', async () => {
    const { headers } = await send('GET', path, { headers: { 'audit-id': 'x'.repeat(500) } })
    assert.equal(headers['audit-id'], 'x'.repeat(64))
  })
})
