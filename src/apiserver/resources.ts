import { type GroupResource, pathNotFound } from '../apimachinery/api-errors.ts'
import type { Kind, ServedVersion } from '../apimachinery/kind.ts'
import { formatGroupVersion } from '../apimachinery/meta.ts'
import { createDecodedObjects, type DecodedObjects } from './registry/decoded-objects.ts'

/** A kind under one of the versions that it is served in: what a request's path names. */
export interface Resource {
  readonly kind: Kind
  readonly served: ServedVersion
  /** `apps/v1` */
  readonly apiVersion: string
  /** In the group of the request: what errors name. */
  readonly groupResource: GroupResource
  readonly namespaced: boolean
  /** `/registry/apps/deployments/`, the same for all served versions. */
  readonly keyPrefix: string
  /** How the stored bytes of this kind begin, up to and with the opening brace of metadata. */
  readonly storedHead: string
  /** The bodies of this version are the stored ones. */
  readonly servesStored: boolean
  /** Aborts when the kind is served no longer, or no longer as it was: its watches end then. */
  readonly removed: AbortSignal
  /** Of all resources of a catalog together. */
  readonly decoded: DecodedObjects
}

/** The kinds that are served now, found by path. Documents derived from them are cached until `generation` moves. */
export interface ResourceCatalog {
  readonly generation: number
  readonly kinds: readonly Kind[]
  find(group: string, version: string, resource: string): Resource | undefined
  /** The kind that is stored in this group. */
  kind(group: string, resource: string): Kind | undefined
  /** The stored version's resource of a kind. */
  ofKind(kind: Kind): Resource
  byGroupResource(group: string, resource: string): Resource | undefined
  hasGroupVersion(group: string, version: string): boolean
  register(kind: Kind): void
  /** Puts the kinds of one resource, one for each version, in the place of those that were there. */
  replace(group: string, resource: string, kinds: readonly Kind[]): void
  unregister(group: string, resource: string): void
}

export function createResourceCatalog(kinds: readonly Kind[]): ResourceCatalog {
  let all: readonly Kind[] = []
  let generation = 0
  let byPath = new Map<string, Resource>()
  let byStoredGroup = new Map<string, Kind>()
  let stored = new WeakMap<Kind, Resource>()
  let groupVersions = new Set<string>()
  const removals = new Map<Kind, AbortController>()
  const decoded = createDecodedObjects()
  const neverRemoved = new AbortController().signal
  const removalOf = (kind: Kind): AbortSignal => {
    const removal = removals.get(kind) ?? new AbortController()
    removals.set(kind, removal)
    return removal.signal
  }

  const rebuild = (next: readonly Kind[]) => {
    const gone = all.filter(kind => !next.includes(kind))
    all = next
    generation++
    byPath = new Map()
    byStoredGroup = new Map(mainKinds(next).map(kind => [groupKey(kind.group, kind.resource), kind]))
    stored = new WeakMap()
    groupVersions = new Set()
    for (const kind of next) {
      for (const served of kind.served) {
        byPath.set(pathKey(served.group, served.version, kind.resource), makeResource(kind, served, removalOf(kind), decoded))
        groupVersions.add(formatGroupVersion(served.group, served.version))
      }
    }
    for (const kind of gone) {
      removals.get(kind)?.abort(new Error(`${kind.resource} are served no longer`))
      removals.delete(kind)
    }
  }
  rebuild(kinds)

  return {
    get generation() {
      return generation
    },
    get kinds() {
      return all
    },
    find: (group, version, resource) => byPath.get(pathKey(group, version, resource)),
    kind: (group, resource) => byStoredGroup.get(groupKey(group, resource)),
    ofKind(kind) {
      let resource = stored.get(kind)
      if (!resource) {
        const served = { group: kind.group, version: kind.version, schema: kind.schema, columns: [] }
        // A kind that is not served (any more) has no watches to end.
        resource = makeResource(kind, served, all.includes(kind) ? removalOf(kind) : neverRemoved, decoded)
        stored.set(kind, resource)
      }
      return resource
    },
    byGroupResource(group, name) {
      const kind = all.find(one => one.resource === name && one.served.some(served => served.group === group))
      const served = kind?.served.find(one => one.group === group)
      return kind && served ? byPath.get(pathKey(group, served.version, name)) : undefined
    },
    hasGroupVersion: (group, version) => groupVersions.has(formatGroupVersion(group, version)),
    register(kind) {
      const others = all.filter(one => !(one.group === kind.group && one.resource === kind.resource))
      rebuild([...others, kind])
    },
    replace(group, resource, next) {
      const before = all.filter(kind => kind.group === group && kind.resource === resource)
      if (before.length === next.length && before.every((kind, index) => kind === next[index])) return
      rebuild([...all.filter(kind => !before.includes(kind)), ...next])
    },
    unregister(group, resource) {
      if (!all.some(kind => kind.group === group && kind.resource === resource)) throw pathNotFound()
      rebuild(all.filter(kind => !(kind.group === group && kind.resource === resource)))
    },
  }
}

/** One kind of each resource: of several versions the one that is stored, if it is served. */
export const mainKinds = (kinds: readonly Kind[]): readonly Kind[] => kinds.filter(kind => kind.storage?.isMain ?? true)

const groupKey = (group: string, resource: string): string => `${group}/${resource}`
const pathKey = (group: string, version: string, resource: string): string => `${group}/${version}/${resource}`

function makeResource(kind: Kind, served: ServedVersion, removed: AbortSignal, decoded: DecodedObjects): Resource {
  const apiVersion = formatGroupVersion(served.group, served.version)
  return {
    kind,
    served,
    apiVersion,
    groupResource: { group: served.group, resource: kind.resource },
    namespaced: kind.scope === 'Namespaced',
    keyPrefix: `/registry/${kind.group || 'core'}/${kind.resource}/`,
    storedHead: `{"kind":${JSON.stringify(kind.kind)},"apiVersion":${JSON.stringify(formatGroupVersion(kind.group, kind.storage?.version ?? kind.version))},"metadata":{`,
    servesStored: served.group === kind.group && served.version === kind.version,
    removed,
    decoded,
  }
}

export const objectKey = (resource: Resource, namespace: string, name: string): string =>
  resource.namespaced ? `${resource.keyPrefix}${namespace}/${name}` : resource.keyPrefix + name

/** Where a list or watch looks: one namespace, or everything of the resource. */
export const collectionPrefix = (resource: Resource, namespace: string): string =>
  resource.namespaced && namespace ? `${resource.keyPrefix}${namespace}/` : resource.keyPrefix
