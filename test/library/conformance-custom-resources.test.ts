import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { definition, definitionPath, establish, version } from '../support/custom-resources.ts'
import { findKubectls } from '../support/kubectls.ts'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

/** What the conformance programme asks of custom resources: how they are checked, published and explained. */

const kubectls = findKubectls()
const needsKubectl = kubectls.length === 0 && 'no kubectl here'

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind.
type Any = any

const berth = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['number', 'quay'],
  items: {
    type: 'object',
    required: ['number', 'quay'],
    properties: { number: { type: 'integer', format: 'int32' }, quay: { type: 'string' }, name: { type: 'string' } },
  },
}
const hull = {
  type: 'object',
  'x-kubernetes-embedded-resource': true,
  properties: { metadata: { type: 'object', properties: { name: { type: 'string' } } }, spec: { type: 'object' } },
}
const timetable = { type: 'string', pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' }
const published = {
  description: 'Tug CRD for Testing',
  properties: {
    spec: {
      type: 'object',
      description: 'Specification of Tug',
      properties: {
        lines: {
          type: 'array',
          description: 'List of Lines and their strengths.',
          items: {
            type: 'object',
            required: ['name'],
            properties: {
              name: { type: 'string', description: 'Name of Line.' },
              state: { type: 'string', description: 'How it is.', enum: ['New', 'Worn'] },
              knots: { type: 'array', description: 'List of Knots.', items: { type: 'string' } },
            },
          },
        },
      },
    },
    status: { type: 'object', description: 'Status of Tug', properties: { pulling: { type: 'boolean' } } },
  },
}

describe('custom resources, as the conformance programme uses them', async () => {
  const opened = await sharedLibraryCluster()
  const { send } = opened
  const run = (words: readonly string[], input?: string) => opened.kubectl(kubectls.at(-1)?.path ?? '', words, input)

  const apply = (kind: string, spec: string, metadata = '', rest = '') =>
    send('PATCH', `/apis/check.example.com/v1/${kind.toLowerCase()}s/mine?fieldManager=tester&fieldValidation=Strict`, {
      body: `\napiVersion: check.example.com/v1\nkind: ${kind}\nmetadata:\n  name: mine\n${metadata}  finalizers:\n  - test-finalizer\n${rest}spec:\n${spec}  timetable: "* * * * */5"\n  berths:\n  - name: x\n    number: 80\n    quay: north`,
      headers: { 'content-type': 'application/apply-patch+yaml' },
    })
  const check = (kind: string, schema: object) =>
    establish(opened, definition({ group: 'check.example.com', kind, scope: 'Cluster', versions: [version('v1', schema)] }))
  const spec = { type: 'object', properties: { foo: { type: 'string' }, timetable, berths: berth } }

  it('strict typed objects tell unknown and repeated fields in the order of the document', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments?fieldManager=tester&fieldValidation=Strict'
    const template = '{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}'
    const body = `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"strict"},"spec":{"odd":"foo","replicas":2,"replicas":3,"selector":{"matchLabels":{"a":"b"}},"template":${template}}}`
    const refused = await send('POST', path, { body })
    assert.equal(refused.status, 400)
    assert.match(refused.json.message, /strict decoding error: unknown field "spec\.odd", duplicate field "spec\.replicas"$/)
    const yaml = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: strict\nspec:\n  odd: foo\n  replicas: 2\n  replicas: 3\n'
    const lines = await send('POST', path, { body: yaml, headers: { 'content-type': 'application/yaml' } })
    assert.match(lines.json.message, /yaml: unmarshal errors:\n {2}line 8: key "replicas" already set in map, unknown field "spec\.odd"$/)
  })

  it('what fits the schema is applied, what is unknown is refused, and an open schema takes everything', async () => {
    await check('Barge', { properties: { spec } })
    assert.equal((await apply('Barge', '  foo: foo1\n')).status, 201)
    assert.match((await apply('Barge', '  foo: foo1\n', '', 'unknownField: x\n')).text, /\.unknownField: field not declared in schema/)
    await check('Raft', { 'x-kubernetes-preserve-unknown-fields': true })
    assert.equal((await apply('Raft', '  unknown: x\n')).status, 201)
  })

  it('unknown metadata is found in the object and in what is embedded, and repeated fields where all are preserved', async () => {
    const open = { ...spec, 'x-kubernetes-preserve-unknown-fields': true, properties: { ...spec.properties, template: hull } }
    await check('Dhow', { properties: { spec: open } })
    const template = '  template:\n    apiVersion: foo/v1\n    kind: Sub\n    metadata:\n      unknownSubMeta: x\n      name: sub\n'
    const { message } = (await apply('Dhow', template, '  unknownMeta: x\n')).json
    assert.match(message, /\.metadata\.unknownMeta: field not declared in schema/)
    assert.match(message, /\.spec\.template\.metadata\.unknownSubMeta: field not declared in schema/)
    assert.match((await apply('Dhow', '  foo: a\n  foo: b\n')).text, /line 10: key \\"foo\\" already set in map/)
    const body = `{"apiVersion":"check.example.com/v1","kind":"Dhow","metadata":{"name":"x","unknownMeta":1},"spec":{"some":1,"some":2,"template":{"apiVersion":"v1","kind":"Pod","metadata":{"unknownSubMeta":1}}}}`
    const refused = await send('POST', '/apis/check.example.com/v1/dhows?fieldValidation=Strict', { body })
    assert.match(
      refused.json.message,
      /strict decoding error: duplicate field "spec\.some", unknown field "metadata\.unknownMeta", unknown field "spec\.template\.metadata\.unknownSubMeta"$/,
    )
    const kept = await send('POST', '/apis/check.example.com/v1/dhows?fieldValidation=Ignore', { body })
    assert.deepEqual(kept.json.spec.template.metadata, {})
  })

  const definitionOf = async (name: string): Promise<Any> => (await send('GET', '/openapi/v2')).json.definitions[name]
  const isPublished = (name: string) =>
    eventually(
      `${name} is published as it was given`,
      10_000,
      async () => {
        const { 'x-kubernetes-group-version-kind': _names, properties, ...rest } = (await definitionOf(name)) ?? {}
        const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...own } = properties ?? {}
        return { ...rest, properties: own }
      },
      found => JSON.stringify(sorted(found)) === JSON.stringify(sorted({ type: 'object', ...published })),
    )
  const isGone = (name: string) =>
    eventually(
      `${name} is no longer published`,
      10_000,
      () => definitionOf(name),
      found => found === undefined,
    )

  it('are published in each served version, until it is renamed or no longer served', async () => {
    const [stored, other] = [version('v2', published), version('v3', published, { storage: false })]
    await establish(opened, definition({ group: 'publish.example.com', kind: 'Tug', versions: [stored, other] }))
    for (const name of ['v2', 'v3']) await isPublished(`com.example.publish.${name}.Tug`)
    const renamed = await send('PATCH', definitionPath('tugs.publish.example.com'), {
      body: [
        { op: 'test', path: '/spec/versions/1/name', value: 'v3' },
        { op: 'replace', path: '/spec/versions/1/name', value: 'v4' },
      ],
      headers: { 'content-type': 'application/json-patch+json' },
    })
    assert.equal(renamed.status, 200, renamed.text)
    await isPublished('com.example.publish.v4.Tug')
    await isGone('com.example.publish.v3.Tug')
    const current = (await send('GET', definitionPath('tugs.publish.example.com'))).json
    current.spec.versions[1].served = false
    assert.equal((await send('PUT', definitionPath('tugs.publish.example.com'), { body: current })).status, 200)
    await isGone('com.example.publish.v4.Tug')
    await isPublished('com.example.publish.v2.Tug')
  })

  it('are validated and explained by kubectl', { skip: needsKubectl }, async () => {
    await establish(opened, definition({ group: 'explain.example.com', kind: 'Towboat', versions: [version('v1', published)] }))
    const manifest = JSON.stringify({
      apiVersion: 'explain.example.com/v1',
      kind: 'Towboat',
      metadata: { name: 'one' },
      spec: { lines: [{ name: 'a' }] },
    })
    for (const verb of ['create', 'apply']) {
      assert.equal((await run([verb, '-f', '-'], manifest)).status, 0)
      assert.equal((await run(['delete', 'towboats', 'one'])).status, 0)
    }
    const explain = async (field: string) => (await run(['explain', field])).stdout
    assert.match(
      await explain('towboats'),
      /DESCRIPTION:.*Tug CRD for Testing.*FIELDS:.*apiVersion.*<string>.*APIVersion defines.*spec.*<Object>.*Specification of Tug/s,
    )
    assert.match(
      await explain('towboats.metadata'),
      /DESCRIPTION:.*Standard object's metadata.*FIELDS:.*creationTimestamp.*<string>.*CreationTimestamp is a timestamp/s,
    )
    assert.match(await explain('towboats.spec'), /DESCRIPTION:.*Specification of Tug.*FIELDS:.*lines.*<\[\]Object>.*List of Lines/s)
    assert.match(
      await explain('towboats.spec.lines'),
      /lines.*<\[\]Object>.*DESCRIPTION:.*List of Lines.*FIELDS:.*knots.*<\[\]string>.*List of Knots.*name.*<string>.*Name of Line/s,
    )
    assert.match((await run(['explain', 'towboats.spec.lines2'])).stderr, /field "lines2" does not exist/)
    const open = { 'x-kubernetes-preserve-unknown-fields': true }
    await establish(opened, definition({ group: 'explain.example.com', kind: 'Flotsam', versions: [version('v1', open)] }))
    const any = JSON.stringify({ apiVersion: 'explain.example.com/v1', kind: 'Flotsam', metadata: { name: 'x' }, a: { b: [{ c: 'd' }] } })
    assert.equal((await run(['create', '-f', '-'], any)).status, 0)
    assert.match(await explain('flotsams'), /DESCRIPTION:.*<empty>/s)
  })
})

const sorted = (value: Any): Any =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.keys(value)
            .sort()
            .map(key => [key, sorted(value[key])]),
        )
      : value
