import { formatTime } from '../../../base/index.ts'
import type { InterfaceUsage } from '../../host/control-group-usage.ts'
import type { NodePod, NodeUsage } from '../types.ts'
import type { FilesystemReading } from './filesystems.ts'
import type { UsageRates } from './usage-rates.ts'

/** What was read at one moment. */
export interface SummaryInput {
  readonly node: NodeUsage
  readonly filesystem: FilesystemReading | undefined
  readonly imageFilesystem: FilesystemReading | undefined
  readonly system: readonly { readonly name: string; readonly usage: Usage }[]
  readonly pods: readonly PodReading[]
  readonly now_ms: number
}

export interface Usage {
  readonly time_ms: number
  readonly cpuUsage_ns: number
  readonly memoryUsage_bytes: number
  readonly memoryWorkingSet_bytes: number
  /** Where there is a limit. */
  readonly memoryAvailable_bytes?: number
  readonly memoryResident_bytes?: number
  readonly pageFaults?: number
  readonly majorPageFaults?: number
  readonly processes?: number
}

export interface PodReading {
  readonly pod: NodePod['pod']
  readonly containers: readonly ContainerReading[]
  /** Where nobody counts the pod as a whole, its containers are added up. */
  readonly whole: Usage | undefined
  readonly interfaces: readonly InterfaceUsage[] | undefined
}

export interface ContainerReading {
  readonly id: string
  readonly name: string
  readonly usage: Usage
  readonly rootfs: FilesystemReading | undefined
}

/** The document of /stats/summary (`stats/v1alpha1`). */
export function statsSummary(nodeName: string, input: SummaryInput, rates: UsageRates) {
  const { node, now_ms } = input
  rates.keepOnly(namesOf(input))
  const time = formatTime(now_ms)
  return {
    node: {
      nodeName,
      startTime: formatTime(node.bootTime_ms),
      systemContainers: input.system.map(({ name, usage }) => ({
        name,
        startTime: null,
        ...cpuAndMemory(usage, rateOf(rates, `system/${name}`, usage)),
      })),
      ...cpuAndMemory({ ...node, time_ms: now_ms }, rates.nanoCores('node', node.cpuUsage_ns, now_ms)),
      network: network(node.interfaces, time),
      ...(input.filesystem && { fs: filesystem(input.filesystem, time) }),
      ...(input.imageFilesystem && {
        runtime: { imageFs: filesystem(input.imageFilesystem, time), containerFs: filesystem(input.imageFilesystem, time) },
      }),
      rlimit: { time, maxpid: node.processesMaximum, curproc: node.processes },
    },
    pods: input.pods.map(reading => podStats(reading, rates, time)),
  }
}

const podName = (pod: NodePod['pod']): string => `pod/${pod.metadata?.uid}`

/** Of everything that has a rate. */
const namesOf = ({ pods, system }: SummaryInput): ReadonlySet<string> =>
  new Set([
    'node',
    ...system.map(({ name }) => `system/${name}`),
    ...pods.flatMap(({ pod, containers }) => [podName(pod), ...containers.map(({ id }) => id)]),
  ])

const rateOf = (rates: UsageRates, name: string, { cpuUsage_ns, time_ms }: Usage) => rates.nanoCores(name, cpuUsage_ns, time_ms)

function podStats({ pod, containers, whole, interfaces }: PodReading, rates: UsageRates, time: string) {
  const each = containers.map(reading => ({ ...reading, rate: rateOf(rates, reading.id, reading.usage) }))
  const own = whole ?? sumOf(containers.map(({ usage }) => usage))
  const processes = own.processes
  return {
    podRef: { name: pod.metadata?.name, namespace: pod.metadata?.namespace, uid: pod.metadata?.uid },
    startTime: pod.status?.startTime ?? null,
    containers: each.map(({ name, usage, rate, rootfs }) => ({
      name,
      startTime: startOf(pod, name) ?? null,
      ...cpuAndMemory(usage, rate),
      ...(rootfs && { rootfs: filesystem(rootfs, time) }),
    })),
    ...cpuAndMemory(own, rateOf(rates, podName(pod), own)),
    ...(interfaces && { network: network(interfaces, time) }),
    ...(processes !== undefined && { process_stats: { process_count: processes } }),
  }
}

function startOf({ status }: NodePod['pod'], container: string): unknown {
  const statuses = [status?.containerStatuses, status?.initContainerStatuses, status?.ephemeralContainerStatuses]
  return statuses.flatMap(list => list ?? []).find(({ name }) => name === container)?.state?.running?.startedAt
}

function sumOf(usages: readonly Usage[]): Usage {
  const sum = (value: (usage: Usage) => number) => usages.reduce((total, usage) => total + value(usage), 0)
  const sumOfKnown = (name: 'memoryResident_bytes' | 'pageFaults' | 'majorPageFaults') =>
    usages.every(usage => usage[name] !== undefined) ? { [name]: sum(usage => usage[name] ?? 0) } : {}
  return {
    time_ms: Math.max(...usages.map(({ time_ms }) => time_ms)),
    cpuUsage_ns: sum(({ cpuUsage_ns }) => cpuUsage_ns),
    memoryUsage_bytes: sum(({ memoryUsage_bytes }) => memoryUsage_bytes),
    memoryWorkingSet_bytes: sum(({ memoryWorkingSet_bytes }) => memoryWorkingSet_bytes),
    ...sumOfKnown('memoryResident_bytes'),
    ...sumOfKnown('pageFaults'),
    ...sumOfKnown('majorPageFaults'),
  }
}

/** What is not known is left out by JSON. */
const cpuAndMemory = (usage: Usage, rate: number | undefined) => ({
  cpu: { time: formatTime(usage.time_ms), usageNanoCores: rate, usageCoreNanoSeconds: usage.cpuUsage_ns },
  memory: {
    time: formatTime(usage.time_ms),
    availableBytes: usage.memoryAvailable_bytes,
    usageBytes: usage.memoryUsage_bytes,
    workingSetBytes: usage.memoryWorkingSet_bytes,
    rssBytes: usage.memoryResident_bytes,
    pageFaults: usage.pageFaults,
    majorPageFaults: usage.majorPageFaults,
  },
})

const filesystem = (reading: FilesystemReading, time: string) => ({
  time,
  availableBytes: reading.available_bytes,
  capacityBytes: reading.capacity_bytes,
  usedBytes: reading.used_bytes,
  inodesFree: reading.inodesFree,
  inodes: reading.inodes,
  inodesUsed: reading.inodesUsed,
})

/** The first level is that of `eth0`, as upstream's, where there is one. */
function network(interfaces: readonly InterfaceUsage[], time: string) {
  const all = interfaces.map(({ name, received_bytes, receiveErrors, sent_bytes, sendErrors }) => ({
    name,
    rxBytes: received_bytes,
    rxErrors: receiveErrors,
    txBytes: sent_bytes,
    txErrors: sendErrors,
  }))
  return { time, ...(all.find(({ name }) => name === 'eth0') ?? { name: '' }), interfaces: all }
}
