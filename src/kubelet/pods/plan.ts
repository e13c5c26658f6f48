import type { Container } from '../../apis/core/container.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { annotations, type ContainerStatus, type SandboxStatus } from '../runtime/types.ts'
import { containerHash } from './container-hash.ts'
import { containersOf, ephemeralContainersOf, initContainersOf, isSidecar, restartPolicyOf, shouldRestart, specOf } from './containers.ts'
import { lastExit, newestContainer } from './history.ts'
import { backOffAfter_s, restartDue_ms } from './restart-back-off.ts'
import type { PodRuntime } from './runtime-state.ts'

/** What to do next with a pod that is to run; a value made of what is wanted and what is there. */
export interface PodPlan {
  /** The sandbox in which to go on; undefined where one has to be made, or where nothing has to run. */
  readonly sandbox: SandboxStatus | undefined
  /** The attempt of the sandbox to make. */
  readonly createSandbox: number | undefined
  /** All that runs belongs to a dead sandbox, or to a pod that has done its work. */
  readonly stopAll: boolean
  readonly stop: readonly ContainerStop[]
  /** In order; each only after the one before has been started. */
  readonly start: readonly Container[]
  readonly backOffs: readonly BackOff[]
  /** All containers have ended for good. */
  readonly done: boolean
}

export interface ContainerStop {
  readonly container: ContainerStatus
  readonly message: string
  readonly gracePeriod_s?: number
}

export interface BackOff {
  readonly container: Container
  readonly back_off_s: number
  readonly due_ms: number
}

/** What the prober knows. */
export interface HealthFacts {
  /** Whether the startup probe of a running container has passed, or there is none. */
  readonly started: (containerId: string) => boolean
  /** A failed liveness or startup probe, with the grace period that it sets. */
  readonly failed: (containerId: string) => { readonly message: string; readonly gracePeriod_s?: number } | undefined
  /** Containers that the kubelet itself stopped in order to replace them. */
  readonly replaced: ReadonlySet<string>
}

export function planPod(pod: Pod, runtime: PodRuntime, health: HealthFacts, now: number): PodPlan {
  const sandbox = usableSandbox(pod, runtime)
  return sandbox ? planInSandbox(pod, runtime, sandbox, health, now) : planNewSandbox(pod, runtime)
}

function usableSandbox(pod: Pod, { sandboxes }: PodRuntime): SandboxStatus | undefined {
  const [newest, ...older] = sandboxes
  if (!newest?.ready || older.some(sandbox => sandbox.ready)) return undefined
  return specOf(pod).hostNetwork || newest.addresses.length > 0 ? newest : undefined
}

function planNewSandbox(pod: Pod, runtime: PodRuntime): PodPlan {
  const stopAll = runtime.sandboxes.some(sandbox => sandbox.ready) || runtime.containers.some(container => container.state === 'running')
  const wanted = containersOf(pod).filter(container => {
    const exit = lastExit(pod, runtime, container.name)
    return exit === undefined || shouldRestart(pod, container, exit)
  })
  const attempt = 1 + Math.max(-1, ...runtime.sandboxes.map(sandbox => sandbox.attempt))
  const hasRun = containersOf(pod).some(container => lastExit(pod, runtime, container.name) !== undefined)
  const failedInit = initContainersOf(pod).some(container => {
    const exit = isSidecar(container) ? undefined : lastExit(pod, runtime, container.name)
    return exit !== undefined && exit !== 0 && !shouldRestart(pod, container, exit)
  })
  // A pod that must not restart has lost its containers with its sandbox: what has run stays ended, what has not never will.
  const ended = wanted.length === 0 || failedInit || (hasRun && specOf(pod).restartPolicy === 'Never' && runsNeverAgain(pod))
  if (ended) return { sandbox: undefined, createSandbox: undefined, stopAll, stop: [], start: [], backOffs: [], done: true }
  const [firstInit] = initContainersOf(pod)
  const start = firstInit ? [firstInit] : wanted
  return { sandbox: undefined, createSandbox: attempt, stopAll, stop: [], start, backOffs: [], done: false }
}

const runsNeverAgain = (pod: Pod) => containersOf(pod).every(container => restartPolicyOf(pod, container) === 'Never')

