import { LabelSelector } from '../../apimachinery/meta.ts'
import { type Infer, int32, object, optional, quantity, required, text } from '../../apimachinery/schema.ts'

/** The metrics that autoscalers go by: what is asked of them, and what was measured last. */

export const CrossVersionObjectReference = object(
  'io.k8s.api.autoscaling.v2.CrossVersionObjectReference',
  'A reference to an object in the same namespace, in whichever version it is served.',
  {
    kind: required(1, text, 'Kind of the object.'),
    name: required(2, text, 'Name of the object.'),
    apiVersion: optional(3, text, 'Group and version of the object.'),
  },
)
export interface CrossVersionObjectReference extends Infer<typeof CrossVersionObjectReference> {}

export const MetricIdentifier = object('io.k8s.api.autoscaling.v2.MetricIdentifier', 'Which metric is meant.', {
  name: required(1, text, 'Name of the metric.'),
  selector: optional(2, LabelSelector, 'Labels of the time series that count.'),
})
export interface MetricIdentifier extends Infer<typeof MetricIdentifier> {}

export const MetricTarget = object('io.k8s.api.autoscaling.v2.MetricTarget', 'The value that the metric should have.', {
  type: required(1, text, 'Utilization, Value or AverageValue.'),
  value: optional(2, quantity, 'Value of the metric as a whole.'),
  averageValue: optional(3, quantity, 'Value of the metric for each pod.'),
  averageUtilization: optional(4, int32, 'Value for each pod in percent of what its containers request; for resources.'),
})
export interface MetricTarget extends Infer<typeof MetricTarget> {}

export const MetricValueStatus = object('io.k8s.api.autoscaling.v2.MetricValueStatus', 'The value that was measured.', {
  value: optional(1, quantity, 'Value of the metric as a whole.'),
  averageValue: optional(2, quantity, 'Value of the metric for each pod.'),
  averageUtilization: optional(3, int32, 'Value for each pod in percent of what its containers request.'),
})
export interface MetricValueStatus extends Infer<typeof MetricValueStatus> {}

export const ObjectMetricSource = object('io.k8s.api.autoscaling.v2.ObjectMetricSource', 'A metric of one object, such as a service.', {
  describedObject: required(1, CrossVersionObjectReference, 'The object.'),
  target: required(2, MetricTarget, 'The value to reach.'),
  metric: required(3, MetricIdentifier, 'The metric.'),
})
export const PodsMetricSource = object('io.k8s.api.autoscaling.v2.PodsMetricSource', 'A metric of the pods, averaged over them.', {
  metric: required(1, MetricIdentifier, 'The metric.'),
  target: required(2, MetricTarget, 'The value to reach.'),
})
export const ResourceMetricSource = object('io.k8s.api.autoscaling.v2.ResourceMetricSource', 'What the pods use of a resource.', {
  name: required(1, text, 'The resource, such as cpu.'),
  target: required(2, MetricTarget, 'The value to reach.'),
})
export const ContainerResourceMetricSource = object(
  'io.k8s.api.autoscaling.v2.ContainerResourceMetricSource',
  'What one container of each pod uses of a resource.',
  {
    name: required(1, text, 'The resource, such as cpu.'),
    target: required(2, MetricTarget, 'The value to reach.'),
    container: required(3, text, 'Name of the container.'),
  },
)
export const ExternalMetricSource = object('io.k8s.api.autoscaling.v2.ExternalMetricSource', 'A metric from outside of the cluster.', {
  metric: required(1, MetricIdentifier, 'The metric.'),
  target: required(2, MetricTarget, 'The value to reach.'),
})

export const MetricSpec = object('io.k8s.api.autoscaling.v2.MetricSpec', 'A metric to go by; one of its sources is given.', {
  type: required(1, text, 'ContainerResource, External, Object, Pods or Resource.'),
  object: optional(2, ObjectMetricSource, 'A metric of one object.'),
  pods: optional(3, PodsMetricSource, 'A metric of the pods.'),
  resource: optional(4, ResourceMetricSource, 'What the pods use of a resource.'),
  external: optional(5, ExternalMetricSource, 'A metric from outside of the cluster.'),
  containerResource: optional(7, ContainerResourceMetricSource, 'What one container of each pod uses of a resource.'),
})
export interface MetricSpec extends Infer<typeof MetricSpec> {}

export const ObjectMetricStatus = object('io.k8s.api.autoscaling.v2.ObjectMetricStatus', 'The measured metric of an object.', {
  metric: required(1, MetricIdentifier, 'The metric.'),
  current: required(2, MetricValueStatus, 'The value that was measured.'),
  describedObject: required(3, CrossVersionObjectReference, 'The object.'),
})
export const PodsMetricStatus = object('io.k8s.api.autoscaling.v2.PodsMetricStatus', 'The measured metric of the pods.', {
  metric: required(1, MetricIdentifier, 'The metric.'),
  current: required(2, MetricValueStatus, 'The value that was measured.'),
})
export const ResourceMetricStatus = object('io.k8s.api.autoscaling.v2.ResourceMetricStatus', 'The measured use of a resource.', {
  name: required(1, text, 'The resource.'),
  current: required(2, MetricValueStatus, 'The value that was measured.'),
})
export const ContainerResourceMetricStatus = object(
  'io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus',
  'The measured use of a resource by one container of each pod.',
  {
    name: required(1, text, 'The resource.'),
    current: required(2, MetricValueStatus, 'The value that was measured.'),
    container: required(3, text, 'Name of the container.'),
  },
)
export const ExternalMetricStatus = object('io.k8s.api.autoscaling.v2.ExternalMetricStatus', 'The measured metric from outside.', {
  metric: required(1, MetricIdentifier, 'The metric.'),
  current: required(2, MetricValueStatus, 'The value that was measured.'),
})

export const MetricStatus = object('io.k8s.api.autoscaling.v2.MetricStatus', 'What was measured last.', {
  type: required(1, text, 'ContainerResource, External, Object, Pods or Resource.'),
  object: optional(2, ObjectMetricStatus, 'The metric of an object.'),
  pods: optional(3, PodsMetricStatus, 'The metric of the pods.'),
  resource: optional(4, ResourceMetricStatus, 'The use of a resource.'),
  external: optional(5, ExternalMetricStatus, 'The metric from outside of the cluster.'),
  containerResource: optional(7, ContainerResourceMetricStatus, 'The use of a resource by one container of each pod.'),
})
export interface MetricStatus extends Infer<typeof MetricStatus> {}
