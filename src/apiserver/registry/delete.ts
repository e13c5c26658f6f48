import { conflict, notFound, type Status, StatusError } from '../../apimachinery/api-errors.ts'
import type { CallOptions } from '../../apimachinery/connection.ts'
import { forbiddenField, invalidField, unsupportedField } from '../../apimachinery/field-error.ts'
import type { DeleteOptions } from '../../apimachinery/meta.ts'
import { PreconditionFailed, type StoredVersion } from '../../storage/types.ts'
import { invalidOptions } from '../request/options.ts'
import { objectKey } from '../resources.ts'
import { mutate, validate } from './admit.ts'
import { commitDeletion, commitObject } from './commit.ts'
import { prepareVersions } from './prepare.ts'
import { type ListResult, readList } from './read.ts'
import type { CurrentObject, Registry, WriteRequest } from './registry.ts'
import { planRemoval } from './removal.ts'
import { currentObject } from './update.ts'

/** Either the object, as it was or as it is marked now, or a Status that says it is gone. */
export type DeleteResult =
  | { readonly type: 'object'; readonly version: StoredVersion; readonly code: 200 | 202 }
  | { readonly type: 'status'; readonly status: Status }

export async function deleteObject(registry: Registry, request: WriteRequest, options: DeleteOptions): Promise<DeleteResult> {
  checkDeleteOptions(options)
  warnOfOrphans(request, options)
  const { storage } = registry
  const { resource, namespace, name, context } = request
  const key = objectKey(resource, namespace, name)
  for (;;) {
    context.signal.throwIfAborted()
    const version = storage.head.get(key)
    if (!version) {
      await storage.settled(key)
      if (storage.head.get(key) === undefined) throw notFound(resource.groupResource, name)
      continue
    }
    if (resource.kind.storage?.convert) await prepareVersions(resource, [version])
    try {
      const result = await attemptDelete(registry, request, key, currentObject(registry, resource, version), options)
      if (result) return result
    } catch (error) {
      if (error instanceof PreconditionFailed) continue
      // A refusal that rests on a pending write waits for it.
      if (error instanceof StatusError) await storage.settled(key)
      if (storage.head.get(key) === version) throw error
    }
  }
}

/** Undefined when somebody else was faster. */
async function attemptDelete(
  registry: Registry,
  request: WriteRequest,
  key: string,
  current: CurrentObject,
  options: DeleteOptions,
): Promise<DeleteResult | undefined> {
  const { resource } = request
  checkPreconditions(request, current, options)
  // Who judges a deletion sees the options of its body, not those of its query.
  const judged = { ...request, options: options as CallOptions }
  await mutate(registry, judged, 'DELETE', undefined, current.object)
  await validate(registry, judged, 'DELETE', undefined, current.object)
  const { version } = current
  if (registry.storage.head.get(key) !== version) return undefined
  const removal = planRemoval(resource, current.object, options, registry.clock.now())
  if (removal.type === 'leaving') {
    await registry.storage.settled(key)
    return registry.storage.head.get(key) === version ? { type: 'object', version, code: 200 } : undefined
  }
  if (removal.type === 'mark') {
    const marked = await commitObject(registry, request, key, version, removal.object, current.managedFields)
    const cascading = options.propagationPolicy === 'Foreground' || options.orphanDependents === false
    return { type: 'object', version: marked, code: cascading ? 202 : 200 }
  }
  const revision = await commitDeletion(registry, request, version)
  if (resource.kind.answersDeletionWithObject) return { type: 'object', version: { ...version, revision, memo: undefined }, code: 200 }
  return { type: 'status', status: deletedStatus(request, current) }
}

const deletedStatus = ({ resource, name }: WriteRequest, { object }: CurrentObject): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: {
    name,
    ...(resource.groupResource.group && { group: resource.groupResource.group }),
    kind: resource.kind.resource,
    uid: object.metadata.uid,
  },
})

function checkPreconditions({ resource, name }: WriteRequest, { object, version }: CurrentObject, { preconditions }: DeleteOptions): void {
  if (!preconditions) return
  const { uid, resourceVersion } = preconditions
  if (uid !== undefined && uid !== object.metadata.uid) {
    throw conflict(
      resource.groupResource,
      name,
      `the UID in the precondition (${uid}) does not match the UID in record (${object.metadata.uid}). The object might have been deleted and then recreated`,
    )
  }
  if (resourceVersion !== undefined && resourceVersion !== String(version.revision)) {
    throw conflict(
      resource.groupResource,
      name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${version.revision}). The object might have been modified`,
    )
  }
}

function warnOfOrphans({ resource, context }: WriteRequest, { orphanDependents, propagationPolicy }: DeleteOptions): void {
  const { orphansDependents } = resource.kind.strategy
  if (orphansDependents?.warning && orphanDependents === undefined && propagationPolicy === undefined)
    context.warn(orphansDependents.warning)
}

const policies = ['Background', 'Foreground', 'Orphan']

function checkDeleteOptions({ propagationPolicy, orphanDependents }: DeleteOptions): void {
  if (propagationPolicy === undefined) return
  if (orphanDependents !== undefined) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set'
    throw invalidOptions('Delete', [invalidField('propagationPolicy', propagationPolicy, detail)])
  }
  if (!policies.includes(propagationPolicy))
    throw invalidOptions('Delete', [unsupportedField('propagationPolicy', propagationPolicy, policies)])
}

/** How many of a collection are deleted at once. */
const deletesAtOnce = 64

/** Deletes what the selection means now, each by itself; what somebody else deletes meanwhile is no error. */
export async function deleteCollection(
  registry: Registry,
  request: WriteRequest,
  selection: CallOptions,
  options: DeleteOptions,
): Promise<ListResult> {
  checkDeleteOptions(options)
  if (options.preconditions?.uid !== undefined) {
    throw invalidOptions('Delete', [forbiddenField('preconditions.uid', 'may not be set when deleting a collection')])
  }
  const { resource, context } = request
  const read = { storage: registry.storage, clock: registry.clock, signal: context.signal }
  const list = await readList(read, resource, request.namespace, selection)
  for (let start = 0; start < list.versions.length; start += deletesAtOnce) {
    const slice = list.versions.slice(start, start + deletesAtOnce)
    await Promise.all(slice.map(version => deleteListed(registry, request, version, options)))
  }
  return list
}

async function deleteListed(registry: Registry, request: WriteRequest, version: StoredVersion, options: DeleteOptions): Promise<void> {
  const path = version.key.slice(request.resource.keyPrefix.length)
  const slash = path.indexOf('/')
  const one = { ...request, namespace: slash < 0 ? '' : path.slice(0, slash), name: path.slice(slash + 1) }
  try {
    await deleteObject(registry, one, options)
  } catch (error) {
    if (!(error instanceof StatusError && error.reason === 'NotFound')) throw error
  }
}
