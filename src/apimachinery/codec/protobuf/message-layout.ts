import type { Field, ObjectNode } from '../../schema.ts'

/** The fields of a protobuf message; an object's fields may lie in messages embedded in its own. */
export interface MessageLayout {
  /** By number, ascending. */
  readonly entries: readonly (FieldEntry | EmbeddedEntry)[]
}

export interface FieldEntry {
  readonly number: number
  readonly name: string
  readonly field: Field
}

export interface EmbeddedEntry {
  readonly number: number
  readonly embedded: MessageLayout
}

export const layoutOf = (schema: ObjectNode): MessageLayout =>
  layoutAt(
    Object.entries(schema.fields)
      .map(([name, field]) => ({ name, field, path: typeof field.proto === 'number' ? [field.proto] : field.proto }))
      .filter(({ path }) => path[0] !== 0),
    0,
  )

interface Placed {
  readonly name: string
  readonly field: Field
  readonly path: readonly number[]
}

function layoutAt(fields: readonly Placed[], level: number): MessageLayout {
  const byNumber = Map.groupBy(fields, ({ path }) => path[level] ?? 0)
  const entries = [...byNumber].map(([number, group]): FieldEntry | EmbeddedEntry => {
    const own = group.find(({ path }) => path.length === level + 1)
    return own ? { number, name: own.name, field: own.field } : { number, embedded: layoutAt(group, level + 1) }
  })
  return { entries: entries.sort((a, b) => a.number - b.number) }
}
