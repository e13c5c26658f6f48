import { badRequest, conflict, invalid, isAlreadyExists, modifiedConflict, notFound } from '../../apimachinery/api-errors.ts'
import type { FieldError } from '../../apimachinery/field-error.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { validateObjectMetaUpdate } from '../../apimachinery/object-meta-validation.ts'
import { PreconditionFailed, type StoredVersion } from '../../storage/types.ts'
import { objectKey, type Resource } from '../resources.ts'
import { mutate, validate } from './admit.ts'
import { commitDeletion, commitObject } from './commit.ts'
import { withoutManagedFields } from './managed-fields.ts'
import { prepareVersions, toStorage } from './prepare.ts'
import type { CurrentObject, ProposedObject, Registry, WriteRequest } from './registry.ts'
import { isReadyToRemove } from './removal.ts'
import { bufferOf, encodeStored, managedFieldsOf, objectOf } from './stored-object.ts'

export interface UpdatePlan {
  /** The new object, from what is there; asked again whenever somebody else was faster. */
  readonly propose: (current: CurrentObject) => ProposedObject | Promise<ProposedObject>
  /** What to do where nothing is there; without it, the answer is NotFound. */
  readonly create?: () => Promise<StoredVersion>
  /** Subresources of the server's own (binding, finalize) know themselves what is allowed; the kind's update rules are not asked. */
  readonly trusted?: boolean
}

/**
 * Read, change, compare and swap, against head, until it succeeds or the caller's own resourceVersion is stale.
 * Whatever is answered, a refusal included, is answered only once the state that it rests on is durable.
 */
export async function updateObject(registry: Registry, request: WriteRequest, plan: UpdatePlan): Promise<StoredVersion> {
  const { storage } = registry
  const { resource, namespace, name, context } = request
  const key = objectKey(resource, namespace, name)
  for (;;) {
    context.signal.throwIfAborted()
    const version = storage.head.get(key)
    if (version && resource.kind.storage?.convert) await prepareVersions(resource, [version])
    if (!version) {
      if (!(await isSettled(registry, key, undefined))) continue
      if (!plan.create) throw notFound(resource.groupResource, name)
      try {
        return await plan.create()
      } catch (error) {
        // Somebody else created it meanwhile: then this is an update of theirs.
        if (!isAlreadyExists(error) || error.message.startsWith('object is being deleted')) throw error
        continue
      }
    }
    const current = currentObject(registry, resource, version)
    const attempt = await orSettled(registry, key, version, async () => {
      const { object, managedFields } = await plan.propose(current)
      refuseStale(request, current, object)
      return { object: await prepareUpdate(registry, request, current, object, plan.trusted === true), managedFields }
    })
    if (attempt === undefined || storage.head.get(key) !== version) continue
    const { object, managedFields } = attempt
    const encoded = encodeStored(resource.kind, await toStorage(resource.kind, object), managedFields)
    if (bufferOf(version).equals(encoded)) {
      if (await isSettled(registry, key, version)) return version
      continue
    }
    try {
      if (isReadyToRemove(resource, object)) return await removeInstead(registry, request, version, object, managedFields)
      return await commitObject(registry, request, key, version, object, managedFields, encoded)
    } catch (error) {
      if (!(error instanceof PreconditionFailed)) throw error
    }
  }
}

export const currentObject = (registry: Registry, resource: Resource, version: StoredVersion): CurrentObject => ({
  version,
  object: objectOf(resource, version, registry.freezeObjects),
  managedFields: managedFieldsOf(resource, version),
})

/** Waits until the key's head is durable or rolled back, and says whether it is still the version that was read. */
async function isSettled({ storage }: Registry, key: string, version: StoredVersion | undefined): Promise<boolean> {
  await storage.settled(key)
  return storage.head.get(key) === version
}

// A refusal may rest on a pending write's content: it is answered once that write is durable, and tried again if it failed.
async function orSettled<T>(registry: Registry, key: string, version: StoredVersion, attempt: () => Promise<T>): Promise<T | undefined> {
  try {
    return await attempt()
  } catch (error) {
    if (await isSettled(registry, key, version)) throw error
    return undefined
  }
}

