import { formatTime } from '../../../base/index.ts'
import type { ContainerStats } from '../../runtime/types.ts'
import type { NodePod, NodeUsage } from '../types.ts'
import type { UsageRates } from './usage-rates.ts'

export interface SummaryInput {
  readonly nodeName: string
  readonly node: NodeUsage
  readonly containers: readonly ContainerStats[]
  readonly pods: readonly NodePod[]
  readonly rates: UsageRates
  readonly now_ms: number
}

/** The document of /stats/summary (`stats/v1alpha1`). */
export function statsSummary({ nodeName, node, containers, pods, rates, now_ms }: SummaryInput) {
  rates.keepOnly(new Set([nodeKey, ...containers.map(({ id }) => id)]))
  const running = Map.groupBy(containers, ({ podUid }) => podUid)
  return {
    node: {
      nodeName,
      startTime: formatTime(node.bootTime_ms),
      cpu: cpu(node.cpuUsage_ns, rates.nanoCores(nodeKey, node.cpuUsage_ns, now_ms), now_ms),
      memory: {
        time: formatTime(now_ms),
        availableBytes: node.memoryAvailable_bytes,
        usageBytes: node.memoryUsage_bytes,
        workingSetBytes: node.memoryWorkingSet_bytes,
      },
    },
    pods: pods.flatMap(({ pod }) => {
      const own = running.get(pod.metadata?.uid ?? '')
      return own ? [podStats(pod, own, rates)] : []
    }),
  }
}

const nodeKey = 'node'

function podStats(pod: NodePod['pod'], containers: readonly ContainerStats[], rates: UsageRates) {
  const each = containers.map(stats => ({ stats, rate: rates.nanoCores(stats.id, stats.cpuUsage_ns, stats.timestamp_ms) }))
  const sum = (value: (stats: ContainerStats) => number) => containers.reduce((total, stats) => total + value(stats), 0)
  const rated = each.every(({ rate }) => rate !== undefined)
  const newest_ms = Math.max(...containers.map(({ timestamp_ms }) => timestamp_ms))
  return {
    podRef: { name: pod.metadata?.name, namespace: pod.metadata?.namespace, uid: pod.metadata?.uid },
    startTime: pod.status?.startTime ?? null,
    containers: each.map(({ stats, rate }) => ({
      name: stats.name,
      cpu: cpu(stats.cpuUsage_ns, rate, stats.timestamp_ms),
      memory: memory(stats.memoryUsage_bytes, stats.memoryWorkingSet_bytes, stats.timestamp_ms),
    })),
    cpu: cpu(
      sum(stats => stats.cpuUsage_ns),
      rated ? each.reduce((total, { rate = 0 }) => total + rate, 0) : undefined,
      newest_ms,
    ),
    memory: memory(
      sum(stats => stats.memoryUsage_bytes),
      sum(stats => stats.memoryWorkingSet_bytes),
      newest_ms,
    ),
  }
}

const cpu = (usage_ns: number, rate: number | undefined, time_ms: number) => ({
  time: formatTime(time_ms),
  ...(rate !== undefined && { usageNanoCores: rate }),
  usageCoreNanoSeconds: usage_ns,
})

const memory = (usage_bytes: number, workingSet_bytes: number, time_ms: number) => ({
  time: formatTime(time_ms),
  usageBytes: usage_bytes,
  workingSetBytes: workingSet_bytes,
})
