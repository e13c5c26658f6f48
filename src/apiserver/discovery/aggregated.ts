import type { Subresource } from '../../apimachinery/kind.ts'
import type { ServedGroup, ServedGroupVersion, ServedResource } from './groups.ts'
import { mergeGroups, type RemoteGroup } from './remote-groups.ts'

/** Aggregated discovery: every group, version and resource in one document. */
export function aggregatedDiscovery(groups: readonly ServedGroup[], remote: readonly RemoteGroup[], apiVersion: string): object {
  const local = groups.map(({ group, versions }) => [group, versions.map(describeVersion)] as const)
  const elsewhere = remote.map(({ group, versions }) => [group, versions] as const)
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion,
    metadata: {},
    items: mergeGroups<object>(local, elsewhere).map(([group, versions]) => ({
      metadata: { name: group, creationTimestamp: null },
      versions,
    })),
  }
}

const describeVersion = (version: ServedGroupVersion): object => ({
  version: version.version,
  resources: version.resources.map(resource => describeResource(version, resource)),
  freshness: 'Current',
})

function describeResource({ group, version }: ServedGroupVersion, { kind }: ServedResource): object {
  const subresources = Object.entries(kind.subresources).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    resource: kind.resource,
    responseKind: { ...ownGroupVersion({ group, version }, kind), kind: kind.kind },
    scope: kind.scope,
    singularResource: kind.singular,
    verbs: [...kind.verbs].sort(),
    ...(kind.shortNames.length > 0 && { shortNames: kind.shortNames }),
    ...(kind.categories.length > 0 && { categories: kind.categories }),
    ...(subresources.length > 0 && {
      subresources: subresources.map(([name, subresource]) =>
        describeSubresource(ownGroupVersion({ group, version }, kind), name, subresource),
      ),
    }),
  }
}

interface GroupVersion {
  readonly group: string
  readonly version: string
}

/** For built-in kinds beyond the core group upstream leaves both empty, which clients read as those of the list. */
const ownGroupVersion = ({ group, version }: GroupVersion, { custom }: ServedResource['kind']): GroupVersion =>
  group === '' || custom ? { group, version } : { group: '', version: '' }

function describeSubresource(own: GroupVersion, name: string, subresource: Subresource): object {
  const { group, version } = subresource.version === undefined ? own : { group: subresource.group ?? '', version: subresource.version }
  return { subresource: name, responseKind: { group, version, kind: subresource.kind }, verbs: [...subresource.verbs].sort() }
}
