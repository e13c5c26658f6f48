import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { decode, decodeProtobuf, encodeProtobuf } from './index.ts'
import { factsDirectory, schemasFromFacts } from './testing/schema-from-facts.ts'

interface Golden {
  readonly apiVersion: string
  readonly kind: string
}

// Custom resource definitions hold unions, and of a few types the facts lack field numbers.
const beyondTheFacts = /^(apiextensions\.k8s\.io|admissionregistration\.k8s\.io\.v1(alpha|beta)1\.Mutating)/

const kindOf = ({ apiVersion = '', kind = '' }: Partial<Golden>): string => `${apiVersion.includes('/') ? '' : '/'}${apiVersion}/${kind}`

test('every kind with every field reads and writes as upstream does', t => {
  if (!factsDirectory) {
    console.log('The golden files are not here: codecs were not compared with them.')
    return t.skip('no golden files')
  }
  const directory = `${factsDirectory}golden/`
  const schemas = schemasFromFacts(factsDirectory)
  let compared = 0
  for (const file of readdirSync(directory).filter(name => name.endsWith('.json') && !beyondTheFacts.test(name))) {
    const golden = JSON.parse(readFileSync(directory + file, 'utf8')) as Golden
    const schema = schemas.get(kindOf(golden))
    if (!schema) continue
    const unknown: string[] = []
    assert.deepEqual(
      decode(schema, golden, path => unknown.push(path)),
      golden,
      `JSON of ${file}`,
    )
    assert.deepEqual(unknown, [], `unknown fields of ${file}`)
    const bytes = readFileSync(directory + file.replace(/json$/, 'pb'))
    assert.ok(bytes.equals(encodeProtobuf(schema, golden, golden.apiVersion, golden.kind)), `protobuf of ${file} differs`)
    const { apiVersion, kind, object } = decodeProtobuf(schema, bytes)
    assert.deepEqual({ apiVersion, kind, ...(object as object) }, golden, `reading the protobuf of ${file}`)
    compared++
  }
  assert.ok(compared > 50, `only ${compared} kinds were compared`)
})
