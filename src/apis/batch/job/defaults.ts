import { applyPodTemplateDefaults } from '../../core/pod/defaults.ts'
import { mapShared, orNull, withDefault, withField } from '../../core/sharing.ts'
import { maximumInt32 } from '../../core/validation/rules.ts'
import type { Job, JobSpec, PodFailurePolicyRule } from '../job.ts'

export function applyJobDefaults(job: Job): Job {
  if (job.spec === undefined) return job
  return withTemplateLabels(withField(job, 'spec', applyJobSpecDefaults(job.spec)))
}

/** A job without labels takes over those of its pods. */
function withTemplateLabels(job: Job): Job {
  const labels = job.spec?.template?.metadata?.labels
  const has = Object.keys(job.metadata.labels ?? {}).length > 0
  return has || labels === undefined ? job : { ...job, metadata: { ...job.metadata, labels } }
}

export function applyJobSpecDefaults(given: JobSpec): JobSpec {
  // With neither given it is one pod; with parallelism alone, a work queue: any success completes it.
  const isSingle = given.completions === undefined && given.parallelism === undefined
  let spec = isSingle ? { ...given, completions: 1 } : given
  spec = withField(spec, 'parallelism', spec.parallelism ?? 1)
  spec = withField(spec, 'backoffLimit', spec.backoffLimit ?? (spec.backoffLimitPerIndex === undefined ? 6 : maximumInt32))
  spec = withDefault(spec, 'completionMode', 'NonIndexed')
  spec = withField(spec, 'suspend', spec.suspend ?? false)
  spec = withField(spec, 'manualSelector', spec.manualSelector ?? false)
  spec = withDefault(spec, 'podReplacementPolicy', spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed')
  return applyJobTemplateDefaults(spec)
}

/** The defaults that the parts of a job's spec have by themselves, also where no job is made of it yet. */
export function applyJobTemplateDefaults(given: JobSpec): JobSpec {
  let spec = given
  if (spec.podFailurePolicy) {
    const rules = orNull(mapShared(spec.podFailurePolicy.rules ?? undefined, withConditionStatus))
    spec = withField(spec, 'podFailurePolicy', withField(spec.podFailurePolicy, 'rules', rules))
  }
  return spec.template ? withField(spec, 'template', applyPodTemplateDefaults(spec.template)) : spec
}

const withConditionStatus = (rule: PodFailurePolicyRule): PodFailurePolicyRule =>
  withField(
    rule,
    'onPodConditions',
    mapShared(rule.onPodConditions, pattern => withDefault(pattern, 'status', 'True')),
  )
