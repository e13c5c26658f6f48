import { type ObjectNode, resolveSchema, type Schema } from '../schema.ts'
import { DecodeError } from './decode-error.ts'

/** A JSON value of the wrong type, thrown by a decoder that knows neither its place nor the object around it. */
export class TypeMismatch extends Error {
  readonly found: string
  readonly wanted: string
  constructor(value: unknown, wanted: string) {
    super('type mismatch')
    this.found = jsonTypeOf(value, wanted)
    this.wanted = wanted
  }
}

function jsonTypeOf(value: unknown, wanted: string): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  // A number that doesn't fit is named with its value, one where none belongs is not.
  if (typeof value === 'number' && /^u?int|^float/.test(wanted)) return `number ${value}`
  return typeof value
}

/** `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32` */
export function describeMismatch(root: Schema, path: readonly (string | number)[], { found, wanted }: TypeMismatch): DecodeError {
  const { struct, fields } = locate(root, path)
  const target = fields.length ? `Go struct field ${struct}.${fields.join('.')} of type ${wanted}` : `Go value of type ${wanted}`
  return new DecodeError(`json: cannot unmarshal ${found} into ${target}`)
}

/** The innermost object on the way and the names of the fields, without the keys of maps and the indexes of lists. */
function locate(root: Schema, path: readonly (string | number)[]): { struct: string; fields: string[] } {
  let node: Schema = root
  let struct = ''
  const fields: string[] = []
  for (const step of path) {
    const resolved = resolveSchema(node)
    if (resolved.type === 'object') {
      const field: ObjectNode['fields'][string] | undefined = resolved.fields[step]
      if (!field) break
      struct = lastName(resolved.name)
      fields.push(String(step))
      node = field.schema
    } else if (resolved.type === 'list') node = resolved.items
    else if (resolved.type === 'map') node = resolved.values
    else break
  }
  return { struct, fields }
}

const lastName = (name = ''): string => name.slice(name.lastIndexOf('.') + 1)

const scalarTypes = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  bytes: '[]uint8',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  duration: 'v1.Duration',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
} as const

/** How upstream's decoder calls the type of a schema: `[]v1.Container`, `map[string]string`. */
export function goTypeOf(schema: Schema): string {
  const node = resolveSchema(schema)
  switch (node.type) {
    case 'scalar':
      return scalarTypes[node.scalar]
    case 'list':
      return `[]${goTypeOf(node.items)}`
    case 'map': {
      const values = goTypeOf(node.values)
      return values === 'resource.Quantity' ? 'v1.ResourceList' : `map[string]${values}`
    }
    case 'object':
      return node.name ? node.name.split('.').slice(-2).join('.') : 'map[string]interface {}'
    case 'union':
      return node.name.split('.').slice(-2).join('.')
    case 'any':
      return 'interface {}'
  }
}
