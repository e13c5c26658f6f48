import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type KubernetesObject as ClientObject, KubeConfig, type KubernetesListObject, makeInformer } from '@kubernetes/client-node'
import { change, definition, definitionPath, establish, version } from '../support/custom-resources.ts'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'
import { startWebhookServer, type Verdict, type WebhookServer } from '../support/webhook-server.ts'

interface Converted {
  apiVersion: string
  kind: string
  metadata: object
  host?: string
  port?: string
  hostPort?: string
}

/** v1 says host and port apart, v2 in one word. */
function convert(object: Converted, apiVersion: string): Converted {
  const { host, port, hostPort = '', ...rest } = object
  if (apiVersion.endsWith('/v2')) return { ...rest, apiVersion, hostPort: `${host}:${port}` }
  const [before, behind] = hostPort.split(':')
  return { ...rest, apiVersion, host: before, port: behind }
}

const mergePatch = { 'content-type': 'application/merge-patch+json' }
const text = { type: 'string' }

describe('versions of a custom resource that differ in nothing but their schemas', async () => {
  const opened = await sharedLibraryCluster()
  const { send } = opened
  const path = (name: string) => `/apis/example.com/${name}/namespaces/default/sheets`
  const sheet = (apiVersion: string, name: string, spec: object) => ({
    apiVersion: `example.com/${apiVersion}`,
    kind: 'Sheet',
    metadata: { name },
    spec,
  })
  const v1beta1 = { properties: { spec: { type: 'object', properties: { rope: text, cleat: { ...text, default: 'port' } } } } }
  const v1 = { properties: { spec: { type: 'object', properties: { rope: text, winch: { ...text, default: 'none' } } } } }
  await establish(
    opened,
    definition({
      kind: 'Sheet',
      versions: [
        version('v1beta1', v1beta1, { deprecated: true }),
        version('v1', v1, { storage: false, subresources: { status: {} } }),
        version('v0', {}, { storage: false, served: false }),
      ],
    }),
  )

  it('are listed newest first, and only those that are served', async () => {
    const group = (await send('GET', '/apis/example.com')).json
    assert.deepEqual(
      group.versions.map((one: { version: string }) => one.version),
      ['v1', 'v1beta1'],
    )
    assert.equal(group.preferredVersion.version, 'v1')
    assert.equal((await send('GET', path('v0'))).status, 404)
  })

  it('show each object by their own schema', async () => {
    const created = await send('POST', path('v1beta1'), { body: sheet('v1beta1', 'main', { rope: 'hemp' }) })
    assert.deepEqual(created.json.spec, { rope: 'hemp', cleat: 'port' })
    assert.match(String(created.headers.warning), /example\.com\/v1beta1 Sheet is deprecated; use example\.com\/v1 Sheet/)
    const other = (await send('GET', `${path('v1')}/main`)).json
    assert.deepEqual([other.apiVersion, other.spec], ['example.com/v1', { rope: 'hemp', winch: 'none' }])
    const list = (await send('GET', path('v1'))).json
    assert.deepEqual(
      list.items.map((one: { apiVersion: string; spec: object }) => [one.apiVersion, one.spec]),
      [['example.com/v1', { rope: 'hemp', winch: 'none' }]],
    )
    const wrong = await send('POST', path('v1'), { body: sheet('v1beta1', 'jib', {}) })
    assert.match(wrong.json.message, /the API version in the data \(example.com\/v1beta1\) does not match the expected API version/)
  })

  it('each keep what is written through them, whatever the other knows of it', async () => {
    await send('POST', path('v1'), { body: sheet('v1', 'jib', { rope: 'nylon', winch: 'big' }) })
    assert.deepEqual((await send('GET', `${path('v1')}/jib`)).json.spec, { rope: 'nylon', winch: 'big' })
    assert.deepEqual((await send('GET', `${path('v1beta1')}/jib`)).json.spec, { rope: 'nylon', cleat: 'port' })
    assert.equal((await send('GET', `${path('v1')}/jib/status`)).status, 200)
    assert.equal((await send('GET', `${path('v1beta1')}/jib/status`)).status, 404)
  })

  it('may change places in the store', async () => {
    await change(
      opened,
      'sheets.example.com',
      { spec: { versions: [version('v1beta1', v1beta1, { storage: false }), version('v1', v1)] } },
      () => send('GET', definitionPath('sheets.example.com')),
      ({ json }) => json.status.storedVersions.length === 2,
    )
    assert.deepEqual((await send('GET', definitionPath('sheets.example.com'))).json.status.storedVersions, ['v1beta1', 'v1'])
    assert.deepEqual((await send('GET', `${path('v1beta1')}/main`)).json.spec, { rope: 'hemp', cleat: 'port' })
    const patched = await send('PATCH', `${path('v1')}/main`, { body: { spec: { rope: 'steel' } }, headers: mergePatch })
    assert.deepEqual(patched.json.spec, { rope: 'steel', winch: 'none' })
    const refused = await send('PATCH', definitionPath('sheets.example.com'), {
      body: { spec: { versions: [version('v1', v1)] } },
      headers: mergePatch,
    })
    assert.match(refused.json.message, /status.storedVersions\[0\]: Invalid value: "v1beta1": missing from spec.versions/)
    await send('PATCH', `${definitionPath('sheets.example.com')}/status`, {
      body: { status: { storedVersions: ['v1'] } },
      headers: mergePatch,
    })
    const dropped = await send('PATCH', definitionPath('sheets.example.com'), {
      body: { spec: { versions: [version('v1', v1)] } },
      headers: mergePatch,
    })
    assert.equal(dropped.status, 200)
    await eventually(
      'the old version is gone',
      5000,
      async () => (await send('GET', path('v1beta1'))).status,
      status => status === 404,
    )
    assert.doesNotMatch((await send('GET', '/openapi/v3')).text, /example\.com\/v1beta1/)
  })
})

