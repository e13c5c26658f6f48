import { RE2JS } from 're2js'
import type { JsonSchema } from './json-schema.ts'

/** What is wrong with a pattern, in RE2's words; undefined for one that can be compiled. */
export function patternProblem(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Compiled when a value is first compared with it; gone with the schema. */
const compiled = new WeakMap<JsonSchema, RE2JS>()

/** Whether the schema's pattern is found anywhere in the text, in linear time whatever both are. */
export function matchesPattern(schema: JsonSchema, pattern: string, text: string): boolean {
  let expression = compiled.get(schema)
  if (!expression) {
    expression = RE2JS.compile(pattern)
    compiled.set(schema, expression)
  }
  return expression.matcher(text).find()
}
