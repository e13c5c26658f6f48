import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { compareQuantities } from '../../apimachinery/quantity.ts'
import { addUsage, countedNames, onlyNames, type Quantities, quotaCounts, quotaUsage } from '../../apis/core/resource-quota/usage.ts'
import type { ResourceQuota, ResourceQuotaStatus } from '../../apis/core/resource-quota.ts'
import type { Clock } from '../../base/clock.ts'

/** All objects of one kind in the quota's namespace, as they were at one moment. */
export interface Counted {
  readonly kind: Kind
  readonly objects: readonly KubernetesObject[]
}

/** So many objects are counted before others go first. */
const slice = 200

/** What all of them use together of what the quota limits. Names that nothing counts for are left out. */
export async function countUsage(quota: ResourceQuota, counted: readonly Counted[], clock: Clock): Promise<Quantities> {
  const hard = Object.keys(quota.spec?.hard ?? {})
  const now = clock.now()
  let used: Quantities = {}
  let done = 0
  for (const { kind, objects } of counted) {
    const names = countedNames(kind, hard)
    used = { ...used, ...Object.fromEntries(names.map(name => [name, '0'])) }
    for (const object of objects) {
      if (quotaCounts(quota, kind, object)) used = addUsage(used, onlyNames(quotaUsage(kind, object, now), names))
      if (++done % slice === 0) await clock.yield()
    }
  }
  return used
}

export const isSameStatus = (status: ResourceQuotaStatus | undefined, wanted: ResourceQuotaStatus): boolean =>
  areSame(status?.hard, wanted.hard) && areSame(status?.used, wanted.used)

/** `1` and `1000m` are the same. */
function areSame(left: Quantities = {}, right: Quantities = {}): boolean {
  const names = Object.keys(left)
  return (
    names.length === Object.keys(right).length &&
    names.every(name => right[name] !== undefined && compareQuantities(left[name] as string, right[name]) === 0)
  )
}
