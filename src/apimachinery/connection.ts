import type { KubernetesObject } from './meta.ts'

/**
 * What anyone may ask of an API server, whichever way it is reached. The API server offers it in process,
 * the client room implements it over HTTPS, and the typed client is built on it without knowing which.
 */
export interface ApiConnection {
  /** Rejects with a StatusError when the server refuses. */
  call(call: ApiCall): Promise<KubernetesObject>
  /** Ends when `call.signal` aborts or the server ends it; an ERROR event comes as a rejected StatusError. */
  watch(call: ApiCall): AsyncIterable<WatchEvent>
  /** In process only: the committed objects of a resource, or of a part of it, always current, never copied. */
  view?(resource: ResourceName, scope?: ViewScope): ResourceView | undefined
  close(): Promise<void>
}

export interface ResourceName {
  readonly group: string
  readonly version: string
  /** Plural, `pods`. */
  readonly resource: string
}

export interface ApiCall {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'
  readonly resource: ResourceName
  readonly subresource?: string
  /** Absent: cluster scope, or all namespaces. */
  readonly namespace?: string
  readonly name?: string
  /** The object of create and update, the patch document of patch. */
  readonly body?: unknown
  readonly patchType?: PatchType
  readonly options?: CallOptions
  readonly signal?: AbortSignal
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

/** Query parameters and DeleteOptions, under upstream's names. */
export interface CallOptions {
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan'
  readonly allowWatchBookmarks?: boolean
  readonly sendInitialEvents?: boolean
  readonly timeoutSeconds?: number
  readonly dryRun?: boolean
  readonly fieldManager?: string
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict'
  readonly force?: boolean
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

export interface WatchEvent<T extends KubernetesObject = KubernetesObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: T
}

/** What of a resource a view shows; who opens it must be allowed to list and watch just that. */
export interface ViewScope {
  readonly namespace?: string
  readonly name?: string
  /** What the opener will look at only; the view does not filter by it, but authorization may insist on it. */
  readonly fieldSelector?: string
  /** The opener looks at nothing but metadata: what it is shown may end there. */
  readonly metadataOnly?: boolean
}

/** The committed objects of one resource inside the server's process. Values are read-only and carry no managedFields. */
export interface ResourceView<T extends KubernetesObject = KubernetesObject> {
  get(namespace: string | undefined, name: string): T | undefined
  /** In key order. */
  list(namespace?: string): readonly T[]
  /** The revision that the view has reached. */
  readonly revision: number
  /** Called after each commit that touches the resource, in order; old is absent for an addition, new for a removal. */
  subscribe(listener: (change: ResourceChange<T>) => void): () => void
}

export interface ResourceChange<T extends KubernetesObject = KubernetesObject> {
  readonly old: T | undefined
  readonly new: T | undefined
  readonly revision: number
}
