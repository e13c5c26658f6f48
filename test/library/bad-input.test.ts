import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sharedLibraryCluster } from '../support/library.ts'

/** What is sent by mistake or with bad intent is refused with a reason, and others are served meanwhile. */

const configMaps = '/api/v1/namespaces/default/configmaps'
const jsonPatch = { 'content-type': 'application/json-patch+json' }

describe('bad input', async () => {
  const { send, cluster } = await sharedLibraryCluster()
  await send('POST', configMaps, { body: { metadata: { name: 'there' }, data: { a: 'b' } } })
  const post = (body: string, headers = {}) => send('POST', configMaps, { body, headers })

  const cases: readonly (readonly [what: string, ask: () => ReturnType<typeof send>, status: number, message: RegExp])[] = [
    ['nothing at all', () => post(''), 400, /json parse error/],
    ['no JSON', () => post('{"metadata":'), 400, /unexpected|JSON|EOF/i],
    ['a list', () => post('[]'), 400, /cannot|unmarshal|object/i],
    [
      'another kind',
      () => post('{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x"}}'),
      400,
      /does not match|cannot be handled as a ConfigMap/,
    ],
    [
      'another version',
      () => post('{"kind":"ConfigMap","apiVersion":"v2","metadata":{"name":"x"}}'),
      400,
      /does not match|no kind|cannot be handled/,
    ],
    [
      'another namespace',
      () => post('{"metadata":{"name":"x","namespace":"other"}}'),
      400,
      /the namespace of the provided object does not match the namespace sent on the request/,
    ],
    [
      'a number for a text',
      () => post('{"metadata":{"name":"x"},"data":{"a":1}}'),
      400,
      /cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap\.data of type string/,
    ],
    [
      'a body of an unknown type',
      () => post('x', { 'content-type': 'text/plain' }),
      415,
      /the body of the request was in an unknown format/,
    ],
    ['protobuf that is none', () => post('nonsense', { 'content-type': 'application/vnd.kubernetes.protobuf' }), 400, /./],
    ['a body over 3 MiB', () => post(`{"metadata":{"name":"x"},"data":{"a":"${'x'.repeat(4 * 1024 * 1024)}"}}`), 413, /too large|limit/i],
    [
      'an object over its own limit',
      () => post(`{"metadata":{"name":"x"},"data":{"a":"${'x'.repeat(1024 * 1024 + 1)}"}}`),
      422,
      /Too long: may not be more than 1048576 bytes/,
    ],
    ['a deep nest', () => post(`{"metadata":{"name":"x"},"data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 400, /depth|deep|nest/i],
    ['YAML that multiplies itself', () => post(bomb(), { 'content-type': 'application/yaml' }), 400, /./],
    [
      'a patch of too many operations',
      () => send('PATCH', `${configMaps}/there`, { body: operations(10_001), headers: jsonPatch }),
      413,
      /The allowed maximum operations in a JSON patch is 10000, got 10001/,
    ],
    ['a patch that copies itself', () => send('PATCH', `${configMaps}/there`, { body: copies(), headers: jsonPatch }), 422, /./],
    ['a name that climbs', () => send('GET', `${configMaps}/..%2f..%2fnodes`), 404, /./],
    ['a very long name', () => send('GET', `${configMaps}/${'x'.repeat(5000)}`), 404, /./],
    ['a limit that is no number', () => send('GET', `${configMaps}?limit=many`), 400, /./],
    ['a revision that is no number', () => send('GET', `${configMaps}?resourceVersion=new`), 422, /resourceVersion: Invalid value: "new"/],
  ]
  for (const [what, ask, status, message] of cases) {
    it(`refuses ${what}`, async () => {
      const answer = await ask()
      assert.equal(answer.status, status, answer.text.slice(0, 300))
      assert.equal(answer.json.kind, 'Status')
      assert.match(answer.json.message, message)
    })
  }

  it('serves others while it refuses', async () => {
    const attack = Promise.all(cases.map(([, ask]) => ask()))
    const reads = await Promise.all(Array.from({ length: 50 }, () => send('GET', `${configMaps}/there`)))
    assert.deepEqual([...new Set(reads.map(({ status }) => status))], [200])
    await attack
    assert.equal((await send('GET', '/readyz')).text, 'ok')
    assert.ok(cluster.server)
  })
})

const operations = (count: number) => JSON.stringify(Array.from({ length: count }, () => ({ op: 'add', path: '/data/a', value: 'b' })))

/** Each copy doubles what is there. */
const copies = () =>
  JSON.stringify([
    { op: 'add', path: '/data/a', value: 'x'.repeat(100_000) },
    ...Array.from({ length: 60 }, (_, index) => ({ op: 'copy', from: '/data', path: `/data/c${index}` })),
  ])

/** Aliases of aliases: small as written, enormous as meant. */
function bomb(): string {
  const lines = ['apiVersion: v1', 'kind: ConfigMap', 'metadata: {name: x}', 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level < 12; level++)
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`)
  lines.push('data: {a: *a11}')
  return lines.join('\n')
}
