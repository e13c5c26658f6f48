import { type FilterPlugin, maximumScore, type ScorePlugin } from '../framework.ts'
import { cpuColumn, memoryColumn, type NodeTable, podsColumn } from '../node-table.ts'

/** The node has room for what the pod requests. */
export const nodeResourcesFit: FilterPlugin = {
  name: 'NodeResourcesFit',
  helpedBy: ['nodeAdded', 'nodeResourcesChanged', 'podRemoved', 'podResized'],
  prepare(pod, { table }) {
    const names = Object.keys(pod.requests).filter(name => (pod.requests[name] ?? 0) > 0)
    const amounts = Float64Array.from(names, name => pod.requests[name] ?? 0)
    const columns = Int32Array.from(names, name => table.columnOf(name))
    const isShort = (slot: number, index: number) => {
      const column = columns[index] as number
      return column < 0 || (amounts[index] as number) > table.allocatable(slot, column) - table.used(slot, column)
    }
    return {
      allows(slot) {
        if (table.used(slot, podsColumn) + 1 > table.allocatable(slot, podsColumn)) return false
        for (let index = 0; index < amounts.length; index++) if (isShort(slot, index)) return false
        return true
      },
      reasons(slot) {
        const full = table.used(slot, podsColumn) + 1 > table.allocatable(slot, podsColumn) ? ['Too many pods'] : []
        return [...full, ...names.filter((_, index) => isShort(slot, index)).map(name => `Insufficient ${name}`)]
      },
      // More than the whole node has: no pod that leaves would make room.
      unresolvable: slot =>
        names.some(
          (_, index) => (columns[index] as number) < 0 || (amounts[index] as number) > table.allocatable(slot, columns[index] as number),
        ),
    }
  },
}

/** Prefers nodes with more room left. */
export const leastAllocated: ScorePlugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  prepare: (pod, { table }) => ({
    scale: 'none',
    of(slot) {
      const cpu = table.allocatable(slot, cpuColumn)
      const memory = table.allocatable(slot, memoryColumn)
      // A resource that the node does not have says nothing about it.
      const counted = (cpu > 0 ? 1 : 0) + (memory > 0 ? 1 : 0)
      const cpuShare = freeShare(cpu, table.scoredCpu(slot) + pod.scoredCpu)
      const memoryShare = freeShare(memory, table.scoredMemory(slot) + pod.scoredMemory)
      return counted === 0 ? 0 : Math.floor((cpuShare + memoryShare) / counted)
    },
  }),
}

/** Prefers nodes on which processor and memory would be used to the same degree. */
export const balancedAllocation: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  prepare(pod, { table }) {
    const { cpu: askedCpu = 0, memory: askedMemory = 0 } = pod.requests
    // Pods that ask for nothing would all go to the same, best balanced node.
    if (askedCpu === 0 && askedMemory === 0) return undefined
    return {
      scale: 'none',
      of(slot) {
        const cpu = usedShare(table, slot, cpuColumn, askedCpu)
        const memory = usedShare(table, slot, memoryColumn, askedMemory)
        if (cpu < 0 || memory < 0) return maximumScore
        // For two shares the standard deviation is half of their difference.
        return Math.floor((1 - Math.abs(cpu - memory) / 2) * maximumScore)
      },
    }
  },
}

const freeShare = (total: number, asked: number): number =>
  total === 0 || asked > total ? 0 : Math.floor(((total - asked) * maximumScore) / total)

/** How much of the node would be used, at most 1; -1 where the node has none of it. */
function usedShare(table: NodeTable, slot: number, column: number, asked: number): number {
  const total = table.allocatable(slot, column)
  return total === 0 ? -1 : Math.min(1, (table.used(slot, column) + asked) / total)
}
