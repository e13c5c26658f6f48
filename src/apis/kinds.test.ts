import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { serverSideApply } from '../apimachinery/apply/index.ts'
import { cellAt } from '../apimachinery/cell.ts'
import { applySchemaDefaults, decode, decodeProtobuf, encodeProtobuf } from '../apimachinery/codec/index.ts'
import type { Kind } from '../apimachinery/kind.ts'
import type { KubernetesObject } from '../apimachinery/meta.ts'
import { type ObjectNode, resolveSchema, type SchemaNode } from '../apimachinery/schema.ts'
import { builtInKinds } from './index.ts'

const specification = fileURLToPath(new URL('../../../shared/spec/', import.meta.url))
const hasSpecification = existsSync(specification)
if (!hasSpecification) console.log('comparisons of kinds with the public facts did not run: ../shared/spec is not there')

/** Not every kind has a golden file: those of API services are not among the facts. */
const goldenSkip = (file: string): string | false =>
  !hasSpecification ? 'no specification' : existsSync(`${specification}${file}`) ? false : `${file} is not among the facts`

const readSpecification = (name: string): unknown => JSON.parse(readFileSync(`${specification}${name}`, 'utf8'))

const served = builtInKinds.flatMap(kind => kind.served.map(version => ({ kind, version })))

for (const { kind, version } of served) {
  const groupVersion = `${version.group || 'core'}.${version.version}`
  const file = `golden/${groupVersion}.${kind.kind}.json`
  test(`${groupVersion} ${kind.kind}: a full object is known to the last field`, { skip: goldenSkip(file) }, () => {
    const unknown: string[] = []
    const golden = readSpecification(file)
    const object = decode(version.schema, golden, path => unknown.push(path))
    assert.deepEqual(unknown, [])
    assert.deepEqual(decode(version.schema, structuredClone(object)), object, 'decoding twice changes nothing')
  })
  test(`${groupVersion} ${kind.kind}: protobuf is written and read byte for byte as upstream's`, {
    skip: goldenSkip(file),
  }, () => {
    const golden = readSpecification(file) as KubernetesObject
    const bytes = readFileSync(`${specification}${file.replace(/json$/, 'pb')}`)
    const { apiVersion = '', kind: name = '', ...object } = decode(version.schema, golden) as KubernetesObject
    const written = encodeProtobuf(version.schema, object, apiVersion, name)
    if (kind.kind === 'CustomResourceDefinition') {
      // Its example holds schemas without any field, of which upstream writes the empty texts too: they mean the same.
      assert.deepEqual(decodeProtobuf(version.schema, written), decodeProtobuf(version.schema, bytes))
    } else assert.ok(bytes.equals(written), `${written.length} bytes instead of ${bytes.length}`)
    assert.deepEqual(decodeProtobuf(version.schema, bytes), { apiVersion, kind: name, object })
  })
  test(`${groupVersion} ${kind.kind}: a full object can be applied, and applied again`, { skip: goldenSkip(file) }, () => {
    const golden = decode(version.schema, readSpecification(file)) as KubernetesObject
    const { managedFields: _managed, ...metadata } = golden.metadata
    const input = {
      schema: version.schema,
      applied: { ...golden, metadata },
      manager: 'tester',
      apiVersion: golden.apiVersion as string,
      force: false,
      time: '2026-01-01T00:00:00Z',
    }
    const once = serverSideApply({ ...input, live: undefined })
    assert.deepEqual(withoutManagedFields(once.object), input.applied)
    const live = { ...once.object, metadata: { ...once.object.metadata, managedFields: once.managedFields } }
    const twice = serverSideApply({ ...input, live })
    assert.deepEqual([twice.object === live, twice.managedFields], [true, once.managedFields], 'the second time changes nothing')
  })
  test(`${groupVersion} ${kind.kind}: defaults of a full object and of an empty one change nothing when applied twice`, () => {
    const full = goldenSkip(file) ? [] : [readSpecification(file)]
    for (const given of [...full, { metadata: { name: 'one', namespace: 'default' } }, { metadata: {}, spec: {} }]) {
      const decoded = applySchemaDefaults(
        version.schema,
        decode(version.schema, given, () => undefined),
      )
      const stored = (version.toStored?.(decoded as KubernetesObject) ?? decoded) as KubernetesObject
      const once = kind.strategy.applyDefaults?.(stored) ?? stored
      assert.deepEqual(kind.strategy.applyDefaults?.(structuredClone(once)) ?? once, once)
      assert.ok(Array.isArray(kind.strategy.validate(once)), 'validation does not throw, whatever is missing')
    }
  })
  const { fromStored, toStored } = version
  if (fromStored && toStored) {
    test(`${groupVersion} ${kind.kind}: what is stored comes back as it was written`, {
      skip: !hasSpecification && 'no facts here',
    }, () => {
      const object = decode(version.schema, readSpecification(file)) as KubernetesObject
      assert.deepEqual(withoutCarried(fromStored(toStored(object))), object)
    })
  }
  test(`${groupVersion} ${kind.kind}: every type and field has a description`, () => {
    assert.deepEqual(undescribed(version.schema), [])
  })
  test(`${groupVersion} ${kind.kind}: every column has a cell for a full object`, { skip: goldenSkip(file) }, () => {
    const object = decode(version.schema, readSpecification(file), () => undefined)
    for (const column of version.columns) {
      assert.ok(['string', 'number', 'boolean'].includes(typeof cellAt(column.cell(object as never), 0)), column.name)
    }
  })
}

