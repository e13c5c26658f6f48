import { defineKind, type Kind } from '../../apimachinery/kind.ts'
import { keepStatus, statusSubresource } from '../strategy.ts'
import { autoscalerColumns } from './horizontal-pod-autoscaler/columns.ts'
import { applyAutoscalerDefaults } from './horizontal-pod-autoscaler/defaults.ts'
import { HorizontalPodAutoscaler } from './horizontal-pod-autoscaler/schema.ts'
import { validateAutoscaler, validateAutoscalerStatus } from './horizontal-pod-autoscaler/validation.ts'
import { autoscalerV1 } from './horizontal-pod-autoscaler/version-1.ts'

export * from './horizontal-pod-autoscaler/schema.ts'

/** Stored as v2, which says everything; v1 carries in annotations what it has no fields for. */
export const horizontalPodAutoscalerKind: Kind<HorizontalPodAutoscaler> = defineKind({
  kind: 'HorizontalPodAutoscaler',
  resource: 'horizontalpodautoscalers',
  group: 'autoscaling',
  version: 'v2',
  schema: HorizontalPodAutoscaler,
  scope: 'Namespaced',
  shortNames: ['hpa'],
  categories: ['all'],
  columns: autoscalerColumns,
  alsoServed: [autoscalerV1],
  strategy: {
    applyDefaults: applyAutoscalerDefaults,
    prepareForCreate: autoscaler => ({ ...autoscaler, status: { desiredReplicas: 0 } }),
    prepareForUpdate: keepStatus,
    validate: validateAutoscaler,
    // Nothing is accepted and then silently ignored.
    warnings: (_autoscaler, old) =>
      old ? [] : ['no controller acts on horizontal pod autoscalers yet: the scale of the target stays as it is'],
    allowUnconditionalUpdate: true,
  },
  subresources: { status: statusSubresource('HorizontalPodAutoscaler', validateAutoscalerStatus) },
})
