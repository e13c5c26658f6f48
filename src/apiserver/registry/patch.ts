import { badRequest, conflict, invalid, notFound, unsupportedMediaType } from '../../apimachinery/api-errors.ts'
import { serverSideApply } from '../../apimachinery/apply/index.ts'
import type { CallOptions, PatchType } from '../../apimachinery/connection.ts'
import { forbiddenField } from '../../apimachinery/field-error.ts'
import { isJsonObject } from '../../apimachinery/json-value.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch } from '../../apimachinery/patch/index.ts'
import type { ObjectNode } from '../../apimachinery/schema.ts'
import { formatTime } from '../../base/clock.ts'
import type { StoredVersion } from '../../storage/types.ts'
import { limits } from '../limits.ts'
import { invalidOptions } from '../request/options.ts'
import type { Resource } from '../resources.ts'
import { toServed } from './conversion.ts'
import { createObject } from './create.ts'
import { resetFields, trackFields, withManagedFields, withoutManagedFields } from './managed-fields.ts'
import type { CurrentObject, ProposedObject, Registry, WriteRequest } from './registry.ts'
import { updateObject } from './update.ts'

export const patchContentTypes: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

export interface PatchRequest extends WriteRequest {
  readonly patchType: PatchType
  readonly patch: unknown
  /** Asked before an applied object is created; throws where the user may only change those that are there. */
  readonly authorizeCreation: () => Promise<void> | undefined
  /** Decodes a document of the served version into an object of the stored version with its defaults. */
  readonly decode: (document: unknown) => KubernetesObject
}

export async function patchObject(registry: Registry, request: PatchRequest): Promise<{ version: StoredVersion; created: boolean }> {
  if (request.patchType === 'apply') return applyObject(registry, request)
  checkPatchType(request.patchType, request.resource, request.options)
  const version = await updateObject(registry, request, {
    propose(current) {
      const document = withManagedFields(toServed(request.resource, current.object), current.managedFields)
      const patched = patchDocument(request.patchType, request.resource.served.schema, document, request.patch)
      return proposePatched(registry, request, current, patched)
    },
  })
  return { version, created: false }
}

/** Stale revisions, changed names and unknown fields in the result are caught as in a PUT of it. */
function proposePatched(registry: Registry, request: PatchRequest, current: CurrentObject, patched: unknown): ProposedObject {
  const object = request.decode(patched)
  const { metadata } = current.object
  if (object.metadata.name !== metadata.name) {
    throw badRequest(`the name of the object (${object.metadata.name ?? ''}) does not match the name on the URL (${request.name})`)
  }
  if (object.metadata.namespace !== metadata.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  return { object, managedFields: trackFields(registry, request, current, object) }
}

export function patchDocument(type: PatchType, schema: ObjectNode, document: unknown, patch: unknown): unknown {
  switch (type) {
    case 'json':
      return applyJsonPatch(document, patch, { maximumOperations: limits.patchOperations, maximumCopiedBytes: limits.bodyBytes })
    case 'merge':
      return applyMergePatch(document, patch)
    case 'strategic':
      return applyStrategicMergePatch(schema, document, withoutTypeMeta(patch))
    case 'apply':
      throw badRequest('an apply configuration is not a patch of a document')
  }
}

/** A strategic patch is of the type whose schema it follows, whatever it calls itself: some clients scale with `kind: Deployment`. */
function withoutTypeMeta(patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch
  const { apiVersion, kind, ...rest } = patch
  return rest
}

/** Strategic merge needs a schema with merge keys, which custom kinds don't have; only who applies can take fields by force. */
export function checkPatchType(patchType: PatchType, { kind }: Resource, { force }: CallOptions): void {
  if (force !== undefined && patchType !== 'apply')
    throw invalidOptions('Patch', [forbiddenField('force', 'may not be specified for non-apply patch')])
  if (patchType !== 'strategic' || !kind.custom) return
  throw unsupportedMediaType(Object.keys(patchContentTypes).filter(type => patchContentTypes[type] !== 'strategic'))
}

/** Server-side apply: the body is what its manager wants, and creates the object where there is none. */
async function applyObject(registry: Registry, request: PatchRequest): Promise<{ version: StoredVersion; created: boolean }> {
  const applied = checkApplied(request)
  let created = false
  const version = await updateObject(registry, request, {
    propose: current => merge(registry, request, current, applied),
    create: async () => {
      if (request.subresource) throw notFound(request.resource.groupResource, request.name)
      await request.authorizeCreation()
      refuseKnownUid(request, applied)
      const { object, managedFields } = merge(registry, request, undefined, applied)
      created = true
      return createObject(registry, request, object, managedFields)
    },
  })
  return { version, created }
}

/** Who names a UID means an object that was there. */
function refuseKnownUid({ resource, name }: PatchRequest, { metadata }: KubernetesObject): void {
  if (!metadata?.uid) return
  const detail = `uid mismatch: the provided object specified uid ${metadata.uid}, and no existing object was found`
  throw conflict(resource.groupResource, name, detail)
}

function merge(registry: Registry, request: PatchRequest, current: CurrentObject | undefined, applied: KubernetesObject): ProposedObject {
  const { resource } = request
  const result = serverSideApply({
    schema: resource.served.schema,
    live: current && withManagedFields(toServed(resource, current.object), current.managedFields),
    applied,
    manager: request.fieldManager,
    apiVersion: resource.apiVersion,
    subresource: request.subresource || undefined,
    force: request.options.force === true,
    time: formatTime(registry.clock.now()),
    ignoredPaths: resetFields(resource, request.subresource),
  })
  return { object: request.decode(withoutManagedFields(result.object)), managedFields: result.managedFields }
}

function checkApplied({ patch, resource, name, namespace, options }: PatchRequest): KubernetesObject {
  if (!options.fieldManager) {
    throw invalid('meta.k8s.io', 'PatchOptions', '', [
      { type: 'FieldValueRequired', field: 'fieldManager', message: 'Required value: is required for apply patch' },
    ])
  }
  const applied = patch as KubernetesObject
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch))
    throw badRequest('error decoding YAML: the patch must be an object')
  if (applied.apiVersion !== undefined && applied.apiVersion !== resource.apiVersion) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${applied.apiVersion}, expected: ${resource.apiVersion}`,
    )
  }
  const metadata = applied.metadata ?? {}
  if (metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil')
  if (metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  }
  return {
    ...applied,
    apiVersion: resource.apiVersion,
    kind: resource.kind.kind,
    metadata: { ...metadata, name, ...(resource.namespaced && { namespace: metadata.namespace ?? namespace }) },
  }
}
