import type { Kind, ServedVersion } from '../../apimachinery/kind.ts'

/** The served groups with their versions, in the order of discovery. */
export interface ServedGroup {
  readonly group: string
  /** The preferred one first. */
  readonly versions: readonly ServedGroupVersion[]
}

export interface ServedGroupVersion {
  readonly group: string
  readonly version: string
  readonly resources: readonly ServedResource[]
}

export interface ServedResource {
  readonly kind: Kind
  readonly served: ServedVersion
}

export function servedGroups(kinds: readonly Kind[]): readonly ServedGroup[] {
  const groups = new Map<string, Map<string, ServedResource[]>>()
  for (const kind of kinds) {
    for (const served of kind.served) {
      const versions = entry(groups, served.group, () => new Map<string, ServedResource[]>())
      entry(versions, served.version, (): ServedResource[] => []).push({ kind, served })
    }
  }
  return [...groups]
    .sort(([a], [b]) => placeOf(a) - placeOf(b))
    .map(([group, versions]) => ({
      group,
      versions: [...versions]
        .map(([version, resources]) => ({ group, version, resources: resources.toSorted(byName) }))
        .sort((a, b) => compareVersions(a, b)),
    }))
}

/** Upstream's order of its own groups, by which clients choose where a kind is served twice; groups of custom kinds follow. */
const order: readonly string[] = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
]

function placeOf(group: string): number {
  const place = order.indexOf(group)
  return place < 0 ? order.length : place
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

const byName = (a: ServedResource, b: ServedResource): number => (a.kind.resource < b.kind.resource ? -1 : 1)

const priorityOf = ({ resources }: ServedGroupVersion): number => Math.max(...resources.map(({ served }) => served.priority ?? 0))

function compareVersions(a: ServedGroupVersion, b: ServedGroupVersion): number {
  return priorityOf(b) - priorityOf(a) || compareKubernetesVersions(a.version, b.version)
}

/** Kubernetes' order of versions: stable before beta before alpha, newer before older, anything else last by name. */
export function compareKubernetesVersions(a: string, b: string): number {
  const [left, right] = [readVersion(a), readVersion(b)]
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : a > b ? 1 : 0
  return right.stability - left.stability || right.major - left.major || right.minor - left.minor
}

/** 2 for stable versions, 1 for beta, 0 for alpha and for names that say nothing. */
export const stabilityOf = (version: string): number => readVersion(version)?.stability ?? 0

function readVersion(text: string): { stability: number; major: number; minor: number } | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(text)
  if (!match) return undefined
  const stability = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0
  return { stability, major: Number(match[1]), minor: Number(match[3] ?? 0) }
}
