import type { Deployment, DeploymentCondition, DeploymentStatus } from '../../apis/apps/deployment.ts'
import type { ReplicaSet } from '../../apis/apps/replica-set.ts'
import { boundsOf, wantedReplicas } from './rolling.ts'

/** What a deployment's status says, given its replica sets; conditions in upstream's words. */
export interface RolloutView {
  readonly deployment: Deployment
  readonly current: ReplicaSet | undefined
  readonly all: readonly ReplicaSet[]
  /** What the last step did, when it did something that conditions tell. */
  readonly note: ProgressNote | undefined
  readonly collisionCount: number
  readonly now: string
  readonly now_ms: number
}

export type ProgressNote = {
  readonly reason: 'NewReplicaSetCreated' | 'FoundNewReplicaSet' | 'ReplicaSetCreateError'
  readonly message: string
}

type Counts = Required<
  Pick<
    DeploymentStatus,
    | 'observedGeneration'
    | 'replicas'
    | 'updatedReplicas'
    | 'readyReplicas'
    | 'availableReplicas'
    | 'unavailableReplicas'
    | 'terminatingReplicas'
  >
>

const sumOf = (replicaSets: readonly ReplicaSet[], count: (replicaSet: ReplicaSet) => number | undefined): number =>
  replicaSets.reduce((sum, one) => sum + (count(one) ?? 0), 0)

/** The very same value when nothing changed. */
export function deploymentStatus(view: RolloutView): DeploymentStatus {
  const { deployment, current, all } = view
  const availableReplicas = sumOf(all, one => one.status?.availableReplicas)
  const counts: Counts = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sumOf(all, one => one.status?.replicas),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sumOf(all, one => one.status?.readyReplicas),
    availableReplicas,
    unavailableReplicas: Math.max(0, sumOf(all, one => one.spec?.replicas ?? 1) - availableReplicas),
    terminatingReplicas: sumOf(all, one => one.status?.terminatingReplicas),
  }
  const conditions = conditionsOf(view, counts)
  const old = deployment.status
  const collisions = view.collisionCount ? { collisionCount: view.collisionCount } : {}
  const sameCounts = (Object.keys(counts) as (keyof Counts)[]).every(field => (old?.[field] ?? 0) === counts[field])
  if (old && sameCounts && sameConditions(old.conditions ?? [], conditions) && (old.collisionCount ?? 0) === view.collisionCount) return old
  return { ...counts, ...collisions, ...(conditions.length && { conditions }) }
}

function conditionsOf(view: RolloutView, counts: Counts): DeploymentCondition[] {
  const { deployment, all, now } = view
  const old = deployment.status?.conditions ?? []
  const others = old.filter(condition => !['Available', 'Progressing', 'ReplicaFailure'].includes(condition.type))
  const known = (type: string) => old.find(condition => condition.type === type)
  const enough = counts.availableReplicas >= wantedReplicas(deployment) - boundsOf(deployment).unavailable
  const available = enough
    ? condition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
    : condition('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.')
  const failed = all.flatMap(one => one.status?.conditions ?? []).find(one => one.type === 'ReplicaFailure' && one.status === 'True')
  const failure = failed && condition('ReplicaFailure', 'True', failed.reason ?? '', failed.message ?? '')
  const progressing = progressOf(view, counts, known('Progressing'))
  const wanted = [available, progressing, failure].filter(one => one !== undefined)
  return [...others, ...wanted.map(one => merge(one, known(one.type), now))]
}

/** Times stay as long as what they are about does. */
function merge(wanted: DeploymentCondition, known: DeploymentCondition | undefined, now: string): DeploymentCondition {
  const unchanged = known?.status === wanted.status && known.reason === wanted.reason && known.message === wanted.message
  if (unchanged && !wanted.lastUpdateTime) return known
  return {
    ...wanted,
    lastUpdateTime: wanted.lastUpdateTime ?? now,
    lastTransitionTime: known?.status === wanted.status ? known.lastTransitionTime : now,
  }
}

const condition = (type: string, status: string, reason: string, message: string): DeploymentCondition => ({
  type,
  status,
  reason,
  message,
})

