import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { deleteObject } from '../registry/delete.ts'
import { trackFields } from '../registry/managed-fields.ts'
import type { Registry, WriteRequest } from '../registry/registry.ts'
import { metadataObjectOf } from '../registry/stored-object.ts'
import { updateObject } from '../registry/update.ts'
import { collectionPrefix, mainKinds, objectKey } from '../resources.ts'
import type { ChangeRequest, RemoveRequest, StoredObjects } from '../types.ts'

/** The registry as handlers and admission see it. */
export function createStoredObjects(registry: Registry): StoredObjects {
  const { storage, catalog, freezeObjects } = registry
  return {
    kind: (group, resource) => catalog.kind(group, resource),
    kinds: () => mainKinds(catalog.kinds),
    get(kind, namespace, name) {
      const resource = catalog.ofKind(kind)
      const version = storage.committed.get(objectKey(resource, namespace, name))
      return version && metadataObjectOf(resource, version, freezeObjects)
    },
    list(kind, namespace = '') {
      const resource = catalog.ofKind(kind)
      return storage.committed
        .list(collectionPrefix(resource, namespace))
        .map(version => metadataObjectOf(resource, version, freezeObjects))
    },
    change: request => changeObject(registry, request),
    remove: request => removeObject(registry, request),
  }
}

async function changeObject(registry: Registry, { change, ...rest }: ChangeRequest): Promise<KubernetesObject> {
  const request = internalRequest(registry, rest)
  const version = await updateObject(registry, request, {
    trusted: true,
    propose(current) {
      const object = change(current.object)
      return { object, managedFields: trackFields(registry, request, current, object) }
    },
  })
  return metadataObjectOf(request.resource, version, registry.freezeObjects)
}

async function removeObject(registry: Registry, { options, ...rest }: RemoveRequest): Promise<KubernetesObject> {
  const request = internalRequest(registry, { ...rest, subresource: '', fieldManager: '' })
  const result = await deleteObject(registry, request, options)
  if (result.type === 'status') return result.status as unknown as KubernetesObject
  return metadataObjectOf(request.resource, result.version, registry.freezeObjects)
}

const internalRequest = (registry: Registry, { kind, ...rest }: Omit<ChangeRequest, 'change'>): WriteRequest => ({
  ...rest,
  resource: registry.catalog.ofKind(kind),
  options: {},
})
