import type { MetricSpec, MetricStatus } from '../metrics.ts'
import type { HorizontalPodAutoscalerBehavior, HPAScalingRules } from './schema.ts'

/**
 * The forms that metrics and behavior have in the annotations of `autoscaling/v1`. Clients of that version read and
 * write them, so they stay as they were when the fields had other names.
 */
export type Json = Readonly<Record<string, unknown>>

export function specToV1(metric: MetricSpec): Json {
  const { type, object, pods, resource, external, containerResource } = metric
  return defined({
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric.name,
      targetValue: object.target.value ?? '0',
      selector: object.metric.selector,
      averageValue: object.target.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      targetAverageValue: pods.target.averageValue ?? '0',
      selector: pods.metric.selector,
    },
    resource: resource && resourceToV1(resource),
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      targetValue: external.target.value,
      targetAverageValue: external.target.averageValue,
    },
    containerResource: containerResource && { ...resourceToV1(containerResource), container: containerResource.container },
  })
}

const resourceToV1 = ({ name, target }: NonNullable<MetricSpec['resource']>): Json => ({
  name,
  targetAverageUtilization: target.averageUtilization,
  targetAverageValue: target.averageValue,
})

export function specFromV1(metric: Json): Json {
  return mapped(metric, {
    object: ({ target, metricName, targetValue, selector, averageValue }) => ({
      describedObject: target,
      metric: { name: metricName, selector },
      target: averageValue === undefined ? { type: 'Value', value: targetValue } : { type: 'AverageValue', averageValue },
    }),
    pods: ({ metricName, targetAverageValue, selector }) => ({
      metric: { name: metricName, selector },
      target: { type: 'AverageValue', averageValue: targetAverageValue },
    }),
    resource: ({ name, ...target }) => ({ name, target: resourceTarget(target) }),
    external: ({ metricName, metricSelector, targetValue, targetAverageValue }) => ({
      metric: { name: metricName, selector: metricSelector },
      target: {
        type: targetAverageValue === undefined ? 'Value' : 'AverageValue',
        value: targetValue,
        averageValue: targetAverageValue,
      },
    }),
    containerResource: ({ name, container, ...target }) => ({ name, container, target: resourceTarget(target) }),
  })
}

const resourceTarget = ({ targetAverageUtilization, targetAverageValue }: Json): Json => ({
  type: targetAverageValue === undefined ? 'Utilization' : 'AverageValue',
  averageUtilization: targetAverageUtilization,
  averageValue: targetAverageValue,
})

export function statusToV1(metric: MetricStatus): Json {
  const { type, object, pods, resource, external, containerResource } = metric
  return defined({
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric.name,
      currentValue: object.current.value ?? '0',
      selector: object.metric.selector,
      averageValue: object.current.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      currentAverageValue: pods.current.averageValue ?? '0',
      selector: pods.metric.selector,
    },
    resource: resource && useToV1(resource),
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      currentValue: external.current.value ?? '0',
      currentAverageValue: external.current.averageValue,
    },
    containerResource: containerResource && { ...useToV1(containerResource), container: containerResource.container },
  })
}

const useToV1 = ({ name, current }: NonNullable<MetricStatus['resource']>): Json => ({
  name,
  currentAverageUtilization: current.averageUtilization,
  currentAverageValue: current.averageValue ?? '0',
})

export function statusFromV1(metric: Json): Json {
  return mapped(metric, {
    object: ({ target, metricName, currentValue, selector, averageValue }) => ({
      describedObject: target,
      metric: { name: metricName, selector },
      current: { value: currentValue, averageValue },
    }),
    pods: ({ metricName, currentAverageValue, selector }) => ({
      metric: { name: metricName, selector },
      current: { averageValue: currentAverageValue },
    }),
    resource: ({ name, ...current }) => ({ name, current: resourceUse(current) }),
    external: ({ metricName, metricSelector, currentValue, currentAverageValue }) => ({
      metric: { name: metricName, selector: metricSelector },
      current: { value: currentValue, averageValue: currentAverageValue },
    }),
    containerResource: ({ name, container, ...current }) => ({ name, container, current: resourceUse(current) }),
  })
}

const resourceUse = ({ currentAverageUtilization, currentAverageValue }: Json): Json => ({
  averageUtilization: currentAverageUtilization,
  averageValue: currentAverageValue,
})

/** Behavior came last, and was written with the names of the fields in upstream's own code. */
export const behaviorToAnnotation = ({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): Json => ({
  ScaleUp: rulesToAnnotation(scaleUp),
  ScaleDown: rulesToAnnotation(scaleDown),
})

const rulesToAnnotation = (rules: HPAScalingRules | undefined): Json | null =>
  rules === undefined
    ? null
    : {
        StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
        SelectPolicy: rules.selectPolicy ?? null,
        Policies:
          rules.policies?.map(({ type, value, periodSeconds }) => ({ Type: type, Value: value, PeriodSeconds: periodSeconds })) ?? null,
        Tolerance: rules.tolerance ?? null,
      }

/** Names are read in any case, as Go reads JSON. */
export function behaviorFromAnnotation(value: unknown): Json | undefined {
  const names = [
    'scaleUp',
    'scaleDown',
    'stabilizationWindowSeconds',
    'selectPolicy',
    'policies',
    'tolerance',
    'type',
    'value',
    'periodSeconds',
  ]
  const byLowerCase = new Map(names.map(name => [name.toLowerCase(), name]))
  const renamed = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(renamed)
    if (typeof one !== 'object' || one === null) return one ?? undefined
    const members = Object.entries(one).map(([name, member]) => [byLowerCase.get(name.toLowerCase()) ?? name, renamed(member)])
    return defined(Object.fromEntries(members))
  }
  return renamed(value) as Json | undefined
}

/** Without members that are absent, at any depth. */
function defined(value: Json): Json {
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, isPlain(member) ? defined(member) : member]))
}

const isPlain = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The same metric with its source in another form. */
function mapped(metric: Json, forms: Readonly<Record<string, (source: Json) => Json>>): Json {
  const result: Record<string, unknown> = { type: metric.type }
  for (const [name, form] of Object.entries(forms)) {
    const source = metric[name]
    if (isPlain(source)) result[name] = form(source)
  }
  return defined(result)
}
