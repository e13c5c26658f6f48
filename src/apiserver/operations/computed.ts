import { internalError, methodNotAllowed, notFound } from '../../apimachinery/api-errors.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { StoredVersion } from '../../storage/types.ts'
import { parseSelection } from '../registry/selection.ts'
import { encodeStored, memoOf } from '../registry/stored-object.ts'
import { objectKey, type Resource } from '../resources.ts'
import type { Operation, OperationRoom, Outcome } from './operation.ts'

/** Kinds whose objects are made when somebody reads them: nothing is stored, so they have no revision and can't be watched. */
export async function readComputed({ handlers, objects }: OperationRoom, operation: Operation): Promise<Outcome> {
  const { resource, verb, namespace, name, options, context } = operation
  const read = handlers.computed?.[resource.kind.kind]
  if (!read) throw internalError(`read ${resource.kind.resource}: nothing is installed that computes them`)
  const made = await read({ context, namespace, objects })
  if (verb === 'get') {
    const object = made.find(one => one.metadata.name === name && (one.metadata.namespace ?? '') === namespace)
    if (!object) throw notFound(resource.groupResource, name)
    return { type: 'version', resource, version: asVersion(resource, object), code: 200 }
  }
  if (verb !== 'list') throw methodNotAllowed(resource.groupResource, verb)
  const selection = parseSelection(resource, options)
  const versions = made.map(object => asVersion(resource, object)).filter(selection.matches)
  return { type: 'list', resource, list: { versions, revision: 0, continue: undefined, remainingItemCount: undefined } }
}

/** In the form that answers are made of. */
const asVersion = (resource: Resource, object: KubernetesObject): StoredVersion => ({
  key: objectKey(resource, object.metadata.namespace ?? '', object.metadata.name ?? ''),
  value: encodeStored(resource.kind, object, []),
  revision: 0,
  createRevision: 0,
  memo: memoOf(resource.kind, object),
})
