import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import { addQuantities, compareQuantities, subtractQuantities } from '../../../apimachinery/quantity.ts'
import type { Pod } from '../pod.ts'
import type { ResourceQuota } from '../resource-quota.ts'
import type { Service } from '../service.ts'
import { isPodResource, podUsage } from './pod-usage.ts'
import { matchesValue, podIsInScope, quotaConditions } from './scopes.ts'

/** How objects count against quotas: pure, the same for admission, which charges, and for the controller, which counts anew. */
export type Quantities = Readonly<Record<string, string>>

interface KindName {
  readonly group: string
  readonly resource: string
}

/** What one object uses, under the names that quotas know. */
export function quotaUsage(kind: KindName, object: KubernetesObject, now: number): Quantities {
  const counted = { [countName(kind)]: '1' }
  if (kind.group !== '') return counted
  switch (kind.resource) {
    case 'pods':
      return podUsage(object as Pod, now)
    case 'services':
      return { ...counted, services: '1', ...serviceUsage(object as Service) }
    case 'persistentvolumeclaims':
      return { ...counted, persistentvolumeclaims: '1', ...claimUsage(object as Claim) }
    default:
      return plainlyCounted.has(kind.resource) ? { ...counted, [kind.resource]: '1' } : counted
  }
}

/** `count/pods`, `count/deployments.apps` */
export const countName = ({ group, resource }: KindName): string => `count/${resource}${group && '.'}${group}`

const plainlyCounted = new Set(['configmaps', 'secrets', 'replicationcontrollers', 'resourcequotas'])

/** Those of the names that objects of this kind count for. */
export function countedNames(kind: KindName, names: readonly string[]): readonly string[] {
  const count = countName(kind)
  if (kind.group !== '') return names.filter(name => name === count)
  switch (kind.resource) {
    case 'pods':
      return names.filter(isPodResource)
    case 'services':
      return names.filter(name => name === count || name === 'services' || name.startsWith('services.'))
    case 'persistentvolumeclaims':
      return names.filter(name => name === count || isClaimResource(name))
    default:
      return names.filter(name => name === count || (plainlyCounted.has(kind.resource) && name === kind.resource))
  }
}

/** Does the quota count this object? Only pods and claims have scopes; a quota with any counts nothing else. */
export function quotaCounts(quota: ResourceQuota, kind: KindName, object: KubernetesObject): boolean {
  const conditions = quotaConditions(quota.spec ?? {})
  if (conditions.length === 0) return true
  if (kind.group !== '') return false
  if (kind.resource === 'pods') return conditions.every(condition => podIsInScope(object as Pod, condition))
  if (kind.resource !== 'persistentvolumeclaims') return false
  return conditions.every(condition => condition.scopeName === 'VolumeAttributesClass' && claimIsInClass(object as Claim, condition))
}

function serviceUsage({ spec }: Service): Quantities {
  const ports = spec?.ports ?? []
  if (spec?.type === 'NodePort') return { 'services.nodeports': String(ports.length) }
  if (spec?.type !== 'LoadBalancer') return {}
  const nodePorts = spec.allocateLoadBalancerNodePorts === false ? ports.filter(port => port.nodePort) : ports
  return { 'services.loadbalancers': '1', 'services.nodeports': String(nodePorts.length) }
}

/** As much of a PersistentVolumeClaim as is counted. */
interface Claim extends KubernetesObject {
  readonly spec?: {
    readonly storageClassName?: string
    readonly volumeAttributesClassName?: string
    readonly resources?: { readonly requests?: Quantities }
  }
  readonly status?: { readonly allocatedResources?: Quantities; readonly currentVolumeAttributesClassName?: string }
}

const oldClassAnnotation = 'volume.beta.kubernetes.io/storage-class'
const classSuffix = '.storageclass.storage.k8s.io/'

function claimUsage({ metadata, spec, status }: Claim): Quantities {
  const asked = spec?.resources?.requests?.storage
  const allocated = status?.allocatedResources?.storage
  // A volume that was enlarged counts for what it has got, whatever is asked for by now.
  const storage = asked !== undefined && allocated !== undefined && compareQuantities(allocated, asked) > 0 ? allocated : asked
  const storageClass = metadata.annotations?.[oldClassAnnotation] || spec?.storageClassName
  const usage: Record<string, string> = {}
  if (storage !== undefined) usage['requests.storage'] = storage
  if (!storageClass) return usage
  usage[`${storageClass}${classSuffix}persistentvolumeclaims`] = '1'
  if (storage !== undefined) usage[`${storageClass}${classSuffix}requests.storage`] = storage
  return usage
}

const isClaimResource = (name: string): boolean =>
  name === 'persistentvolumeclaims' ||
  name === 'requests.storage' ||
  name.endsWith(`${classSuffix}persistentvolumeclaims`) ||
  name.endsWith(`${classSuffix}requests.storage`)

/** While a claim changes its class it counts for the one that it has and for the one that it shall have. */
function claimIsInClass({ spec, status }: Claim, condition: Parameters<typeof matchesValue>[0]): boolean {
  const classes = new Set([spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName].filter(name => name))
  if (classes.size === 0) return matchesValue(condition, undefined)
  return [...classes].some(name => matchesValue(condition, name))
}

/** `left` with what `right` adds. */
export function addUsage(left: Quantities, right: Quantities): Quantities {
  const sum: Record<string, string> = { ...left }
  for (const name in right) {
    const before = sum[name]
    sum[name] = before === undefined ? (right[name] as string) : addQuantities(before, right[name] as string)
  }
  return sum
}

/** By how much `now` is more than `before`; what is not more is left out. */
export function usageIncrease(now: Quantities, before: Quantities): Quantities {
  const increase: Record<string, string> = {}
  for (const name in now) {
    const amount = now[name] as string
    const difference = before[name] === undefined ? amount : subtractQuantities(amount, before[name] as string)
    if (compareQuantities(difference, '0') > 0) increase[name] = difference
  }
  return increase
}

export function onlyNames(usage: Quantities, names: readonly string[]): Quantities {
  const kept: Record<string, string> = {}
  for (const name of names) if (usage[name] !== undefined) kept[name] = usage[name] as string
  return kept
}
