import type { Job, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule } from '../../apis/batch/job.ts'
import type { Pod } from '../../apis/core/pod.ts'

export interface FailureMatch {
  readonly action: PodFailurePolicyRule['action']
  readonly message: string
}

/** The first rule of the job's failure policy that a failed pod meets. */
export function matchFailurePolicy(job: Job, pod: Pod): FailureMatch | undefined {
  if (pod.status?.phase !== 'Failed') return undefined
  for (const [index, rule] of (job.spec?.podFailurePolicy?.rules ?? []).entries()) {
    const what = (rule.onExitCodes && matchExitCodes(rule.onExitCodes, pod)) ?? matchConditions(rule, pod)
    if (what) return { action: rule.action, message: `${what} matching ${rule.action} rule at index ${index}` }
  }
  return undefined
}

/** False for a failure that the policy says to ignore. */
export const countsAsFailure = (job: Job, pod: Pod): boolean => matchFailurePolicy(job, pod)?.action !== 'Ignore'

function matchExitCodes({ containerName, operator, values = [] }: PodFailurePolicyOnExitCodesRequirement, pod: Pod): string | undefined {
  for (const { name, state } of [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]) {
    const exitCode = state?.terminated?.exitCode
    if (exitCode === undefined || exitCode === 0 || (containerName !== undefined && containerName !== name)) continue
    if (values.includes(exitCode) === (operator === 'In'))
      return `Container ${name} for pod ${nameOf(pod)} failed with exit code ${exitCode}`
  }
  return undefined
}

function matchConditions(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  const found = pod.status?.conditions?.find(condition =>
    rule.onPodConditions?.some(pattern => pattern.type === condition.type && (pattern.status ?? 'True') === condition.status),
  )
  return found && `Pod ${nameOf(pod)} has condition ${found.type}`
}

const nameOf = ({ metadata: { namespace, name } }: Pod): string => `${namespace}/${name}`
