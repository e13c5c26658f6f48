import { isKnownFormat, type JsonSchema } from '../../apimachinery/json-schema/index.ts'
import type { CustomResourceDefinition } from './custom-resource-definition-types.ts'
import { subschemas } from './schema-rules.ts'

/** Formats that mean nothing to the server are allowed, and told once each when they come in. */
export function formatWarnings({ spec }: CustomResourceDefinition, old: CustomResourceDefinition | undefined): string[] {
  const known = new Set(old && unknownFormats(old.spec))
  return [...new Set(unknownFormats(spec))]
    .filter(format => !known.has(format))
    .map(format => `unrecognized format ${JSON.stringify(format)}`)
}

function* unknownFormats({ versions }: CustomResourceDefinition['spec']): Generator<string> {
  for (const { schema } of versions) if (schema?.openAPIV3Schema) yield* unknownFormatsOf(schema.openAPIV3Schema as JsonSchema)
}

function* unknownFormatsOf(schema: JsonSchema): Generator<string> {
  if (schema.format && !isFormatOf(schema.type, schema.format)) yield schema.format
  for (const [below] of subschemas(schema, '')) yield* unknownFormatsOf(below)
}

function isFormatOf(type: string | undefined, format: string): boolean {
  switch (type) {
    case undefined:
    case '':
    case 'string':
      return isKnownFormat(format)
    case 'integer':
      return format === 'int32' || format === 'int64'
    case 'number':
      return format === 'float' || format === 'double'
    default:
      return false
  }
}
