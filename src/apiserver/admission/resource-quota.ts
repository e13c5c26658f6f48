import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { compareQuantities } from '../../apimachinery/quantity.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { missingResources } from '../../apis/core/resource-quota/pod-usage.ts'
import {
  addUsage,
  countedNames,
  onlyNames,
  type Quantities,
  quotaCounts,
  quotaUsage,
  usageIncrease,
} from '../../apis/core/resource-quota/usage.ts'
import type { ResourceQuota } from '../../apis/core/resource-quota.ts'
import type { Clock } from '../../base/clock.ts'
import type { AdmissionRequest, AdmissionStep } from '../types.ts'
import { refuse } from './refuse.ts'
import { kindOf } from './requests.ts'

/**
 * Charges what is created, or grows, to the quotas of its namespace. The charge is part of the write: it is checked
 * against what is ordered, and both are stored together or not at all, so a quota is never exceeded and nothing has to
 * be given back. What ends is given back by the controller, which counts anew.
 */
export const resourceQuota = (clock: Clock): AdmissionStep => ({
  name: 'ResourceQuota',
  handles: request => request.namespace !== '' && isCharged(request),
  reserve(request, ordered) {
    const quotas = kindOf(request.objects, '', 'resourcequotas')
    const concerned = ordered.list(quotas, request.namespace).filter(quota => concerns(quota as ResourceQuota, request))
    if (concerned.length === 0) return
    for (const quota of concerned) checkQuota(quota as ResourceQuota, request)
    const now = clock.now()
    const usage = quotaUsage(request.kind, request.object as KubernetesObject, now)
    const before = request.old && quotaUsage(request.kind, request.old, now)
    for (const quota of concerned) {
      const charged = charge(quota as ResourceQuota, request, usage, before)
      if (charged) ordered.change(quotas, charged)
    }
  },
})

/** Upstream counts none of these, since they are no content of a namespace or come and go by themselves. */
const ignored = new Set(['bindings', 'events', 'events.events.k8s.io', 'localsubjectaccessreviews.authorization.k8s.io'])

function isCharged({ kind, operation, subresource }: AdmissionRequest): boolean {
  if (operation !== 'CREATE' && operation !== 'UPDATE') return false
  const isCore = kind.group === ''
  if (isCore && kind.resource === 'pods') return operation === 'CREATE' ? subresource === '' : subresource === 'resize'
  if (subresource !== '' || ignored.has(isCore ? kind.resource : `${kind.resource}.${kind.group}`)) return false
  // Most objects count as one from their beginning to their end.
  return operation === 'CREATE' || (isCore && (kind.resource === 'services' || kind.resource === 'persistentvolumeclaims'))
}

const limitedNames = (quota: ResourceQuota, kind: Kind): readonly string[] => countedNames(kind, Object.keys(quota.status?.hard ?? {}))

const concerns = (quota: ResourceQuota, { kind, object }: AdmissionRequest): boolean =>
  limitedNames(quota, kind).length > 0 && quotaCounts(quota, kind, object as KubernetesObject)

/** Can the quota tell at all whether there is room? */
function checkQuota(quota: ResourceQuota, request: AdmissionRequest): void {
  const { name } = quota.metadata
  const names = limitedNames(quota, request.kind)
  const isPod = request.kind.group === '' && request.kind.resource === 'pods'
  const missing = isPod ? missingResources(request.object as Pod, names) : undefined
  if (missing) throw refuse(request, `failed quota: ${name}: must specify ${missing}`)
  if (names.some(one => quota.status?.used?.[one] === undefined))
    throw refuse(request, `status unknown for quota: ${name}, resources: ${[...names].sort().join(',')}`)
}

/** The quota with the charge; undefined where it is none. */
function charge(
  quota: ResourceQuota,
  request: AdmissionRequest,
  usage: Quantities,
  before: Quantities | undefined,
): ResourceQuota | undefined {
  const { hard = {}, used = {} } = quota.status ?? {}
  const { kind, old } = request
  const increase = usageIncrease(usage, before && old && quotaCounts(quota, kind, old) ? before : {})
  const requested = onlyNames(increase, Object.keys(hard))
  const names = Object.keys(requested)
  if (names.length === 0) return undefined
  const after = addUsage(used, requested)
  const exceeded = names.filter(name => compareQuantities(after[name] as string, hard[name] as string) > 0).sort()
  if (exceeded.length === 0) return { ...quota, status: { hard, used: after } }
  const show = (amounts: Quantities) => exceeded.map(name => `${name}=${amounts[name] ?? '0'}`).join(',')
  throw refuse(
    request,
    `exceeded quota: ${quota.metadata.name}, requested: ${show(requested)}, used: ${show(used)}, limited: ${show(hard)}`,
  )
}
