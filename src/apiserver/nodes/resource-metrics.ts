import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { Node } from '../../apis/core/node.ts'
import { formatTime } from '../../base/clock.ts'
import type { ComputedReader, ComputedRequest } from '../types.ts'
import type { Usage, UsageReading, UsageReadings } from './usage-readings.ts'

export interface ResourceMetricsOptions {
  readonly readings: UsageReadings
  /** Nodes without a kubelet that could be asked. */
  readonly isSimulated: (node: Node) => boolean
}

/** What nodes and pods use, as `kubectl top` and autoscalers ask for it. */
export function resourceMetrics({ readings, isSimulated }: ResourceMetricsOptions): Readonly<Record<string, ComputedReader>> {
  const readAll = async ({ objects, context }: ComputedRequest) => {
    const nodes = listOf<Node>({ objects }, 'nodes').filter(node => !isSimulated(node))
    const read = await Promise.all(nodes.map(node => readings.read(node, context.signal)))
    return nodes.flatMap((node, index) => {
      const reading = read[index]
      return reading ? [{ node, reading }] : []
    })
  }
  return {
    async NodeMetrics(request) {
      const all = await readAll(request)
      return all.flatMap(({ node, reading }) => (reading.node ? [describe(node, reading, { usage: quantities(reading.node) })] : []))
    },
    async PodMetrics(request) {
      const all = await readAll(request)
      const pods = new Map(listOf(request, 'pods', request.namespace).map(pod => [key(pod.metadata.namespace, pod.metadata.name), pod]))
      return all.flatMap(({ reading }) =>
        reading.pods.flatMap(({ namespace, name, containers }) => {
          const pod = pods.get(key(namespace, name))
          if (!pod) return []
          return [describe(pod, reading, { containers: containers.map(one => ({ name: one.name, usage: quantities(one) })) })]
        }),
      )
    },
  }
}

const key = (namespace = '', name = ''): string => `${namespace}/${name}`

function listOf<T extends KubernetesObject>({ objects }: Pick<ComputedRequest, 'objects'>, resource: string, namespace = ''): readonly T[] {
  const kind = objects.kind('', resource)
  return kind ? (objects.list(kind, namespace) as readonly KubernetesObject[] as readonly T[]) : []
}

/** Under the object's own name and labels, so that selectors of pods work on what they use. */
function describe({ metadata }: KubernetesObject, { takenAt_ms, window_ms }: UsageReading, usage: object): KubernetesObject {
  const { name, namespace, labels } = metadata
  const timestamp = formatTime(takenAt_ms)
  const made = { name, ...(namespace && { namespace }), ...(labels && { labels }), creationTimestamp: timestamp }
  return { metadata: made, timestamp, window: `${(window_ms / 1000).toFixed(3).replace(/\.?0+$/, '')}s`, ...usage } as KubernetesObject
}

const quantities = ({ cpu_nanocores, memory_bytes }: Usage) => ({
  cpu: `${cpu_nanocores}n`,
  memory: `${Math.floor(memory_bytes / 1024)}Ki`,
})
