import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import { isPodTerminal } from '../../apis/core/pod/status-text.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { type Clock, formatTime } from '../../base/index.ts'
import type { Client } from '../../client/index.ts'
import { nodeOfPod } from '../daemonset/pods.ts'

/** What becomes of a pod: it runs and is ready, runs without becoming ready, waits, or ends with an exit code. */
export type Fate = 'ready' | 'unready' | 'pending' | { readonly exitCode: number }

/** Binds and runs pods in name only, so that controllers have something to react to. */
export function runSimulatedKubelet(client: Client, clock: Clock, fateOf: (pod: Pod) => Fate): { close(): Promise<void> } {
  const pods = client.informer(podKind)
  const pending = new Set<Promise<void>>()
  let closed = false
  let addresses = 0

  const unsubscribe = pods.onChange((_old, current) => {
    if (!current || closed) return
    const step = next(current).catch((error: unknown) => {
      if (!closed && !isNotFound(error) && !isConflict(error)) throw error
    })
    pending.add(step)
    void step.finally(() => pending.delete(step))
  })

  async function next(pod: Pod): Promise<void> {
    const { namespace, name = '', uid } = pod.metadata
    if (pod.metadata.deletionTimestamp) {
      if (!isPodTerminal(pod)) return setPhase(pod, 'Failed')
      return client.delete(podKind, namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } })
    }
    const fate = fateOf(pod)
    if (fate === 'pending' || isPodTerminal(pod)) return
    if (!pod.spec?.nodeName) {
      const target = { kind: 'Node', name: nodeOfPod(pod) ?? 'simulated' }
      await client.createSubresource(podKind, namespace, name, 'binding', { metadata: { name, namespace, uid }, target })
    } else if (typeof fate === 'object') await setPhase(pod, fate.exitCode === 0 ? 'Succeeded' : 'Failed', fate.exitCode)
    else if (pod.status?.phase !== 'Running') await setRunning(pod, fate === 'ready')
  }

  async function setPhase(pod: Pod, phase: string, exitCode?: number): Promise<void> {
    const terminated = { exitCode: exitCode ?? 137, reason: exitCode === 0 ? 'Completed' : 'Error', finishedAt: formatTime(clock.now()) }
    const containerStatuses = pod.spec?.containers.map(({ name, image = '' }) => ({
      name,
      image,
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { terminated },
    }))
    await client.updateStatus(podKind, { ...pod, status: { ...pod.status, phase, conditions: readiness(false), containerStatuses } })
  }

  async function setRunning(pod: Pod, ready: boolean): Promise<void> {
    const podIP = `10.42.${addresses >> 8}.${(addresses++ & 255) + 1}`
    const status = { ...pod.status, phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions: readiness(ready) }
    await client.updateStatus(podKind, { ...pod, status })
  }

  const readiness = (ready: boolean) => [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: formatTime(clock.now()) }]

  return {
    async close() {
      closed = true
      unsubscribe()
      await Promise.all(pending)
    },
  }
}
