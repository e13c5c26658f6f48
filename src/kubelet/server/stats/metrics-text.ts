import type { ContainerStats } from '../../runtime/types.ts'
import type { NodePod, NodeUsage } from '../types.ts'

/** Usage in the Prometheus text format, under upstream's names. */
interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly samples: readonly Sample[]
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly timestamp_ms: number
}

/** /metrics/resource: what metrics-server and autoscalers read. */
export function resourceMetrics(node: NodeUsage, containers: readonly ContainerStats[], pods: readonly NodePod[], now_ms: number): string {
  const known = withPods(containers, pods)
  const perContainer = (value: (stats: ContainerStats) => number) =>
    known.map(({ stats, pod }) => ({ labels: { container: stats.name, ...pod }, value: value(stats), timestamp_ms: stats.timestamp_ms }))
  const perPod = (value: (stats: ContainerStats) => number) =>
    [...Map.groupBy(known, ({ stats }) => stats.podUid).values()].map(group => ({
      labels: group[0]?.pod ?? {},
      value: group.reduce((total, { stats }) => total + value(stats), 0),
      timestamp_ms: Math.max(...group.map(({ stats }) => stats.timestamp_ms)),
    }))
  const ofNode = (value: number) => [{ labels: {}, value, timestamp_ms: now_ms }]
  const seconds = (stats: ContainerStats) => stats.cpuUsage_ns / 1e9
  const workingSet = (stats: ContainerStats) => stats.memoryWorkingSet_bytes
  return render([
    counter('container_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the container in core-seconds', perContainer(seconds)),
    gauge('container_memory_working_set_bytes', 'Current working set of the container in bytes', perContainer(workingSet)),
    counter('node_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the node in core-seconds', ofNode(node.cpuUsage_ns / 1e9)),
    gauge('node_memory_working_set_bytes', 'Current working set of the node in bytes', ofNode(node.memoryWorkingSet_bytes)),
    counter('pod_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the pod in core-seconds', perPod(seconds)),
    gauge('pod_memory_working_set_bytes', 'Current working set of the pod in bytes', perPod(workingSet)),
    gauge('resource_scrape_error', '1 if there was an error while getting container metrics, 0 otherwise', ofNode(0)),
  ])
}

/** /metrics/cadvisor, as far as the runtime tells. Rules that people share take only what has an image: the rest are groups of containers. */
export function cadvisorMetrics(containers: readonly ContainerStats[], pods: readonly NodePod[]): string {
  const samples = (value: (stats: ContainerStats) => number, extra: Readonly<Record<string, string>> = {}) =>
    withPods(containers, pods).map(({ stats, pod, image }) => ({
      labels: { container: stats.name, ...extra, id: stats.id, image, name: stats.id, ...pod },
      value: value(stats),
      timestamp_ms: stats.timestamp_ms,
    }))
  return render([
    counter(
      'container_cpu_usage_seconds_total',
      'Cumulative cpu time consumed in seconds.',
      samples(stats => stats.cpuUsage_ns / 1e9, { cpu: 'total' }),
    ),
    gauge(
      'container_memory_usage_bytes',
      'Current memory usage in bytes, including all memory regardless of when it was accessed',
      samples(stats => stats.memoryUsage_bytes),
    ),
    gauge(
      'container_memory_working_set_bytes',
      'Current working set in bytes.',
      samples(stats => stats.memoryWorkingSet_bytes),
    ),
  ])
}

const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({ name, help, type: 'counter', samples })
const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({ name, help, type: 'gauge', samples })

function withPods(containers: readonly ContainerStats[], pods: readonly NodePod[]) {
  const byUid = new Map(pods.map(({ pod }) => [pod.metadata?.uid, pod]))
  return containers.flatMap(stats => {
    const pod = byUid.get(stats.podUid)
    const { namespace = '', name = '' } = pod?.metadata ?? {}
    return pod ? [{ stats, pod: { namespace, pod: name }, image: imageOf(pod, stats.name) }] : []
  })
}

function imageOf({ status }: NodePod['pod'], container: string): string {
  const statuses = [status?.containerStatuses, status?.initContainerStatuses, status?.ephemeralContainerStatuses]
  return statuses.flatMap(list => list ?? []).find(({ name }) => name === container)?.image ?? ''
}

const render = (families: readonly Family[]): string =>
  families
    .map(({ name, help, type, samples }) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map(line(name)).join('')}`)
    .join('')

const line =
  (name: string) =>
  ({ labels, value, timestamp_ms }: Sample): string => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${text}"`)
    return `${name}${pairs.length ? `{${pairs.join(',')}}` : ''} ${value} ${timestamp_ms}\n`
  }
