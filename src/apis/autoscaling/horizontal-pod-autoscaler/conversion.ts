import { decode } from '../../../apimachinery/codec/index.ts'
import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import { list, type Schema } from '../../../apimachinery/schema.ts'
import { MetricSpec, MetricStatus } from '../metrics.ts'
import { behaviorFromAnnotation, behaviorToAnnotation, type Json, specFromV1, specToV1, statusFromV1, statusToV1 } from './annotations.ts'
import { type HorizontalPodAutoscaler, HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerCondition } from './schema.ts'
import type { HorizontalPodAutoscalerV1 } from './version-1.ts'

/** Between v1 and v2: one CPU metric has a field in v1, everything else stands in annotations, as JSON of types that v1 once had. */

const prefix = 'autoscaling.alpha.kubernetes.io/'
const carried = {
  metrics: `${prefix}metrics`,
  behavior: `${prefix}behavior`,
  currentMetrics: `${prefix}current-metrics`,
  conditions: `${prefix}conditions`,
}

export function toStored(object: KubernetesObject): KubernetesObject {
  const { spec, status, metadata, ...rest } = object as HorizontalPodAutoscalerV1
  const annotations = metadata.annotations ?? {}
  const cpu = spec?.targetCPUUtilizationPercentage
  const cpuMetric = cpu === undefined ? [] : [cpuUtilization({ type: 'Utilization', averageUtilization: cpu })]
  const others = read(annotations[carried.metrics], list(MetricSpec), value => values(value).map(specFromV1))
  const metrics = [...(others ?? []), ...cpuMetric]
  const behavior = read(annotations[carried.behavior], HorizontalPodAutoscalerBehavior, behaviorFromAnnotation)
  const stored = {
    ...rest,
    metadata: withoutCarried(metadata),
    ...(spec && {
      spec: {
        ...without(spec, 'targetCPUUtilizationPercentage'),
        ...(metrics.length > 0 && { metrics }),
        ...(behavior && { behavior }),
      },
    }),
    ...(status && { status: statusToStored(status, annotations) }),
  }
  return stored as KubernetesObject
}

function statusToStored(status: NonNullable<HorizontalPodAutoscalerV1['status']>, annotations: Readonly<Record<string, string>>): object {
  const cpu = status.currentCPUUtilizationPercentage
  const measured = read(annotations[carried.currentMetrics], list(MetricStatus), value => values(value).map(statusFromV1))
  const currentMetrics = measured ?? (cpu === undefined ? undefined : [cpuMeasured({ averageUtilization: cpu })])
  const conditions = read(annotations[carried.conditions], list(HorizontalPodAutoscalerCondition), value => value)
  return {
    ...without(status, 'currentCPUUtilizationPercentage'),
    ...(currentMetrics && { currentMetrics }),
    ...(conditions && { conditions }),
  }
}

export function fromStored(object: KubernetesObject): KubernetesObject {
  const { spec, status, metadata, ...rest } = object as HorizontalPodAutoscaler
  const cpu = spec?.metrics?.find(isCpuUtilization)?.resource?.target.averageUtilization
  const others = spec?.metrics?.filter(metric => !isCpuUtilization(metric)) ?? []
  const measured = status?.currentMetrics ?? []
  const conditions = status?.conditions ?? []
  const carriedValues: Record<string, unknown> = {
    ...(others.length > 0 && { [carried.metrics]: others.map(specToV1) }),
    ...(spec?.behavior && { [carried.behavior]: behaviorToAnnotation(spec.behavior) }),
    ...(measured.length > 0 && { [carried.currentMetrics]: measured.map(statusToV1) }),
    ...(conditions.length > 0 && { [carried.conditions]: conditions }),
  }
  const cpuInUse = measured.find(metric => metric.type === 'Resource' && metric.resource?.name === 'cpu')?.resource?.current
    .averageUtilization
  const { metrics: _metrics, behavior: _behavior, ...plainSpec } = spec ?? {}
  const { currentMetrics: _currentMetrics, conditions: _conditions, ...plainStatus } = status ?? {}
  const served = {
    ...rest,
    metadata: withAnnotations(withoutCarried(metadata), carriedValues),
    ...(spec && { spec: { ...plainSpec, ...(cpu !== undefined && { targetCPUUtilizationPercentage: cpu }) } }),
    ...(status && {
      status: {
        ...plainStatus,
        currentReplicas: status.currentReplicas ?? 0,
        ...(cpuInUse !== undefined && { currentCPUUtilizationPercentage: cpuInUse }),
      },
    }),
  }
  return served as KubernetesObject
}

const cpuUtilization = (target: object) => ({ type: 'Resource', resource: { name: 'cpu', target } })
const cpuMeasured = (current: object) => ({ type: 'Resource', resource: { name: 'cpu', current } })

const isCpuUtilization = ({ type, resource }: MetricSpec): boolean =>
  type === 'Resource' && resource?.name === 'cpu' && resource.target?.averageUtilization !== undefined

/** What an annotation holds, in v2's form; one that nobody can read counts as absent, as upstream. */
function read<T>(text: string | undefined, schema: Schema<T>, convert: (value: Json) => unknown): T | undefined {
  if (!text) return undefined
  try {
    const value = convert(JSON.parse(text) as Json)
    return value === undefined ? undefined : (decode(schema as never, value) as T)
  } catch {
    return undefined
  }
}

const values = (value: Json): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : [])

function withAnnotations(
  metadata: KubernetesObject['metadata'],
  carriedValues: Readonly<Record<string, unknown>>,
): KubernetesObject['metadata'] {
  const names = Object.keys(carriedValues)
  if (names.length === 0) return metadata
  const added = Object.fromEntries(names.map(name => [name, JSON.stringify(carriedValues[name])]))
  return { ...metadata, annotations: { ...metadata.annotations, ...added } }
}

function withoutCarried(metadata: KubernetesObject['metadata']): KubernetesObject['metadata'] {
  const { annotations } = metadata
  if (annotations === undefined || !Object.values(carried).some(name => name in annotations)) return metadata
  const names = Object.keys(annotations).filter(name => !Object.values(carried).includes(name))
  const { annotations: _annotations, ...rest } = metadata
  return names.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(names.map(name => [name, annotations[name] as string])) }
}

function without<T extends object, K extends keyof T>(object: T, field: K): Omit<T, K> {
  const { [field]: _dropped, ...rest } = object
  return rest
}
