import { parseYaml } from '../../apimachinery/codec/index.ts'

export interface YamlDocument {
  readonly value: unknown
  /** Told of keys that stand twice. */
  readonly duplicates: readonly string[]
}

/** The first document of a text. Throws a `DecodeError`. */
export function readYaml(text: string, findDuplicates: boolean): YamlDocument {
  const duplicates: string[] = []
  const value = parseYaml(text, findDuplicates ? { onDuplicate: description => void duplicates.push(description) } : {})
  return { value, duplicates }
}
