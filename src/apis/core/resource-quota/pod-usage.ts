import type { Container } from '../container.ts'
import { podQuantities } from '../pod/requests.ts'
import { isPodTerminal } from '../pod/status-text.ts'
import type { Pod } from '../pod.ts'
import { isExtended } from '../validation/resources.ts'

type Quantities = Readonly<Record<string, string>>

/** What a pod uses: as an object always, and everything else until it is over. */
export function podUsage(pod: Pod, now: number): Quantities {
  const counted = { 'count/pods': '1' }
  if (isPodTerminal(pod) || isOverdue(pod, now)) return counted
  return { ...counted, pods: '1', ...computeUsage(podQuantities(pod.spec, 'requests'), podQuantities(pod.spec, 'limits')) }
}

/** When a pod that is being deleted stops to count, in milliseconds; undefined while nobody deletes it. */
export function podUsageEnd({ metadata: { deletionTimestamp, deletionGracePeriodSeconds } }: Pod): number | undefined {
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return undefined
  return Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000
}

const isOverdue = (pod: Pod, now: number): boolean => (podUsageEnd(pod) ?? Number.POSITIVE_INFINITY) < now

const compute = ['cpu', 'memory', 'ephemeral-storage']

function computeUsage(requests: Quantities, limits: Quantities): Quantities {
  const usage: Record<string, string> = {}
  for (const name in requests) {
    const request = requests[name] as string
    if (compute.includes(name) || name.startsWith('hugepages-')) usage[name] = request
    if (compute.includes(name) || name.startsWith('hugepages-') || isExtended(name)) usage[`requests.${name}`] = request
  }
  for (const name in limits) if (compute.includes(name)) usage[`limits.${name}`] = limits[name] as string
  return usage
}

/** Resources that every container must ask for as soon as a quota counts them. */
const demanded = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']

/** What containers leave out of what a quota counts: `limits.cpu for: web; limits.memory for: log,web`. Undefined when nothing. */
export function missingResources({ spec }: Pod, counted: readonly string[]): string | undefined {
  const wanted = demanded.filter(name => counted.includes(name) && !isStatedForPod(spec?.resources, name)).sort()
  if (wanted.length === 0) return undefined
  const containers: readonly Container[] = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
  const missing = wanted.flatMap(name => {
    const names = new Set(containers.filter(one => !states(one.resources, name)).map(one => one.name))
    return names.size === 0 ? [] : [`${name} for: ${[...names].sort().join(',')}`]
  })
  return missing.length === 0 ? undefined : missing.join('; ')
}

interface Resources {
  readonly requests?: Quantities
  readonly limits?: Quantities
}

const states = ({ requests, limits }: Resources = {}, name: string): boolean =>
  name.startsWith('limits.')
    ? limits?.[name.slice('limits.'.length)] !== undefined
    : requests?.[name.replace(/^requests\./, '')] !== undefined

// What is asked for the pod as a whole needs not be repeated by its containers.
const isStatedForPod = (resources: Resources | undefined, name: string): boolean => resources !== undefined && states(resources, name)

export const isPodResource = (name: string): boolean =>
  name === 'count/pods' ||
  name === 'pods' ||
  compute.includes(name) ||
  /^(requests|limits)\.(cpu|memory|ephemeral-storage)$/.test(name) ||
  name.startsWith('hugepages-') ||
  name.startsWith('requests.hugepages-') ||
  (name.startsWith('requests.') && name.includes('/') && !name.includes('kubernetes.io/'))