describe('versions of a custom resource that a webhook converts', async () => {
  const opened = await sharedLibraryCluster()
  const { send } = opened
  const ports = (name: string) => `/apis/example.com/${name}/namespaces/default/ports`
  const schemas = { v1: { properties: { host: text, port: text } }, v2: { properties: { hostPort: text } } }
  const path = '/convert'
  let webhook: WebhookServer
  const honest: Verdict = ({ desiredAPIVersion, objects }) => ({
    result: { status: 'Success' },
    convertedObjects: objects.map((object: Converted) => convert(object, desiredAPIVersion)),
  })

  before(async () => {
    webhook = await startWebhookServer()
    webhook.answer(path, honest)
    const clientConfig = webhook.clientConfig(path)
    await establish(
      opened,
      definition({
        kind: 'Port',
        conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } },
        versions: [
          version('v1', schemas.v1, { selectableFields: [{ jsonPath: '.host' }] }),
          version('v2', schemas.v2, { storage: false, selectableFields: [{ jsonPath: '.hostPort' }] }),
        ],
      }),
    )
  })
  after(() => webhook.close())

  it('are read and written in both', async () => {
    await send('POST', ports('v1'), {
      body: { apiVersion: 'example.com/v1', kind: 'Port', metadata: { name: 'one' }, host: 'lau', port: '80' },
    })
    const two = (await send('GET', `${ports('v2')}/one`)).json
    assert.deepEqual([two.apiVersion, two.hostPort, two.host], ['example.com/v2', 'lau:80', undefined])
    const created = await send('POST', ports('v2'), {
      body: { apiVersion: 'example.com/v2', kind: 'Port', metadata: { name: 'two' }, hostPort: 'apia:443' },
    })
    assert.deepEqual([created.status, created.json.hostPort], [201, 'apia:443'])
    assert.deepEqual([(await send('GET', `${ports('v1')}/two`)).json.port], ['443'])
    const patched = await send('PATCH', `${ports('v2')}/one`, { body: { hostPort: 'lau:81' }, headers: mergePatch })
    assert.equal(patched.json.hostPort, 'lau:81')
    assert.equal((await send('GET', `${ports('v1')}/one`)).json.port, '81')
    const applied = await send('PATCH', `${ports('v2')}/three?fieldManager=me`, {
      body: { apiVersion: 'example.com/v2', kind: 'Port', metadata: { name: 'three' }, hostPort: 'suva:1' },
      headers: { 'content-type': 'application/apply-patch+yaml' },
    })
    assert.deepEqual([applied.status, applied.json.hostPort], [201, 'suva:1'])
  })

  it('are listed and selected in both, all of a list in one call', async () => {
    await send('POST', ports('v1'), {
      body: { apiVersion: 'example.com/v1', kind: 'Port', metadata: { name: 'four' }, host: 'levuka', port: '7' },
    })
    const before = webhook.asked(path).length
    const all = (await send('GET', ports('v2'))).json.items
    assert.ok(all.length >= 4 && all.every((one: Converted) => one.apiVersion === 'example.com/v2' && one.hostPort?.includes(':')))
    const asked = webhook.asked(path).length - before
    assert.ok(asked <= 1, `asked ${asked} times`)
    const selected = (await send('GET', `${ports('v2')}?fieldSelector=hostPort%3Dlau%3A81`)).json.items
    assert.deepEqual(
      selected.map((one: { metadata: { name: string } }) => one.metadata.name),
      ['one'],
    )
    assert.equal((await send('GET', `${ports('v1')}?fieldSelector=host%3Dapia`)).json.items.length, 1)
    const table = await send('GET', ports('v2'), { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })
    assert.equal(table.json.rows.length, all.length)
  })

  it('are watched in both, in order', async () => {
    const config = new KubeConfig()
    config.loadFromClusterAndUser(
      {
        name: 'proa',
        server: opened.cluster.server,
        caData: Buffer.from(opened.cluster.certificateAuthority).toString('base64'),
        skipTLSVerify: false,
      },
      { name: 'admin', token: opened.cluster.token },
    )
    const seen: string[] = []
    const informer = makeInformer<ClientObject & Converted>(
      config,
      ports('v2'),
      async () => (await send('GET', ports('v2'))).json as KubernetesListObject<ClientObject & Converted>,
    )
    informer.on('add', one => seen.push(`add ${one.metadata?.name} ${one.hostPort}`))
    informer.on('update', one => seen.push(`update ${one.metadata?.name} ${one.hostPort}`))
    informer.on('delete', one => seen.push(`delete ${one.metadata?.name} ${one.hostPort}`))
    try {
      await informer.start()
      await send('POST', ports('v1'), {
        body: { apiVersion: 'example.com/v1', kind: 'Port', metadata: { name: 'w' }, host: 'w', port: '1' },
      })
      for (const port of ['2', '3']) await send('PATCH', `${ports('v1')}/w`, { body: { port }, headers: mergePatch })
      await send('DELETE', `${ports('v1')}/w`)
      await eventually(
        'all events have come',
        5000,
        async () => seen,
        events => events.includes('delete w w:3'),
      )
      assert.deepEqual(
        seen.filter(event => event.includes(' w ')),
        ['add w w:1', 'update w w:2', 'update w w:3', 'delete w w:3'],
      )
    } finally {
      await informer.stop()
    }
  })

  it('of a list that is stored in both', async () => {
    const both = [
      version('v1', schemas.v1, { storage: false, selectableFields: [{ jsonPath: '.host' }] }),
      version('v2', schemas.v2, { selectableFields: [{ jsonPath: '.hostPort' }] }),
    ]
    await change(
      opened,
      'ports.example.com',
      { spec: { versions: both } },
      () => send('GET', definitionPath('ports.example.com')),
      ({ json }) => json.status.storedVersions.includes('v2'),
    )
    await send('POST', ports('v2'), { body: { apiVersion: 'example.com/v2', kind: 'Port', metadata: { name: 'new' }, hostPort: 'nadi:9' } })
    for (const [name, field] of [
      ['v1', 'host'],
      ['v2', 'hostPort'],
    ] as const) {
      const items = (await send('GET', ports(name))).json.items
      assert.ok(items.length >= 5 && items.every((one: Converted) => one.apiVersion === `example.com/${name}` && one[field]))
    }
  })

  it('are refused where the webhook lies or fails', async () => {
    const lies: readonly (readonly [Verdict, RegExp])[] = [
      [request => ({ ...honest(request), uid: 'x' }), /expected response\.uid=/],
      [request => ({ ...honest(request), result: { status: 'Failure', message: 'no idea' } }), /failed: no idea/],
      [request => ({ ...honest(request), convertedObjects: [] }), /returned 0 objects, expected 1/],
      [
        request => ({
          ...honest(request),
          convertedObjects: request.objects.map((one: Converted) => ({ ...convert(one, request.desiredAPIVersion), kind: 'Y' })),
        }),
        /invalid kind/,
      ],
      [
        request => ({
          ...honest(request),
          convertedObjects: request.objects.map((one: Converted) => ({
            ...convert(one, request.desiredAPIVersion),
            metadata: { name: 'other' },
          })),
        }),
        /must have the same name/,
      ],
    ]
    for (const [lie, message] of lies) {
      webhook.answer(path, lie)
      const { status, json } = await send('POST', ports('v1'), {
        body: { apiVersion: 'example.com/v1', kind: 'Port', metadata: { name: 'x' }, host: 'x', port: '1' },
      })
      assert.equal(status, 500)
      assert.match(json.message, /conversion webhook for example\.com\/v1, Kind=Port failed: /)
      assert.match(json.message, message)
    }
    webhook.answer(path, honest)
  })

  it('go with their definition, whatever the webhook says', async () => {
    webhook.answer(path, () => ({}))
    await send('DELETE', definitionPath('ports.example.com'))
    await eventually(
      'it is gone',
      5000,
      async () => (await send('GET', definitionPath('ports.example.com'))).status,
      status => status === 404,
    )
  })
})
