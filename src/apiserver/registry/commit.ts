import { requestTooLarge } from '../../apimachinery/api-errors.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../../apimachinery/meta.ts'
import { PreconditionFailed, type StoredVersion } from '../../storage/types.ts'
import { limits } from '../limits.ts'
import { toStorage } from './prepare.ts'
import type { Registry, WriteRequest } from './registry.ts'
import { isFinal, RefusedReservation, reserve } from './reservations.ts'
import { encodeStored, memoOf } from './stored-object.ts'

/**
 * Orders the write of an object whose key must be at `expectedRevision` (0: must not exist). Everything up to the order
 * happens in one turn of the event loop, so what was allocated and reserved against head is still free. A dry run ends
 * before it. `encoded` are the object's bytes, where the caller has them already.
 */
export async function commitObject(
  registry: Registry,
  request: WriteRequest,
  key: string,
  expected: StoredVersion | undefined,
  object: KubernetesObject,
  managedFields: readonly ManagedFieldsEntry[],
  encoded?: Buffer,
): Promise<StoredVersion> {
  // What a definition adds by itself where it is read, such as a status that nobody has written yet, is there from the start.
  const whole = request.resource.kind.storage?.read(object) ?? object
  const bytes = whole === object ? encoded : undefined
  for (;;) {
    try {
      return await orderObject(registry, request, key, expected, whole, managedFields, bytes)
    } catch (error) {
      if (error instanceof RefusedReservation) {
        if (await isFinal(registry, error)) throw error.refusal
      } else if (!(error instanceof PreconditionFailed) || error.key === key) throw error
    }
  }
}

async function orderObject(
  registry: Registry,
  request: WriteRequest,
  key: string,
  expected: StoredVersion | undefined,
  object: KubernetesObject,
  managedFields: readonly ManagedFieldsEntry[],
  encoded: Buffer | undefined,
): Promise<StoredVersion> {
  const { storage } = registry
  const { context, resource } = request
  // Only custom kinds are converted, and for them nothing is allocated.
  const converted = encoded === undefined && resource.kind.storage?.convert ? await toStorage(resource.kind, object) : undefined
  const allocation = registry.services.allocate(resource, object, expected)
  const isEncoded = encoded !== undefined && allocation.object === object
  const value = isEncoded ? encoded : encodeStored(resource.kind, converted ?? allocation.object, managedFields)
  if (value.length > limits.objectBytes) {
    throw requestTooLarge(
      `${resource.kind.kind} ${JSON.stringify(object.metadata.name)} is ${value.length} bytes, at most ${limits.objectBytes} are stored`,
    )
  }
  const reservation = reserve(registry, request, allocation.object, expected)
  const memo = memoOf(resource.kind, allocation.object)
  if (context.dryRun) {
    const revision = expected?.revision ?? 0
    return { key, value, memo, revision, createRevision: expected?.createRevision ?? 0 }
  }
  const timeToLive_ms = resource.kind.timeToLive_ms
  const written = storage.commit(
    [{ key, revision: expected?.revision ?? 0 }, ...reservation.preconditions],
    [{ type: 'put', key, value, memo, ...(timeToLive_ms !== undefined && { timeToLive_ms }) }, ...reservation.operations],
    actorOf(request),
  )
  allocation.ordered(key)
  const { versions } = await written
  return versions[0] as StoredVersion
}

/** Orders the removal of a version; a dry run changes nothing. */
export async function commitDeletion(registry: Registry, request: WriteRequest, version: StoredVersion): Promise<number> {
  if (request.context.dryRun) return version.revision
  const { key, revision } = version
  const result = await registry.storage.commit([{ key, revision }], [{ type: 'delete', key }], actorOf(request))
  return result.revision
}

const actorOf = ({ context }: WriteRequest) => ({ user: context.user.name, userAgent: context.userAgent })
