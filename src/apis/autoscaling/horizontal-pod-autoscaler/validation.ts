import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../../apimachinery/field-error.ts'
import { validatePathSegmentName } from '../../../apimachinery/names.ts'
import { compareQuantities } from '../../../apimachinery/quantity.ts'
import { each, notNegative, requiredName } from '../../core/validation/rules.ts'
import type { CrossVersionObjectReference, MetricIdentifier, MetricSpec, MetricTarget } from '../metrics.ts'
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, HPAScalingPolicy, HPAScalingRules } from './schema.ts'

export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  return spec === undefined ? [requiredField('spec')] : validateSpec(spec)
}

function validateSpec({ minReplicas, maxReplicas = 0, scaleTargetRef, metrics, behavior }: HorizontalPodAutoscalerSpec): FieldError[] {
  const errors: FieldError[] = []
  if (minReplicas !== undefined && minReplicas < 1) {
    errors.push(invalidField('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'))
  }
  if (maxReplicas < 1) errors.push(invalidField('spec.maxReplicas', maxReplicas, 'must be greater than 0'))
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalidField('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'))
  }
  return [
    ...errors,
    ...validateReference(scaleTargetRef, 'spec.scaleTargetRef'),
    ...each(metrics, 'spec.metrics', validateMetric),
    ...(behavior?.scaleUp ? validateRules(behavior.scaleUp, 'spec.behavior.scaleUp') : []),
    ...(behavior?.scaleDown ? validateRules(behavior.scaleDown, 'spec.behavior.scaleDown') : []),
  ]
}

function validateReference(reference: CrossVersionObjectReference | undefined, path: string): FieldError[] {
  const { apiVersion = '' } = reference ?? {}
  const isVersion = apiVersion.split('/').length <= 2
  return [
    ...requiredName(reference?.kind, `${path}.kind`, validatePathSegmentName),
    ...requiredName(reference?.name, `${path}.name`, validatePathSegmentName),
    ...(isVersion ? [] : [invalidField(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]),
  ]
}

const sources = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
} as const
const sourceTypes = Object.keys(sources)
/** The order in which sources are looked at; only the first that is there is checked further. */
const sourceFields = ['object', 'external', 'pods', 'resource', 'containerResource'] as const

function validateMetric(metric: MetricSpec, path: string): FieldError[] {
  const { type = '' } = metric
  const errors = type === '' ? [requiredField(`${path}.type`, 'must specify a metric source type')] : []
  const unsupported = unsupportedField(`${path}.type`, type, sourceTypes)
  const expected = Object.hasOwn(sources, type) ? sources[type as keyof typeof sources] : undefined
  if (expected === undefined) errors.push(unsupported)
  const present = sourceFields.filter(field => metric[field] !== undefined)
  const [first] = present
  if (first) errors.push(...validateSource(metric, first, `${path}.${first}`))
  if (expected === undefined) errors.push(unsupported)
  else if (metric[expected] === undefined) {
    errors.push(requiredField(`${path}.${expected}`, 'must populate information for the given metric source'))
  }
  const others = present.length === 1 ? [] : present.filter(field => field !== expected)
  return [...errors, ...others.map(field => forbiddenField(`${path}.${field}`, 'must populate the given metric source only'))]
}

function validateSource(metric: MetricSpec, field: (typeof sourceFields)[number], path: string): FieldError[] {
  const { object, external, pods, resource, containerResource } = metric
  switch (field) {
    case 'object':
      return [
        ...validateReference(object?.describedObject, `${path}.describedObject`),
        ...validateIdentifier(object?.metric, `${path}.metric`),
        ...validateTarget(object?.target, `${path}.target`),
        ...validateObjectTarget(object?.target, `${path}.target`),
      ]
    case 'external':
      return [
        ...validateIdentifier(external?.metric, `${path}.metric`),
        ...validateTarget(external?.target, `${path}.target`),
        ...validateExternalTarget(external?.target, `${path}.target`),
      ]
    case 'pods':
      return [
        ...validateIdentifier(pods?.metric, `${path}.metric`),
        ...validateTarget(pods?.target, `${path}.target`),
        ...(isPositive(pods?.target?.averageValue)
          ? []
          : [requiredField(`${path}.target.averageValue`, 'must specify a positive target averageValue')]),
      ]
    case 'resource':
      return [...validateResourceName(resource?.name, path), ...validateResourceTarget(resource?.target, `${path}.target`)]
    case 'containerResource':
      return [
        ...validateResourceName(containerResource?.name, path),
        ...(containerResource?.container ? [] : [requiredField(`${path}.container`, 'must specify a container')]),
        ...validateResourceTarget(containerResource?.target, `${path}.target`),
      ]
  }
}

