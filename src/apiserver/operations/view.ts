import { invalid, methodNotAllowed, unsupportedMediaType } from '../../apimachinery/api-errors.ts'
import type { SubresourceAction } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { trackFields } from '../registry/managed-fields.ts'
import { checkPatchType, patchContentTypes, patchDocument } from '../registry/patch.ts'
import { prepareVersions } from '../registry/prepare.ts'
import { readOne } from '../registry/read.ts'
import type { CurrentObject, ProposedObject, Registry, WriteRequest } from '../registry/registry.ts'
import { objectOf } from '../registry/stored-object.ts'
import { updateObject } from '../registry/update.ts'
import { asPatchError, type DecodeTarget, decodeBody, decodeValue, subresourceTarget } from '../request/body.ts'
import { applyToView } from './apply-view.ts'
import type { Operation, OperationRoom, Outcome } from './operation.ts'
import { requiredBody, writeRequest } from './request-parts.ts'

type View = Extract<SubresourceAction, { type: 'view' }>

/** A subresource of another kind that shows and changes a part of the object: scale. */
export async function performOnView(room: OperationRoom, operation: Operation, action: View): Promise<Outcome> {
  const { registry } = room
  const { resource, verb, namespace, name, options, context } = operation
  const target = subresourceTarget(resource, operation.subresource, options.fieldValidation ?? 'Warn', context.warn)
  const show = (object: KubernetesObject) => withTypeMeta(action.read(object as never), target)
  if (verb === 'get') {
    const read = { storage: registry.storage, clock: registry.clock, signal: context.signal }
    const version = await readOne(read, resource, namespace, name, options.resourceVersion)
    if (resource.kind.storage?.convert) await prepareVersions(resource, [version])
    return { type: 'object', object: show(objectOf(resource, version, registry.freezeObjects)), code: 200 }
  }
  const request = writeRequest(operation)
  const write = (current: CurrentObject, view: KubernetesObject): KubernetesObject => {
    const errors = action.validate?.(view as never) ?? []
    if (errors.length > 0) throw invalid(target.apiVersion.split('/')[0] ?? '', target.kind, name, errors)
    return withIdentity(action.write(current.object as never, view as never), view)
  }
  const propose =
    verb === 'patch' && operation.patchType === 'apply' && action.owned
      ? await applyToView({ registry, operation, request, target, field: action.owned, show, write })
      : changeView(registry, request, await readChange(operation, target, show), write)
  const version = await updateObject(registry, request, { propose })
  if (resource.kind.storage?.convert) await prepareVersions(resource, [version])
  return { type: 'object', object: show(objectOf(resource, version, registry.freezeObjects)), code: 200 }
}

const changeView =
  (
    registry: Registry,
    request: WriteRequest,
    viewOf: (current: CurrentObject) => KubernetesObject,
    write: (current: CurrentObject, view: KubernetesObject) => KubernetesObject,
  ) =>
  (current: CurrentObject): ProposedObject => {
    const object = write(current, viewOf(current))
    return { object, managedFields: trackFields(registry, request, current, object) }
  }

/** The view that the client wants, given what is there. */
async function readChange(
  operation: Operation,
  target: DecodeTarget,
  show: (object: KubernetesObject) => KubernetesObject,
): Promise<(current: CurrentObject) => KubernetesObject> {
  const { verb, resource, patchType = 'merge' } = operation
  const body = await requiredBody(operation)
  if (verb === 'update') {
    const view = decodeBody(body, target)
    return () => view
  }
  if (verb !== 'patch') throw methodNotAllowed(resource.groupResource, verb)
  checkPatchType(patchType, resource, operation.options)
  if (patchType === 'apply') {
    throw unsupportedMediaType(Object.keys(patchContentTypes).filter(type => patchContentTypes[type] !== 'apply'))
  }
  return current => {
    const patched = patchDocument(patchType, target.schema, show(current.object), body.value)
    try {
      return decodeValue(patched, target)
    } catch (error) {
      throw asPatchError(error, body.value)
    }
  }
}

const withTypeMeta = (object: KubernetesObject, { apiVersion, kind }: DecodeTarget): KubernetesObject => ({ ...object, apiVersion, kind })

// A view is as fresh as the object that it was read from.
function withIdentity(object: KubernetesObject, { metadata }: KubernetesObject): KubernetesObject {
  const { resourceVersion = object.metadata.resourceVersion, uid = object.metadata.uid } = metadata
  return { ...object, metadata: { ...object.metadata, resourceVersion, uid } }
}
