import { type Cell, timeSince } from './cell.ts'
import type { FieldError } from './field-error.ts'
import { type KubernetesObject, ObjectMeta } from './meta.ts'
import type { RequestContext } from './request.ts'
import { type Field, type FieldsType, type ObjectNode, object, optional, required, type Schema, text } from './schema.ts'

/**
 * A kind is data: everything the API server does for a resource follows from its `Kind`.
 * Built-in kinds are made by `defineKind` under `apis/`, custom ones from a CustomResourceDefinition at run time.
 * Key, stored version, served versions and media type are independent of each other.
 */
export interface Kind<T extends KubernetesObject = KubernetesObject> {
  /** `Pod` */
  readonly kind: string
  /** `PodList`, where it is another. */
  readonly listKind?: string
  /** `pods` */
  readonly resource: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly scope: 'Namespaced' | 'Cluster'
  /** The group and version in which objects are stored and in which strategy functions see them. */
  readonly group: string
  readonly version: string
  readonly schema: Schema<T> & ObjectNode
  /** Everywhere it is served, the stored group and version first unless it is not served. */
  readonly served: readonly ServedVersion[]
  /** Verbs of the main resource. Kinds of reviews have `create` only and are never stored. */
  readonly verbs: readonly Verb[]
  readonly strategy: Strategy<T>
  readonly subresources: Readonly<Record<string, Subresource>>
  /** Field selectors beyond metadata.name and metadata.namespace. */
  readonly selectableFields: Readonly<Record<string, (object: T) => string>>
  /** How long objects live after their last write, for Events; milliseconds. */
  readonly timeToLive_ms?: number
  /** Whoever deletes an object at once gets it back, as it was; for other kinds the answer is a Status. */
  readonly answersDeletionWithObject?: boolean
  /** True for kinds that came from a CustomResourceDefinition: list items keep kind and apiVersion. */
  readonly custom?: boolean
  /** Objects are made when they are read, by a handler of this kind's name, and never stored. */
  readonly computed?: boolean
  /** Of custom kinds, whose objects may have been stored under another version or an older schema. */
  readonly storage?: KindStorage
}

/**
 * How a custom kind's objects lie in the store. A kind of several versions is several kinds over the same objects, each
 * with its own schema, so that defaults, admission and validation all see the version that a request speaks.
 */
export interface KindStorage {
  /** Whether this version stands for the resource where only one can: the stored one if it is served. */
  readonly isMain: boolean
  /** The version that objects are written in. */
  readonly version: string
  /**
   * From what was stored, whenever that was, to an object of this kind as it is now: pruned and with its defaults.
   * The same object where nothing changes.
   */
  readonly read: (stored: KubernetesObject) => KubernetesObject
  /** Converts between versions by asking somebody; absent where versions differ in their apiVersion only. */
  readonly convert?: (objects: readonly KubernetesObject[], apiVersion: string) => Promise<readonly KubernetesObject[]>
}

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch'
export const allVerbs: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** One group and version through which a kind is served. */
export interface ServedVersion {
  readonly group: string
  readonly version: string
  readonly schema: Schema & ObjectNode
  /** Conversions between this version and the stored one; absent where they are the same. apiVersion is set by the caller. */
  readonly toStored?: (object: KubernetesObject) => KubernetesObject
  readonly fromStored?: (object: KubernetesObject) => KubernetesObject
  /** What writes in this version have to fulfil beside the strategy; objects are in the stored form, `old` is absent on create. */
  readonly validate?: (object: never, old: never | undefined) => FieldError[]
  readonly columns: readonly Column[]
  /** Sent as a Warning header on use. */
  readonly deprecationWarning?: string
  /** Lower comes later in discovery and in the choice of the preferred version; upstream's order by default. */
  readonly priority?: number
}

/** A column of `kubectl get`. */
export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format?: string
  readonly description: string
  /** 0 is always shown, 1 only with `-o wide`. */
  readonly priority: number
  /** Follows from the object alone: what changes with time is left open. */
  readonly cell: (object: never) => Cell
}

/** What is particular about writing a kind. All functions are pure: they take values and return new ones. */
export interface Strategy<T extends KubernetesObject = KubernetesObject> {
  /** Fills what upstream's code fills in after the schema's own defaults. Idempotent; runs on every decoded object. */
  readonly applyDefaults?: (object: T) => T
  /** On create: drops status, sets generation and initial phases. */
  readonly prepareForCreate?: (object: T, context: RequestContext) => T
  /** On update of the main resource: keeps the old status, counts generation. */
  readonly prepareForUpdate?: (object: T, old: T, context: RequestContext) => T
  readonly validate: (object: T) => FieldError[]
  /** What must hold for new objects only. */
  readonly validateCreate?: (object: T) => FieldError[]
  readonly validateUpdate?: (object: T, old: T) => FieldError[]
  /** `validateUpdate` is all that is asked on updates, since what an update leaves as it was may stay wrong. */
  readonly ratchets?: boolean
  readonly warnings?: (object: T, old: T | undefined) => string[]
  /** A PUT of an object that does not exist creates it. */
  readonly allowCreateOnUpdate?: boolean
  /** A PUT without resourceVersion is accepted. */
  readonly allowUnconditionalUpdate?: boolean
  /** Seconds to end gracefully when this object is deleted with these options; undefined where it has no such phase. */
  readonly deletionGracePeriod?: (object: T, requested: number | undefined) => number | undefined
  /** Added when an object is first deleted: who must be done before it may be gone. */
  readonly deletionFinalizers?: readonly string[]
  /** Dependents stay behind unless the deletion or a finalizer says otherwise; `warning` is told to whoever did not say. */
  readonly orphansDependents?: { readonly warning?: string }
  /** How names are checked; DNS subdomain by default. */
  readonly validateName?: (name: string, prefix: boolean) => string[]
}

