import type { JsonSchema } from './json-schema/json-schema.ts'

/**
 * The schema language: what built-in kinds (`defineKind`) and CustomResourceDefinitions are both made of.
 * A schema is plain data; decoding, defaulting, pruning, protobuf, OpenAPI, strategic merge, apply and explain
 * are derived from it, and the TypeScript type of a kind is inferred from it.
 */
export type ScalarType =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  /** base64 in JSON, raw bytes in protobuf. */
  | 'bytes'
  /** metav1.Time: RFC 3339 with whole seconds. */
  | 'time'
  /** metav1.MicroTime: RFC 3339 with microseconds. */
  | 'microTime'
  /** metav1.Duration: Go's notation, "1h30m". */
  | 'duration'
  | 'quantity'
  | 'intOrString'

export interface ScalarNode {
  readonly type: 'scalar'
  readonly scalar: ScalarType
  /** Value rules of custom resources; built-in kinds validate in code. */
  readonly constraints?: Constraints
}

export interface ListNode {
  readonly type: 'list'
  readonly items: Schema
  /** How apply merges it; absent means atomic. */
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly mapKeys?: readonly string[]
  /** In protobuf, this list is a message of its own with the items in field 1 (`ExtraValue`). */
  readonly wrapped?: boolean
  readonly constraints?: Constraints
}

export interface MapNode {
  readonly type: 'map'
  readonly values: Schema
  /** With `atomic`, apply treats the whole map as one value. */
  readonly mapType?: 'granular' | 'atomic'
  readonly constraints?: Constraints
}

export interface ObjectNode {
  readonly type: 'object'
  /** The definition's name in OpenAPI, `io.k8s.api.core.v1.Container`; absent for anonymous objects of custom resources. */
  readonly name?: string
  readonly description: string
  readonly fields: Readonly<Record<string, Field>>
  readonly mapType?: 'granular' | 'atomic'
  readonly preserveUnknown?: boolean
  readonly constraints?: Constraints
  /** The type as it is published, where one field takes it apart differently in apply. */
  readonly published?: ObjectNode
  /** Of a whole custom kind: the schema that OpenAPI publishes. */
  readonly jsonSchema?: JsonSchema
}

/** Any JSON value, kept as it is. */
export interface AnyNode {
  readonly type: 'any'
  /** Its form in protobuf and its definition's name in OpenAPI. */
  readonly any: 'RawExtension' | 'FieldsV1' | 'JSON'
  readonly constraints?: Constraints
}

/** An object, or else something simpler: `items`, `additionalProperties` and `dependencies` in the schemas of custom resources. */
export interface UnionNode {
  readonly type: 'union'
  /** The definition's name in OpenAPI. */
  readonly name: string
  readonly object: Schema
  /** A list or a boolean. */
  readonly other: Schema
  /** In protobuf, a message of its own with one of these fields; a boolean is there, and true, beside an object too. */
  readonly proto: { readonly object: number; readonly other: number }
  readonly constraints?: Constraints
}

/** A reference that is resolved when first needed, for recursive types and for custom resources. */
export interface LazyNode {
  readonly type: 'lazy'
  readonly resolve: () => Schema
  /**
   * Set where a custom resource's own schema describes the value: decoding then prunes and keeps values of the wrong type
   * for validation to tell, and OpenAPI publishes that schema. `resolve` gives what patches and apply work on.
   */
  readonly jsonSchema?: JsonSchema
}

export type SchemaNode = ScalarNode | ListNode | MapNode | ObjectNode | AnyNode | UnionNode | LazyNode

/** Extra JSON-schema keywords (`minimum`, `pattern`, `x-kubernetes-validations` ...), verbatim. */
export type Constraints = Readonly<Record<string, unknown>>

export type Schema<T = unknown> = SchemaNode & { readonly '~inferred'?: T }

/** The TypeScript type of values that a schema describes; deeply read-only. */
export type Infer<S> = S extends { readonly '~inferred'?: infer T } ? T : never

export interface FieldOptions {
  /** Filled in when absent, before the kind's own defaults. Null-safe: only fields that upstream's schema defaults. */
  readonly default?: unknown
  /** Published in OpenAPI; the kind's validation enforces it. */
  readonly enum?: readonly string[]
  /** `x-kubernetes-patch-strategy`. */
  readonly patchStrategy?: 'merge' | 'retainKeys' | 'merge,retainKeys' | 'replace'
  readonly patchMergeKey?: string
}

