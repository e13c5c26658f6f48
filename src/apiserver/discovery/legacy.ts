import { createHash } from 'node:crypto'
import type { Subresource } from '../../apimachinery/kind.ts'
import { formatGroupVersion } from '../../apimachinery/meta.ts'
import type { ServedGroup, ServedGroupVersion } from './groups.ts'
import { mergeGroups, type RemoteGroup } from './remote-groups.ts'

/** The group without a name says no version of its documents. */
export interface DiscoveryDocument {
  readonly kind: string
  readonly apiVersion?: string
  readonly [member: string]: unknown
}

/** Discovery document by document: `/api`, `/apis`, a group, a version. */
export const apiVersions = (groups: readonly ServedGroup[], serverAddress: string): DiscoveryDocument => ({
  kind: 'APIVersions',
  versions: groups.filter(({ group }) => group === '').flatMap(({ versions }) => versions.map(({ version }) => version)),
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
})

export function apiGroupList(groups: readonly ServedGroup[], remote: readonly RemoteGroup[] = []): DiscoveryDocument {
  const local = groups.filter(({ group }) => group !== '').map(group => [group.group, namesOf(group)] as const)
  const elsewhere = remote.map(group => [group.group, namesOf(group)] as const)
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: mergeGroups(local, elsewhere).map(describeGroup) }
}

export const apiGroup = (group: ServedGroup, remote?: RemoteGroup): DiscoveryDocument => ({
  kind: 'APIGroup',
  apiVersion: 'v1',
  ...describeGroup([group.group, [...namesOf(group), ...(remote ? namesOf(remote) : [])]]),
})

const namesOf = ({ versions }: { readonly versions: readonly { readonly version: string }[] }): readonly string[] =>
  versions.map(({ version }) => version)

function describeGroup([group, versions]: readonly [group: string, versions: readonly string[]]): object {
  const described = versions.map(version => ({ groupVersion: formatGroupVersion(group, version), version }))
  return { name: group, versions: described, preferredVersion: described[0] }
}

export function apiResourceList({ group, version, resources }: ServedGroupVersion): DiscoveryDocument {
  const entries = resources.flatMap(({ kind }) => {
    const namespaced = kind.scope === 'Namespaced'
    const main = {
      name: kind.resource,
      singularName: kind.singular,
      namespaced,
      kind: kind.kind,
      verbs: [...kind.verbs].sort(),
      ...(kind.shortNames.length > 0 && { shortNames: kind.shortNames }),
      ...(kind.categories.length > 0 && { categories: kind.categories }),
      ...(kind.verbs.includes('get') && !kind.computed && { storageVersionHash: storageVersionHash(kind.group, kind.version, kind.kind) }),
    }
    const subresources = Object.entries(kind.subresources)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, subresource]) => ({
        name: `${kind.resource}/${name}`,
        singularName: '',
        namespaced,
        ...(isForeign(subresource, group, version) && { group: subresource.group ?? '', version: subresource.version }),
        kind: subresource.kind,
        verbs: [...subresource.verbs].sort(),
      }))
    return [main, ...subresources]
  })
  return {
    kind: 'APIResourceList',
    ...(group !== '' && { apiVersion: 'v1' }),
    groupVersion: formatGroupVersion(group, version),
    resources: entries,
  }
}

/** Is the kind one of another group or version? */
const isForeign = (subresource: Subresource, group: string, version: string): boolean =>
  subresource.version !== undefined && ((subresource.group ?? '') !== group || subresource.version !== version)

const storageVersionHash = (group: string, version: string, kind: string): string =>
  createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64')
