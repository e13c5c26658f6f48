import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { decodeProtobufEnvelope } from '../apimachinery/codec/index.ts'
import { type DevServer, startDevServer } from './dev.test-support.ts'
import { type Send, sender } from './https-connection.test-support.ts'

let dev: DevServer
let send: Send
before(async () => {
  dev = await startDevServer({})
  send = sender(dev.url)
})
after(() => dev.close())

const limitRanges = '/api/v1/namespaces/default/limitranges'
const csiNodes = '/apis/storage.k8s.io/v1/csinodes'
const limitRange = (name: string, rest: object) => ({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name }, ...rest })
const csiNode = (name: string, rest: object) => ({ apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name }, ...rest })
const driver = { name: 'one.example.com', nodeID: 'n' }

describe('required lists of which there is nothing', () => {
  const specOf = async (method: string, path: string, body?: unknown, type = 'application/json') => {
    const answer = await send(method, path, body, body === undefined ? {} : { 'content-type': type })
    assert.ok(answer.status < 300, answer.text)
    return JSON.parse(answer.text).spec as Record<string, unknown>
  }

  it('are null however little is said', async () => {
    for (const [index, rest] of [{}, { spec: {} }, { spec: { limits: null } }, { spec: { limits: [] } }].entries()) {
      assert.deepEqual(await specOf('POST', limitRanges, limitRange(`l${index}`, rest)), { limits: null })
      assert.deepEqual(await specOf('GET', `${limitRanges}/l${index}`), { limits: null })
    }
    for (const [index, rest] of [{ spec: {} }, { spec: { drivers: null } }, { spec: { drivers: [] } }].entries())
      assert.deepEqual(await specOf('POST', csiNodes, csiNode(`n${index}`, rest)), { drivers: null })
    const { text } = await send('GET', limitRanges)
    assert.deepEqual(JSON.parse(text).items[0].spec, { limits: null })
    const policy = { podFailurePolicy: {}, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } } }
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec: policy }
    assert.deepEqual((await specOf('POST', '/apis/batch/v1/namespaces/default/jobs', job)).podFailurePolicy, { rules: null })
  })

  it('take what is put, patched or applied, and are null again without it', async () => {
    const path = `${csiNodes}/changed`
    const strategic = 'application/strategic-merge-patch+json'
    const merge = 'application/merge-patch+json'
    const apply = 'application/apply-patch+yaml'
    assert.deepEqual(await specOf('POST', csiNodes, csiNode('changed', { spec: {} })), { drivers: null })
    assert.deepEqual(await specOf('PATCH', path, { spec: { drivers: [driver] } }, strategic), { drivers: [driver] })
    assert.deepEqual(await specOf('PATCH', path, { spec: { drivers: [{ $patch: 'delete', name: driver.name }] } }, strategic), {
      drivers: null,
    })
    assert.deepEqual(await specOf('PATCH', path, { spec: { drivers: [driver] } }, merge), { drivers: [driver] })
    assert.deepEqual(await specOf('PATCH', path, { spec: { drivers: null } }, merge), { drivers: null })
    const applied = `${csiNodes}/applied?fieldManager=me`
    assert.deepEqual(await specOf('PATCH', applied, csiNode('applied', { spec: {} }), apply), { drivers: null })
    assert.deepEqual(await specOf('PATCH', applied, csiNode('applied', { spec: { drivers: [driver] } }), apply), { drivers: [driver] })
    assert.deepEqual(await specOf('PATCH', applied, csiNode('applied', { spec: { drivers: [] } }), apply), { drivers: null })
    const limits = [{ type: 'Pod', max: { cpu: '1' } }]
    const range = `${limitRanges}/applied?fieldManager=me`
    assert.deepEqual(await specOf('PATCH', range, limitRange('applied', { spec: { limits: [] } }), apply), { limits: null })
    assert.deepEqual(await specOf('PATCH', range, limitRange('applied', { spec: { limits } }), apply), { limits })
  })

  it('are nothing in protobuf', async () => {
    await send('POST', csiNodes, csiNode('binary', { spec: {} }))
    const { status, body } = await send('GET', `${csiNodes}/binary`, undefined, { accept: 'application/vnd.kubernetes.protobuf' })
    assert.deepEqual([status, decodeProtobufEnvelope(body).kind], [200, 'CSINode'])
    assert.equal((await send('GET', csiNodes, undefined, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' })).status, 200)
  })
})
