import type { KubernetesObject, ObjectMeta } from '../../apimachinery/meta.ts'
import { semanticEqual } from '../../apis/core/sharing.ts'
import type { ClusterRole } from '../../apis/rbac/cluster-role.ts'
import type { PolicyRule } from '../../apis/rbac/role.ts'
import type { RoleBinding, Subject } from '../../apis/rbac/role-binding.ts'
import { uncoveredRules } from './rules.ts'

/** What an existing object becomes so that it holds all of the expected one; the same object when it does already. */

type AnyRole = KubernetesObject & Pick<ClusterRole, 'rules' | 'aggregationRule'>

export function reconciledRole<T extends AnyRole>(existing: T, expected: T): { readonly object: T } {
  const metadata = withMissingMetadata(existing.metadata, expected.metadata)
  // The rules of gathered roles are written by whoever gathers them.
  const missing: readonly PolicyRule[] = expected.aggregationRule ? [] : uncoveredRules(existing.rules ?? [], expected.rules ?? [])
  const aggregationRule = withMissingSelectors(existing.aggregationRule, expected.aggregationRule)
  if (metadata === existing.metadata && missing.length === 0 && aggregationRule === existing.aggregationRule) return { object: existing }
  const rules = missing.length === 0 ? existing.rules : [...(existing.rules ?? []), ...missing]
  return { object: { ...existing, metadata, ...(rules && { rules }), ...(aggregationRule && { aggregationRule }) } }
}

/** A binding's role can't be changed: to bind another one, it is made anew. */
export function reconciledBinding<T extends RoleBinding>(existing: T, expected: T): { readonly object: T; readonly replace?: boolean } {
  const metadata = withMissingMetadata(existing.metadata, expected.metadata)
  const subjects = withMissingSubjects(existing.subjects, expected.subjects)
  if (!semanticEqual(existing.roleRef, expected.roleRef)) {
    const { name, namespace, labels, annotations } = metadata
    return { object: { ...expected, metadata: { name, namespace, labels, annotations }, ...(subjects && { subjects }) }, replace: true }
  }
  if (metadata === existing.metadata && subjects === existing.subjects) return { object: existing }
  return { object: { ...existing, metadata, ...(subjects && { subjects }) } }
}

function withMissingMetadata(existing: ObjectMeta, expected: ObjectMeta): ObjectMeta {
  const labels = withMissingKeys(existing.labels, expected.labels)
  const annotations = withMissingKeys(existing.annotations, expected.annotations)
  if (labels === existing.labels && annotations === existing.annotations) return existing
  return { ...existing, ...(labels && { labels }), ...(annotations && { annotations }) }
}

type Texts = Readonly<Record<string, string>> | undefined

/** Ours win: an autoupdate annotation that says false never gets here. */
function withMissingKeys(existing: Texts, expected: Texts): Texts {
  const differs = Object.entries(expected ?? {}).some(([key, value]) => existing?.[key] !== value)
  return differs ? { ...existing, ...expected } : existing
}

function withMissingSelectors(existing: ClusterRole['aggregationRule'], expected: ClusterRole['aggregationRule']) {
  const present = existing?.clusterRoleSelectors ?? []
  const missing = expected?.clusterRoleSelectors?.filter(selector => !present.some(one => semanticEqual(one, selector))) ?? []
  return missing.length === 0 ? existing : { clusterRoleSelectors: [...present, ...missing] }
}

function withMissingSubjects(existing: readonly Subject[] | undefined, expected: readonly Subject[] | undefined) {
  const present = existing ?? []
  const missing = expected?.filter(subject => !present.some(one => isSame(one, subject))) ?? []
  return missing.length === 0 ? existing : [...present, ...missing]
}

const isSame = (left: Subject, right: Subject): boolean =>
  left.kind === right.kind && left.name === right.name && (left.namespace ?? '') === (right.namespace ?? '')
