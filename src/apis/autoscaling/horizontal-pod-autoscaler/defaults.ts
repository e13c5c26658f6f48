import { withDefault, withField } from '../../core/sharing.ts'
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerBehavior, HPAScalingPolicy, HPAScalingRules } from './schema.ts'

export function applyAutoscalerDefaults(autoscaler: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  if (autoscaler.spec === undefined) return autoscaler
  let spec = withField(autoscaler.spec, 'minReplicas', autoscaler.spec.minReplicas ?? 1)
  if (!spec.metrics?.length) spec = { ...spec, metrics: defaultMetrics }
  if (spec.behavior) spec = withField(spec, 'behavior', withRules(spec.behavior))
  return withField(autoscaler, 'spec', spec)
}

const defaultMetrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }]

const policiesUp: readonly HPAScalingPolicy[] = [
  { type: 'Pods', value: 4, periodSeconds: 15 },
  { type: 'Percent', value: 100, periodSeconds: 15 },
]
const policiesDown: readonly HPAScalingPolicy[] = [{ type: 'Percent', value: 100, periodSeconds: 15 }]

/** Whoever sets rules for one direction gets those of the other written out too. */
function withRules(given: HorizontalPodAutoscalerBehavior): HorizontalPodAutoscalerBehavior {
  const { scaleUp = {}, scaleDown = {} } = given
  const up = withPolicies(withField(scaleUp, 'stabilizationWindowSeconds', scaleUp.stabilizationWindowSeconds ?? 0), policiesUp)
  return withField(withField(given, 'scaleUp', up), 'scaleDown', withPolicies(scaleDown, policiesDown))
}

const withPolicies = (rules: HPAScalingRules, policies: readonly HPAScalingPolicy[]): HPAScalingRules =>
  withField(withDefault(rules, 'selectPolicy', 'Max'), 'policies', rules.policies ?? policies)
