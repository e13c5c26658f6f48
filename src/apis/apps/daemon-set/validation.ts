import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../../apimachinery/field-error.ts'
import type { LabelSelector } from '../../../apimachinery/meta.ts'
import { validateLabelSelector } from '../../../apimachinery/object-meta-validation.ts'
import { labelSelectorMatcher } from '../../../apimachinery/selectors.ts'
import type { PodTemplateSpec } from '../../core/pod-spec.ts'
import { validatePodTemplate } from '../../core/validation/pod-spec.ts'
import { each, notNegative } from '../../core/validation/rules.ts'
import { atMostHundredPercent, isZeroCount, notDecremented, notNegativeOrPercent } from '../../field-rules.ts'
import type { DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy, RollingUpdateDaemonSet } from '../daemon-set.ts'
import { validateIsSelected } from '../template-rules.ts'

export const validateDaemonSetSpec = (spec: DaemonSetSpec | undefined): FieldError[] => [
  ...validateSelector(spec?.selector, spec?.template ?? {}),
  ...validateTemplate(spec?.template ?? {}, 'spec.template'),
  ...notNegative(spec?.minReadySeconds, 'spec.minReadySeconds'),
  ...validateUpdateStrategy(spec?.updateStrategy ?? {}, 'spec.updateStrategy'),
  ...notNegative(spec?.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
]

function validateSelector(selector: LabelSelector | undefined, template: PodTemplateSpec): FieldError[] {
  // No selector at all selects nothing, and so does not match the template either.
  if (selector === undefined) {
    const labels = template.metadata?.labels ?? null
    return [invalidField('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]
  }
  const errors = validateLabelSelector(selector, 'spec.selector')
  if (errors.length > 0) return errors
  if (labelSelectorMatcher(selector).matchesEverything) {
    return [invalidField('spec.selector', selector, 'empty selector is invalid for daemonset')]
  }
  return validateIsSelected(selector, template)
}

function validateTemplate(template: PodTemplateSpec, path: string): FieldError[] {
  const { restartPolicy = '', activeDeadlineSeconds, volumes } = template.spec ?? {}
  const errors = validatePodTemplate(template, path)
  errors.push(
    ...each(volumes, `${path}.spec.volumes`, ({ gcePersistentDisk: disk }, at) => {
      if (!disk || disk.readOnly) return []
      const why = 'must be true for replicated pods > 1; GCE PD can only be mounted on multiple machines if it is read-only'
      return [invalidField(`${at}.gcePersistentDisk.readOnly`, false, why)]
    }),
  )
  if (restartPolicy !== 'Always') errors.push(unsupportedField(`${path}.spec.restartPolicy`, restartPolicy, ['Always']))
  if (activeDeadlineSeconds !== undefined) {
    errors.push(forbiddenField(`${path}.spec.activeDeadlineSeconds`, 'activeDeadlineSeconds in DaemonSet is not Supported'))
  }
  return errors
}

function validateUpdateStrategy({ type = '', rollingUpdate }: DaemonSetUpdateStrategy, path: string): FieldError[] {
  switch (type) {
    case 'OnDelete':
      return []
    case 'RollingUpdate':
      return rollingUpdate ? validateRollingUpdate(rollingUpdate, `${path}.rollingUpdate`) : [requiredField(`${path}.rollingUpdate`)]
    default:
      return [unsupportedField(path, { Type: type, RollingUpdate: rollingUpdate ?? null }, ['RollingUpdate', 'OnDelete'])]
  }
}

/** Either room is made by taking pods away first, or by starting new ones beside them. */
function validateRollingUpdate({ maxUnavailable, maxSurge }: RollingUpdateDaemonSet, path: string): FieldError[] {
  const errors = [
    ...notNegativeOrPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...notNegativeOrPercent(maxSurge, `${path}.maxSurge`),
    ...atMostHundredPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...atMostHundredPercent(maxSurge, `${path}.maxSurge`),
  ]
  const [takes, surges] = [!isZeroCount(maxUnavailable), !isZeroCount(maxSurge)]
  if (takes && surges) errors.push(invalidField(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'))
  if (!takes && !surges) errors.push(requiredField(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
  return errors
}

export function validateDaemonSetStatus({ status }: DaemonSet, old: DaemonSet): FieldError[] {
  if (status === undefined) return []
  const counts = [
    'currentNumberScheduled',
    'numberMisscheduled',
    'desiredNumberScheduled',
    'numberReady',
    'observedGeneration',
    'updatedNumberScheduled',
    'numberAvailable',
    'numberUnavailable',
    'collisionCount',
  ] as const
  return [
    ...counts.flatMap(field => notNegative(status[field], `status.${field}`)),
    ...notDecremented(status.collisionCount, old.status?.collisionCount, 'status.collisionCount'),
  ]
}
