import type { Kind } from '../../apimachinery/kind.ts'
import { formatGroupVersion, type KubernetesObject } from '../../apimachinery/meta.ts'
import type { StoredVersion } from '../../storage/types.ts'
import type { Resource } from '../resources.ts'
import { setConverted, storedUnconverted } from './stored-object.ts'

/**
 * Conversions that take time happen before anything else looks at the objects: everything derived from a version is made
 * at once and in order. For kinds without such a conversion nothing here is called.
 */
export async function prepareVersions(resource: Resource, versions: readonly StoredVersion[]): Promise<void> {
  const { kind } = resource
  if (!kind.storage?.convert) return
  const waiting = versions.flatMap(version => {
    const object = storedUnconverted(resource, version)
    return object ? [{ version, object }] : []
  })
  if (waiting.length === 0) return
  const converted = await kind.storage.convert(
    waiting.map(({ object }) => object),
    formatGroupVersion(kind.group, kind.version),
  )
  for (const [index, { version }] of waiting.entries()) setConverted(resource, version, converted[index] as KubernetesObject)
}

/** An object in the version that is stored. */
export async function toStorage(kind: Kind, object: KubernetesObject): Promise<KubernetesObject> {
  const { storage } = kind
  if (!storage?.convert || storage.version === kind.version) return object
  const [converted] = await storage.convert([object], formatGroupVersion(kind.group, storage.version))
  return converted as KubernetesObject
}
