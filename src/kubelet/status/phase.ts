import type { Pod } from '../../apis/core/pod.ts'
import type { ContainerStatus } from '../../apis/core/pod-status.ts'
import { containersOf, initContainersOf, isSidecar, restartPolicyOf } from '../pods/containers.ts'

type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

interface Statuses {
  readonly init: readonly ContainerStatus[]
  readonly app: readonly ContainerStatus[]
}

/** The phase by what the containers do. `ended`: nothing will run again, as for a pod that is being deleted. */
export function podPhase(pod: Pod, { init, app }: Statuses, ended: boolean): Phase {
  const initial = initProgress(pod, init)
  if (initial === 'failed') return 'Failed'
  const counts = countContainers(pod, app)
  const hasStarted = app.some(({ state, lastState }) => state?.running ?? state?.terminated ?? lastState?.terminated)
  if (initial === 'pending' && !hasStarted) return ended ? 'Failed' : 'Pending'
  if (counts.waiting > 0) return ended ? 'Failed' : 'Pending'
  const sidecars = initContainersOf(pod).filter(isSidecar)
  const served = sidecars.some(({ name }) => init.find(status => status.name === name)?.state?.running)
  // Until its sidecars have ended, too, a pod is not over.
  if (counts.running > 0 || (served && !ended)) return 'Running'
  if (counts.stopped === 0) return ended ? 'Failed' : 'Pending'
  if (counts.succeeded === counts.stopped) return ended || counts.final ? 'Succeeded' : 'Running'
  return ended || counts.final ? 'Failed' : 'Running'
}

function initProgress(pod: Pod, statuses: readonly ContainerStatus[]): 'complete' | 'pending' | 'failed' {
  for (const container of initContainersOf(pod)) {
    const status = statuses.find(({ name }) => name === container.name)
    const exit = status?.state?.terminated ?? status?.lastState?.terminated
    if (isSidecar(container)) {
      if (!status?.state?.running || !status.started) return 'pending'
    } else if (status?.state?.terminated?.exitCode !== 0) {
      const failed = exit !== undefined && exit.exitCode !== 0 && restartPolicyOf(pod, container) === 'Never'
      return failed ? 'failed' : 'pending'
    }
  }
  return 'complete'
}

function countContainers(pod: Pod, statuses: readonly ContainerStatus[]) {
  const counts = { waiting: 0, running: 0, stopped: 0, succeeded: 0, final: true }
  for (const container of containersOf(pod)) {
    const status = statuses.find(({ name }) => name === container.name)
    if (status?.state?.running) counts.running++
    else if (status?.state?.terminated) {
      counts.stopped++
      const succeeded = status.state.terminated.exitCode === 0
      if (succeeded) counts.succeeded++
      const policy = restartPolicyOf(pod, container)
      if (policy === 'Always' || (policy === 'OnFailure' && !succeeded)) counts.final = false
    } else if (status?.lastState?.terminated) {
      counts.stopped++
      counts.final = false
      // It waits for its next try: the pod goes on.
    } else counts.waiting++
  }
  return counts
}