const isPositive = (value: string | undefined): boolean => value !== undefined && compareQuantities(value, '0') > 0

const validateResourceName = (name: string | undefined, path: string): FieldError[] =>
  name ? [] : [requiredField(`${path}.name`, 'must specify a resource name')]

function validateIdentifier(metric: MetricIdentifier | undefined, path: string): FieldError[] {
  if (!metric?.name) return [requiredField(`${path}.name`, 'must specify a metric name')]
  return validatePathSegmentName(metric.name).map(problem => invalidField(`${path}.name`, metric.name, problem))
}

function validateTarget(target: Partial<MetricTarget> = {}, path: string): FieldError[] {
  const { type, value, averageValue, averageUtilization } = target
  const errors = type ? [] : [requiredField(`${path}.type`, 'must specify a metric target type')]
  if (type && !['Utilization', 'Value', 'AverageValue'].includes(type)) {
    errors.push(invalidField(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'))
  }
  if (value !== undefined && !isPositive(value)) errors.push(invalidField(`${path}.value`, value, 'must be positive'))
  if (averageValue !== undefined && !isPositive(averageValue)) {
    errors.push(invalidField(`${path}.averageValue`, averageValue, 'must be positive'))
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(invalidField(`${path}.averageUtilization`, averageUtilization, 'must be greater than 0'))
  }
  return errors
}

const validateObjectTarget = ({ value, averageValue }: Partial<MetricTarget> = {}, path: string): FieldError[] =>
  value === undefined && averageValue === undefined
    ? [requiredField(`${path}.averageValue`, 'must set either a target value or averageValue')]
    : []

function validateExternalTarget({ value, averageValue }: Partial<MetricTarget> = {}, path: string): FieldError[] {
  if (value === undefined && averageValue === undefined) {
    return [requiredField(`${path}.averageValue`, 'must set either a target value for metric or a per-pod target')]
  }
  const both = value !== undefined && averageValue !== undefined
  return both ? [forbiddenField(`${path}.value`, 'may not set both a target value for metric and a per-pod target')] : []
}

function validateResourceTarget(target: Partial<MetricTarget> = {}, path: string): FieldError[] {
  const { averageUtilization, averageValue } = target
  const errors = validateTarget(target, path)
  if (averageUtilization === undefined && averageValue === undefined) {
    errors.push(requiredField(`${path}.averageUtilization`, 'must set either a target raw value or a target utilization'))
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    errors.push(forbiddenField(`${path}.averageValue`, 'may not set both a target raw value and a target utilization'))
  }
  return errors
}

const longestWindow = 3600
const longestPeriod = 1800

function validateRules(rules: HPAScalingRules, path: string): FieldError[] {
  const { stabilizationWindowSeconds: window, selectPolicy, policies, tolerance } = rules
  const errors: FieldError[] = []
  if (window !== undefined && window < 0) {
    errors.push(invalidField(`${path}.stabilizationWindowSeconds`, window, 'must be greater than or equal to zero'))
  }
  if (window !== undefined && window > longestWindow) {
    errors.push(invalidField(`${path}.stabilizationWindowSeconds`, window, `must be less than or equal to ${longestWindow}`))
  }
  if (selectPolicy !== undefined && !['Max', 'Min', 'Disabled'].includes(selectPolicy)) {
    errors.push(unsupportedField(`${path}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min']))
  }
  errors.push(...each(policies, `${path}.policies`, validatePolicy))
  if (tolerance !== undefined && compareQuantities(tolerance, '0') < 0) {
    errors.push(invalidField(`${path}.tolerance`, tolerance, 'must be greater than or equal to 0'))
  }
  return errors
}

function validatePolicy({ type = '', value = 0, periodSeconds = 0 }: HPAScalingPolicy, path: string): FieldError[] {
  const errors = type === 'Pods' || type === 'Percent' ? [] : [unsupportedField(`${path}.type`, type, ['Percent', 'Pods'])]
  if (value <= 0) errors.push(invalidField(`${path}.value`, value, 'must be greater than zero'))
  if (periodSeconds <= 0) errors.push(invalidField(`${path}.periodSeconds`, periodSeconds, 'must be greater than zero'))
  if (periodSeconds > longestPeriod) {
    errors.push(invalidField(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${longestPeriod}`))
  }
  return errors
}

export const validateAutoscalerStatus = ({ status }: HorizontalPodAutoscaler): FieldError[] => [
  ...notNegative(status?.currentReplicas, 'status.currentReplicas'),
  ...notNegative(status?.desiredReplicas, 'status.desiredReplicas'),
]