export interface Subresource {
  /** As in discovery: `autoscaling/v1`, `Scale`. Absent: the kind's own. */
  readonly group?: string
  readonly version?: string
  readonly kind: string
  readonly verbs: readonly Verb[]
  /** Group versions of older clients whose bodies are the same and are taken as well. */
  readonly alsoAccepted?: readonly string[]
  /** What decodes the request body, where it differs from the kind's own schema. */
  readonly schema?: Schema & ObjectNode
  readonly action: SubresourceAction
}

/**
 * What a subresource does. `status` and `scale` are views on the stored object and live here, as pure functions;
 * others (`binding`, `eviction`, `token`, `log`, `exec` ...) name a handler of the API server, which knows how to reach beyond one object.
 */
export type SubresourceAction =
  | {
      readonly type: 'fields'
      /** `now` is milliseconds since 1970. */
      readonly prepare: (object: never, old: never, now: number) => KubernetesObject
      readonly validate?: (object: never, old: never) => FieldError[]
    }
  | {
      readonly type: 'view'
      readonly read: (object: never) => KubernetesObject
      readonly write: (object: never, view: never) => KubernetesObject
      readonly validate?: (view: never) => FieldError[]
      /** The one field that it writes, in the view and in the object; with it, the view can be applied. */
      readonly owned?: { readonly view: readonly string[]; readonly object: readonly string[] }
    }
  | {
      readonly type: 'handler'
      readonly handler: string
      /** The request is handed on as it is: with any method and body, and with a path behind the subresource. */
      readonly whole?: boolean
    }

export interface KindDefinition<T extends KubernetesObject> {
  readonly kind: string
  readonly resource: string
  readonly group: string
  readonly version: string
  readonly schema: Schema<T> & ObjectNode
  readonly scope: 'Namespaced' | 'Cluster'
  readonly singular?: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly verbs?: readonly Verb[]
  readonly columns?: readonly Column[]
  /** Sent as a Warning header on every use of this version. */
  readonly deprecationWarning?: string
  /** Further groups and versions that serve the same stored objects. */
  readonly alsoServed?: readonly ServedVersion[]
  readonly strategy: Strategy<T>
  /** Adds the `status` subresource with this preparation: it takes the new status and keeps everything else of the old object. */
  readonly subresources?: Readonly<Record<string, Subresource>>
  readonly selectableFields?: Readonly<Record<string, (object: T) => string>>
  readonly timeToLive_ms?: number
  readonly answersDeletionWithObject?: boolean
  readonly custom?: boolean
  readonly computed?: boolean
  readonly storage?: KindStorage
}

export function defineKind<T extends KubernetesObject>(definition: KindDefinition<T>): Kind<T> {
  const { group, version, schema, columns = defaultColumns, deprecationWarning, alsoServed = [] } = definition
  return {
    kind: definition.kind,
    resource: definition.resource,
    singular: definition.singular ?? definition.kind.toLowerCase(),
    shortNames: definition.shortNames ?? [],
    categories: definition.categories ?? [],
    scope: definition.scope,
    group,
    version,
    schema,
    served: [{ group, version, schema, columns, ...(deprecationWarning && { deprecationWarning }) }, ...alsoServed],
    verbs: definition.verbs ?? allVerbs,
    strategy: definition.strategy,
    subresources: definition.subresources ?? {},
    selectableFields: definition.selectableFields ?? {},
    timeToLive_ms: definition.timeToLive_ms,
    ...(definition.answersDeletionWithObject && { answersDeletionWithObject: true }),
    custom: definition.custom,
    ...(definition.computed && { computed: true }),
    storage: definition.storage,
  }
}

type TopLevelFields<F> = {
  readonly apiVersion: Field<string, false>
  readonly kind: Field<string, false>
  readonly metadata: Field<ObjectMeta, true>
} & F

/** The schema of a kind: type meta and object meta in front of its own fields. */
export function topLevel<const F extends Readonly<Record<string, Field<unknown, boolean>>>>(
  name: string,
  description: string,
  fields: F,
): Schema<FieldsType<TopLevelFields<F>>> & ObjectNode {
  const all = {
    apiVersion: optional(0, text, 'APIVersion defines the group and version of the schema that this object follows.'),
    kind: optional(0, text, 'Name of the kind of this object.'),
    // Clients may leave it out (in reviews, say); decoding fills an empty one, so code can rely on it.
    metadata: {
      ...required(1, ObjectMeta, "Standard object's metadata: name, labels and what else every object carries."),
      required: true as const,
    },
    ...fields,
  }
  return object(name, description, all) as unknown as Schema<FieldsType<TopLevelFields<F>>> & ObjectNode
}

export const ageColumn: Column = {
  name: 'Age',
  type: 'date',
  description: 'Time since the object was created.',
  priority: 0,
  cell: (object: KubernetesObject) => timeSince(object.metadata.creationTimestamp),
}

export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique within its namespace.',
  priority: 0,
  cell: (object: KubernetesObject) => object.metadata.name ?? '',
}

export const defaultColumns: readonly Column[] = [nameColumn, ageColumn]
