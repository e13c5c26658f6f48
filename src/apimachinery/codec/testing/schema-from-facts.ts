import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Field, fieldsV1, json, type ObjectNode, rawExtension, type ScalarType, type Schema } from '../../schema.ts'

/** The published facts of the Kubernetes API, kept outside of the repository; undefined where they are not there. */
export const factsDirectory: string | undefined = (() => {
  const directory = fileURLToPath(new URL('../../../../../shared/spec/', import.meta.url))
  return existsSync(directory) ? directory : undefined
})()

interface TypeFact {
  readonly type?: string
  readonly format?: string
  readonly ref?: string
  readonly items?: TypeFact
  readonly values?: TypeFact
  readonly fields?: Readonly<Record<string, TypeFact>>
  readonly required?: readonly string[]
  readonly proto?: number | readonly [number, number]
  readonly protoType?: string
  readonly gvk?: readonly { readonly group: string; readonly version: string; readonly kind: string }[]
}

/** Schemas made from the facts, by `group/version/kind`; lazily, since types refer to one another. */
export function schemasFromFacts(directory: string): Map<string, ObjectNode> {
  const facts = JSON.parse(readFileSync(`${directory}types.json`, 'utf8')) as Record<string, TypeFact>
  const objects = new Map<string, ObjectNode>()

  const objectOf = (name: string): ObjectNode => {
    const known = objects.get(name)
    if (known) return known
    const fact = facts[name]
    const fields: Record<string, Field> = {}
    const node: ObjectNode = { type: 'object', name, description: '', fields }
    objects.set(name, node)
    for (const [field, of] of Object.entries(fact?.fields ?? {})) fields[field] = fieldOf(field, of, fact)
    return node
  }

  const fieldOf = (name: string, fact: TypeFact, owner: TypeFact | undefined): Field => {
    const typeMeta = (name === 'kind' || name === 'apiVersion') && !fact.protoType
    const required = (owner?.required?.includes(name) ?? false) || fact.ref === objectMeta
    return { proto: typeMeta ? 0 : (fact.proto ?? 0), schema: schemaOf(fact), description: '', required }
  }

  const schemaOf = (fact: TypeFact, protoType = fact.protoType): Schema => {
    if (fact.ref) return wellKnown(fact.ref) ?? { type: 'lazy', resolve: () => objectOf(fact.ref as string) }
    if (fact.type === 'array') {
      const wrapped = wrappedLists.includes(protoType ?? '')
      return { type: 'list', items: schemaOf(fact.items ?? {}), wrapped }
    }
    if (fact.values) return { type: 'map', values: schemaOf(fact.values, /^map<string, (.*)>$/.exec(protoType ?? '')?.[1]) }
    return { type: 'scalar', scalar: scalarOf(fact) }
  }

  const byKind = new Map<string, ObjectNode>()
  for (const [name, fact] of Object.entries(facts)) {
    for (const { group, version, kind } of fact.gvk ?? []) byKind.set(`${group}/${version}/${kind}`, objectOf(name))
  }
  return byKind
}

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'
const wrappedLists = ['ExtraValue', 'Verbs']

function scalarOf({ type, format }: TypeFact): ScalarType {
  if (type === 'boolean') return 'boolean'
  if (type === 'number') return 'double'
  if (type === 'integer') return format === 'int64' ? 'int64' : 'int32'
  return format === 'byte' ? 'bytes' : 'string'
}

function wellKnown(name: string): Schema | undefined {
  const last = name.slice(name.lastIndexOf('.') + 1)
  const scalars: Readonly<Record<string, ScalarType>> = {
    Time: 'time',
    MicroTime: 'microTime',
    Quantity: 'quantity',
    IntOrString: 'intOrString',
    Duration: 'duration',
  }
  const scalar = Object.hasOwn(scalars, last) ? scalars[last] : undefined
  if (scalar) return { type: 'scalar', scalar }
  if (last === 'RawExtension') return rawExtension
  if (last === 'FieldsV1') return fieldsV1
  return last === 'JSON' ? json : undefined
}
