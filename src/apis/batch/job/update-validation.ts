import { type FieldError, invalidField } from '../../../apimachinery/field-error.ts'
import type { PodTemplateSpec } from '../../core/pod-spec.ts'
import { semanticEqual } from '../../core/sharing.ts'
import { immutable } from '../../field-rules.ts'
import type { Job, JobSpec } from '../job.ts'

/** Little of a job may change, since its pods have been made already. */
export function validateJobUpdate({ spec }: Job, old: Job): FieldError[] {
  if (spec === undefined || old.spec === undefined) return immutable(spec, old.spec, 'spec')
  const fields = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const
  return [
    ...validateCompletionsUpdate(spec, old.spec),
    ...immutable(spec.selector, old.spec.selector, 'spec.selector'),
    ...validateTemplateUpdate(spec.template, old),
    ...fields.flatMap(field => immutable(spec[field], old.spec?.[field], `spec.${field}`)),
  ]
}

/** Indexed jobs are elastic: completions and parallelism change together. */
function validateCompletionsUpdate(spec: JobSpec, old: JobSpec): FieldError[] {
  const path = 'spec.completions'
  const isElastic = spec.completionMode === 'Indexed' && spec.completions !== undefined && old.completions !== undefined
  if (!isElastic || spec.completions === old.completions) return immutable(spec.completions, old.completions, path)
  if (spec.completions === spec.parallelism) return []
  return [invalidField(path, spec.completions, 'can only be modified in tandem with spec.parallelism')]
}

function validateTemplateUpdate(template: PodTemplateSpec, old: Job): FieldError[] {
  const before = old.spec?.template ?? {}
  const hasNotStarted = old.spec?.suspend === true && old.status?.startTime === undefined
  const comparable = hasNotStarted ? withSchedulingOf(before, template) : before
  return semanticEqual(template, comparable) ? [] : [invalidField('spec.template', template, 'field is immutable')]
}

/** While a job is suspended and has never run, queueing controllers decide where its pods may go. */
function withSchedulingOf(before: PodTemplateSpec, template: PodTemplateSpec): PodTemplateSpec {
  const { labels, annotations } = template.metadata ?? {}
  const { nodeSelector, tolerations, schedulingGates, affinity } = template.spec ?? {}
  const nodeAffinity = affinity?.nodeAffinity
  const kept = before.spec?.affinity
  const merged = affinity || hasOtherAffinity(kept) ? { ...kept, nodeAffinity } : undefined
  return {
    ...before,
    metadata: { ...before.metadata, labels, annotations },
    spec: { ...before.spec, containers: before.spec?.containers ?? [], nodeSelector, tolerations, schedulingGates, affinity: merged },
  }
}

const hasOtherAffinity = (affinity: { readonly podAffinity?: unknown; readonly podAntiAffinity?: unknown } | undefined): boolean =>
  affinity?.podAffinity !== undefined || affinity?.podAntiAffinity !== undefined
