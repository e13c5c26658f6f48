import { type Column, type ServedVersion, topLevel } from '../../../apimachinery/kind.ts'
import { type Infer, int32, int64, object, optional, required, text, time } from '../../../apimachinery/schema.ts'
import { autoscalerColumns } from './columns.ts'
import { fromStored, toStored } from './conversion.ts'

const CrossVersionObjectReference = object(
  'io.k8s.api.autoscaling.v1.CrossVersionObjectReference',
  'A reference to an object in the same namespace, in whichever version it is served.',
  {
    kind: required(1, text, 'Kind of the object.'),
    name: required(2, text, 'Name of the object.'),
    apiVersion: optional(3, text, 'Group and version of the object.'),
  },
  { mapType: 'atomic' },
)

const HorizontalPodAutoscalerSpec = object('io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec', 'What is asked of an autoscaler.', {
  scaleTargetRef: required(1, CrossVersionObjectReference, 'The object whose scale is set.'),
  minReplicas: optional(2, int32, 'Least number of replicas; 1 by default.'),
  maxReplicas: required(3, int32, 'Greatest number of replicas.', { default: 0 }),
  targetCPUUtilizationPercentage: optional(4, int32, 'Percentage of the requested CPU that pods should use; 80 by default.'),
})

const HorizontalPodAutoscalerStatus = object('io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus', 'What an autoscaler has done.', {
  observedGeneration: optional(1, int64, 'Generation of the spec that this status is about.'),
  lastScaleTime: optional(2, time, 'When the scale was changed last.'),
  currentReplicas: required(3, int32, 'Number of replicas there are.', { default: 0 }),
  desiredReplicas: required(4, int32, 'Number of replicas that the metrics ask for.', { default: 0 }),
  currentCPUUtilizationPercentage: optional(5, int32, 'Percentage of the requested CPU that the pods use.'),
})

const HorizontalPodAutoscaler = topLevel(
  'io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler',
  'Sets the scale of an object by the CPU that its pods use.',
  {
    spec: required(2, HorizontalPodAutoscalerSpec, 'What is asked of the autoscaler.'),
    status: optional(3, HorizontalPodAutoscalerStatus, 'What it has done; written by the system.'),
  },
)
/** An autoscaler as `autoscaling/v1` has it. */
export interface HorizontalPodAutoscalerV1 extends Infer<typeof HorizontalPodAutoscaler> {}

const convertedColumn = (column: Column): Column => ({
  ...column,
  cell: (autoscaler: HorizontalPodAutoscalerV1) => column.cell(toStored(autoscaler) as never),
})

export const autoscalerV1: ServedVersion = {
  group: 'autoscaling',
  version: 'v1',
  schema: HorizontalPodAutoscaler,
  toStored,
  fromStored,
  columns: autoscalerColumns.map(convertedColumn),
}
