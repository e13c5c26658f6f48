import { type Pod } from '../../apis/core/pod.ts'
import type { KubeletPod } from '../options.ts'
import { annotations, labels } from '../runtime/types.ts'
import { isEnded } from '../status/pod-status.ts'
import { createPodWorker, type NodeLabels, type PodWorker } from './pod-worker.ts'
import type { PodRuntime } from './runtime-state.ts'
import type { PodServices } from './services.ts'

/** A worker for each pod of the node, and for what is left of pods that are no longer there. */
export interface PodWorkers {
  /** A pod was added, changed, or (without `current`) removed. */
  onChange(old: Pod | undefined, current: Pod | undefined): void
  poke(podUid: string): void
  refresh(podUid: string): void
  /** Ends what the runtime or the disk has of pods that nobody knows. */
  removeOrphans(): Promise<void>
  list(): readonly KubeletPod[]
  get(namespace: string, name: string): KubeletPod | undefined
  uids(): readonly string[]
  running(): number
  reboot(gracePeriod_s: number): Promise<void>
  close(): Promise<void>
}

export function createPodWorkers(services: PodServices, labelsOfNode: NodeLabels): PodWorkers {
  const workers = new Map<string, PodWorker>()
  let closed = false

  function start(pod: Pod): PodWorker {
    const uid = pod.metadata.uid ?? ''
    const worker = createPodWorker({
      services,
      pod,
      others: () => [...workers.values()].filter(other => other !== workers.get(uid) && isActive(other)).map(other => other.pod),
      labels: labelsOfNode,
      // A pod that waits for its finalizers stays known, so that it isn't begun again.
      onFinished: () => {
        if (removed.delete(uid)) workers.delete(uid)
      },
    })
    workers.set(uid, worker)
    return worker
  }
  // Uids that the API has no more, while their workers clean up.
  const removed = new Set<string>()

  function onChange(old: Pod | undefined, current: Pod | undefined): void {
    if (closed) return
    const isReplaced = old && old.metadata.uid !== current?.metadata.uid
    if (isReplaced) remove(old.metadata.uid ?? '')
    if (!current) return
    const worker = workers.get(current.metadata.uid ?? '')
    if (worker) worker.update(current)
    else start(current).poke()
  }

  function remove(uid: string): void {
    const worker = workers.get(uid)
    if (!worker) return
    if (worker.finished) workers.delete(uid)
    else {
      removed.add(uid)
      worker.remove()
    }
  }

  const byName = (namespace: string, name: string) => {
    const matching = [...workers.values()].filter(({ pod }) => pod.metadata.name === name && pod.metadata.namespace === namespace)
    return matching.find(worker => !removed.has(worker.pod.metadata.uid ?? '')) ?? matching[0]
  }

  return {
    onChange,
    poke: uid => workers.get(uid)?.poke(),
    refresh: uid => workers.get(uid)?.refresh(),
    async removeOrphans() {
      for (const uid of services.state.pods()) {
        if (workers.has(uid)) continue
        services.logger.info('found containers of a pod that is no more; removing them', { podUid: uid })
        start(orphanedPod(uid, services.state.of(uid)))
        remove(uid)
      }
      for (const uid of await services.volumes.known()) if (!workers.has(uid)) await services.volumes.tearDown(uid)
    },
    list: () => [...workers.values()].filter(({ finished }) => !finished).map(worker => worker.view()),
    get: (namespace, name) => byName(namespace, name)?.view(),
    uids: () => [...workers.entries()].filter(([, { finished }]) => !finished).map(([uid]) => uid),
    running: () => [...workers.values()].filter(isActive).length,
    async reboot(gracePeriod_s) {
      closed = true
      await Promise.all([...workers.values()].filter(({ finished }) => !finished).map(worker => worker.reboot(gracePeriod_s)))
    },
    async close() {
      closed = true
      await Promise.all([...workers.values()].map(worker => worker.close()))
    },
  }
}

const isActive = (worker: PodWorker) => !worker.finished && !isEnded(worker.pod)

/** As much of a pod as its labels in the runtime tell: enough to stop its containers and to remove them. */
function orphanedPod(uid: string, { sandboxes, containers }: PodRuntime): Pod {
  const sample = sandboxes[0] ?? containers[0]
  const grace = sample?.annotations[annotations.gracePeriod]
  return {
    metadata: { uid, name: sample?.labels[labels.podName], namespace: sample?.labels[labels.podNamespace] },
    spec: {
      containers: [...new Set(containers.map(({ name }) => name))].map(name => ({ name })),
      ...(grace === undefined ? {} : { terminationGracePeriodSeconds: Number(grace) }),
    },
    status: { phase: 'Running', startTime: '1970-01-01T00:00:00Z' },
  }
}
