import { quantityMilliValue, quantityValue } from '../../apimachinery/quantity.ts'
import type { Container, ResourceRequirements } from '../../apis/core/container.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { ControlGroupLimits } from '../host/types.ts'
import { containersOf, initContainersOf, isSidecar } from '../pods/containers.ts'
import type { ContainerResources } from '../runtime/types.ts'
import { qualityOfService } from './quality-of-service.ts'

const period_us = 100_000
const nodeCriticalPriority = 2_000_000_000

/** The control group under which a pod's containers get theirs. */
export function podControlGroup(root: string, pod: Pod): string {
  const below = { Guaranteed: '', Burstable: '/burstable', BestEffort: '/besteffort' }[qualityOfService(pod)]
  return `${root}/kubepods${below}/pod${pod.metadata.uid}`
}

export function containerResources(pod: Pod, container: Container, nodeMemory_bytes: number): ContainerResources {
  return { ...cpuAndMemory(container.resources), oomScoreAdjust: oomScoreAdjust(pod, container, nodeMemory_bytes) }
}

/** The limits of the whole pod: the sum of its containers where each of them has one. */
export function podLimits(pod: Pod): ControlGroupLimits {
  const running = [...containersOf(pod), ...initContainersOf(pod).filter(isSidecar)]
  const first = initContainersOf(pod).filter(container => !isSidecar(container))
  const total = (field: 'requests' | 'limits', name: string, amountOf: (quantity: string) => number): number | undefined => {
    const own = pod.spec?.resources?.[field]?.[name]
    if (own !== undefined) return amountOf(own)
    const amount = (container: Container) => container.resources?.[field]?.[name]
    const everyone = [...running, ...first]
    // Without a limit of its own, one container makes the pod unlimited.
    if (field === 'limits' && everyone.some(container => amount(container) === undefined)) return undefined
    const sum = running.reduce((before, container) => before + amountOf(amount(container) ?? '0'), 0)
    return Math.max(sum, ...first.map(container => amountOf(amount(container) ?? '0')))
  }
  const requested = total('requests', 'cpu', quantityMilliValue) ?? 0
  const limit = total('limits', 'cpu', quantityMilliValue)
  const memory = total('limits', 'memory', quantityValue)
  return {
    cpuShares: cpuShares(requested || (limit ?? 0)),
    ...(limit ? { cpuPeriod_us: period_us, cpuQuota_us: cpuQuota_us(limit) } : {}),
    ...(memory ? { memoryLimit_bytes: memory } : {}),
  }
}

function cpuAndMemory(resources: ResourceRequirements | undefined): ContainerResources {
  const limit = quantityMilliValue(resources?.limits?.cpu ?? '0')
  const requested = resources?.requests?.cpu
  const memory = quantityValue(resources?.limits?.memory ?? '0')
  return {
    cpuShares: cpuShares(requested === undefined ? limit : quantityMilliValue(requested)),
    ...(limit > 0 ? { cpuPeriod_us: period_us, cpuQuota_us: cpuQuota_us(limit) } : {}),
    ...(memory > 0 ? { memoryLimit_bytes: memory } : {}),
  }
}

export const cpuShares = (milliCpu: number): number => Math.min(262_144, Math.max(2, Math.floor((milliCpu * 1024) / 1000)))
const cpuQuota_us = (milliCpu: number) => Math.max(1000, Math.floor((milliCpu * period_us) / 1000))

/** Who is killed first when the machine runs out of memory: best effort, then those that use more than they asked for. */
export function oomScoreAdjust(pod: Pod, container: Container, nodeMemory_bytes: number): number {
  if ((pod.spec?.priority ?? 0) >= nodeCriticalPriority) return -997
  const quality = qualityOfService(pod)
  if (quality === 'Guaranteed') return -997
  if (quality === 'BestEffort') return 1000
  const requested = quantityValue(container.resources?.requests?.memory ?? '0')
  const score = 1000 - Math.floor((1000 * requested) / nodeMemory_bytes)
  if (score < 3) return 3
  return score === 1000 ? 999 : score
}
