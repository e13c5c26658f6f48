import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { formatGroupVersion } from '../../apimachinery/meta.ts'
import type { Resource } from '../resources.ts'

/** Between the stored version of a kind and the one that a request speaks. Type meta is set, metadata kept. */
export function toServed(resource: Resource, object: KubernetesObject): KubernetesObject {
  if (resource.servesStored) return object
  const converted = resource.served.fromStored ? resource.served.fromStored(object) : object
  return { ...converted, apiVersion: resource.apiVersion, kind: resource.kind.kind }
}

export function toStored(resource: Resource, object: KubernetesObject): KubernetesObject {
  const { kind, served } = resource
  const converted = resource.servesStored || !served.toStored ? object : served.toStored(object)
  return { ...converted, apiVersion: formatGroupVersion(kind.group, kind.version), kind: kind.kind }
}
