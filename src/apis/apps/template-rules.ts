import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import type { LabelSelector } from '../../apimachinery/meta.ts'
import { validateLabelSelector } from '../../apimachinery/object-meta-validation.ts'
import { labelSelectorMatcher } from '../../apimachinery/selectors.ts'
import type { PodTemplateSpec } from '../core/pod-spec.ts'
import { validatePodTemplate } from '../core/validation/pod-spec.ts'

/** Rules of the workloads that keep pods running for good: a selector, and a template that it selects. */
export function validateSelectorAndTemplate(selector: LabelSelector | undefined, template: PodTemplateSpec | undefined): FieldError[] {
  if (selector === undefined) return [requiredField('spec.selector'), ...validateServingTemplate(template)]
  const errors = validateLabelSelector(selector, 'spec.selector')
  if (errors.length) return [...errors, invalidField('spec.selector', selector, 'invalid label selector')]
  if (labelSelectorMatcher(selector).matchesEverything) {
    return [invalidField('spec.selector', selector, 'empty selector is invalid for deployment'), ...validateServingTemplate(template)]
  }
  return [...validateIsSelected(selector, template), ...validateServingTemplate(template)]
}

/** A selector that does not select what it makes would make pods without end. */
export function validateIsSelected(selector: LabelSelector, template: PodTemplateSpec | undefined): FieldError[] {
  const labels = template?.metadata?.labels
  if (template === undefined || labelSelectorMatcher(selector).matches(labels)) return []
  return [invalidField('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]
}

function validateServingTemplate(template: PodTemplateSpec | undefined): FieldError[] {
  if (template === undefined) return [requiredField('spec.template')]
  const errors = validatePodTemplate(template, 'spec.template')
  const { restartPolicy = '', activeDeadlineSeconds } = template.spec ?? {}
  if (restartPolicy !== 'Always') errors.push(unsupportedField('spec.template.spec.restartPolicy', restartPolicy, ['Always']))
  if (activeDeadlineSeconds !== undefined) {
    errors.push(forbiddenField('spec.template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in ReplicaSet is not Supported'))
  }
  return errors
}

interface ReplicaCounts {
  readonly replicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
}

/** Counts of replicas, each of which is part of the one before. */
export function validateReplicaCounts<T extends ReplicaCounts>(status: T, parts: readonly (keyof T & string)[]): FieldError[] {
  const count = (field: keyof T): number => (status[field] as number | undefined) ?? 0
  const errors: FieldError[] = []
  for (const field of parts) {
    if (count(field) > count('replicas')) {
      errors.push(invalidField(`status.${field}`, count(field), 'cannot be greater than status.replicas'))
    }
  }
  if (count('availableReplicas') > count('readyReplicas')) {
    errors.push(invalidField('status.availableReplicas', count('availableReplicas'), 'cannot be greater than readyReplicas'))
  }
  return errors
}
