import { formatGroupVersion } from '../../apimachinery/meta.ts'
import { aggregatedResources } from '../aggregation/description.ts'
import type { Aggregation } from '../aggregation/index.ts'
import { compareKubernetesVersions, type ServedGroup } from './groups.ts'

/** A group that servers elsewhere answer for, as discovery shows it. */
export interface RemoteGroup {
  readonly group: string
  readonly versions: readonly { readonly version: string; readonly resources: readonly object[]; readonly freshness: 'Current' | 'Stale' }[]
}

/** By the priorities that their APIServices give them. A server that is away is shown as it was last, and marked as stale. */
export function remoteGroups({ remotes, describe }: Aggregation): readonly RemoteGroup[] {
  const groups = Map.groupBy(remotes, ({ group }) => group)
  const priority = (group: string) => Math.max(...(groups.get(group) ?? []).map(({ groupPriority }) => groupPriority))
  return [...groups]
    .sort(([a], [b]) => priority(b) - priority(a) || (a < b ? -1 : 1))
    .map(([group, versions]) => ({
      group,
      versions: versions
        .toSorted((a, b) => b.versionPriority - a.versionPriority || compareKubernetesVersions(a.version, b.version))
        .map(({ name, version, isAvailable }) => ({
          version,
          resources: aggregatedResources(describe(name)?.resources ?? [], group, version),
          freshness: isAvailable ? 'Current' : 'Stale',
        })),
    }))
}

/** What is left for the API server itself where others answer for some of its versions. */
export function withoutRemote(groups: readonly ServedGroup[], { remotes }: Aggregation): readonly ServedGroup[] {
  if (remotes.length === 0) return groups
  const taken = new Set(remotes.map(({ group, version }) => formatGroupVersion(group, version)))
  return groups
    .map(({ group, versions }) => ({ group, versions: versions.filter(({ version }) => !taken.has(formatGroupVersion(group, version))) }))
    .filter(({ versions }) => versions.length > 0)
}

/** Adds versions to the groups that are there, and the groups that are not. */
export function mergeGroups<T>(
  local: readonly (readonly [group: string, versions: readonly T[]])[],
  remote: readonly (readonly [group: string, versions: readonly T[]])[],
): readonly (readonly [group: string, versions: readonly T[]])[] {
  const more = new Map(remote)
  const known = new Set(local.map(([group]) => group))
  return [
    ...local.map(([group, versions]) => [group, [...versions, ...(more.get(group) ?? [])]] as const),
    ...remote.filter(([group]) => !known.has(group)),
  ]
}
