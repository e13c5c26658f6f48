import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { encodeProtobufEnvelope } from '../../apimachinery/codec/index.ts'
import { type DevServer, startDevServer } from '../dev.test-support.ts'
import { type Send, sender } from '../https-connection.test-support.ts'

/** Clients search for these words: what can't be read is refused in upstream's, never in those of an engine. */
let dev: DevServer
let send: Send
before(async () => {
  dev = await startDevServer()
  send = sender(dev.url)
  await send('POST', collection, { metadata: { name: 'there' } })
})
after(() => dev.close())

const collection = '/api/v1/namespaces/default/configmaps'
const yaml = 'application/yaml'
const protobuf = 'application/vnd.kubernetes.protobuf'
const refusal = async (...request: Parameters<Send>) => {
  const { status, text } = await send(...request)
  const { message, reason } = JSON.parse(text) as { message: string; reason: string }
  return { status, message, reason }
}
const badRequest = (message: string) => ({ status: 400, message, reason: 'BadRequest' })
const unrecognized = (kind: string, reason: string) =>
  badRequest(`the object provided is unrecognized (must be of type ${kind}): ${reason}`)
const noKind = "couldn't get version/kind; json parse error:"
const typeMeta = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

describe('a body that is no object', () => {
  const cases: readonly (readonly [text: string, type: string, reason: string])[] = [
    ['{', 'application/json', `${noKind} unexpected end of JSON input ({)`],
    ['', 'application/json', `${noKind} unexpected end of JSON input (<empty>)`],
    ['nonsense', 'application/json', `${noKind} invalid character 'o' in literal null (expecting 'u') (6e6f6e73656e7365)`],
    [
      '{"metadata":{"name":"a-long-name"},}',
      'application/json',
      `${noKind} invalid character '}' looking for beginning of object key string ({"metadata":{"name":"a-long-na ...)`,
    ],
    ['[]', 'application/json', `${noKind} json: cannot unmarshal array into Go value of type ${typeMeta} (5b5d)`],
    ['"x"', 'application/json', `${noKind} json: cannot unmarshal string into Go value of type ${typeMeta} (227822)`],
    ['1', 'application/json', `${noKind} json: cannot unmarshal number into Go value of type ${typeMeta} (31)`],
    ['true', yaml, `${noKind} json: cannot unmarshal bool into Go value of type ${typeMeta} (74727565)`],
    ['{"kind":1}', 'application/json', `${noKind} json: cannot unmarshal number into Go struct field .kind of type string ({"kind":1})`],
    ['nonsense', protobuf, 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (6e6f6e73656e7365)'],
  ]
  for (const [text, type, reason] of cases) {
    it(`${text || 'nothing'} as ${type}`, async () => {
      assert.deepEqual(await refusal('POST', collection, text, { 'content-type': type }), unrecognized('ConfigMap', reason))
    })
  }

  it('is told as what the subresource takes', async () => {
    const path = '/api/v1/namespaces/default/pods/x/eviction'
    assert.deepEqual(await refusal('POST', path, '{'), unrecognized('Eviction', `${noKind} unexpected end of JSON input ({)`))
    assert.deepEqual(
      await refusal('DELETE', `${collection}/there`, '{'),
      unrecognized('DeleteOptions', `${noKind} unexpected end of JSON input ({)`),
    )
  })

  it('of YAML names the line', async () => {
    const { message } = await refusal('POST', collection, 'a: [', { 'content-type': yaml })
    assert.match(message, /^the object provided is unrecognized \(must be of type ConfigMap\): yaml: line 1: .* \(613a205b\)$/)
  })

  it('of protobuf with a message cut short names the kind', async () => {
    const cut = Buffer.from(encodeProtobufEnvelope(Buffer.from([0x0a, 0x50, 0x01]), 'v1', 'ConfigMap'))
    // Bytes as a text of one byte each.
    const { status, message } = await refusal('POST', collection, cut.toString('latin1'), {
      'content-type': protobuf,
      'content-length': String(Buffer.byteLength(cut.toString('latin1'))),
    })
    assert.equal(status, 400)
    assert.match(message, /^ConfigMap in version "v1" cannot be handled as a ConfigMap: proto: /)
  })

  it('is an object without fields where it is null', async () => {
    const { status, message } = await refusal('POST', collection, 'null')
    assert.deepEqual([status, message], [422, 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'])
  })
})

describe('a patch that can not be read', () => {
  const patch = (type: string, text: string) =>
    refusal('PATCH', `${collection}/there?fieldManager=me`, text, { 'content-type': `application/${type}` })
  const cases: readonly (readonly [type: string, text: string, message: string])[] = [
    ['merge-patch+json', '{', 'error decoding patch: unexpected end of JSON input'],
    ['merge-patch+json', '[]', 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['json-patch+json', '[', 'error decoding patch: unexpected end of JSON input'],
    ['json-patch+json', '{}', 'error decoding patch: json: cannot unmarshal object into Go value of type []interface {}'],
    ['strategic-merge-patch+json', '{', 'unexpected end of JSON input'],
    ['strategic-merge-patch+json', '"x"', 'json: cannot unmarshal string into Go value of type map[string]interface {}'],
  ]
  for (const [type, text, message] of cases) {
    it(`${text} as ${type}`, async () => assert.deepEqual(await patch(type, text), badRequest(message)))
  }

  it('as apply is told in the words of YAML, and YAML in braces is read', async () => {
    const { status, message } = await patch('apply-patch+yaml', '{')
    assert.equal(status, 400)
    assert.match(message, /^error decoding YAML: error converting YAML to JSON: yaml: line 1: /)
    const applied = await send('PATCH', `${collection}/there?fieldManager=me`, '{apiVersion: v1, kind: ConfigMap, data: {a: b}}', {
      'content-type': 'application/apply-patch+yaml',
    })
    assert.equal(applied.status, 200, applied.text)
  })
})

describe('a continue token that is none', () => {
  const invalid = 'invalid continue token: continue key is not valid:'
  const encoded = (text: string) => Buffer.from(text).toString('base64url')
  const cases: readonly (readonly [what: string, token: string, reason: string])[] = [
    ['no base64', 'a%21bc', 'illegal base64 data at input byte 1'],
    ['base64 cut short', 'abcde', 'illegal base64 data at input byte 4'],
    ['no JSON', encoded('x'), "invalid character 'x' looking for beginning of value"],
    ['JSON cut short', encoded('{'), 'unexpected end of JSON input'],
    ['a list', encoded('[]'), 'json: cannot unmarshal array into Go value of type storage.continueToken'],
    ['a revision as text', encoded('{"rv":"1"}'), 'json: cannot unmarshal string into Go struct field continueToken.rv of type int64'],
    ['of another version', encoded('{"v":"v2"}'), 'server does not recognize this encoded version v2'],
    ['without a revision', encoded('{"v":"meta.k8s.io/v1"}'), 'incorrect encoded start resourceVersion (version meta.k8s.io/v1)'],
    ['without a key', encoded('{"v":"meta.k8s.io/v1","rv":1}'), 'encoded start key empty (version meta.k8s.io/v1)'],
    ['a key that climbs', encoded('{"v":"meta.k8s.io/v1","rv":1,"start":"../secrets"}'), '../secrets'],
  ]
  for (const [what, token, reason] of cases) {
    it(what, async () =>
      assert.deepEqual(await refusal('GET', `${collection}?limit=1&continue=${token}`), badRequest(`${invalid} ${reason}`)),
    )
  }
})
