import { type FilterPlugin, maximumScore, type ScorePlugin } from '../framework.ts'
import { cpuColumn, memoryColumn, type NodeTable, podsColumn } from '../node-table.ts'
import type { PodInfo } from '../pod-info.ts'

/** The node has room for what the pod requests. */
export const nodeResourcesFit: FilterPlugin = {
  name: 'NodeResourcesFit',
  helpedBy: ['nodeAdded', 'nodeChanged', 'podRemoved', 'podChanged'],
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
    of: slot => (freeShare(table, slot, pod, cpuColumn) + freeShare(table, slot, pod, memoryColumn)) / 2,
  }),
}

/** Prefers nodes on which processor and memory would be used to the same degree. */
export const balancedAllocation: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  prepare(pod, { table }) {
    if (pod.requests.cpu === undefined && pod.requests.memory === undefined) return undefined
    return {
      scale: 'none',
      of(slot) {
        const cpu = Math.min(1, (table.used(slot, cpuColumn) + (pod.requests.cpu ?? 0)) / table.allocatable(slot, cpuColumn))
        const memory = Math.min(1, (table.used(slot, memoryColumn) + (pod.requests.memory ?? 0)) / table.allocatable(slot, memoryColumn))
        // For two shares the standard deviation is half of their difference.
        return Math.floor((1 - Math.abs(cpu - memory) / 2) * maximumScore)
      },
    }
  },
}

function freeShare(table: NodeTable, slot: number, pod: PodInfo, column: number): number {
  const total = table.allocatable(slot, column)
  const asked = column === cpuColumn ? table.scoredCpu(slot) + pod.scoredCpu : table.scoredMemory(slot) + pod.scoredMemory
  return total === 0 || asked > total ? 0 : Math.floor(((total - asked) * maximumScore) / total)
}
