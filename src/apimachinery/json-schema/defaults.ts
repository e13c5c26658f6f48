import { isJsonObject, setMember } from '../json-value.ts'
import { additionalOf, itemsOf, type JsonSchema } from './json-schema.ts'

/** Fills in defaults; the same value where nothing was missing. */
export type Defaulter = (value: unknown) => unknown

const defaulters = new WeakMap<JsonSchema, Defaulter | undefined>()

/** Undefined for schemas without any default, whose values are never walked. */
export function defaulterOf(schema: JsonSchema): Defaulter | undefined {
  if (!defaulters.has(schema)) defaulters.set(schema, compile(schema))
  return defaulters.get(schema)
}

function compile(schema: JsonSchema): Defaulter | undefined {
  const fillMembers = memberDefaulter(schema)
  const fillItems = itemDefaulter(itemsOf(schema))
  if (!fillMembers && !fillItems) return undefined
  return value => {
    if (Array.isArray(value)) return fillItems ? fillItems(value) : value
    return fillMembers && isJsonObject(value) ? fillMembers(value) : value
  }
}

interface Member {
  readonly initial: unknown
  readonly nullable: boolean
  readonly fill: Defaulter | undefined
}

const memberOf = (schema: JsonSchema): Member => ({
  initial: schema.default,
  nullable: schema.nullable === true,
  fill: defaulterOf(schema),
})

const isDefaulted = ({ initial, fill }: Member): boolean => initial !== undefined || fill !== undefined

/** A null that may not be one counts as missing. */
function filled({ initial, nullable, fill }: Member, value: unknown): unknown {
  const missing = value === undefined || (value === null && !nullable)
  const present = missing && initial !== undefined ? structuredClone(initial) : value
  return present !== undefined && fill ? fill(present) : present
}

function memberDefaulter(schema: JsonSchema): ((value: Readonly<Record<string, unknown>>) => unknown) | undefined {
  const members = Object.entries(schema.properties ?? {})
    .map(([name, property]) => ({ name, member: memberOf(property) }))
    .filter(({ member }) => isDefaulted(member))
  const additional = additionalOf(schema)
  const others = additional && memberOf(additional)
  const fillsOthers = others !== undefined && isDefaulted(others)
  if (members.length === 0 && !fillsOthers) return undefined
  return value => {
    let result: Record<string, unknown> | undefined
    const set = (name: string, member: Member) => {
      const before = Object.hasOwn(value, name) ? value[name] : undefined
      const after = filled(member, before)
      if (after === before) return
      result ??= { ...value }
      setMember(result, name, after)
    }
    for (const { name, member } of members) set(name, member)
    if (fillsOthers) for (const name in value) if (!Object.hasOwn(schema.properties ?? {}, name)) set(name, others)
    return result ?? value
  }
}

function itemDefaulter(schema: JsonSchema | undefined): ((items: readonly unknown[]) => readonly unknown[]) | undefined {
  const item = schema && memberOf(schema)
  if (!item || !isDefaulted(item)) return undefined
  return items => {
    let result: unknown[] | undefined
    for (const [index, before] of items.entries()) {
      const after = filled(item, before)
      if (after === before) continue
      result ??= items.slice()
      result[index] = after
    }
    return result ?? items
  }
}
