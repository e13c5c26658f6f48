import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { type Field, type ObjectNode, resolveSchema, type ScalarType, type Schema } from '../apimachinery/schema.ts'
import { builtInKinds } from './index.ts'

/** Every type of every built-in kind beside the public facts: fields, numbers, lists, patch strategies, defaults, enums. */

const file = fileURLToPath(new URL('../../../shared/spec/types.json', import.meta.url))
const hasFacts = existsSync(file)
if (!hasFacts) console.log('types were not compared with the public facts: ../shared/spec is not there')

type Facts = Readonly<Record<string, unknown>>

interface TypeFacts {
  readonly fields?: Readonly<Record<string, Facts>>
  readonly required?: readonly string[]
  readonly mapType?: string
}

/** Where Proa differs on purpose. */
const known: readonly string[] = [
  // Bytes are a list to Go and a string to everybody else.
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec.caBundle listType: undefined instead of "atomic"',
  // Upstream's come with a server of their own.
  ...['ContainerMetrics', 'NodeMetrics', 'PodMetrics'].map(name => `io.k8s.metrics.pkg.apis.metrics.v1beta1.${name}: not in the facts`),
]

test('types are those of the public facts', { skip: !hasFacts && 'no facts here' }, () => {
  const facts = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, TypeFacts>>
  const types = new Map<string, ObjectNode>()
  for (const kind of builtInKinds) {
    for (const { schema } of kind.served) collectTypes(schema, types)
    for (const { schema } of Object.values(kind.subresources)) if (schema) collectTypes(schema, types)
  }
  const differences = [...types].sort().flatMap(([name, node]) => compareType(name, node, facts[name]))
  for (const difference of differences) if (!known.includes(difference)) console.log(difference)
  assert.deepEqual(differences, known)
  assert.ok(types.size > 150, `only ${types.size} types were compared`)
})

function collectTypes(schema: Schema, types: Map<string, ObjectNode>): void {
  const node = resolveSchema(schema)
  if (node.type === 'list') return collectTypes(node.items, types)
  if (node.type === 'map') return collectTypes(node.values, types)
  if (node.type !== 'object' || node.name === undefined || types.has(node.name)) return
  types.set(node.name, node.published ?? node)
  for (const field of Object.values(node.fields)) collectTypes(field.schema, types)
}

function compareType(name: string, node: ObjectNode, facts: TypeFacts | undefined): string[] {
  if (facts === undefined) return [`${name}: not in the facts`]
  const short = name.replace(/^io\.k8s\.(api|apimachinery\.pkg\.apis)\./, '')
  const theirs = facts.fields ?? {}
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(node.fields)])].sort()
  const required = Object.entries(node.fields).filter(([field, { required }]) => required && field !== 'metadata')
  return [
    ...difference(`${short} map type`, node.mapType, facts.mapType),
    ...difference(
      `${short} required`,
      required.map(([field]) => field).sort(),
      (facts.required ?? []).filter(field => field !== 'metadata').sort(),
    ),
    ...names.flatMap(field => {
      const [ours, fact] = [node.fields[field], theirs[field]]
      if (ours === undefined) return [`${short}.${field}: missing`]
      return fact === undefined ? [`${short}.${field}: not in the facts`] : compareField(`${short}.${field}`, ours, fact)
    }),
  ]
}

function compareField(path: string, ours: Field, { protoType, ...fact }: Facts): string[] {
  const described = describeField(ours)
  // Type meta is not part of a message, though its own type has numbers.
  const isTypeMeta = protoType === undefined && /\.(apiVersion|kind)$/.test(path)
  const keys = [...new Set([...Object.keys(described), ...Object.keys(fact)])].filter(key => !(isTypeMeta && key === 'proto'))
  return keys.flatMap(key => difference(`${path} ${key}`, described[key], fact[key]))
}

const difference = (what: string, ours: unknown, theirs: unknown): string[] =>
  isDeepStrictEqual(ours, theirs) ? [] : [`${what}: ${JSON.stringify(ours)} instead of ${JSON.stringify(theirs)}`]

function describeField(field: Field): Facts {
  const isTakenApart = field.schema.type === 'object' && field.schema.published !== undefined
  return defined({
    ...describe(field.schema),
    proto: field.proto,
    default: field.default,
    enum: field.enum && [...field.enum].sort(),
    patchStrategy: field.patchStrategy,
    patchMergeKey: field.patchMergeKey,
    ...(isTakenApart && { mapType: (field.schema as ObjectNode).mapType }),
  })
}

const references: Partial<Readonly<Record<ScalarType | 'RawExtension' | 'FieldsV1' | 'JSON', string>>> = {
  time: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
  microTime: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
  duration: 'io.k8s.apimachinery.pkg.apis.meta.v1.Duration',
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  RawExtension: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  FieldsV1: 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
  JSON: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON',
}

const plain: Partial<Readonly<Record<ScalarType, Facts>>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
}

function describe(schema: Schema): Facts {
  const node = resolveSchema(schema)
  switch (node.type) {
    case 'scalar':
      return plain[node.scalar] ?? { ref: references[node.scalar] }
    case 'any':
      return { ref: references[node.any] }
    case 'list':
      return defined({ type: 'array', items: describe(node.items), listType: node.listType, mapKeys: node.mapKeys })
    case 'map':
      return defined({ type: 'object', values: describe(node.values), mapType: node.mapType })
    case 'object':
    case 'union':
      return { ref: node.name }
  }
}

const defined = (facts: Facts): Facts => Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
