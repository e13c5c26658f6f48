import { type CelCompilation, type CelType, celLimits, celTypes, mostOccurrences } from '../../apimachinery/cel/index.ts'
import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import {
  additionalOf,
  compileExpression,
  hasRules,
  itemsOf,
  type JsonSchema,
  propertyOf,
  schemaNodeOf,
  selfTypeOf,
  type ValidationRule,
} from '../../apimachinery/json-schema/index.ts'
import { simplePathOf } from '../../apimachinery/json-schema/json-path.ts'
import { problemOf } from '../admissionregistration/expressions.ts'

/** Every rule must be sound, and all together may not cost more than a request is worth. */
export function validateSchemaRules(schema: JsonSchema, path: string): FieldError[] {
  if (!hasRules(schema)) return []
  const walk: Walk = { errors: [], total: 0, contributions: [] }
  validateBelow(walk, schema, { path, cardinality: 1, uncorrelatable: undefined, isRoot: true })
  if (walk.total > celLimits.estimatedCostOfDefinition) {
    const contributed = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'
    for (const { field } of walk.contributions.sort((a, b) => b.cost - a.cost).slice(0, 4)) {
      walk.errors.push(forbiddenField(field, contributed))
    }
    const detail = `x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of ${excess(walk.total, celLimits.estimatedCostOfDefinition)} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`
    walk.errors.push(forbiddenField(path, detail))
  }
  return walk.errors
}

interface Walk {
  readonly errors: FieldError[]
  total: number
  readonly contributions: { readonly field: string; readonly cost: number }[]
}

interface Place {
  readonly path: string
  /** How often values of this schema can be in one object; undefined where a list or map above has no limit. */
  readonly cardinality: number | undefined
  /** The list above whose items have no old values. */
  readonly uncorrelatable: string | undefined
  readonly isRoot: boolean
}

function validateBelow(walk: Walk, schema: JsonSchema, place: Place): void {
  if (!hasRules(schema)) return
  const type = selfTypeOf(schema, place.isRoot)
  const { path, cardinality } = place
  for (const [index, rule] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    validateRule(walk, schema, rule, type, place, `${path}.x-kubernetes-validations[${index}]`)
  }
  const items = itemsOf(schema)
  const additional = additionalOf(schema)
  const within = { isRoot: false, uncorrelatable: place.uncorrelatable, cardinality }
  const most = mostElements(schema)
  const many = { ...within, cardinality: cardinality === undefined || most === undefined ? undefined : cardinality * most }
  if (items) {
    const uncorrelatable = within.uncorrelatable ?? (schema['x-kubernetes-list-type'] === 'map' ? undefined : path)
    validateBelow(walk, items, { ...many, uncorrelatable, path: `${path}.items` })
  }
  if (additional) validateBelow(walk, additional, { ...many, path: `${path}.additionalProperties` })
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    validateBelow(walk, property, { ...within, path: `${path}.properties[${name}]` })
  }
}

/** What a list or a map multiplies. */
function mostElements({ type, maxItems, maxProperties, additionalProperties }: JsonSchema): number | undefined {
  if (type === 'array') return maxItems
  return type === 'object' && additionalProperties !== undefined ? maxProperties : 1
}

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']

function validateRule(walk: Walk, schema: JsonSchema, rule: ValidationRule, type: CelType, place: Place, path: string): void {
  const { errors } = walk
  const { rule: source = '', reason, fieldPath } = rule
  if (source.trim() === '') errors.push(requiredField(`${path}.rule`, 'rule is not specified'))
  errors.push(...validateMessage(rule, path))
  if (reason !== undefined && !reasons.includes(reason)) errors.push(unsupportedField(`${path}.reason`, reason, reasons))
  if (fieldPath !== undefined && !leadsSomewhere(schema, fieldPath)) {
    errors.push(invalidField(`${path}.fieldPath`, fieldPath, 'fieldPath must be a valid path'))
  }
  if (source.trim() === '') return
  const compilation = compileExpression(source, rule, type, celTypes.bool)
  if (!compilation.program)
    errors.push(invalidField(`${path}.rule`, source, problemText(compilation, 'cel expression must evaluate to a bool')))
  else {
    const isTransition = compilation.program.uses('oldSelf')
    if (isTransition && place.uncorrelatable !== undefined) {
      const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`
      errors.push(invalidField(`${path}.rule`, source, detail))
    }
    if (rule.optionalOldSelf !== undefined && !isTransition) {
      errors.push(invalidField(`${path}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'))
    }
    weigh(walk, compilation, place.cardinality ?? mostOccurrences(schemaNodeOf(schema)), `${path}.rule`, 'rule')
  }
  if (!rule.messageExpression) return
  const message = compileExpression(rule.messageExpression, rule, type, celTypes.string)
  if (message.program) weigh(walk, message, 1, `${path}.messageExpression`, 'messageExpression')
  else
    errors.push(
      invalidField(
        `${path}.messageExpression`,
        rule.messageExpression,
        problemText(message, 'messageExpression must evaluate to a string'),
      ),
    )
}

function validateMessage({ rule = '', message, messageExpression }: ValidationRule, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (message !== undefined && message !== '' && message.trim() === '') {
    errors.push(invalidField(`${path}.message`, message, 'message must be non-empty if specified'))
  }
  if (message?.trim().includes('\n')) errors.push(invalidField(`${path}.message`, message, 'message must not contain line breaks'))
  if (Buffer.byteLength(message ?? '') > 2048) {
    errors.push(invalidField(`${path}.message`, `${message?.slice(0, 10)}...`, 'message must have a maximum length of 2048 characters'))
  }
  if (rule.trim().includes('\n') && !message)
    errors.push(requiredField(`${path}.message`, 'message must be specified if rule contains line breaks'))
  if (messageExpression !== undefined && messageExpression.trim() === '') {
    errors.push(requiredField(`${path}.messageExpression`, 'must be non-empty if specified'))
  }
  return errors
}

/** What is wrong about a whole expression is its type, for which upstream has words of its own. */
const problemText = (compilation: CelCompilation, wrongType: string): string =>
  compilation.issues?.[0]?.line === 0 ? wrongType : (problemOf(compilation) ?? '')

/** A path of a rule names members of objects and keys of maps. */
function leadsSomewhere(schema: JsonSchema, fieldPath: string): boolean {
  const names =
    fieldPath.startsWith('.') || fieldPath.startsWith('[')
      ? simplePathOf(fieldPath.startsWith('[') ? `.${fieldPath}` : fieldPath)
      : undefined
  if (!names || names.length === 0) return false
  let at: JsonSchema | undefined = schema
  for (const name of names) at = at && (propertyOf(at, name) ?? additionalOf(at))
  return at !== undefined
}

function weigh(walk: Walk, compilation: CelCompilation, times: number, field: string, what: string): void {
  const most = compilation.program?.estimateCost().max ?? 0
  const cost = most === 0 ? 0 : most * times
  walk.total += cost
  if (cost >= celLimits.estimatedCostOfDefinition / 100) walk.contributions.push({ field, cost })
  const { estimatedCostOfExpression } = celLimits
  if (cost <= estimatedCostOfExpression) return
  const detail = `estimated ${what} cost exceeds budget by factor of ${excess(cost, estimatedCostOfExpression)} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`
  walk.errors.push(forbiddenField(field, detail))
}

function excess(cost: number, limit: number): string {
  const factor = cost / limit
  if (factor > 100) return 'more than 100x'
  // Nothing exceeds a budget by a factor of 1.0.
  return `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`
}
