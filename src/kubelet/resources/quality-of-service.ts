import { quantityValue } from '../../apimachinery/quantity.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { containersOf, initContainersOf } from '../pods/containers.ts'

export type QualityOfService = 'Guaranteed' | 'Burstable' | 'BestEffort'

const counted = ['cpu', 'memory'] as const

/** Guaranteed: each container has limits for cpu and memory, equal to its requests. BestEffort: nobody asks for anything. */
export function qualityOfService(pod: Pod): QualityOfService {
  if (pod.status?.qosClass) return pod.status.qosClass as QualityOfService
  const containers = [...containersOf(pod), ...initContainersOf(pod)]
  const all = pod.spec?.resources
    ? [...containers.map(container => container.resources), pod.spec.resources]
    : containers.map(it => it.resources)
  const asks = all.some(resources => counted.some(name => isSet(resources?.requests?.[name]) || isSet(resources?.limits?.[name])))
  if (!asks) return 'BestEffort'
  const decisive = pod.spec?.resources ? [pod.spec.resources] : containers.map(container => container.resources)
  const guaranteed = decisive.every(resources =>
    counted.every(name => {
      const limit = resources?.limits?.[name]
      return isSet(limit) && quantityValue(resources?.requests?.[name] ?? limit) === quantityValue(limit)
    }),
  )
  return guaranteed ? 'Guaranteed' : 'Burstable'
}

const isSet = (quantity: string | undefined): quantity is string => quantity !== undefined && quantityValue(quantity) !== 0
