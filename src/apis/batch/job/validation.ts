import { type FieldError, invalidField, requiredField, tooLongField, unsupportedField } from '../../../apimachinery/field-error.ts'
import { validateDnsLabel, validateQualifiedName } from '../../../apimachinery/names.ts'
import { validateLabelSelector } from '../../../apimachinery/object-meta-validation.ts'
import { validateIsSelected } from '../../apps/template-rules.ts'
import { validatePodTemplate } from '../../core/validation/pod-spec.ts'
import { byteLength, invalid, notNegative } from '../../core/validation/rules.ts'
import type { Job, JobSpec } from '../job.ts'
import { validateIndexedSpec, validateNonIndexedSpec } from './index-rules.ts'
import { validatePodFailurePolicy } from './pod-failure-policy.ts'
import { validateGeneratedSelector } from './selector.ts'
import { validateSuccessPolicy } from './success-policy.ts'

export function validateJob(job: Job): FieldError[] {
  if (job.spec === undefined) return [requiredField('spec.selector'), requiredField('spec.template.spec.containers')]
  return [...validateGeneratedSelector(job), ...validateJobSpec(job.spec), ...validateIndexedName(job, job.spec)]
}

/** Pods of an indexed job are named after it with the index behind. */
function validateIndexedName({ metadata: { name = '' } }: Job, { completionMode, completions = 0 }: JobSpec): FieldError[] {
  if (completionMode !== 'Indexed' || completions <= 0) return []
  const longest = `${name}-${completions - 1}`
  if (validateDnsLabel(longest).length === 0) return []
  return [invalidField('metadata.name', name, `will not able to create pod with invalid DNS label: ${longest}`)]
}

const validateJobSpec = (spec: JobSpec): FieldError[] => [...validateJobSpecOfTemplate(spec), ...validateSelector(spec)]

/** What holds for the spec of a job before it has a selector; paths begin with `spec`. */
export const validateJobSpecOfTemplate = (spec: JobSpec): FieldError[] => [
  ...validateCounts(spec),
  ...validateCompletionMode(spec),
  ...validatePolicies(spec),
  ...validateManagedBy(spec.managedBy),
  ...validatePodTemplate(spec.template ?? {}, 'spec.template'),
  ...validateRestartPolicy(spec),
]

function validateCounts(spec: JobSpec): FieldError[] {
  const counts = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const
  const errors = counts.flatMap(field => notNegative(spec[field], `spec.${field}`))
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(requiredField('spec.backoffLimitPerIndex', 'when maxFailedIndexes is specified'))
  }
  return errors
}

function validateCompletionMode(spec: JobSpec): FieldError[] {
  switch (spec.completionMode) {
    case 'Indexed':
      return validateIndexedSpec(spec)
    case 'NonIndexed':
    case undefined:
      return validateNonIndexedSpec(spec)
    default:
      return [unsupportedField('spec.completionMode', spec.completionMode, ['Indexed', 'NonIndexed'])]
  }
}

function validatePolicies(spec: JobSpec): FieldError[] {
  const errors: FieldError[] = []
  if (spec.podFailurePolicy) errors.push(...validatePodFailurePolicy(spec, spec.podFailurePolicy))
  if (spec.successPolicy) errors.push(...validateSuccessPolicy(spec, spec.successPolicy))
  const replacements = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']
  if (spec.podReplacementPolicy !== undefined && !replacements.includes(spec.podReplacementPolicy)) {
    errors.push(unsupportedField('spec.podReplacementPolicy', spec.podReplacementPolicy, replacements))
  }
  return errors
}

function validateManagedBy(managedBy: string | undefined): FieldError[] {
  if (managedBy === undefined) return []
  if (byteLength(managedBy) > 63) return [tooLongField('spec.managedBy', 63)]
  if (!managedBy.includes('/')) {
    return [invalidField('spec.managedBy', managedBy, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  }
  return invalid('spec.managedBy', managedBy, validateQualifiedName(managedBy))
}

/** Pods that restart by themselves for ever would never complete. */
function validateRestartPolicy({ template, podFailurePolicy }: JobSpec): FieldError[] {
  const path = 'spec.template.spec.restartPolicy'
  const policy = template?.spec?.restartPolicy ?? ''
  if (policy === '' || policy === 'Always') return [requiredField(path, 'valid values: "OnFailure", "Never"')]
  if (policy !== 'OnFailure' && policy !== 'Never') return [unsupportedField(path, policy, ['OnFailure', 'Never'])]
  if (podFailurePolicy === undefined || policy === 'Never') return []
  return [invalidField(path, policy, 'only "Never" is supported when podFailurePolicy is specified')]
}

function validateSelector({ selector, template }: JobSpec): FieldError[] {
  if (selector === undefined) return [requiredField('spec.selector')]
  const errors = validateLabelSelector(selector, 'spec.selector')
  return errors.length ? errors : validateIsSelected(selector, template)
}
