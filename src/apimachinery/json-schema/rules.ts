import { type CelCompilation, type CelProgram, type CelType, celTypeOf, celTypes, compileCel, optionalOf } from '../cel/index.ts'
import { isEmbeddedResource, type JsonSchema, type ValidationRule } from './json-schema.ts'
import { customKindSchema, schemaNodeOf } from './schema-node.ts'

/** A rule that can be asked. */
export interface CompiledRule {
  readonly rule: ValidationRule
  readonly program: CelProgram
  /** It compares with what was there before. */
  readonly isTransition: boolean
  readonly message: CelProgram | undefined
}

/** The rules of one schema, beside the type of the values that they are about. */
export interface SchemaRules {
  readonly type: CelType
  readonly rules: readonly CompiledRule[]
}

const compiled = new WeakMap<JsonSchema, SchemaRules>()

/** Compiled when a value is first checked. What can't be compiled was refused with its definition. */
export function rulesOf(schema: JsonSchema, isRoot: boolean): SchemaRules {
  const known = compiled.get(schema)
  if (known) return known
  const type = selfTypeOf(schema, isRoot)
  const rules = (schema['x-kubernetes-validations'] ?? []).flatMap(rule => compileRule(rule, type) ?? [])
  const made = { type, rules }
  compiled.set(schema, made)
  return made
}

export function selfTypeOf(schema: JsonSchema, isRoot: boolean): CelType {
  const node = isRoot ? customKindSchema(schema) : schemaNodeOf(schema)
  return celTypeOf(node, { isResource: isRoot || isEmbeddedResource(schema) }) ?? celTypes.dyn
}

function compileRule(rule: ValidationRule, type: CelType): CompiledRule | undefined {
  const { program } = compileExpression(rule.rule, rule, type, celTypes.bool)
  if (!program) return undefined
  const message = rule.messageExpression ? compileExpression(rule.messageExpression, rule, type, celTypes.string).program : undefined
  return { rule, program, isTransition: program.uses('oldSelf'), message }
}

/** An expression of a rule, with what it may speak about. */
export function compileExpression(source: string, rule: ValidationRule, type: CelType, result: CelType): CelCompilation {
  const oldSelf = rule.optionalOldSelf ? optionalOf(type) : type
  return compileCel(source, { variables: { self: type, oldSelf }, results: [result] })
}
