import { addQuantities, compareQuantities, quantityMilliValue, quantityValue } from '../../../apimachinery/quantity.ts'
import type { Container } from '../container.ts'
import type { Pod } from '../pod.ts'
import type { PodSpec } from '../pod-spec.ts'
import { isPodLevelResource } from './pod-level-resources.ts'
import { isSidecar } from './status-text.ts'

/** Amounts by resource name: `cpu` in thousandths, everything else in whole units (bytes, devices). */
export type ResourceAmounts = Readonly<Record<string, number>>
export type ResourceQuantities = Readonly<Record<string, string>>

/** What a node must have free for this pod: containers, init containers, sidecars, pod-level resources and overhead. */
export const podRequests = (pod: Pod): ResourceAmounts => effectiveAmounts(pod.spec, 'requests')

/** What a pod may use at most; resources without a limit somewhere are those of the containers that have one. */
export const podLimits = (pod: Pod): ResourceAmounts => effectiveAmounts(pod.spec, 'limits')

export const resourceAmount = (name: string, quantity: string): number =>
  name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity)

/** The containers' requests or limits together, as quantities: for defaults of pod-level resources. */
export function aggregateContainerQuantities(spec: PodSpec, field: 'requests' | 'limits'): ResourceQuantities {
  return aggregateContainers(spec, field, quantityArithmetic)
}

/** The same as quantities, for quotas and limits, which are shown to people. */
export const podQuantities = (spec: PodSpec | undefined, field: 'requests' | 'limits'): ResourceQuantities =>
  effective(spec, field, quantityArithmetic)

const effectiveAmounts = (spec: PodSpec | undefined, field: 'requests' | 'limits'): ResourceAmounts =>
  effective(spec, field, amountArithmetic)

/** The same without overhead: what the pod's author asked for. */
export const containerQuantities = (spec: PodSpec, field: 'requests' | 'limits'): ResourceQuantities =>
  withPodLevel(spec, field, quantityArithmetic)

function withPodLevel<V>(spec: PodSpec, field: 'requests' | 'limits', arithmetic: Arithmetic<V>): Record<string, V> {
  const amounts = aggregateContainers(spec, field, arithmetic)
  const podLevel = spec.resources?.[field]
  for (const name in podLevel) if (isPodLevelResource(name)) amounts[name] = arithmetic.read(name, podLevel[name] as string)
  return amounts
}

function effective<V>(spec: PodSpec | undefined, field: 'requests' | 'limits', arithmetic: Arithmetic<V>): Record<string, V> {
  if (spec === undefined) return {}
  const amounts = withPodLevel(spec, field, arithmetic)
  for (const name in spec.overhead) {
    const amount = arithmetic.read(name, spec.overhead[name] as string)
    const before = amounts[name]
    if (before !== undefined) amounts[name] = arithmetic.add(before, amount)
    // Overhead counts against a limit only where there is one.
    else if (field === 'requests') amounts[name] = amount
  }
  return amounts
}

interface Arithmetic<V> {
  readonly read: (name: string, quantity: string) => V
  readonly add: (left: V, right: V) => V
  readonly isGreater: (left: V, right: V) => boolean
}

const amountArithmetic: Arithmetic<number> = {
  read: resourceAmount,
  add: (left, right) => left + right,
  isGreater: (left, right) => left > right,
}

const quantityArithmetic: Arithmetic<string> = {
  read: (_name, quantity) => quantity,
  add: addQuantities,
  isGreater: (left, right) => compareQuantities(left, right) > 0,
}

/**
 * Containers run together, so they add up; sidecars keep running, so they add up too, and beside each init container
 * those sidecars that were started before it; of the two phases the greater counts.
 */
function aggregateContainers<V>(spec: PodSpec, field: 'requests' | 'limits', arithmetic: Arithmetic<V>): Record<string, V> {
  const total: Record<string, V> = {}
  const sidecars: Record<string, V> = {}
  const initPeak: Record<string, V> = {}
  for (const container of spec.containers ?? []) addTo(total, container, field, arithmetic)
  for (const container of spec.initContainers ?? []) {
    const needs: Record<string, V> = {}
    if (isSidecar(container)) {
      addTo(total, container, field, arithmetic)
      addTo(sidecars, container, field, arithmetic)
      for (const name in sidecars) needs[name] = sidecars[name] as V
    } else {
      for (const name in sidecars) needs[name] = sidecars[name] as V
      addTo(needs, container, field, arithmetic)
    }
    raiseTo(initPeak, needs, arithmetic)
  }
  raiseTo(total, initPeak, arithmetic)
  return total
}

function addTo<V>(sum: Record<string, V>, container: Container, field: 'requests' | 'limits', arithmetic: Arithmetic<V>): void {
  const resources = container.resources?.[field]
  for (const name in resources) {
    const amount = arithmetic.read(name, resources[name] as string)
    const before = sum[name]
    sum[name] = before === undefined ? amount : arithmetic.add(before, amount)
  }
}

function raiseTo<V>(peak: Record<string, V>, needs: Readonly<Record<string, V>>, arithmetic: Arithmetic<V>): void {
  for (const name in needs) {
    const before = peak[name]
    const need = needs[name] as V
    if (before === undefined || arithmetic.isGreater(need, before)) peak[name] = need
  }
}
