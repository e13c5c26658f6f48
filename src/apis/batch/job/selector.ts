import { type FieldError, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import { labelSelectorMatcher } from '../../../apimachinery/selectors.ts'
import type { Job } from '../job.ts'

/** The old names of the labels stay beside the new ones, since clients select by them. */
export const controllerUidLabels = ['controller-uid', 'batch.kubernetes.io/controller-uid'] as const
export const jobNameLabels = ['job-name', 'batch.kubernetes.io/job-name'] as const

const selectedLabel = 'batch.kubernetes.io/controller-uid'

/**
 * Gives the job's pods labels that no other job's have, and a selector of them. What a user has set stays, and is
 * refused by validation where it conflicts.
 */
export function withGeneratedSelector(job: Job): Job {
  const { spec } = job
  if (spec === undefined || spec.manualSelector) return job
  const template = { ...spec.template, metadata: { ...spec.template?.metadata } }
  const labels = { ...generatedLabels(job), ...template.metadata.labels }
  const selector = { ...spec.selector, matchLabels: { [selectedLabel]: job.metadata.uid ?? '', ...spec.selector?.matchLabels } }
  return { ...job, spec: { ...spec, selector, template: { ...template, metadata: { ...template.metadata, labels } } } }
}

function generatedLabels({ metadata: { uid = '', name = '' } }: Job): Record<string, string> {
  return Object.fromEntries([...controllerUidLabels.map(label => [label, uid]), ...jobNameLabels.map(label => [label, name])])
}

export function validateGeneratedSelector(job: Job): FieldError[] {
  const { metadata, spec } = job
  if (spec?.manualSelector || spec?.selector === undefined) return []
  const errors = metadata.uid ? [] : [requiredField('metadata.uid')]
  const expected = generatedLabels(job)
  for (const label of ['controller-uid', 'job-name', 'batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name']) {
    errors.push(...validateHasLabel(spec.template?.metadata?.labels ?? {}, label, expected[label] ?? ''))
  }
  if (!labelSelectorMatcher(spec.selector).matches(expected)) {
    errors.push(invalidField('spec.selector', spec.selector, '`selector` not auto-generated'))
  }
  return errors
}

function validateHasLabel(labels: Readonly<Record<string, string>>, label: string, expected: string): FieldError[] {
  const path = `spec.template.metadata.labels[${label}]`
  const actual = labels[label]
  if (actual === undefined) return [requiredField(path, `must be '${expected}'`)]
  return actual === expected ? [] : [invalidField(path, labels, `must be '${expected}'`)]
}
