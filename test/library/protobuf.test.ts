import assert from 'node:assert/strict'
import { Agent, request } from 'node:https'
import { describe, it } from 'node:test'
import { decodeProtobufEnvelope, decodeProtobufMessage, encodeProtobuf } from '../../src/apimachinery/codec/index.ts'
import type { Kind } from '../../src/apimachinery/kind.ts'
import { builtInKinds, configMapKind } from '../../src/apis/index.ts'
import { sharedLibraryCluster } from '../support/library.ts'

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
