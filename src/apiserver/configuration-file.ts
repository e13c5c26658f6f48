import { applySchemaDefaults, DecodeError, decode, parseYaml } from '../apimachinery/codec/index.ts'
import { isJsonObject } from '../apimachinery/json-value.ts'
import type { ObjectNode, Schema } from '../apimachinery/schema.ts'

export interface ConfigurationFile<T> {
  /** Named in errors: a path, or what the text came from. */
  readonly source: string
  readonly schema: Schema<T> & ObjectNode
  readonly apiVersions: readonly string[]
  readonly kind: string
  /** Told of unknown and repeated fields; without it they are errors. */
  readonly warn?: (message: string) => void
}

/** Reads one of the API server's configuration files (YAML or JSON), checked against its schema; errors name the file. */
export function readConfigurationFile<T>(content: string, file: ConfigurationFile<T>): T {
  const { source, schema, apiVersions, kind, warn } = file
  const problems: string[] = []
  try {
    const value = parseYaml(content, { onDuplicate: description => void problems.push(description) })
    if (!isJsonObject(value)) throw new DecodeError('it is not a mapping')
    if (!apiVersions.includes(String(value.apiVersion)) || value.kind !== kind)
      throw new DecodeError(
        `no kind ${JSON.stringify(value.kind ?? '')} of ${JSON.stringify(value.apiVersion ?? '')} is known here, only ${kind} of ${apiVersions.join(', ')}`,
      )
    const decoded = applySchemaDefaults(
      schema,
      decode(schema, value, path => void problems.push(`unknown field ${JSON.stringify(path)}`)),
    )
    if (problems.length > 0 && !warn) throw new DecodeError(`strict decoding error: ${problems.join(', ')}`)
    for (const problem of problems) warn?.(`read ${kind} ${source}: ${problem}; it has no effect`)
    return decoded
  } catch (error) {
    if (error instanceof DecodeError) throw new Error(`read ${kind} ${source}: ${error.message}`, { cause: error })
    throw error
  }
}
