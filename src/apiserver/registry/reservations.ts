import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { Operation, Precondition, StoredVersion } from '../../storage/types.ts'
import { collectionPrefix, type Resource } from '../resources.ts'
import type { OrderedObjects } from '../types.ts'
import { admissionRequest } from './admit.ts'
import type { Registry, WriteRequest } from './registry.ts'
import { encodeStored, managedFieldsOf, memoOf, objectOf } from './stored-object.ts'

/** What admission writes together with an object: in one commit, so that both are there or neither. */
export interface Reservation {
  readonly preconditions: readonly Precondition[]
  readonly operations: readonly Operation[]
}

/** A refusal, and the versions that it rests on, of which some may not be durable yet. */
export class RefusedReservation extends Error {
  readonly refusal: unknown
  readonly versions: readonly StoredVersion[]
  constructor(refusal: unknown, versions: readonly StoredVersion[]) {
    super('admission refused a reservation')
    this.refusal = refusal
    this.versions = versions
  }
}

const nothing: Reservation = { preconditions: [], operations: [] }

/** Asks the steps that reserve, in the turn in which the write will be ordered. Throws `RefusedReservation`. */
export function reserve(
  registry: Registry,
  request: WriteRequest,
  object: KubernetesObject,
  expected: StoredVersion | undefined,
): Reservation {
  if (registry.reserving.length === 0) return nothing
  const old = expected && objectOf(request.resource, expected, registry.freezeObjects)
  const asked = admissionRequest(registry, request, old ? 'UPDATE' : 'CREATE', object, old)
  let ordered: RecordedObjects | undefined
  for (const step of registry.reserving) {
    if (!step.handles(asked)) continue
    ordered ??= recordObjects(registry)
    try {
      step.reserve?.(asked, ordered)
    } catch (error) {
      throw new RefusedReservation(error, ordered.read)
    }
  }
  return ordered ?? nothing
}

/** Resolves when what a refusal rests on is durable or gone; true when it is still what it was. */
export async function isFinal({ storage }: Registry, { versions }: RefusedReservation): Promise<boolean> {
  await Promise.all(versions.map(version => storage.settled(version.key)))
  return versions.every(version => storage.head.get(version.key) === version)
}

interface RecordedObjects extends OrderedObjects, Reservation {
  readonly read: readonly StoredVersion[]
}

function recordObjects({ storage, catalog, freezeObjects }: Registry): RecordedObjects {
  const preconditions: Precondition[] = []
  const operations: Operation[] = []
  const read: StoredVersion[] = []
  return {
    preconditions,
    operations,
    read,
    list(kind, namespace) {
      const resource = catalog.ofKind(kind)
      const known = storage.committed.list(collectionPrefix(resource, namespace))
      const versions = known.flatMap(version => storage.head.get(version.key) ?? [])
      read.push(...versions)
      return versions.map(version => objectOf(resource, version, freezeObjects))
    },
    change(kind, object) {
      const resource = catalog.ofKind(kind)
      const version = read.find(one => isOf(resource, one, object))
      if (!version) throw new Error(`reserve in ${kind.resource} ${object.metadata.name}: it was not read before`)
      const value = encodeStored(kind, object, managedFieldsOf(resource, version))
      preconditions.push({ key: version.key, revision: version.revision })
      operations.push({ type: 'put', key: version.key, value, memo: memoOf(kind, object) })
    },
  }
}

const isOf = (resource: Resource, { key }: StoredVersion, { metadata }: KubernetesObject): boolean =>
  key === `${collectionPrefix(resource, metadata.namespace ?? '')}${metadata.name}`
