/** A type as the facts have it, and the same as OpenAPI publishes it. */
export interface TypeFact {
  readonly type?: string
  readonly format?: string
  readonly ref?: string
  readonly items?: TypeFact
  readonly values?: TypeFact
  readonly fields?: Readonly<Record<string, TypeFact>>
  readonly required?: readonly string[]
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly listType?: string
  readonly mapKeys?: readonly string[]
  readonly mapType?: string
  readonly patchStrategy?: string
  readonly patchMergeKey?: string
  readonly gvk?: readonly { readonly group: string; readonly version: string; readonly kind: string }[]
}

export type Definition = Readonly<Record<string, unknown>> & {
  readonly properties?: Readonly<Record<string, Definition>>
  readonly allOf?: readonly Definition[]
  readonly items?: Definition
  readonly additionalProperties?: Definition
}

/** One line for everything in which a published definition is not what the facts say. */
export function differencesOf(name: string, definition: Definition, fact: TypeFact): string[] {
  const differences: string[] = []
  const [live, wanted] = [definition.properties ?? {}, fact.fields ?? {}]
  for (const field of Object.keys(wanted)) if (!(field in live)) differences.push(`${name}.${field} is not published`)
  for (const field of Object.keys(live)) if (!(field in wanted)) differences.push(`${name}.${field} is not upstream's`)
  for (const [field, published] of Object.entries(live)) {
    const other = wanted[field]
    if (other) differences.push(...compare(`${name}.${field}`, aspects(published), aspectsOfFact(other)))
  }
  const required = (list: unknown) => [...((list as readonly string[] | undefined) ?? [])].sort().join()
  differences.push(...compare(name, { required: required(definition.required) }, { required: required(fact.required) }))
  differences.push(...compare(name, { mapType: definition['x-kubernetes-map-type'] }, { mapType: fact.mapType }))
  if (!ofEveryGroup.test(name)) differences.push(...compare(name, { kinds: kindsOf(definition[kindsField]) }, { kinds: kindsOf(fact.gvk) }))
  return differences
}

export const kindsField = 'x-kubernetes-group-version-kind'
/** Their kinds are as many as there are groups, and upstream has those that are switched off too. */
const ofEveryGroup = /\.(DeleteOptions|WatchEvent)$/

const kindsOf = (kinds: unknown): readonly string[] =>
  ((kinds as TypeFact['gvk']) ?? []).map(({ group, version, kind }) => `${group}/${version} ${kind}`).sort()

type Aspects = Readonly<Record<string, unknown>>

function compare(name: string, live: Aspects, wanted: Aspects): string[] {
  return [...new Set([...Object.keys(live), ...Object.keys(wanted)])].flatMap(aspect => {
    const [a, b] = [JSON.stringify(live[aspect]), JSON.stringify(wanted[aspect])]
    return a === b ? [] : [`${name}: ${aspect} is ${a ?? 'absent'} instead of ${b ?? 'absent'}`]
  })
}

const refOf = (definition: Definition): string | undefined => {
  const ref = (definition.$ref ?? definition.allOf?.[0]?.$ref) as string | undefined
  return ref?.slice(ref.lastIndexOf('/') + 1)
}

function aspects(definition: Definition): Aspects {
  const ref = refOf(definition)
  const enumeration = definition.enum ?? definition.items?.enum
  return {
    ref,
    type: ref ? undefined : definition.type,
    format: definition.format,
    items: definition.items && elementOf(definition.items),
    values: definition.additionalProperties && elementOf(definition.additionalProperties),
    default: definition.default,
    enum: enumeration && [...(enumeration as readonly string[])].sort(),
    listType: definition['x-kubernetes-list-type'],
    mapKeys: definition['x-kubernetes-list-map-keys'],
    mapType: definition['x-kubernetes-map-type'],
    patchStrategy: definition['x-kubernetes-patch-strategy'],
    patchMergeKey: definition['x-kubernetes-patch-merge-key'],
  }
}

function aspectsOfFact(fact: TypeFact): Aspects {
  return {
    ref: fact.ref,
    type: fact.ref ? undefined : fact.type,
    format: fact.format,
    items: fact.items && elementOfFact(fact.items),
    values: fact.values && elementOfFact(fact.values),
    default: fact.default,
    enum: fact.enum && [...fact.enum].sort(),
    listType: fact.listType,
    mapKeys: fact.mapKeys,
    mapType: fact.mapType,
    patchStrategy: fact.patchStrategy,
    patchMergeKey: fact.patchMergeKey,
  }
}

/** What a list or a map is made of, in a word. */
const elementOf = (definition: Definition): string =>
  refOf(definition) ?? [definition.type, definition.format, definition.items && elementOf(definition.items)].filter(Boolean).join(' ')

const elementOfFact = (fact: TypeFact): string =>
  fact.ref ?? [fact.type, fact.format, fact.items && elementOfFact(fact.items)].filter(Boolean).join(' ')