function refuseStale({ resource, name }: WriteRequest, current: CurrentObject, { metadata }: KubernetesObject): void {
  const { uid, resourceVersion } = metadata
  const actual = current.object.metadata.uid
  if (uid && uid !== actual) {
    throw conflict(resource.groupResource, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${actual}`)
  }
  if (resourceVersion && !isAnyRevision(resourceVersion)) {
    if (resourceVersion === String(current.version.revision)) return
    throw modifiedConflict(resource.groupResource, name)
  }
  if (resource.kind.strategy.allowUnconditionalUpdate) return
  throw invalid(resource.groupResource.group, resource.kind.kind, name, [
    { type: 'FieldValueInvalid', field: 'metadata.resourceVersion', message: 'Invalid value: 0: must be specified for an update' },
  ])
}

/** Upstream reads revisions as numbers, and its clients write "0" where they mean none. */
export const isAnyRevision = (resourceVersion: string): boolean => /^0+$/.test(resourceVersion)

async function prepareUpdate(
  registry: Registry,
  request: WriteRequest,
  current: CurrentObject,
  proposed: KubernetesObject,
  trusted: boolean,
): Promise<KubernetesObject> {
  const { resource, context, subresource } = request
  const old = current.object
  const admitted = (await mutate(registry, request, 'UPDATE', withoutManagedFields(proposed), old)) as KubernetesObject
  const complete = withSystemMetadata(admitted, old)
  const object = trusted ? complete : prepareAs(registry, request, complete, old)
  const errors = validateObjectMetaUpdate(object.metadata, old.metadata, 'metadata')
  if (!trusted) errors.push(...validateAs(request, object, old))
  if (errors.length > 0) throw invalid(resource.groupResource.group, resource.kind.kind, object.metadata.name ?? '', errors)
  await validate(registry, request, 'UPDATE', object, old)
  if (!subresource) for (const warning of resource.kind.strategy.warnings?.(object, old) ?? []) context.warn(warning)
  return object
}

// What a client may leave out stays as it was; what it can't change at all is checked by validation.
function withSystemMetadata(object: KubernetesObject, old: KubernetesObject): KubernetesObject {
  const { generation: _generation, selfLink: _selfLink, ...given } = object.metadata
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, resourceVersion } = old.metadata
  const metadata = {
    ...given,
    uid: given.uid || uid,
    creationTimestamp: given.creationTimestamp ?? creationTimestamp,
    ...(deletionTimestamp !== undefined && { deletionTimestamp: given.deletionTimestamp ?? deletionTimestamp }),
    ...(deletionGracePeriodSeconds !== undefined && {
      deletionGracePeriodSeconds: given.deletionGracePeriodSeconds ?? deletionGracePeriodSeconds,
    }),
    ...(generation !== undefined && { generation }),
    resourceVersion,
  }
  return { ...object, metadata }
}

function prepareAs(
  { clock }: Registry,
  { resource, context, subresource }: WriteRequest,
  object: KubernetesObject,
  old: KubernetesObject,
): KubernetesObject {
  const action = resource.kind.subresources[subresource]?.action
  if (action?.type === 'fields') return action.prepare(object as never, old as never, clock.now())
  return resource.kind.strategy.prepareForUpdate?.(object, old, context) ?? object
}

function validateAs({ resource, subresource }: WriteRequest, object: KubernetesObject, old: KubernetesObject): FieldError[] {
  const { strategy, subresources } = resource.kind
  const action = subresources[subresource]?.action
  if (action?.type === 'fields') return action.validate?.(object as never, old as never) ?? []
  return [
    ...(strategy.ratchets ? [] : strategy.validate(object)),
    ...(strategy.validateUpdate?.(object, old) ?? []),
    ...(resource.served.validate?.(object as never, old as never) ?? []),
  ]
}

/** The last finalizer is gone: the update is a removal, and its answer the object as it would have been. */
async function removeInstead(
  registry: Registry,
  request: WriteRequest,
  version: StoredVersion,
  object: KubernetesObject,
  managedFields: ProposedObject['managedFields'],
): Promise<StoredVersion> {
  const revision = await commitDeletion(registry, request, version)
  const value = encodeStored(request.resource.kind, await toStorage(request.resource.kind, object), managedFields)
  return { key: version.key, value, revision, createRevision: version.createRevision, memo: undefined }
}

/** A PUT: the body's name and namespace must be the path's. */
export function checkIdentity({ resource, namespace, name }: WriteRequest, object: KubernetesObject): KubernetesObject {
  const { metadata } = object
  if (metadata.name && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  }
  if (resource.namespaced && metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest(`the namespace of the object (${metadata.namespace}) does not match the namespace on the URL (${namespace})`)
  }
  return { ...object, metadata: { ...metadata, name, ...(resource.namespaced && { namespace }) } }
}