function progressOf(view: RolloutView, counts: Counts, known: DeploymentCondition | undefined): DeploymentCondition | undefined {
  const { deployment, current, note } = view
  if (!hasDeadline(deployment)) return undefined
  if (deployment.spec?.paused) {
    // That it got stuck is worth more than that it rests now.
    const stays = known?.reason === 'DeploymentPaused' || known?.reason === 'ProgressDeadlineExceeded'
    return stays ? known : condition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused')
  }
  const name = current ? `ReplicaSet ${JSON.stringify(current.metadata.name)}` : `Deployment ${JSON.stringify(deployment.metadata.name)}`
  const resumed =
    known?.reason === 'DeploymentPaused' ? condition('Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed') : undefined
  if (note) return condition('Progressing', note.reason === 'ReplicaSetCreateError' ? 'False' : 'True', note.reason, note.message)
  if (isComplete(deployment, counts))
    return condition('Progressing', 'True', 'NewReplicaSetAvailable', `${name} has successfully progressed.`)
  // Scaling an update that is complete is no new update.
  if (known?.reason === 'NewReplicaSetAvailable' && counts.updatedReplicas === counts.replicas) return known
  if (hasProgressed(deployment.status, counts))
    return { ...condition('Progressing', 'True', 'ReplicaSetUpdated', `${name} is progressing.`), lastUpdateTime: view.now }
  if (known && isTimedOut(deployment, known, view.now_ms))
    return condition('Progressing', 'False', 'ProgressDeadlineExceeded', `${name} has timed out progressing.`)
  return resumed ?? known
}

/** The largest int32 means that there is no deadline. */
const hasDeadline = (deployment: Deployment): boolean => (deployment.spec?.progressDeadlineSeconds ?? 600) !== 2_147_483_647

export function isComplete(
  deployment: Deployment,
  counts: Pick<DeploymentStatus, 'updatedReplicas' | 'replicas' | 'availableReplicas' | 'observedGeneration'>,
): boolean {
  const wanted = wantedReplicas(deployment)
  return (
    counts.updatedReplicas === wanted &&
    counts.replicas === wanted &&
    counts.availableReplicas === wanted &&
    (counts.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

function hasProgressed(old: DeploymentStatus | undefined, counts: Counts): boolean {
  const oldOnes = (status: Pick<DeploymentStatus, 'replicas' | 'updatedReplicas'>) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return (
    counts.updatedReplicas > (old?.updatedReplicas ?? 0) ||
    oldOnes(counts) < oldOnes(old ?? {}) ||
    counts.readyReplicas > (old?.readyReplicas ?? 0) ||
    counts.availableReplicas > (old?.availableReplicas ?? 0)
  )
}

function isTimedOut(deployment: Deployment, known: DeploymentCondition, now_ms: number): boolean {
  if (known.reason === 'NewReplicaSetAvailable') return false
  if (known.reason === 'ProgressDeadlineExceeded') return true
  return now_ms > deadlineOf(deployment, known)
}

const deadlineOf = (deployment: Deployment, known: DeploymentCondition): number =>
  Date.parse(known.lastUpdateTime ?? '') + (deployment.spec?.progressDeadlineSeconds ?? 600) * 1000

/** When to look whether an update is stuck, in milliseconds from now; undefined when there is nothing to wait for. */
export function untilDeadline(deployment: Deployment, status: DeploymentStatus, now_ms: number): number | undefined {
  const known = status.conditions?.find(one => one.type === 'Progressing')
  if (!known || !hasDeadline(deployment) || deployment.spec?.paused) return undefined
  if (known.reason === 'NewReplicaSetAvailable' || known.reason === 'ProgressDeadlineExceeded') return undefined
  return Math.max(0, deadlineOf(deployment, known) - now_ms) + 1000
}

const sameConditions = (left: readonly DeploymentCondition[], right: readonly DeploymentCondition[]): boolean =>
  left.length === right.length &&
  right.every(condition => left.includes(condition) || left.some(one => JSON.stringify(one) === JSON.stringify(condition)))
