import type { CallOptions } from '../../apimachinery/connection.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../../apimachinery/meta.ts'
import type { RequestContext } from '../../apimachinery/request.ts'
import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { Storage } from '../../storage/storage.ts'
import type { StoredVersion } from '../../storage/types.ts'
import type { Resource, ResourceCatalog } from '../resources.ts'
import type { AdmissionStep, StoredObjects } from '../types.ts'
import type { ObjectEncoder } from './encode.ts'
import type { ServiceAllocator } from './service-allocator.ts'

/** What reads and writes of every resource share. */
export interface Registry {
  readonly storage: Storage
  readonly clock: Clock
  readonly random: Random
  readonly catalog: ResourceCatalog
  readonly admission: readonly AdmissionStep[]
  /** Those of the steps that reserve. */
  readonly reserving: readonly AdmissionStep[]
  /** What admission steps look things up in. */
  readonly objects: StoredObjects
  readonly encoder: ObjectEncoder
  readonly services: ServiceAllocator
  readonly freezeObjects: boolean
}

/** One write, whatever it is. */
export interface WriteRequest {
  readonly context: RequestContext
  readonly resource: Resource
  readonly namespace: string
  /** Empty on create with a generated name. */
  readonly name: string
  readonly subresource: string
  readonly fieldManager: string
  readonly options: CallOptions
}

/** An object as a write finds it, in its stored version. */
export interface CurrentObject {
  readonly version: StoredVersion
  readonly object: KubernetesObject
  readonly managedFields: readonly ManagedFieldsEntry[]
}

/** An object as a write wants it, in its stored version; its metadata's managedFields are ignored. */
export interface ProposedObject {
  readonly object: KubernetesObject
  readonly managedFields: readonly ManagedFieldsEntry[]
}
