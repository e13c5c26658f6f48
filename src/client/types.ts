import type { CallOptions, PatchType, WatchEvent } from '../apimachinery/connection.ts'
import type { Kind } from '../apimachinery/kind.ts'
import type { KubernetesList, KubernetesObject } from '../apimachinery/meta.ts'

/** The typed client: the one way in for controllers, scheduler, kubelet, network and kubectl. */
export interface Client {
  get<T extends KubernetesObject>(kind: Kind<T>, namespace: string | undefined, name: string, options?: RequestOptions): Promise<T>
  list<T extends KubernetesObject>(kind: Kind<T>, namespace?: string, options?: RequestOptions): Promise<KubernetesList<T>>
  watch<T extends KubernetesObject>(kind: Kind<T>, namespace?: string, options?: RequestOptions): AsyncIterable<WatchEvent<T>>
  /** Namespace and name are taken from the object's metadata. */
  create<T extends KubernetesObject>(kind: Kind<T>, object: NewObject<T>, options?: RequestOptions): Promise<T>
  update<T extends KubernetesObject>(kind: Kind<T>, object: T, options?: RequestOptions): Promise<T>
  updateStatus<T extends KubernetesObject>(kind: Kind<T>, object: T, options?: RequestOptions): Promise<T>
  /** PUT to a subresource of the kind's own shape: finalize, ephemeralcontainers, resize. */
  updateSubresource<T extends KubernetesObject>(kind: Kind<T>, object: T, subresource: string, options?: RequestOptions): Promise<T>
  patch<T extends KubernetesObject>(
    kind: Kind<T>,
    namespace: string | undefined,
    name: string,
    patch: Patch,
    options?: RequestOptions & { readonly subresource?: string },
  ): Promise<T>
  delete<T extends KubernetesObject>(kind: Kind<T>, namespace: string | undefined, name: string, options?: RequestOptions): Promise<void>
  deleteCollection<T extends KubernetesObject>(kind: Kind<T>, namespace: string | undefined, options?: RequestOptions): Promise<void>
  /** A subresource of a kind of its own: scale. */
  getSubresource<R>(
    kind: Kind<never> | Kind,
    namespace: string | undefined,
    name: string,
    subresource: string,
    options?: RequestOptions,
  ): Promise<R>
  /** POST to a subresource: binding, eviction, token. */
  createSubresource<R>(
    kind: Kind<never> | Kind,
    namespace: string | undefined,
    name: string,
    subresource: string,
    body: unknown,
    options?: RequestOptions,
  ): Promise<R>
  /** The shared informer of this kind and selection, started on first use and ended by the client's close. */
  informer<T extends KubernetesObject>(kind: Kind<T>, selection?: Selection): Informer<T>
  close(): Promise<void>
}

export interface RequestOptions extends CallOptions {
  readonly signal?: AbortSignal
}

export interface Patch {
  readonly type: PatchType
  readonly body: unknown
}

/** An object to create: kind and apiVersion are filled in. */
export type NewObject<T extends KubernetesObject> = T

export interface Selection {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Only kind, apiVersion and metadata will be looked at; in process this spares decoding the rest. */
  readonly metadataOnly?: boolean
}

/** A local view of a resource that follows the server. Values are read-only and carry no managedFields. */
export interface Informer<T extends KubernetesObject> {
  /** Resolves when the first complete list is there. */
  readonly synced: Promise<void>
  readonly isSynced: boolean
  get(namespace: string | undefined, name: string): T | undefined
  list(namespace?: string): readonly T[]
  /** Adds an index (an object may have several keys); idempotent by name. */
  addIndex(name: string, keys: (object: T) => readonly string[]): void
  byIndex(name: string, key: string): readonly T[]
  /** Called for what is there and for every later change, in order. */
  onChange(handler: ChangeHandler<T>): () => void
  /** Resolves once the informer reflects a write that got this resourceVersion. */
  reached(resourceVersion: string, signal?: AbortSignal): Promise<void>
}

/** `old` is absent for an addition, `current` for a deletion; never both. */
export type ChangeHandler<T> = (old: T | undefined, current: T | undefined) => void

/** Where controllers note what happened to an object, for `kubectl describe`. Equal events are counted, floods are bounded. */
export interface EventRecorder {
  record(
    object: KubernetesObject & { readonly kind?: string },
    kind: Kind<never> | Kind,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    options?: { readonly fieldPath?: string; readonly action?: string },
  ): void
}