test('names, verbs and subresources are those of discovery', { skip: !hasSpecification && 'no facts here' }, () => {
  for (const { kind, version } of served) {
    // Upstream's comes with a server of its own, so the facts have none of it.
    if (version.group === 'metrics.k8s.io') continue
    const published = discovered(version.group, version.version, kind.resource)
    assert.ok(published, `${version.group}/${version.version} ${kind.resource} is not served upstream`)
    assert.deepEqual(described(kind), {
      kind: published.responseKind.kind,
      singular: published.singularResource,
      scope: published.scope,
      shortNames: published.shortNames ?? [],
      categories: published.categories ?? [],
      verbs: [...published.verbs].sort(),
      subresources: (published.subresources ?? [])
        .map(one => `${one.subresource} ${one.responseKind.kind} ${[...one.verbs].sort().join()}`)
        .sort(),
    })
  }
})

test('no two kinds share a name in a group, and the list keeps the order of names', () => {
  const names = served.map(({ kind, version }) => `${version.group}/${version.version}/${kind.resource}`)
  assert.equal(new Set(names).size, names.length)
  const core = builtInKinds.filter(kind => kind.group === '').map(kind => kind.resource)
  assert.deepEqual(core, [...core].sort())
})

/** Annotations in which an older version carries what it has no fields for. */
function withoutCarried(object: KubernetesObject): KubernetesObject {
  const annotations = Object.entries(object.metadata.annotations ?? {}).filter(
    ([name]) => !name.startsWith('autoscaling.alpha.kubernetes.io/'),
  )
  return { ...object, metadata: { ...object.metadata, annotations: Object.fromEntries(annotations) } }
}

function withoutManagedFields(object: KubernetesObject): KubernetesObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata
  return { ...object, metadata }
}

interface Published {
  readonly resource: string
  readonly responseKind: { readonly kind: string }
  readonly singularResource: string
  readonly scope: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly verbs: readonly string[]
  readonly subresources?: readonly {
    readonly subresource: string
    readonly responseKind: { readonly kind: string }
    readonly verbs: readonly string[]
  }[]
}

interface Discovery {
  readonly items: readonly {
    readonly metadata: { readonly name: string }
    readonly versions: readonly { readonly version: string; readonly resources: readonly Published[] }[]
  }[]
}

function discovered(group: string, version: string, resource: string): Published | undefined {
  const { items } = readSpecification('discovery.json') as Discovery
  const versions = items.find(item => item.metadata.name === group)?.versions
  return versions?.find(one => one.version === version)?.resources.find(one => one.resource === resource)
}

const described = (kind: Kind) => ({
  kind: kind.kind,
  singular: kind.singular,
  scope: kind.scope,
  shortNames: kind.shortNames,
  categories: kind.categories,
  verbs: [...kind.verbs].sort(),
  subresources: Object.entries(kind.subresources)
    .map(([name, one]) => `${name} ${one.kind} ${[...one.verbs].sort().join()}`)
    .sort(),
})

function undescribed(root: ObjectNode): string[] {
  const seen = new Set<SchemaNode>()
  const missing: string[] = []
  const walk = (node: SchemaNode): void => {
    const schema = resolveSchema(node)
    if (seen.has(schema)) return
    seen.add(schema)
    if (schema.type === 'list') walk(schema.items)
    if (schema.type === 'map') walk(schema.values)
    if (schema.type !== 'object') return
    if (!schema.description) missing.push(schema.name ?? '?')
    for (const [name, field] of Object.entries(schema.fields)) {
      if (!field.description) missing.push(`${schema.name}.${name}`)
      walk(field.schema)
    }
  }
  walk(root)
  return missing
}
