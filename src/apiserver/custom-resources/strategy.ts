import { methodNotAllowed, StatusError } from '../../apimachinery/api-errors.ts'
import type { FieldError, FieldErrorType } from '../../apimachinery/field-error.ts'
import {
  hasRules,
  type JsonSchema,
  type Old,
  validateEmbedded,
  validateJson,
  validateLists,
  validateRules,
} from '../../apimachinery/json-schema/index.ts'
import { jsonEquals } from '../../apimachinery/json-value.ts'
import type { Strategy, Subresource } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'

/** What the strategy of a custom kind depends on. */
export interface CustomKindRules {
  readonly group: string
  readonly resource: string
  readonly kind: string
  readonly schema: JsonSchema
  readonly hasStatus: boolean
  /** The definition is being deleted: nothing new may come. */
  readonly terminating: boolean
}

type Custom = KubernetesObject & { readonly spec?: unknown; readonly status?: unknown }

export function customStrategy(rules: CustomKindRules): Strategy {
  const { schema, hasStatus, terminating } = rules
  return {
    prepareForCreate(object) {
      if (terminating) throw terminatingError(rules)
      return withGeneration(hasStatus ? withoutStatus(object) : object, 1)
    },
    prepareForUpdate(object, old) {
      const kept = hasStatus ? withStatusOf(object, old) : object
      const before = old.metadata.generation ?? 0
      return withGeneration(kept, isSameBeside(kept, old, hasStatus) ? before : before + 1)
    },
    validate: object => validateCustom(schema, object),
    validateUpdate: (object, old) => validateCustom(schema, object, old),
    ratchets: true,
    warnings: object => finalizerWarnings(object),
  }
}

export function statusOf(rules: CustomKindRules): Subresource {
  return {
    kind: rules.kind,
    verbs: ['get', 'patch', 'update'],
    action: {
      type: 'fields',
      prepare: (object: Custom, old: Custom) => withStatusOf(old, object),
      validate: (object: Custom, old: Custom) => validateStatus(rules, object, old),
    },
  }
}

function terminatingError({ group, resource }: CustomKindRules): StatusError {
  const { status } = methodNotAllowed({ group, resource }, 'create')
  return new StatusError({ ...status, message: 'create not allowed while custom resource definition is terminating' })
}

const withGeneration = <T extends KubernetesObject>(object: T, generation: number): T =>
  object.metadata.generation === generation ? object : { ...object, metadata: { ...object.metadata, generation } }

function withoutStatus(object: Custom): Custom {
  if (object.status === undefined) return object
  const { status: _status, ...rest } = object
  return rest
}

const withStatusOf = (object: Custom, from: Custom): Custom =>
  from.status === undefined ? withoutStatus(object) : { ...object, status: from.status }

/** Whether everything that the generation counts is the same: all but metadata, and status where it is written apart. */
function isSameBeside(object: Custom, old: Custom, hasStatus: boolean): boolean {
  const rest = ({ metadata: _metadata, apiVersion: _apiVersion, kind: _kind, ...others }: Custom) =>
    hasStatus ? { ...others, status: undefined } : others
  return jsonEquals(rest(object), rest(old))
}

function validateCustom(schema: JsonSchema, object: KubernetesObject, old?: KubernetesObject): FieldError[] {
  const before = old && { value: old }
  return withRules(schema, validateByKeywords(schema, object, before, ''), object, before)
}

/** The schema's status alone is looked at, but rules may be about the whole object. */
function validateStatus({ schema }: CustomKindRules, object: Custom, old: Custom): FieldError[] {
  const { status } = object
  const statusSchema = schema.properties?.status
  const before = old.status === undefined ? undefined : { value: old.status }
  const errors = statusSchema && status !== undefined ? validateByKeywords(statusSchema, status, before, 'status') : []
  return withRules(schema, errors, object, { value: old })
}

function validateByKeywords(schema: JsonSchema, value: unknown, old: Old | undefined, path: string): FieldError[] {
  const lists = validateLists(schema, value, path)
  return [
    ...validateJson(schema, value, old, path),
    ...validateEmbedded(schema, value, path),
    // Items that were there twice before may stay so.
    ...(lists.length > 0 && old && validateLists(schema, old.value, path).length > 0 ? [] : lists),
  ]
}

const blocking: readonly FieldErrorType[] = [
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]
const notChecked: FieldError = {
  type: 'FieldValueInvalid',
  field: '<nil>',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
}

/** Rules may rely on the types and sizes that the schema states. */
function withRules(schema: JsonSchema, errors: FieldError[], object: KubernetesObject, old: Old | undefined): FieldError[] {
  if (!hasRules(schema)) return errors
  if (errors.some(({ type }) => blocking.includes(type))) return [...errors, notChecked]
  return [...errors, ...validateRules(schema, object, old)]
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion']

const finalizerWarnings = ({ metadata: { finalizers = [] } }: KubernetesObject): string[] =>
  finalizers
    .filter(finalizer => !finalizer.includes('/') && !standardFinalizers.includes(finalizer))
    .map(
      finalizer =>
        `metadata.finalizers: ${JSON.stringify(finalizer)}: prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers`,
    )
