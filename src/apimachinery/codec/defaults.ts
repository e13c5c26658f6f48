import { defaulterOf } from '../json-schema/defaults.ts'
import { type ObjectNode, resolveSchema, type Schema } from '../schema.ts'
import { copyJson } from './plain-value.ts'

/** Fills the schema's own defaults where the object around them is present; the same object when nothing was missing. */
export function applySchemaDefaults<T>(schema: Schema<T>, object: T): T {
  const fill = fillerOf(schema)
  return fill ? (fill(object) as T) : object
}

type Filler = (value: unknown) => unknown

/** Undefined is kept for schemas without any default, whose values are never walked. */
const fillers = new WeakMap<Schema, Filler | undefined>()

function fillerOf(schema: Schema): Filler | undefined {
  if (fillers.has(schema)) return fillers.get(schema)
  const filler = compile(schema)
  fillers.set(schema, filler)
  return filler
}

function compile(schema: Schema): Filler | undefined {
  switch (schema.type) {
    case 'scalar':
    case 'any':
    case 'union':
      return undefined
    case 'lazy':
      if (schema.jsonSchema) return defaulterOf(schema.jsonSchema)
      // Resolved when a value is there, since recursive schemas have no end.
      return value => fillerOf(resolveSchema(schema))?.(value) ?? value
    case 'list':
      return compileList(fillerOf(schema.items))
    case 'map':
      return compileMap(fillerOf(schema.values))
    case 'object':
      return compileObject(schema)
  }
}

function compileList(fillItem: Filler | undefined): Filler | undefined {
  if (!fillItem) return undefined
  return value => {
    if (!Array.isArray(value)) return value
    let result: unknown[] = value
    for (let index = 0; index < value.length; index++) {
      const filled = fillItem(value[index])
      if (filled === value[index]) continue
      if (result === value) result = value.slice()
      result[index] = filled
    }
    return result
  }
}

function compileMap(fillValue: Filler | undefined): Filler | undefined {
  if (!fillValue) return undefined
  return value => {
    if (!isObject(value)) return value
    let result = value
    for (const key of Object.keys(value)) {
      const filled = fillValue(value[key])
      if (filled === value[key]) continue
      if (result === value) result = { ...value }
      result[key] = filled
    }
    return result
  }
}

function compileObject(schema: ObjectNode): Filler | undefined {
  const fields = Object.entries(schema.fields)
    .map(([name, field]) => ({ name, initial: field.default, fill: fillerOf(field.schema) }))
    .filter(field => field.initial !== undefined || field.fill !== undefined)
  if (fields.length === 0) return undefined
  return value => {
    if (!isObject(value)) return value
    let result = value
    for (const { name, initial, fill } of fields) {
      const present = result[name]
      const before = present === undefined && initial !== undefined ? copyJson(initial) : present
      const after = before !== undefined && fill ? fill(before) : before
      if (after === present) continue
      if (result === value) result = { ...value }
      result[name] = after
    }
    return result
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
