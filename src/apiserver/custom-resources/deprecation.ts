import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../apis/index.ts'
import { compareKubernetesVersions, stabilityOf } from '../discovery/groups.ts'

/** What users of a deprecated version are told; undefined for others. */
export function deprecationWarning(
  { spec }: CustomResourceDefinition,
  { name, deprecated, deprecationWarning: own }: CustomResourceDefinitionVersion,
): string | undefined {
  if (!deprecated) return undefined
  if (own !== undefined) return own
  const { group, names, versions } = spec
  const better = versions
    .filter(other => other.served && !other.deprecated && compareKubernetesVersions(other.name, name) < 0)
    .filter(other => stabilityOf(other.name) >= stabilityOf(name))
    .sort((a, b) => compareKubernetesVersions(a.name, b.name))[0]
  const advice = better ? `; use ${group}/${better.name} ${names.kind}` : ''
  return `${group}/${name} ${names.kind} is deprecated${advice}`
}
