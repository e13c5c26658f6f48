import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sharedLibraryCluster } from '../support/library.ts'

/** Input that is meant to become something else on its way: headers, log lines, the program's own objects. */

const lines: string[] = []
const { send } = await sharedLibraryCluster({ logLevel: 'debug', onLog: line => void lines.push(line) })
const configMaps = '/api/v1/namespaces/default/configmaps'
const types = ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json'].map(type => `application/${type}`)
const isUntouched = () => (({}) as { polluted?: unknown }).polluted === undefined

describe('names that mean something to the program', () => {
  it('are data like any other', async () => {
    const body = '{"metadata":{"name":"named"},"data":{"__proto__":"a","constructor":"b","toString":"c","hasOwnProperty":"d"}}'
    assert.equal((await send('POST', configMaps, { body })).status, 201)
    const { text } = await send('GET', `${configMaps}/named`)
    for (const [key, value] of [
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
      ['hasOwnProperty', 'd'],
    ])
      assert.ok(text.includes(`${JSON.stringify(key)}:${JSON.stringify(value)}`), `${key} in ${text}`)
    const applied = await send('PATCH', `${configMaps}/applied?fieldManager=t`, {
      body: body.replace('{"metadata":{"name":"named"}', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"applied"}'),
      headers: { 'content-type': 'application/apply-patch+yaml' },
    })
    assert.equal(applied.status, 201, applied.text)
    assert.ok(applied.text.includes('"__proto__":"a"'), applied.text)
  })

  it('change nothing of the program, whatever patch carries them', async () => {
    const value = { polluted: 'yes' }
    const bodies: readonly string[] = [
      '{"__proto__":{"polluted":"yes"},"metadata":{"__proto__":{"polluted":"yes"}},"data":{"constructor":{"prototype":{"polluted":"yes"}}}}',
      ...[
        '/__proto__',
        '/metadata/__proto__',
        '/data/__proto__/polluted',
        '/constructor/prototype/polluted',
        '/data/constructor/prototype',
      ].flatMap(path => [
        JSON.stringify([{ op: 'add', path, value }]),
        JSON.stringify([{ op: 'replace', path, value: 'yes' }]),
        JSON.stringify([{ op: 'copy', from: '/data', path }]),
        JSON.stringify([{ op: 'remove', path }]),
      ]),
    ]
    for (const type of types)
      for (const body of bodies) {
        const { status } = await send('PATCH', `${configMaps}/named`, { body, headers: { 'content-type': type } })
        assert.ok(status === 200 || (status >= 400 && status < 500), `${type} ${body}: ${status}`)
        assert.ok(isUntouched(), `${type} ${body}`)
      }
  })
})

describe('lines and headers', () => {
  const broken = 'a\r\nX-Evil: 1\r\n\r\n{"level":"error"}'
  it('stay one header, whatever a warning quotes', async () => {
    const body = `{"metadata":{"name":"warned"},${JSON.stringify(broken)}:1,"\\u0000\\u001b[31m":2}`
    const { status, headers } = await send('POST', `${configMaps}?fieldValidation=Warn`, { body })
    assert.equal(status, 201)
    assert.equal(headers['x-evil'], undefined)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
    assert.doesNotMatch([headers.warning ?? []].flat().join(' '), /[\x00-\x1f]/)
  })
  it('are refused as names of field managers', async () => {
    const { status } = await send('POST', `${configMaps}?fieldManager=${encodeURIComponent(broken)}`, {
      body: { metadata: { name: 'managed' } },
    })
    assert.equal(status, 422)
  })
  it('stay one line in the log, whoever is asked for', async () => {
    const user = `${broken}\u2028`
    await send('GET', `${configMaps}?labelSelector=${encodeURIComponent(broken)}`, { headers: { 'user-agent': 'evil\u00a0agent' } })
    await send('GET', `/api/v1/namespaces/${encodeURIComponent(user)}/pods`)
    await send('PATCH', `${configMaps}/named`, { body: broken, headers: { 'content-type': types[1] as string } })
    for (const line of lines) assert.ok(!line.trimEnd().includes('\n') && !line.includes('\r'), JSON.stringify(line))
  })
})

describe('sizes', () => {
  const bombs: readonly (readonly [what: string, type: string, body: string])[] = [
    ['many keys that stand twice', 'application/json', `{"metadata":{"name":"x"},"data":{${'"a":"b",'.repeat(100_000)}"a":"b"}}`],
    ['a number of many digits', 'application/json', `{"metadata":{"name":"x","generation":${'9'.repeat(1_000_000)}}}`],
    ['deep YAML', 'application/yaml', `metadata: {name: x}\ndata: ${'['.repeat(50_000)}`],
    ['YAML of many documents', 'application/yaml', '---\na: b\n'.repeat(100_000)],
    ['YAML that contains itself', 'application/yaml', 'metadata: &a {name: x, labels: *a}'],
    ['a long label selector', '', ''],
  ]
  it('YAML beyond what could be stored is refused before it is read', async () => {
    const body = 'a: b\n'.repeat(400_000)
    const { status, json } = await send('POST', configMaps, { body, headers: { 'content-type': 'application/yaml' } })
    assert.deepEqual([status, json.reason], [413, 'RequestEntityTooLarge'])
  })
  for (const [what, type, body] of bombs) {
    it(`${what}: refused or taken, and others are served`, async () => {
      const attack =
        type === ''
          ? send('GET', `${configMaps}?labelSelector=${'a%20in%20(b),'.repeat(900)}a`)
          : send('POST', `${configMaps}?dryRun=All`, { body, headers: { 'content-type': type } })
      const [answer, other] = await Promise.all([attack, send('GET', '/readyz')])
      assert.ok(answer.status < 500, `${answer.status} ${answer.text.slice(0, 200)}`)
      assert.equal(other.text, 'ok')
    })
  }
})
