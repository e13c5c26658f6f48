import { type Column, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { duration, type Infer, keyedList, map, object, quantity, required, text, time } from '../../apimachinery/schema.ts'

const prefix = 'io.k8s.metrics.pkg.apis.metrics.v1beta1'

const usage = map(quantity)
const timestamp = required(2, time, 'End of the time in which the usage was measured.')
const window = required(3, duration, 'Length of that time.')

export const NodeMetrics = topLevel(`${prefix}.NodeMetrics`, 'What a node uses; asked of its kubelet when it is read.', {
  timestamp,
  window,
  usage: required(4, usage, "Cores of cpu, and bytes of memory that can't be taken back."),
})
export interface NodeMetrics extends Infer<typeof NodeMetrics> {}

export const ContainerMetrics = object(`${prefix}.ContainerMetrics`, 'What a container uses.', {
  name: required(1, text, 'Name of the container.'),
  usage: required(2, usage, "Cores of cpu, and bytes of memory that can't be taken back."),
})
export interface ContainerMetrics extends Infer<typeof ContainerMetrics> {}

export const PodMetrics = topLevel(`${prefix}.PodMetrics`, "What a pod's containers use; asked of their kubelet when it is read.", {
  timestamp,
  window,
  containers: required(4, keyedList(ContainerMetrics, 'name'), 'The containers that run.'),
})
export interface PodMetrics extends Infer<typeof PodMetrics> {}

const column = <T>(name: string, description: string, cell: (object: T) => string): Column => ({
  name,
  type: 'string',
  description,
  priority: 0,
  cell,
})

const common = { group: 'metrics.k8s.io', version: 'v1beta1', singular: '', verbs: ['get', 'list'], computed: true } as const
const strategy = { validate: () => [] }

export const nodeMetricsKind: Kind<NodeMetrics> = defineKind<NodeMetrics>({
  ...common,
  kind: 'NodeMetrics',
  resource: 'nodes',
  schema: NodeMetrics,
  scope: 'Cluster',
  columns: [
    nameColumn,
    column<NodeMetrics>('cpu', 'Cores in use.', ({ usage }) => usage?.cpu ?? ''),
    column<NodeMetrics>('memory', 'Bytes in use.', ({ usage }) => usage?.memory ?? ''),
    column<NodeMetrics>('window', 'Length of the time in which it was measured.', object => object.window ?? ''),
  ],
  strategy,
})

export const podMetricsKind: Kind<PodMetrics> = defineKind<PodMetrics>({
  ...common,
  kind: 'PodMetrics',
  resource: 'pods',
  schema: PodMetrics,
  scope: 'Namespaced',
  columns: [
    nameColumn,
    column<PodMetrics>('cpu', 'Cores in use by each container.', ({ containers = [] }) => containers.map(({ usage }) => usage.cpu).join()),
    column<PodMetrics>('memory', 'Bytes in use by each container.', ({ containers = [] }) =>
      containers.map(({ usage }) => usage.memory).join(),
    ),
    column<PodMetrics>('window', 'Length of the time in which it was measured.', object => object.window ?? ''),
  ],
  strategy,
})
