import { resolveSchema, type Schema } from '../schema.ts'

/** The greatest request body, from which the sizes of values without limits of their own are guessed. */
const largestRequest_bytes = 3 * 1024 * 1024
const longestByFormat: Readonly<Record<string, number>> = { date: 12, 'date-time': 32, duration: 32 }
const shortestByFormat: Readonly<Record<string, number>> = {
  date: '"2006-01-02"'.length,
  'date-time': '"2006-01-02T15:04:05"'.length,
  duration: '"0"'.length,
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

/** How often values of this schema can be in a request, where nothing bounds the lists and maps that they are in. */
export const mostOccurrences = (schema: Schema): number => Math.floor(largestRequest_bytes / (leastSize(schema) + 1))

/** The fewest bytes of JSON that a value of this schema can have. */
export function leastSize(schema: Schema, depth = 0): number {
  const node = resolveSchema(schema)
  if (depth > 20) return 1
  switch (node.type) {
    case 'scalar':
      return leastScalar(node.scalar, node.constraints?.format)
    case 'list':
    case 'map':
      return 2
    case 'object': {
      let size = 2
      const required = Array.isArray(node.constraints?.required) ? node.constraints.required : []
      for (const [name, field] of Object.entries(node.fields)) {
        if ((field.required || required.includes(name)) && field.default === undefined && isReadable(field.schema))
          size += leastSize(field.schema, depth + 1) + name.length + 4
      }
      return size
    }
    default:
      return isReadable(schema) ? 2 : 1
  }
}

/** What a definition says nothing about is not counted: expressions do not see it. */
function isReadable(schema: Schema): boolean {
  if (schema.type !== 'lazy' || resolveSchema(schema).type !== 'any') return true
  return schema.jsonSchema === undefined || schema.jsonSchema.type === 'object'
}

function leastScalar(scalar: string, format: unknown): number {
  if (typeof format === 'string' && Object.hasOwn(shortestByFormat, format)) return shortestByFormat[format] as number
  if (scalar === 'boolean') return 'true'.length
  return scalar === 'int32' || scalar === 'int64' || scalar === 'double' || scalar === 'intOrString' ? 1 : '""'.length
}
