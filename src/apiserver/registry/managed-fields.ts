import { trackUpdate } from '../../apimachinery/apply/index.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../../apimachinery/meta.ts'
import { formatTime } from '../../base/clock.ts'
import type { Resource } from '../resources.ts'
import { toServed } from './conversion.ts'
import type { CurrentObject, Registry, WriteRequest } from './registry.ts'

/** Who owns which field after this create, update or patch. Objects are in the stored version. */
export function trackFields(
  registry: Registry,
  request: WriteRequest,
  current: CurrentObject | undefined,
  updated: KubernetesObject,
): readonly ManagedFieldsEntry[] {
  const { resource, subresource } = request
  return trackUpdate({
    schema: resource.served.schema,
    live: current && withManagedFields(toServed(resource, current.object), current.managedFields),
    updated: toServed(resource, updated),
    manager: request.fieldManager,
    apiVersion: resource.apiVersion,
    subresource: subresource || undefined,
    time: formatTime(registry.clock.now()),
    ignoredPaths: resetFields(resource, subresource),
  })
}

/** What a write through this endpoint can't change and so does not own. */
export function resetFields(resource: Resource, subresource: string): readonly (readonly string[])[] {
  if (resource.kind.subresources.status === undefined) return []
  if (subresource !== 'status') return [['status']]
  return Object.keys(resource.served.schema.fields)
    .filter(field => !['status', 'metadata', 'apiVersion', 'kind'].includes(field))
    .map(field => [field])
}

export const withManagedFields = (object: KubernetesObject, managedFields: readonly ManagedFieldsEntry[]): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, managedFields },
})

export function withoutManagedFields(object: KubernetesObject): KubernetesObject {
  if (object.metadata.managedFields === undefined) return object
  const { managedFields: _managedFields, ...metadata } = object.metadata
  return { ...object, metadata }
}