function planInSandbox(pod: Pod, runtime: PodRuntime, sandbox: SandboxStatus, health: HealthFacts, now: number): PodPlan {
  const current: PodRuntime = { sandboxes: [sandbox], containers: runtime.containers.filter(({ sandboxId }) => sandboxId === sandbox.id) }
  const decide = (container: Container) => decideContainer(pod, container, newestContainer(current, container.name), health, now)
  const decisions: Decision[] = []

  const initialized = containersOf(pod).some(({ name }) => newestContainer(current, name) !== undefined)
  const init = planInit(pod, current, initialized, health, decide)
  decisions.push(...init.decisions)
  const ended = init.failed || (init.complete && containersOf(pod).every(container => hasEnded(pod, runtime, current, container, health)))
  if (ended) return { sandbox, createSandbox: undefined, stopAll: true, stop: [], start: [], backOffs: [], done: true }
  if (init.complete) {
    const pending = containersOf(pod).filter(container => !hasEnded(pod, runtime, current, container, health))
    decisions.push(...pending.map(decide))
  }
  const ephemeral = ephemeralContainersOf(pod).filter(({ name }) => newestContainer(current, name) === undefined)
  decisions.push(...ephemeral.map(container => ({ type: 'start' as const, container })))

  return {
    sandbox,
    createSandbox: undefined,
    stopAll: false,
    stop: decisions.flatMap(decision => (decision.type === 'stop' ? [decision.stop] : [])),
    start: decisions.flatMap(decision => (decision.type === 'start' ? [decision.container] : [])),
    backOffs: decisions.flatMap(decision => (decision.type === 'wait' ? [decision.backOff] : [])),
    done: false,
  }
}

type Decision =
  | { readonly type: 'keep' }
  | { readonly type: 'stop'; readonly stop: ContainerStop }
  | { readonly type: 'start'; readonly container: Container }
  | { readonly type: 'wait'; readonly backOff: BackOff }

function decideContainer(pod: Pod, container: Container, status: ContainerStatus | undefined, health: HealthFacts, now: number): Decision {
  if (!status || status.state === 'created') return { type: 'start', container }
  if (status.state === 'running') return decideRunning(container, status, health)
  if (status.state === 'unknown')
    return {
      type: 'stop',
      stop: { container: status, message: `Container ${container.name} is in unknown state, try killing it before restart` },
    }
  if (!health.replaced.has(status.id) && !shouldRestart(pod, container, status.exitCode ?? 0)) return { type: 'keep' }
  const due_ms = restartDue_ms(status)
  if (due_ms > now) return { type: 'wait', backOff: { container, back_off_s: backOffAfter_s(status), due_ms } }
  return { type: 'start', container }
}

function decideRunning(container: Container, status: ContainerStatus, health: HealthFacts): Decision {
  const hash = status.annotations[annotations.containerHash]
  if (hash !== undefined && hash !== containerHash(container)) {
    return { type: 'stop', stop: { container: status, message: `Container ${container.name} definition changed, will be restarted` } }
  }
  const failed = health.failed(status.id)
  return failed ? { type: 'stop', stop: { container: status, ...failed } } : { type: 'keep' }
}

interface InitPlan {
  readonly decisions: readonly Decision[]
  /** The app containers may run. */
  readonly complete: boolean
  /** One failed for good. */
  readonly failed: boolean
}

/** Init containers run one after the other; a sidecar lets the next one go once it has started, and stays. */
function planInit(
  pod: Pod,
  current: PodRuntime,
  initialized: boolean,
  health: HealthFacts,
  decide: (container: Container) => Decision,
): InitPlan {
  const decisions: Decision[] = []
  for (const container of initContainersOf(pod)) {
    const status = newestContainer(current, container.name)
    if (isSidecar(container)) {
      decisions.push(decide(container))
      const started = status?.state === 'running' && health.started(status.id)
      if (!started && !initialized) return { decisions, complete: false, failed: false }
    } else if (!initialized && !(status?.state === 'exited' && status.exitCode === 0 && !health.replaced.has(status.id))) {
      const failed = status?.state === 'exited' && !shouldRestart(pod, container, status.exitCode ?? 0) && !health.replaced.has(status.id)
      if (!failed) decisions.push(decide(container))
      return { decisions, complete: false, failed }
    }
  }
  return { decisions, complete: true, failed: false }
}

/** Ended in this sandbox, or in an earlier one, and not to run again. */
function hasEnded(pod: Pod, runtime: PodRuntime, current: PodRuntime, container: Container, health: HealthFacts): boolean {
  const status = newestContainer(current, container.name)
  if (status) {
    if (status.state !== 'exited') return false
    const mayReplace = health.replaced.has(status.id) && restartPolicyOf(pod, container) !== 'Never'
    return !mayReplace && !shouldRestart(pod, container, status.exitCode ?? 0)
  }
  const exit = lastExit(pod, runtime, container.name)
  return exit !== undefined && !shouldRestart(pod, container, exit)
}
