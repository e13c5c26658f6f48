import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type DevServer, startDevServer } from './dev.test-support.ts'
import { sender } from './https-connection.test-support.ts'

let dev: DevServer
before(async () => {
  dev = await startDevServer({ handlers: { subresources: {}, reviews: {} } })
})
after(() => dev.close())

const configMaps = { group: '', version: 'v1', resource: 'configmaps' }
const path = '/api/v1/namespaces/default/configmaps'
const configMap = (data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'a',
    annotations: { text: 'braces } ] and "quotes"' },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }],
  },
  data,
})

test('a view of metadata ends there, and follows what changes', async () => {
  const send = sender(dev.url)
  const view = dev.server.connect({ name: 'x', groups: [] }).view?.(configMaps, { metadataOnly: true })
  assert.ok(view)
  const seen: unknown[] = []
  const stop = view.subscribe(({ old, new: current }) => seen.push([old?.metadata.resourceVersion, current?.metadata.resourceVersion]))
  const created = JSON.parse((await send('POST', path, configMap({ a: '1' }))).text)
  const updated = JSON.parse((await send('PUT', `${path}/a`, configMap({ a: '2' }))).text)
  assert.equal(updated.data.a, '2')
  const { managedFields, ...metadata } = updated.metadata
  assert.ok(managedFields.length > 0, 'the stored object has managed fields, which no view shows')
  for (const shown of [view.get('default', 'a'), view.list('default').find(one => one.metadata.name === 'a')]) {
    assert.deepEqual(shown, { kind: 'ConfigMap', apiVersion: 'v1', metadata })
  }
  const removed = await send('DELETE', `${path}/a`)
  assert.equal(removed.status, 200)
  assert.deepEqual(seen, [
    [undefined, created.metadata.resourceVersion],
    [created.metadata.resourceVersion, updated.metadata.resourceVersion],
    [updated.metadata.resourceVersion, undefined],
  ])
  stop()
})
