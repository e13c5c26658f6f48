import { topLevel } from '../../../apimachinery/kind.ts'
import {
  atomicList,
  type Infer,
  int32,
  int64,
  keyedList,
  object,
  optional,
  quantity,
  required,
  text,
  time,
} from '../../../apimachinery/schema.ts'
import { CrossVersionObjectReference, MetricSpec, MetricStatus } from '../metrics.ts'

export const HPAScalingPolicy = object('io.k8s.api.autoscaling.v2.HPAScalingPolicy', 'How much may change within a time.', {
  type: required(1, text, 'Pods or Percent.'),
  value: required(2, int32, 'Number of pods, or percentage of them, that may change.', { default: 0 }),
  periodSeconds: required(3, int32, 'Seconds within which; 1800 at most.', { default: 0 }),
})
export interface HPAScalingPolicy extends Infer<typeof HPAScalingPolicy> {}

export const HPAScalingRules = object('io.k8s.api.autoscaling.v2.HPAScalingRules', 'How fast the scale may move in one direction.', {
  selectPolicy: optional(1, text, 'Max (the default), Min, or Disabled: never in this direction.'),
  policies: optional(2, atomicList(HPAScalingPolicy), 'How much may change within a time; selectPolicy says which of them counts.'),
  stabilizationWindowSeconds: optional(
    3,
    int32,
    'Seconds of the past whose recommendations count too; upwards 0 and downwards 300 by default.',
  ),
  tolerance: optional(4, quantity, 'How far the metric may be off before anything is done; 10% by default.'),
})
export interface HPAScalingRules extends Infer<typeof HPAScalingRules> {}

export const HorizontalPodAutoscalerBehavior = object(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior',
  'How fast the scale may move.',
  {
    scaleUp: optional(1, HPAScalingRules, 'Upwards.'),
    scaleDown: optional(2, HPAScalingRules, 'Downwards.'),
  },
)
export interface HorizontalPodAutoscalerBehavior extends Infer<typeof HorizontalPodAutoscalerBehavior> {}

export const HorizontalPodAutoscalerSpec = object(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec',
  'What is asked of an autoscaler.',
  {
    scaleTargetRef: required(1, CrossVersionObjectReference, 'The object whose scale is set.'),
    minReplicas: optional(2, int32, 'Least number of replicas; 1 by default.'),
    maxReplicas: required(3, int32, 'Greatest number of replicas.', { default: 0 }),
    metrics: optional(4, atomicList(MetricSpec), 'Metrics to go by, the largest wish counts; 80% of the requested CPU by default.'),
    behavior: optional(5, HorizontalPodAutoscalerBehavior, 'How fast the scale may move.'),
  },
)
export interface HorizontalPodAutoscalerSpec extends Infer<typeof HorizontalPodAutoscalerSpec> {}

export const HorizontalPodAutoscalerCondition = object(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition',
  'One aspect of the state of an autoscaler.',
  {
    type: required(1, text, 'Name of the condition: AbleToScale, ScalingActive or ScalingLimited.'),
    status: required(2, text, 'True, False or Unknown.'),
    lastTransitionTime: optional(3, time, 'When the status changed last.'),
    reason: optional(4, text, 'Why, in a word for machines.'),
    message: optional(5, text, 'Why, for people.'),
  },
)
export interface HorizontalPodAutoscalerCondition extends Infer<typeof HorizontalPodAutoscalerCondition> {}

export const HorizontalPodAutoscalerStatus = object(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus',
  'What an autoscaler has done.',
  {
    observedGeneration: optional(1, int64, 'Generation of the spec that this status is about.'),
    lastScaleTime: optional(2, time, 'When the scale was changed last.'),
    currentReplicas: optional(3, int32, 'Number of replicas there are.'),
    desiredReplicas: required(4, int32, 'Number of replicas that the metrics ask for.', { default: 0 }),
    currentMetrics: optional(5, atomicList(MetricStatus), 'What was measured last.'),
    conditions: optional(6, keyedList(HorizontalPodAutoscalerCondition, 'type'), 'Aspects of its state, one for each type.', {
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    }),
  },
)
export interface HorizontalPodAutoscalerStatus extends Infer<typeof HorizontalPodAutoscalerStatus> {}

export const HorizontalPodAutoscaler = topLevel(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
  'Sets the scale of an object by metrics of its pods.',
  {
    spec: required(2, HorizontalPodAutoscalerSpec, 'What is asked of the autoscaler.'),
    status: optional(3, HorizontalPodAutoscalerStatus, 'What it has done; written by the system.'),
  },
)
export interface HorizontalPodAutoscaler extends Infer<typeof HorizontalPodAutoscaler> {}
