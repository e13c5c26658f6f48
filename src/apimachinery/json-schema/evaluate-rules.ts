import { celLimits, OptionalValue, toCel } from '../cel/index.ts'
import type { FieldError } from '../field-error.ts'
import { isJsonObject, jsonEquals } from '../json-value.ts'
import { correlatedItems } from './correlate.ts'
import { additionalOf, itemsOf, type JsonSchema, propertyOf, type ValidationRule } from './json-schema.ts'
import { type CompiledRule, rulesOf, type SchemaRules } from './rules.ts'
import type { Old } from './validate.ts'

/** Asks all rules about an object, as far as they may cost. Rules of a schema come before those of what is below it. */
export function validateRules(schema: JsonSchema, object: unknown, old?: Old): readonly FieldError[] {
  if (!hasRules(schema)) return []
  const run: Run = { budget: celLimits.costOfObject, errors: [], ended: false }
  validateValue(run, schema, object, old, '', true)
  return run.errors
}

interface Run {
  budget: number
  readonly errors: FieldError[]
  /** Nothing more is asked. */
  ended: boolean
}

function validateValue(run: Run, schema: JsonSchema, value: unknown, old: Old | undefined, path: string, isRoot = false): void {
  // Rules see no nulls; those of the object around it can.
  if (run.ended || value === null || value === undefined || !hasRules(schema)) return
  if (schema['x-kubernetes-validations']) askRules(run, schema, rulesOf(schema, isRoot), value, old, path)
  if (Array.isArray(value)) validateItems(run, schema, value, old, path)
  else if (isJsonObject(value)) validateMembers(run, schema, value, old, path)
}

function validateItems(run: Run, schema: JsonSchema, items: readonly unknown[], old: Old | undefined, path: string): void {
  const itemSchema = itemsOf(schema)
  if (!itemSchema || !hasRules(itemSchema)) return
  const before = old && correlatedItems(schema, old.value)
  for (const [index, item] of items.entries()) validateValue(run, itemSchema, item, before?.(item), `${path}[${index}]`)
}

function validateMembers(run: Run, schema: JsonSchema, value: Readonly<Record<string, unknown>>, old: Old | undefined, path: string): void {
  const additional = additionalOf(schema)
  const before = old && isJsonObject(old.value) && schema['x-kubernetes-map-type'] !== 'atomic' ? old.value : undefined
  for (const name in value) {
    const known = propertyOf(schema, name)
    const memberSchema = known ?? additional
    if (!memberSchema) continue
    const oldMember = before && Object.hasOwn(before, name) && before[name] !== null ? { value: before[name] } : undefined
    const memberPath = known ? (path ? `${path}.${name}` : name) : `${path}[${name}]`
    validateValue(run, memberSchema, value[name], oldMember, memberPath)
  }
}

function askRules(run: Run, schema: JsonSchema, { type, rules }: SchemaRules, value: unknown, old: Old | undefined, path: string): void {
  const self = toCel(value, type)
  const oldSelf = old && toCel(old.value, type)
  let unchanged: boolean | undefined
  for (const compiled of rules) {
    if (run.ended) return
    const { rule, isTransition } = compiled
    if (isTransition && oldSelf === undefined && !rule.optionalOldSelf) continue
    const bindings: Readonly<Record<string, unknown>> = rule.optionalOldSelf
      ? { self, oldSelf: new OptionalValue(oldSelf) }
      : { self, oldSelf }
    const error = askRule(run, schema, compiled, bindings, path)
    if (!error) continue
    // What an update leaves as it was may stay wrong.
    unchanged ??= old !== undefined && jsonEquals(old.value, value)
    if (isTransition || !unchanged) run.errors.push(error)
  }
}

const outOfBudget = 'validation failed due to running out of cost budget, no further validation rules will be run'

function askRule(
  run: Run,
  schema: JsonSchema,
  { rule, program, message }: CompiledRule,
  bindings: Readonly<Record<string, unknown>>,
  path: string,
): FieldError | undefined {
  const invalid = (detail: string): FieldError => errorFor(path, schema, undefined, detail)
  const end = (detail: string): FieldError => {
    run.ended = true
    return invalid(detail)
  }
  const result = program.evaluate(bindings, { costLimit: Math.min(celLimits.costOfCall, run.budget + 1) })
  run.budget -= result.cost
  if (result.error) {
    const text = result.error.message
    if (run.budget < 0) return end(outOfBudget)
    if (result.error.costExceeded) {
      return end(`'${text}': no further validation rules will be run due to call cost exceeds limit for rule: ${shown(rule)}`)
    }
    if (text.startsWith('no such overload')) {
      return invalid(`'${text}': call arguments did not match a supported operator, function or macro signature for rule: ${shown(rule)}`)
    }
    return invalid(`${text} evaluating rule: ${shown(rule)}`)
  }
  if (run.budget < 0) return end(outOfBudget)
  if (result.value === true) return undefined
  const field = rule.fieldPath ? `${path}${rule.fieldPath}`.replace(/^\./, '') : path
  return errorFor(field, schema, rule.reason, messageOf(run, rule, message, bindings))
}

const longestMessage = 5 * 1024

/** The message's expression counts where it gives one line of text. */
function messageOf(
  run: Run,
  rule: ValidationRule,
  expression: CompiledRule['message'],
  bindings: Readonly<Record<string, unknown>>,
): string {
  const written = rule.message ? rule.message.trim() : `failed rule: ${shown(rule)}`
  if (!expression) return written
  const { value, cost } = expression.evaluate(bindings, { costLimit: Math.min(celLimits.costOfCall, Math.max(0, run.budget) + 1) })
  run.budget -= cost
  const text = typeof value === 'string' ? value.trim() : ''
  return text === '' || text.includes('\n') || Buffer.byteLength(text) > longestMessage ? written : text
}

const shown = ({ message, rule }: ValidationRule): string => (message || rule).trim()

function errorFor(path: string, { type = '' }: JsonSchema, reason: string | undefined, detail: string): FieldError {
  const field = path || '<nil>'
  switch (reason) {
    case 'FieldValueForbidden':
      return { type: reason, field, message: `Forbidden: ${detail}` }
    case 'FieldValueRequired':
      return { type: reason, field, message: `Required value: ${detail}` }
    case 'FieldValueDuplicate':
      return { type: reason, field, message: `Duplicate value: ${JSON.stringify(type)}` }
    default:
      return { type: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(type)}: ${detail}` }
  }
}

const known = new WeakMap<JsonSchema, boolean>()

/** So that values without any rule are never walked. */
export function hasRules(schema: JsonSchema): boolean {
  const found = known.get(schema)
  if (found !== undefined) return found
  const below = [itemsOf(schema), additionalOf(schema), ...Object.values(schema.properties ?? {})]
  const result = (schema['x-kubernetes-validations']?.length ?? 0) > 0 || below.some(one => one !== undefined && hasRules(one))
  known.set(schema, result)
  return result
}
