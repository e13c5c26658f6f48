import { compareQuantities } from '../../../apimachinery/quantity.ts'
import type { ResourceRequirements } from '../container.ts'
import type { PodSpec } from '../pod-spec.ts'
import { hasPodLevelResources } from './pod-level-resources.ts'

export type QosClass = 'BestEffort' | 'Burstable' | 'Guaranteed'

const computeResources = ['cpu', 'memory'] as const

/**
 * Guaranteed when every container has limits for CPU and memory and asks for exactly those; best effort when none asks
 * for anything; burstable otherwise. Resources of the pod as a whole take the containers' place.
 */
export function podQosClass(spec: PodSpec | undefined): QosClass {
  if (spec === undefined) return 'BestEffort'
  const parts = hasPodLevelResources(spec)
    ? [spec.resources ?? {}]
    : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(one => one.resources ?? {})
  if (!parts.some(asksForAnything)) return 'BestEffort'
  return parts.every(isGuaranteed) ? 'Guaranteed' : 'Burstable'
}

const asksForAnything = ({ requests, limits }: ResourceRequirements): boolean =>
  computeResources.some(name => isPositive(requests?.[name]) || isPositive(limits?.[name]))

function isGuaranteed({ requests, limits }: ResourceRequirements): boolean {
  return computeResources.every(name => {
    const limit = limits?.[name]
    const request = requests?.[name] ?? limit
    return isPositive(limit) && request !== undefined && compareQuantities(request, limit as string) === 0
  })
}

const isPositive = (quantity: string | undefined): boolean => quantity !== undefined && compareQuantities(quantity, '0') > 0
