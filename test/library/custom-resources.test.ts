import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { change, definition, definitionPath, definitionsPath, establish, isEstablished, version } from '../support/custom-resources.ts'
import { findKubectls } from '../support/kubectls.ts'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

const kubectl = findKubectls().at(-1)
const needsKubectl = kubectl ? false : 'no kubectl here'
const strict = '?fieldValidation=Strict'
const mergePatch = { 'content-type': 'application/merge-patch+json' }

const shipSchema = {
  description: 'A vessel under sail.',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      description: 'What it should be.',
      required: ['rig'],
      properties: {
        rig: { type: 'string', description: 'How its sails are set.', enum: ['sloop', 'ketch'] },
        masts: { type: 'integer', minimum: 1, maximum: 5, default: 1 },
        port: { 'x-kubernetes-int-or-string': true },
        cargo: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        log: { type: 'string', format: 'date-time', nullable: true },
        crew: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, duty: { type: 'string', default: 'deck' } },
          },
        },
        flags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
      },
    },
    status: { type: 'object', properties: { masts: { type: 'integer' }, harbour: { type: 'string' } } },
  },
}
const ships = '/apis/example.com/v1/namespaces/default/ships'
const ship = (name: string, spec: object = { rig: 'sloop' }, more: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Ship',
  metadata: { name },
  spec,
  ...more,
})

