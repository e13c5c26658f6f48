import { ageColumn, type Column, nameColumn } from '../../../apimachinery/kind.ts'
import { none } from '../../columns.ts'
import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../metrics.ts'
import type { HorizontalPodAutoscaler } from './schema.ts'

const unknown = '<unknown>'
const mostMetrics = 2

export const autoscalerColumns: readonly Column[] = [
  nameColumn,
  {
    name: 'Reference',
    type: 'string',
    description: 'The object whose scale is set.',
    priority: 0,
    cell: ({ spec }: HorizontalPodAutoscaler) => `${spec?.scaleTargetRef?.kind ?? ''}/${spec?.scaleTargetRef?.name ?? ''}`,
  },
  { name: 'Targets', type: 'string', description: 'Each metric: what was measured, and what to reach.', priority: 0, cell: targetsText },
  {
    name: 'MinPods',
    type: 'string',
    description: 'Least number of replicas.',
    priority: 0,
    cell: ({ spec }: HorizontalPodAutoscaler) => (spec?.minReplicas === undefined ? '<unset>' : String(spec.minReplicas)),
  },
  {
    name: 'MaxPods',
    type: 'string',
    description: 'Greatest number of replicas.',
    priority: 0,
    cell: ({ spec }: HorizontalPodAutoscaler) => String(spec?.maxReplicas ?? 0),
  },
  {
    name: 'Replicas',
    type: 'string',
    description: 'Number of replicas there are.',
    priority: 0,
    cell: ({ status }: HorizontalPodAutoscaler) => String(status?.currentReplicas ?? 0),
  },
  ageColumn,
]

function targetsText({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec?.metrics ?? []
  if (metrics.length === 0) return none
  const texts = metrics.map((metric, index) => metricText(metric, status?.currentMetrics?.[index]))
  const shown = texts.slice(0, mostMetrics).join(', ')
  return texts.length > mostMetrics ? `${shown} + ${texts.length - mostMetrics} more...` : shown
}

function metricText(metric: MetricSpec, measured: MetricStatus | undefined): string {
  switch (metric.type) {
    case 'External':
      return valueText(metric.external?.target, measured?.external?.current)
    case 'Object':
      return valueText(metric.object?.target, measured?.object?.current)
    case 'Pods':
      return `${measured?.pods?.current.averageValue ?? unknown}/${metric.pods?.target.averageValue ?? ''}`
    case 'Resource':
      return `${metric.resource?.name}: ${useText(metric.resource?.target, measured?.resource?.current)}`
    case 'ContainerResource':
      return `${metric.containerResource?.name}: ${useText(metric.containerResource?.target, measured?.containerResource?.current)}`
    default:
      return '<unknown type>'
  }
}

/** Of each pod, or of all together. */
function valueText(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`
  return `${current?.value ?? unknown}/${target?.value ?? ''}`
}

function useText(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue}`
  const wanted = target?.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`
  return `${current?.averageUtilization === undefined ? unknown : `${current.averageUtilization}%`}/${wanted}`
}