export interface Field<T = unknown, Required extends boolean = boolean> extends FieldOptions {
  /** Number in the protobuf message; `[2, 4]` is field 4 of the message embedded as field 2; 0 is not in protobuf. */
  readonly proto: number | readonly number[]
  readonly schema: Schema<T>
  readonly description: string
  readonly required: Required
}

type Fields = Readonly<Record<string, Field<unknown, boolean>>>
type FieldType<F> = F extends Field<infer T, boolean> ? T : never
type RequiredKeys<F> = { [K in keyof F]: F[K] extends Field<unknown, true> ? K : never }[keyof F]
type Flatten<T> = { readonly [K in keyof T]: T[K] }
export type FieldsType<F> = Flatten<
  { readonly [K in RequiredKeys<F>]: FieldType<F[K]> } & { readonly [K in Exclude<keyof F, RequiredKeys<F>>]?: FieldType<F[K]> }
>

const scalar = <T>(type: ScalarType): Schema<T> => ({ type: 'scalar', scalar: type })

export const text: Schema<string> = scalar('string')
export const boolean: Schema<boolean> = scalar('boolean')
export const int32: Schema<number> = scalar('int32')
export const int64: Schema<number> = scalar('int64')
export const double: Schema<number> = scalar('double')
export const bytes: Schema<string> = scalar('bytes')
export const time: Schema<string> = scalar('time')
export const microTime: Schema<string> = scalar('microTime')
export const duration: Schema<string> = scalar('duration')
/** A quantity as written, `100m` or `1Gi`; numbers are accepted on the way in. */
export const quantity: Schema<string> = scalar('quantity')
export const intOrString: Schema<number | string> = scalar('intOrString')

export const rawExtension: Schema<unknown> = { type: 'any', any: 'RawExtension' }
export const fieldsV1: Schema<unknown> = { type: 'any', any: 'FieldsV1' }
export const json: Schema<unknown> = { type: 'any', any: 'JSON' }

export const optional = <T>(proto: Field['proto'], schema: Schema<T>, description: string, options?: FieldOptions): Field<T, false> => ({
  proto,
  schema,
  description,
  required: false,
  ...options,
})

export const required = <T>(proto: Field['proto'], schema: Schema<T>, description: string, options?: FieldOptions): Field<T, true> => ({
  proto,
  schema,
  description,
  required: true,
  ...options,
})

export const object = <const F extends Fields>(
  name: string,
  description: string,
  fields: F,
  options?: Pick<ObjectNode, 'mapType' | 'preserveUnknown'>,
): Schema<FieldsType<F>> & ObjectNode => ({ type: 'object', name, description, fields, ...options })

export const list = <T>(items: Schema<T>, options?: Pick<ListNode, 'listType' | 'mapKeys' | 'wrapped'>): Schema<readonly T[]> => ({
  type: 'list',
  items,
  ...options,
})

/** A list without topology in the public schema. */
export const plainList = <T>(items: Schema<T>): Schema<readonly T[]> => list(items)
export const atomicList = <T>(items: Schema<T>): Schema<readonly T[]> => list(items, { listType: 'atomic' })
export const setList = <T>(items: Schema<T>): Schema<readonly T[]> => list(items, { listType: 'set' })
export const keyedList = <T>(items: Schema<T>, ...mapKeys: string[]): Schema<readonly T[]> => list(items, { listType: 'map', mapKeys })

export const map = <T>(values: Schema<T>, options?: Pick<MapNode, 'mapType'>): Schema<Readonly<Record<string, T>>> => ({
  type: 'map',
  values,
  ...options,
})

/** A type that is atomic elsewhere, and whose members apply merges one by one in this field. */
export const granular = <T>(schema: Schema<T> & ObjectNode): Schema<T> & ObjectNode => ({
  ...schema,
  mapType: 'granular',
  published: schema,
})

export const union = <T, U>(name: string, object: Schema<T>, other: Schema<U>, proto: UnionNode['proto']): Schema<T | U> => ({
  type: 'union',
  name,
  object,
  other,
  proto,
})

export const lazy = <T>(resolve: () => Schema<T>): Schema<T> => ({ type: 'lazy', resolve })

/** Follows lazy references until a real node is reached. */
export function resolveSchema(schema: Schema): Exclude<SchemaNode, LazyNode> {
  let node: SchemaNode = schema
  while (node.type === 'lazy') node = node.resolve()
  return node
}