describe('custom resources', async () => {
  const opened = await sharedLibraryCluster()
  const { send } = opened
  await establish(
    opened,
    definition({
      names: { shortNames: ['sh'], categories: ['all'] },
      versions: [
        version('v1', shipSchema, {
          subresources: { status: {}, scale: { specReplicasPath: '.spec.masts', statusReplicasPath: '.status.masts' } },
          additionalPrinterColumns: [
            { name: 'Rig', type: 'string', jsonPath: '.spec.rig' },
            { name: 'Crew', type: 'string', jsonPath: '.spec.crew[?(@.duty=="helm")].name', priority: 1 },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          selectableFields: [{ jsonPath: '.spec.rig' }],
        }),
      ],
    }),
  )

  it('are pruned and get their defaults', async () => {
    const spec = {
      rig: 'sloop',
      unknown: 1,
      cargo: { tea: { chests: 3, none: null } },
      log: null,
      masts: null,
      crew: [{ name: 'ada', rank: 1 }],
    }
    const { json, headers } = await send('POST', ships, { body: { ...ship('vela', spec), extra: true } })
    assert.deepEqual(json.spec, {
      rig: 'sloop',
      masts: 1,
      cargo: { tea: { chests: 3, none: null } },
      log: null,
      crew: [{ name: 'ada', duty: 'deck' }],
    })
    assert.equal(json.extra, undefined)
    assert.equal(json.metadata.generation, 1)
    assert.match(String(headers.warning), /unknown field \\"spec.unknown\\"/)
    assert.match(String(headers.warning), /unknown field \\"spec.crew\[0\].rank\\"/)
    assert.match(String(headers.warning), /unknown field \\"extra\\"/)
  })

  it('are refused in upstream words', async () => {
    const messages: readonly (readonly [object, string])[] = [
      [{}, 'spec.rig: Required value'],
      [{ rig: 'brig' }, 'spec.rig: Unsupported value: "brig": supported values: "sloop", "ketch"'],
      [{ rig: 'sloop', masts: 0 }, 'spec.masts: Invalid value: 0: spec.masts in body should be greater than or equal to 1'],
      [{ rig: 'sloop', masts: 'two' }, 'spec.masts: Invalid value: "string": spec.masts in body must be of type integer: "string"'],
      [{ rig: 'sloop', masts: 1.5 }, 'spec.masts: Invalid value: "number": spec.masts in body must be of type integer: "number"'],
      [{ rig: 'sloop', port: true }, 'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"'],
      [{ rig: 'sloop', log: 'yesterday' }, 'spec.log: Invalid value: "yesterday": spec.log in body must be of type date-time: "yesterday"'],
      [{ rig: 'sloop', crew: [{ name: 'a' }, { name: 'a' }] }, 'spec.crew[1]: Duplicate value: {"name":"a"}'],
      [{ rig: 'sloop', flags: ['x', 'y', 'x'] }, 'spec.flags[2]: Duplicate value: "x"'],
    ]
    for (const [spec, message] of messages) {
      const { status, json } = await send('POST', ships, { body: ship('bad', spec) })
      assert.equal(status, 422)
      assert.equal(json.message, `Ship.example.com "bad" is invalid: ${message}`)
    }
    const twice = await send('POST', `${ships}${strict}`, {
      body: '{"apiVersion":"example.com/v1","kind":"Ship","metadata":{"name":"x"},"spec":{"rig":"sloop","rig":"ketch","sails":2}}',
    })
    assert.equal(twice.status, 400)
    assert.match(twice.json.message, /strict decoding error: duplicate field "spec.rig", unknown field "spec.sails"/)
  })

  it('keep status and everything else apart, and count what is asked for', async () => {
    const created = (await send('POST', ships, { body: ship('lugger', { rig: 'ketch' }, { status: { harbour: 'Lau' } }) })).json
    assert.equal(created.status, undefined)
    const path = `${ships}/lugger`
    const told = await send('PATCH', `${path}/status`, {
      body: { status: { harbour: 'Lau' }, spec: { rig: 'sloop' }, metadata: { labels: { a: 'b' } } },
      headers: mergePatch,
    })
    assert.deepEqual([told.json.spec.rig, told.json.status.harbour, told.json.metadata.generation], ['ketch', 'Lau', 1])
    assert.equal(told.json.metadata.labels, undefined)
    const wrong = await send('PATCH', `${path}/status`, { body: { status: { harbour: 7 } }, headers: mergePatch })
    assert.match(wrong.json.message, /status.harbour: Invalid value: "integer": status.harbour in body must be of type string: "integer"/)
    const labelled = await send('PATCH', path, {
      body: { metadata: { labels: { a: 'b' } }, status: { harbour: 'Apia' } },
      headers: mergePatch,
    })
    assert.deepEqual([labelled.json.metadata.generation, labelled.json.status.harbour], [1, 'Lau'])
    const changed = await send('PATCH', path, { body: { spec: { masts: 2 } }, headers: mergePatch })
    assert.equal(changed.json.metadata.generation, 2)
  })

  it('have a scale', async () => {
    await send('POST', ships, { body: ship('tall', { rig: 'ketch', masts: 3 }) })
    const scale = await send('GET', `${ships}/tall/scale`)
    assert.deepEqual([scale.json.kind, scale.json.spec, scale.json.status], ['Scale', { replicas: 3 }, { replicas: 0 }])
    const scaled = await send('PATCH', `${ships}/tall/scale`, { body: { spec: { replicas: 4 } }, headers: mergePatch })
    assert.deepEqual(scaled.json.spec, { replicas: 4 })
    const whole = (await send('GET', `${ships}/tall`)).json
    assert.deepEqual([whole.spec.masts, whole.metadata.generation], [4, 2])
    const tooMany = await send('PATCH', `${ships}/tall/scale`, { body: { spec: { replicas: 9 } }, headers: mergePatch })
    assert.match(tooMany.json.message, /spec.masts in body should be less than or equal to 5/)
  })

  it('are applied by the keys of lists, and have owners for each field', async () => {
    const apply = (manager: string, spec: object, query = '') =>
      send('PATCH', `${ships}/owned?fieldManager=${manager}${query}`, {
        body: ship('owned', spec),
        headers: { 'content-type': 'application/apply-patch+yaml' },
      })
    assert.equal((await apply('one', { rig: 'sloop', crew: [{ name: 'ada', duty: 'helm' }] })).status, 201)
    const both = await apply('two', { crew: [{ name: 'bo', duty: 'cook' }], cargo: { tea: 1 } })
    assert.deepEqual(both.json.spec.crew, [
      { name: 'ada', duty: 'helm' },
      { name: 'bo', duty: 'cook' },
    ])
    const conflict = await apply('two', { rig: 'ketch', crew: [{ name: 'bo', duty: 'cook' }] })
    assert.equal(conflict.status, 409)
    assert.match(conflict.json.message, /conflict with "one": \.spec\.rig/)
    const without = await apply('one', { rig: 'sloop' })
    assert.deepEqual(without.json.spec.crew, [{ name: 'bo', duty: 'cook' }])
    assert.deepEqual(without.json.metadata.managedFields.find(({ manager }: { manager: string }) => manager === 'two').fieldsV1, {
      'f:spec': { 'f:cargo': { 'f:tea': {} }, 'f:crew': { 'k:{"name":"bo"}': { '.': {}, 'f:duty': {}, 'f:name': {} } } },
    })
    const unknown = await apply('one', { rig: 'sloop', sails: 1 })
    assert.match(unknown.json.message, /\.spec\.sails: field not declared in schema/)
  })

  it('are listed, selected, shown as tables and as metadata', async () => {
    await send('POST', ships, { body: ship('table', { rig: 'ketch', crew: [{ name: 'ada', duty: 'helm' }] }) })
    const accept = (as: string) => ({ headers: { accept: `application/json;as=${as};v=v1;g=meta.k8s.io` } })
    const table = (await send('GET', `${ships}?fieldSelector=metadata.name%3Dtable`, accept('Table'))).json
    assert.deepEqual(
      table.columnDefinitions.map((column: { name: string; type: string; priority: number }) => [
        column.name,
        column.type,
        column.priority,
      ]),
      [
        ['Name', 'string', 0],
        ['Rig', 'string', 0],
        ['Crew', 'string', 1],
        ['Age', 'date', 0],
      ],
    )
    assert.deepEqual(table.rows[0].cells.slice(0, 3), ['table', 'ketch', 'ada'])
    const partial = (await send('GET', `${ships}/table`, accept('PartialObjectMetadata'))).json
    assert.deepEqual([partial.kind, partial.metadata.name, partial.spec], ['PartialObjectMetadata', 'table', undefined])
    const selected = (await send('GET', `${ships}?fieldSelector=spec.rig%3Dketch`)).json
    assert.ok(selected.items.length > 0 && selected.items.every((one: { spec: { rig: string } }) => one.spec.rig === 'ketch'))
    assert.equal(selected.kind, 'ShipList')
    assert.match((await send('GET', `${ships}?fieldSelector=spec.masts%3D1`)).json.message, /field label not supported: spec.masts/)
    assert.equal((await send('GET', ships, { headers: { accept: 'application/vnd.kubernetes.protobuf' } })).status, 406)
    assert.equal((await send('POST', ships, { body: 'x', headers: { 'content-type': 'application/vnd.kubernetes.protobuf' } })).status, 415)
  })

  it('may stay as wrong as they were', async () => {
    await establish(
      opened,
      definition({
        kind: 'Raft',
        versions: [
          version('v1', { properties: { spec: { type: 'object', properties: { logs: { type: 'integer' }, rope: { type: 'string' } } } } }),
        ],
      }),
    )
    const rafts = '/apis/example.com/v1/namespaces/default/rafts'
    await send('POST', rafts, {
      body: { apiVersion: 'example.com/v1', kind: 'Raft', metadata: { name: 'kon' }, spec: { logs: 1, rope: 'x' } },
    })
    const stricter = {
      type: 'object',
      properties: { spec: { type: 'object', properties: { logs: { type: 'integer', minimum: 9 }, rope: { type: 'string' } } } },
    }
    await change(
      opened,
      'rafts.example.com',
      { spec: { versions: [version('v1', stricter)] } },
      () =>
        send('POST', `${rafts}?dryRun=All`, {
          body: { apiVersion: 'example.com/v1', kind: 'Raft', metadata: { name: 'tiki' }, spec: { logs: 2 } },
        }),
      ({ status }) => status === 422,
    )
    assert.equal((await send('PATCH', `${rafts}/kon`, { body: { spec: { rope: 'y' } }, headers: mergePatch })).status, 200)
    assert.equal((await send('PATCH', `${rafts}/kon`, { body: { spec: { logs: 3 } }, headers: mergePatch })).status, 422)
  })

  it('are read with the defaults of today, and pruned by the schema of today', async () => {
    const schemaOf = (properties: object) => ({ properties: { spec: { type: 'object', properties } } })
    await establish(
      opened,
      definition({ kind: 'Buoy', versions: [version('v1', schemaOf({ a: { type: 'string' }, b: { type: 'string' } }))] }),
    )
    const buoys = '/apis/example.com/v1/namespaces/default/buoys'
    await send('POST', buoys, { body: { apiVersion: 'example.com/v1', kind: 'Buoy', metadata: { name: 'one' }, spec: { b: 'kept' } } })
    const one = () => send('GET', `${buoys}/one`)
    await change(
      opened,
      'buoys.example.com',
      { spec: { versions: [version('v1', schemaOf({ a: { type: 'string', default: 'A' } }))] } },
      one,
      ({ json }) => json.spec.a === 'A' && json.spec.b === undefined,
    )
    const listed = (await send('GET', buoys)).json
    assert.deepEqual(listed.items[0].spec, { a: 'A' })
    await change(
      opened,
      'buoys.example.com',
      { spec: { versions: [version('v1', schemaOf({ a: { type: 'string' }, b: { type: 'string', default: 'B' } }))] } },
      one,
      ({ json }) => json.spec.a === undefined && json.spec.b === 'kept',
    )
  })

  it('that take anything are published in OpenAPI v2 as objects about which nothing else is said', async () => {
    const schema = { description: 'Anything.', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'string' } } }
    await establish(opened, definition({ group: 'open.example', kind: 'Crate', versions: [version('v1', schema)] }))
    const gvk = { group: 'open.example', kind: 'Crate', version: 'v1' }
    assert.deepEqual((await send('GET', '/openapi/v2')).json.definitions['example.open.v1.Crate'], {
      type: 'object',
      'x-kubernetes-group-version-kind': [gvk],
    })
  })

  it('with fields that take anything are published in OpenAPI v2 so that older kubectl sends anything there, null too', async () => {
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'string' } } }
    await establish(
      opened,
      definition({ group: 'open.example', kind: 'Hold', versions: [version('v1', { type: 'object', properties: { open } })] }),
    )
    const { properties } = (await send('GET', '/openapi/v2')).json.definitions['example.open.v1.Hold']
    assert.deepEqual(properties.open, { 'x-kubernetes-preserve-unknown-fields': true })
  })

  it('appear in discovery and OpenAPI, and are gone from them with their definition', async () => {
    await establish(
      opened,
      definition({
        group: 'short.example',
        kind: 'Gull',
        scope: 'Cluster',
        versions: [version('v1', { properties: { wings: { type: 'integer' } } })],
      }),
    )
    const discovery = async () => (await send('GET', '/apis/short.example/v1')).status
    assert.equal(await discovery(), 200)
    const openApi = (await send('GET', '/openapi/v3/apis/short.example/v1')).json
    assert.deepEqual(openApi.components.schemas['example.short.v1.Gull'].properties.wings, { type: 'integer' })
    const version2 = (await send('GET', '/openapi/v2')).json
    assert.deepEqual(version2.definitions['example.short.v1.Gull']['x-kubernetes-group-version-kind'], [
      { group: 'short.example', kind: 'Gull', version: 'v1' },
    ])
    await send('POST', '/apis/short.example/v1/gulls', {
      body: { apiVersion: 'short.example/v1', kind: 'Gull', metadata: { name: 'one' } },
    })
    const deleted = await send('DELETE', definitionPath('gulls.short.example'))
    assert.deepEqual(deleted.json.metadata.finalizers, ['customresourcecleanup.apiextensions.k8s.io'])
    await eventually(
      'the definition is gone',
      5000,
      async () => (await send('GET', definitionPath('gulls.short.example'))).status,
      status => status === 404,
    )
    await eventually('its group is gone', 5000, discovery, status => status === 404)
    assert.doesNotMatch((await send('GET', '/openapi/v3')).text, /short\.example/)
    await establish(opened, definition({ group: 'short.example', kind: 'Gull', scope: 'Cluster', versions: [version('v1', {})] }))
    assert.deepEqual((await send('GET', '/apis/short.example/v1/gulls')).json.items, [])
  })

  it('keep their definition until their finalizers are done', async () => {
    await establish(opened, definition({ kind: 'Anchor', scope: 'Cluster', versions: [version('v1', {})] }))
    const anchors = '/apis/example.com/v1/anchors'
    const anchor = (name: string, metadata = {}) => ({ apiVersion: 'example.com/v1', kind: 'Anchor', metadata: { name, ...metadata } })
    const created = await send('POST', anchors, { body: anchor('heavy', { finalizers: ['windlass'] }) })
    assert.match(String(created.headers.warning), /prefer a domain-qualified finalizer name/)
    await send('DELETE', definitionPath('anchors.example.com'))
    const state = async () => (await send('GET', definitionPath('anchors.example.com'))).json
    await eventually('it says what remains', 5000, state, ({ status }) =>
      status.conditions.some(({ reason }: { reason: string }) => reason === 'InstanceDeletionCheck'),
    )
    const refused = await send('POST', anchors, { body: anchor('light') })
    assert.deepEqual([refused.status, refused.json.message], [405, 'create not allowed while custom resource definition is terminating'])
    await send('PATCH', `${anchors}/heavy`, { body: { metadata: { finalizers: null } }, headers: mergePatch })
    await eventually(
      'the definition is gone',
      5000,
      async () => (await send('GET', definitionPath('anchors.example.com'))).status,
      status => status === 404,
    )
  })

  it('may say what a status is that nobody has written', async () => {
    const status = { type: 'object', default: { state: 'Waiting' }, properties: { state: { type: 'string' }, since: { type: 'string' } } }
    const schema = {
      properties: { spec: { type: 'object' }, status },
      'x-kubernetes-validations': [{ rule: "!has(self.status) || self.status.state != 'Waiting'" }],
    }
    await establish(opened, definition({ kind: 'Canoe', versions: [version('v1', schema, { subresources: { status: {} } })] }))
    const canoes = '/apis/example.com/v1/namespaces/default/canoes'
    const canoe = { apiVersion: 'example.com/v1', kind: 'Canoe', metadata: { name: 'one' }, spec: {}, status: { since: 'yesterday' } }
    const created = await send('POST', canoes, { body: canoe })
    assert.deepEqual([created.status, created.json.status], [201, { state: 'Waiting' }], created.text)
    assert.deepEqual((await send('GET', `${canoes}/one`)).json.status, { state: 'Waiting' })
    assert.deepEqual((await send('GET', canoes)).json.items[0].status, { state: 'Waiting' })
    const written = { ...created.json, status: { state: 'Afloat' } }
    assert.deepEqual((await send('PUT', `${canoes}/one/status`, { body: written })).json.status, { state: 'Afloat' })
    const [owner] = created.json.metadata.managedFields
    assert.deepEqual(Object.keys(owner.fieldsV1), ['f:spec'])
    await send('DELETE', definitionPath('canoes.example.com'))
  })

  it('share no name within a group', async () => {
    const names = { plural: 'skiffs', kind: 'Skiff', shortNames: ['sh'] }
    const body = { ...definition({ kind: 'Skiff', names, versions: [version('v1', {})] }) }
    await send('POST', definitionsPath, { body })
    const state = async () => (await send('GET', definitionPath('skiffs.example.com'))).json
    const conditions = (await eventually('its names are refused', 5000, state, ({ status }) => status?.conditions?.length === 2)).status
      .conditions
    assert.deepEqual(
      conditions.map((one: { type: string; status: string; reason: string; message: string }) => [
        one.type,
        one.status,
        one.reason,
        one.message,
      ]),
      [
        ['NamesAccepted', 'False', 'ShortNamesConflict', '"sh" is already in use'],
        ['Established', 'False', 'NotAccepted', 'not all names are accepted'],
      ],
    )
    await send('PATCH', definitionPath('skiffs.example.com'), { body: { spec: { names: { shortNames: ['sk'] } } }, headers: mergePatch })
    await eventually('it is established', 5000, state, isEstablished)
  })

  it('wait for the authorities of their webhook, and are served once these are there', async () => {
    const clientConfig = { url: 'https://localhost/convert', caBundle: 'Cg==' }
    const conversion = { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig } }
    const body = definition({ kind: 'Dinghy', conversion, versions: [version('v1', {})] })
    assert.equal((await send('POST', definitionsPath, { body })).status, 201)
    const state = async () => (await send('GET', definitionPath('dinghys.example.com'))).json
    const told = await eventually('it is told', 5000, state, ({ status }) => status?.conditions?.length === 2)
    assert.deepEqual(
      told.status.conditions.map(({ type, status, reason, message }: Record<string, string>) => [type, status, reason, message]),
      [
        ['NamesAccepted', 'True', 'NoConflicts', 'no conflicts found'],
        ['Established', 'False', 'InvalidCABundle', 'The conversion webhook CABundle is invalid'],
      ],
    )
    const boats = '/apis/example.com/v1/namespaces/default/dinghys'
    assert.equal((await send('GET', boats)).status, 404)
    const caBundle = Buffer.from(opened.cluster.certificateAuthority).toString('base64')
    const inject = { spec: { conversion: { webhook: { clientConfig: { caBundle } } } } }
    await send('PATCH', definitionPath('dinghys.example.com'), { body: inject, headers: mergePatch })
    await eventually('it is established', 5000, state, isEstablished)
    assert.equal((await send('GET', boats)).status, 200)
    const spoil = { spec: { conversion: { webhook: { clientConfig: { caBundle: 'Cg==' } } } } }
    const spoilt = await send('PATCH', definitionPath('dinghys.example.com'), { body: spoil, headers: mergePatch })
    assert.equal(spoilt.status, 422)
    await send('DELETE', definitionPath('dinghys.example.com'))
  })

  it("may be in Kubernetes' own groups if somebody approved, but take no place of the server's kinds", async () => {
    const approved = 'https://example.com/approval'
    const body = definition({ group: 'coordination.k8s.io', kind: 'Lease', versions: [version('v1', {})] })
    await send('POST', definitionsPath, {
      body: { ...body, metadata: { ...body.metadata, annotations: { 'api-approved.kubernetes.io': approved } } },
    })
    const state = async () => (await send('GET', definitionPath('leases.coordination.k8s.io'))).json
    const told = await eventually('it is told', 5000, state, ({ status }) => status?.conditions?.length === 3)
    assert.deepEqual(
      told.status.conditions.map(({ type, status, reason }: { type: string; status: string; reason: string }) => [type, status, reason]),
      [
        ['NamesAccepted', 'False', 'PluralConflict'],
        ['Established', 'False', 'NotAccepted'],
        ['KubernetesAPIApprovalPolicyConformant', 'True', 'ApprovedAnnotation'],
      ],
    )
    await send('DELETE', definitionPath('leases.coordination.k8s.io'))
    await eventually(
      'it is gone',
      5000,
      async () => (await send('GET', definitionPath('leases.coordination.k8s.io'))).status,
      status => status === 404,
    )
    assert.equal((await send('GET', '/apis/coordination.k8s.io/v1/leases')).status, 200)
  })

  it('are known to kubectl', { skip: needsKubectl }, async () => {
    const run = (words: readonly string[], input?: string) => opened.kubectl(kubectl?.path ?? '', words, input)
    const explained = await run(['explain', 'ship.spec'])
    assert.match(explained.stdout, /What it should be[\s\S]*rig\s+<string>[\s\S]*How its sails are set/)
    const manifest = (rig: string) => JSON.stringify(ship('sloop', { rig, crew: [{ name: 'ada' }] }))
    assert.match((await run(['apply', '-f', '-'], manifest('sloop'))).stdout, /ship.example.com\/sloop created/)
    assert.match((await run(['apply', '-f', '-'], manifest('ketch'))).stdout, /configured/)
    assert.match((await run(['apply', '-f', '-'], manifest('raft'))).stderr, /spec.rig: Unsupported value: "raft"/)
    assert.match((await run(['get', 'sh', 'sloop', '-o', 'wide'])).stdout, /NAME\s+RIG\s+CREW\s+AGE\nsloop\s+ketch\s+/)
    assert.match((await run(['scale', 'ship', 'sloop', '--replicas=2'])).stdout, /scaled/)
    assert.match((await run(['get', 'all'])).stdout, /ship.example.com\/sloop/)
    const patched = await run(['patch', 'ship', 'sloop', '--subresource=status', '--type=merge', '-p', '{"status":{"harbour":"Lau"}}'])
    assert.match(patched.stdout, /patched/)
    assert.match((await run(['describe', 'ship', 'sloop'])).stdout, /Harbour:\s+Lau/)
    assert.match((await run(['delete', 'ship', 'sloop'])).stdout, /deleted/)
  })
})
