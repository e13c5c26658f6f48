import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import { compareQuantities, parseQuantity } from '../../../apimachinery/quantity.ts'
import type { LimitRangeItem } from '../../../apis/core/limit-range.ts'
import { containerQuantities } from '../../../apis/core/pod/requests.ts'
import type { Pod } from '../../../apis/core/pod.ts'

type Quantities = Readonly<Record<string, string>>

/** What is asked for, by one container or by a pod as a whole. */
interface Asked {
  readonly requests?: Quantities
  readonly limits?: Quantities
}

/** As much of a PersistentVolumeClaim as is limited. */
export interface Claim extends KubernetesObject {
  readonly spec?: { readonly resources?: { readonly requests?: Quantities } }
}

export function podViolations(limits: readonly LimitRangeItem[], { spec }: Pod): string[] {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
  return limits.flatMap(item => {
    if (item.type === 'Container') return containers.flatMap(container => violations(item, container.resources ?? {}))
    if (item.type !== 'Pod' || !spec) return []
    return violations(item, { requests: containerQuantities(spec, 'requests'), limits: containerQuantities(spec, 'limits') })
  })
}

export function claimViolations(limits: readonly LimitRangeItem[], { spec }: Claim): string[] {
  const asked = { requests: spec?.resources?.requests ?? {} }
  return limits
    .filter(item => item.type === 'PersistentVolumeClaim')
    .flatMap(({ type, min, max }) => [
      ...each(min, (name, least) => belowMinimum(type, name, least, asked)),
      ...each(max, (name, most) => requestAboveMaximum(type, name, most, asked)),
    ])
}

const violations = ({ type, min, max, maxLimitRequestRatio }: LimitRangeItem, asked: Asked): string[] => [
  ...each(min, (name, least) => belowMinimum(type, name, least, asked)),
  ...each(max, (name, most) => aboveMaximum(type, name, most, asked)),
  ...each(maxLimitRequestRatio, (name, most) => aboveRatio(type, name, most, asked)),
]

const each = (enforced: Quantities | undefined, check: (name: string, quantity: string) => string | undefined): string[] =>
  Object.entries(enforced ?? {}).flatMap(([name, quantity]) => check(name, quantity) ?? [])

function belowMinimum(type: string, name: string, least: string, { requests, limits }: Asked): string | undefined {
  const rule = `minimum ${name} usage per ${type} is ${least}`
  const request = requests?.[name]
  const limit = limits?.[name]
  if (request === undefined) return `${rule}.  No request is specified`
  if (compareQuantities(request, least) < 0) return `${rule}, but request is ${request}`
  return limit !== undefined && compareQuantities(limit, least) < 0 ? `${rule}, but limit is ${limit}` : undefined
}

function aboveMaximum(type: string, name: string, most: string, { requests, limits }: Asked): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${most}`
  const request = requests?.[name]
  const limit = limits?.[name]
  if (limit === undefined) return `${rule}.  No limit is specified`
  if (compareQuantities(limit, most) > 0) return `${rule}, but limit is ${limit}`
  return request !== undefined && compareQuantities(request, most) > 0 ? `${rule}, but request is ${request}` : undefined
}

function requestAboveMaximum(type: string, name: string, most: string, { requests }: Asked): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${most}`
  const request = requests?.[name]
  if (request === undefined) return `${rule}.  No request is specified`
  return compareQuantities(request, most) > 0 ? `${rule}, but request is ${request}` : undefined
}

function aboveRatio(type: string, name: string, most: string, { requests, limits }: Asked): string | undefined {
  const rule = `${name} max limit to request ratio per ${type} is ${most}`
  const request = amount(requests?.[name])
  const limit = amount(limits?.[name])
  if (!request) return `${rule}, but no request is specified or request is 0`
  if (!limit) return `${rule}, but no limit is specified or limit is 0`
  const ratio = limit / request
  return ratio > (amount(most) as number) ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined
}

const amount = (quantity: string | undefined): number | undefined =>
  quantity === undefined ? undefined : Number(parseQuantity(quantity).nanos) / 1e9
