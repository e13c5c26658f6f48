import { alreadyExists, badRequest, invalid, StatusError } from '../../apimachinery/api-errors.ts'
import type { KubernetesObject, ObjectMeta } from '../../apimachinery/meta.ts'
import { validateObjectMeta } from '../../apimachinery/object-meta-validation.ts'
import { formatTime } from '../../base/clock.ts'
import { randomSuffix } from '../../base/random.ts'
import { PreconditionFailed, type StoredVersion } from '../../storage/types.ts'
import { limits } from '../limits.ts'
import { objectKey } from '../resources.ts'
import { mutate, validate } from './admit.ts'
import { commitObject } from './commit.ts'
import { trackFields, withoutManagedFields } from './managed-fields.ts'
import type { ProposedObject, Registry, WriteRequest } from './registry.ts'
import { isAnyRevision } from './update.ts'

/** Creates an object that arrives decoded, with defaults, in the stored version. `owned` comes from apply, which tracks by itself. */
export async function createObject(
  registry: Registry,
  request: WriteRequest,
  body: KubernetesObject,
  owned?: ProposedObject['managedFields'],
): Promise<StoredVersion> {
  const { resource, context } = request
  const arrived = withRequestMetadata(request, body)
  const managedFields = owned ?? trackFields(registry, request, undefined, arrived)
  const admitted = (await mutate(registry, request, 'CREATE', withoutManagedFields(arrived), undefined)) as KubernetesObject
  const identified = withSystemMetadata(registry, admitted)
  for (let attempt = 1; ; attempt++) {
    const named = withGeneratedName(registry, identified)
    const prepared = resource.kind.strategy.prepareForCreate?.(named, context) ?? named
    checkValid(request, prepared)
    await validate(registry, request, 'CREATE', prepared, undefined)
    const key = objectKey(resource, request.namespace, prepared.metadata.name ?? '')
    try {
      await refuseExisting(registry, request, key, prepared)
      const version = await commitObject(registry, request, key, undefined, prepared, managedFields)
      for (const warning of resource.kind.strategy.warnings?.(prepared, undefined) ?? []) context.warn(warning)
      return version
    } catch (error) {
      const refused = error instanceof PreconditionFailed ? existing(request, prepared, error.current) : error
      const generated = named !== identified
      const canRetry =
        generated && attempt < limits.generatedNameTries && refused instanceof StatusError && refused.reason === 'AlreadyExists'
      if (!canRetry) throw refused
    }
  }
}

function withRequestMetadata({ resource, namespace, name }: WriteRequest, body: KubernetesObject): KubernetesObject {
  const { metadata } = body
  const { resourceVersion } = metadata
  if (resourceVersion && !isAnyRevision(resourceVersion)) throw badRequest('resourceVersion should not be set on objects to be created')
  if (name && metadata.name && name !== metadata.name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  }
  if (resource.namespaced) {
    if (metadata.namespace && metadata.namespace !== namespace) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
    }
    return metadata.namespace === namespace ? body : { ...body, metadata: { ...metadata, namespace } }
  }
  if (metadata.namespace) throw badRequest('namespace should not be set on cluster-scoped objects')
  return body
}

// These belong to the server, whatever the client sent.
function withSystemMetadata(registry: Registry, object: KubernetesObject): KubernetesObject {
  const {
    resourceVersion: _resourceVersion,
    deletionTimestamp: _deletionTimestamp,
    deletionGracePeriodSeconds: _deletionGracePeriodSeconds,
    selfLink: _selfLink,
    ...metadata
  } = object.metadata
  const system: Partial<ObjectMeta> = { uid: registry.random.uuid(), creationTimestamp: formatTime(registry.clock.now()) }
  return { ...object, metadata: { ...metadata, ...system } }
}

const suffixLength = 5
const longestGeneratedBase = 63 - suffixLength

function withGeneratedName({ random }: Registry, object: KubernetesObject): KubernetesObject {
  const { name, generateName } = object.metadata
  if (name || !generateName) return object
  const generated = generateName.slice(0, longestGeneratedBase) + randomSuffix(random, suffixLength)
  return { ...object, metadata: { ...object.metadata, name: generated } }
}

function checkValid({ resource }: WriteRequest, object: KubernetesObject): void {
  const { kind } = resource
  const errors = [
    ...validateObjectMeta(
      object.metadata,
      { namespaced: resource.namespaced, validateName: kind.strategy.validateName, custom: kind.custom },
      'metadata',
    ),
    ...kind.strategy.validate(object),
    ...(kind.strategy.validateCreate?.(object) ?? []),
    ...(resource.served.validate?.(object as never, undefined) ?? []),
  ]
  if (errors.length > 0) throw invalid(resource.groupResource.group, kind.kind, object.metadata.name ?? '', errors)
}

async function refuseExisting({ storage }: Registry, request: WriteRequest, key: string, object: KubernetesObject): Promise<void> {
  if (!storage.head.get(key)) return
  await storage.settled(key)
  const current = storage.head.get(key)
  if (current) throw existing(request, object, current)
}

function existing({ resource }: WriteRequest, object: KubernetesObject, current: StoredVersion | undefined): StatusError {
  const error = alreadyExists(resource.groupResource, object.metadata.name ?? '')
  const leaving = current !== undefined && Buffer.from(current.value).includes('"deletionTimestamp":"')
  return leaving ? new StatusError({ ...error.status, message: `object is being deleted: ${error.status.message}` }) : error
}
