import { resolveSchema, type Schema } from '../schema.ts'

/** The greatest request body, from which the sizes of values without limits of their own are guessed. */
const largestRequest_bytes = 3 * 1024 * 1024
const longestByFormat: Readonly<Record<string, number>> = {
  date: '"2006-01-02"'.length,
  'date-time': '"2006-01-02T15:04:05.999999999-07:00"'.length,
  duration: '"-2562047h47m16.854775808s"'.length,
}

type Constraints = Readonly<Record<string, unknown>>

const limit = (value: unknown): number | undefined => (typeof value === 'number' ? Math.max(0, value) : undefined)

/** In bytes: `maxLength` counts characters, of up to four bytes each. */
export function maximumText(constraints: Constraints): number {
  const { maxLength, format, enum: choices } = constraints
  if (typeof format === 'string' && Object.hasOwn(longestByFormat, format)) return longestByFormat[format] as number
  const given = limit(maxLength)
  if (given !== undefined) return format === 'byte' ? given : given * 4
  if (Array.isArray(choices) && choices.length > 0) return Math.max(...choices.map(choice => Buffer.byteLength(String(choice))))
  return largestRequest_bytes - 2
}

/** Elements are parted by commas. */
export const maximumElements = ({ maxItems }: Constraints, leastElement: number): number =>
  limit(maxItems) ?? Math.floor((largestRequest_bytes - 2) / (leastElement + 1))

/** Each entry needs a key's quotes, a colon, a comma and a letter or two. */
export const maximumProperties = ({ maxProperties }: Constraints, leastValue: number): number =>
  limit(maxProperties) ?? Math.floor((largestRequest_bytes - 2) / (leastValue + 6))

/** The fewest bytes of JSON that a value of this schema can have. */
export function leastSize(schema: Schema, depth = 0): number {
  const node = resolveSchema(schema)
  if (depth > 20) return 1
  switch (node.type) {
    case 'scalar':
      if (node.scalar === 'boolean') return 4
      return node.scalar === 'int32' || node.scalar === 'int64' || node.scalar === 'double' || node.scalar === 'intOrString' ? 1 : 2
    case 'list':
    case 'map':
      return 2
    case 'object': {
      let size = 2
      const required = Array.isArray(node.constraints?.required) ? node.constraints.required : []
      for (const [name, field] of Object.entries(node.fields)) {
        if ((field.required || required.includes(name)) && field.default === undefined)
          size += leastSize(field.schema, depth + 1) + name.length + 4
      }
      return size
    }
    default:
      return 1
  }
}
