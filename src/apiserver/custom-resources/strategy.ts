import { methodNotAllowed, StatusError } from '../../apimachinery/api-errors.ts'
import type { FieldError } from '../../apimachinery/field-error.ts'
import { type JsonSchema, validateEmbedded, validateJson, validateLists } from '../../apimachinery/json-schema/index.ts'
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
  const statusSchema = rules.schema.properties?.status
  return {
    kind: rules.kind,
    verbs: ['get', 'patch', 'update'],
    action: {
      type: 'fields',
      prepare: (object: Custom, old: Custom) => withStatusOf(old, object),
      validate: (object: Custom, old: Custom) => (statusSchema ? validateStatus(statusSchema, object, old) : []),
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
  const lists = validateLists(schema, object)
  return [
    ...validateJson(schema, object, old && { value: old }),
    ...validateEmbedded(schema, object),
    // Items that were there twice before may stay so.
    ...(lists.length > 0 && old && validateLists(schema, old).length > 0 ? [] : lists),
  ]
}

function validateStatus(schema: JsonSchema, { status }: Custom, old: Custom): FieldError[] {
  if (status === undefined) return []
  const before = old.status === undefined ? undefined : { value: old.status }
  const lists = validateLists(schema, status, 'status')
  return [
    ...validateJson(schema, status, before, 'status'),
    ...validateEmbedded(schema, status, 'status'),
    ...(lists.length > 0 && before && validateLists(schema, before.value, 'status').length > 0 ? [] : lists),
  ]
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion']

const finalizerWarnings = ({ metadata: { finalizers = [] } }: KubernetesObject): string[] =>
  finalizers
    .filter(finalizer => !finalizer.includes('/') && !standardFinalizers.includes(finalizer))
    .map(
      finalizer =>
        `metadata.finalizers: ${JSON.stringify(finalizer)}: prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers`,
    )
