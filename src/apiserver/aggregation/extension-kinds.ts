import { defineKind, type Kind, topLevel, type Verb } from '../../apimachinery/kind.ts'
import { formatGroupVersion } from '../../apimachinery/meta.ts'
import type { RemoteDescription, RemoteResource } from './description.ts'
import type { RemoteGroupVersion } from './remote.ts'

/** What servers elsewhere have, as controllers need to know it that look at objects of every kind. */
export interface ExtensionKinds {
  /** Each resource once, in its group's preferred version; of their objects no more than metadata is known. */
  readonly kinds: readonly Kind[]
  /** Group versions of servers that are away: what they have now, nobody knows. */
  readonly away: readonly string[]
}

/** The same kind for what was described in the same way, so that it can be followed. */
export function createExtensionKinds(): (
  remotes: readonly RemoteGroupVersion[],
  describe: (name: string) => RemoteDescription | undefined,
) => ExtensionKinds {
  let known = new Map<string, Kind>()
  return (remotes, describe) => {
    const preferred = remotes.toSorted((a, b) => b.versionPriority - a.versionPriority)
    const current = new Map<string, Kind>()
    const found = new Set<string>()
    for (const { name, group, version, isAvailable } of preferred) {
      if (!isAvailable) continue
      for (const resource of describe(name)?.resources ?? []) {
        const id = `${group}/${resource.name}`
        if (resource.name.includes('/') || found.has(id)) continue
        found.add(id)
        const key = JSON.stringify([group, version, resource])
        current.set(key, known.get(key) ?? kindOf(group, version, resource))
      }
    }
    known = current
    const away = remotes.filter(({ isAvailable }) => !isAvailable).map(({ group, version }) => formatGroupVersion(group, version))
    return { kinds: [...current.values()], away: away.sort() }
  }
}

const kindOf = (group: string, version: string, { name, kind, singularName, namespaced, verbs }: RemoteResource): Kind =>
  defineKind({
    kind,
    resource: name,
    singular: singularName,
    group,
    version,
    schema: topLevel(`${group}.${version}.${kind}`, 'An object of an extension server.', {}),
    scope: namespaced ? 'Namespaced' : 'Cluster',
    verbs: verbs as readonly Verb[],
    strategy: { validate: () => [] },
    custom: true,
  }) as unknown as Kind
