import type { Pod } from '../../apis/core/pod.ts'
import type { ContainerStatus, PodCondition } from '../../apis/core/pod-status.ts'
import { containersOf, initContainersOf, isSidecar } from '../pods/containers.ts'

interface Facts {
  readonly phase: string
  readonly init: readonly ContainerStatus[]
  readonly app: readonly ContainerStatus[]
  readonly hasNetwork: boolean
}

type NewCondition = Omit<PodCondition, 'lastTransitionTime'>

/** The conditions that the kubelet is responsible for; others of the pod are left to their owners. */
export function podConditions(pod: Pod, facts: Facts, now: string): PodCondition[] {
  const containersReady = containersReadyCondition(pod, facts)
  const conditions: NewCondition[] = [
    { type: 'PodReadyToStartContainers', status: facts.hasNetwork ? 'True' : 'False' },
    initializedCondition(pod, facts),
    readyCondition(pod, containersReady),
    containersReady,
    { type: 'PodScheduled', status: 'True' },
  ]
  const observedGeneration = pod.metadata.generation
  return conditions.map(condition => {
    const before = pod.status?.conditions?.find(({ type }) => type === condition.type)
    const isSame = before?.status === condition.status
    return {
      ...condition,
      lastTransitionTime: isSame ? before.lastTransitionTime : now,
      ...(observedGeneration === undefined ? {} : { observedGeneration }),
    }
  })
}

function initializedCondition(pod: Pod, { phase, init, app }: Facts): NewCondition {
  if (phase === 'Succeeded') return { type: 'Initialized', status: 'True', reason: 'PodCompleted' }
  const incomplete = initContainersOf(pod).filter(container => {
    const status = init.find(({ name }) => name === container.name)
    return isSidecar(container) ? !status?.started : !status?.ready
  })
  // Once the app containers have started, that is over, though a sidecar may be down.
  const hasStarted = app.some(({ state, lastState }) => state?.running ?? state?.terminated ?? lastState?.terminated)
  if (incomplete.length === 0 || (hasStarted && incomplete.every(isSidecar))) return { type: 'Initialized', status: 'True' }
  const names = incomplete.map(({ name }) => name).join(' ')
  return {
    type: 'Initialized',
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${names}]`,
  }
}

function containersReadyCondition(pod: Pod, { phase, init, app }: Facts): NewCondition {
  const type = 'ContainersReady'
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' }
  const all = [...init, ...app]
  const counted = [...initContainersOf(pod).filter(isSidecar), ...containersOf(pod)]
  const unready = counted.filter(({ name }) => !all.find(status => status.name === name)?.ready).map(({ name }) => name)
  if (unready.length === 0) return { type, status: 'True' }
  return { type, status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` }
}

/** Ready: all containers are, and so says every readiness gate. */
function readyCondition(pod: Pod, containersReady: NewCondition): NewCondition {
  if (containersReady.status !== 'True') return { ...containersReady, type: 'Ready' }
  const problems = (pod.spec?.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = pod.status?.conditions?.find(({ type }) => type === conditionType)
    if (!condition) return [`corresponding condition of pod readiness gate ${JSON.stringify(conditionType)} does not exist.`]
    if (condition.status === 'True') return []
    return [`the status of pod readiness gate ${JSON.stringify(conditionType)} is not "True", but ${condition.status}`]
  })
  if (problems.length === 0) return { type: 'Ready', status: 'True' }
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: problems.join(', ') }
}
