import { isDeepStrictEqual } from 'node:util'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { formatTime, type Timer } from '../../base/index.ts'
import type { KubeletPod } from '../options.ts'
import { podControlGroup } from '../resources/control-group-values.ts'
import { isEnded, podAddresses, podStatus } from '../status/pod-status.ts'
import { admitPod, type Refusal } from './admission.ts'
import { allContainersOf, formatPod, podKey } from './containers.ts'
import { newestContainer, recordedStatus } from './history.ts'
import { readTerminationMessages } from './last-words.ts'
import type { PodWork } from './pod-work.ts'
import type { PodServices } from './services.ts'
import { settledWithin, stopContainers, stopSandboxes } from './stop-containers.ts'
import { syncPod } from './sync-pod.ts'
import { terminatePod } from './terminate-pod.ts'
import { unsupportedFeatures } from './unsupported.ts'

/**
 * Looks after one pod. Whatever happens (the object changed, a container ended, a probe found something, time passed), it only marks
 * the pod as dirty; one step at a time then does what is missing. A deletion interrupts a step.
 */
export interface PodWorker {
  readonly pod: Pod
  /** Everything is cleaned up and the object is gone. */
  readonly finished: boolean
  update(pod: Pod): void
  /** The API has it no more. */
  remove(): void
  /** Something of the pod in the runtime, or a probe's result, changed. */
  poke(): void
  /** Something that it refers to changed: what failed is tried again at once, volumes are brought up to date. */
  refresh(): void
  view(): KubeletPod
  /** Stops containers as a reboot does: the status in the API stays as it is, but pods that must not restart are Failed. */
  reboot(gracePeriod_s: number): Promise<void>
  close(): Promise<void>
}

interface Options {
  readonly services: PodServices
  readonly pod: Pod
  readonly others: () => readonly Pod[]
  readonly labels: NodeLabels
  readonly onFinished: () => void
}

const closeWait_ms = 500
const unsupportedNote_ms = 60_000
const errorRetry_ms = [100, 500, 1000, 2000, 5000, 10_000]

/** Of the node: as they were when it last reported, and as they are. */
export interface NodeLabels {
  known(): Readonly<Record<string, string>>
  read(): Promise<Readonly<Record<string, string>>>
}

export function createPodWorker({ services, pod: first, others, labels, onFinished }: Options): PodWorker {
  const { clock, logger } = services
  const work: PodWork = {
    ...services,
    uid: first.metadata.uid ?? '',
    pod: first,
    gone: false,
    waiting: new Map(),
    failures: new Map(),
    replaced: new Set(),
    messages: new Map(),
    applied: new Map(),
    mounted: undefined,
    volumesStale: false,
    sandboxRetry: undefined,
    volumeRetry: undefined,
    failure: undefined,
    ended: false,
    sealed: false,
    startTime: first.status?.startTime ?? formatTime(clock.now()),
    publish,
  }
  let dirty = false
  let closed = false
  let frozen = false
  let finished = false
  let admitted = false
  let publishing = false
  let cleaned = false
  let errors = 0
  let timer: Timer | undefined
  let running: Promise<void> | undefined
  let current = new AbortController()
  let hurry = new AbortController()
  let grace_s = first.metadata.deletionTimestamp === undefined ? undefined : first.metadata.deletionGracePeriodSeconds

  const isTerminating = () =>
    work.gone || work.pod.metadata.deletionTimestamp !== undefined || work.failure !== undefined || isEnded(work.pod)

  function wake(): void {
    dirty = true
    if (closed || frozen || finished) return
    running ??= loop().finally(() => {
      running = undefined
      if (dirty && !closed && !frozen && !finished) wake()
    })
  }

  async function loop(): Promise<void> {
    // Changes that come together are dealt with together.
    await Promise.resolve()
    while (dirty && !closed && !frozen && !finished) {
      dirty = false
      timer?.cancel()
      try {
        arm(await step())
        errors = 0
      } catch (error) {
        if (closed || frozen) return
        // A deletion interrupts what was going on; the next round ends the pod.
        if (current.signal.aborted) {
          dirty = true
          await relistAfterAbort()
        } else {
          const delay_ms = errorRetry_ms[Math.min(errors++, errorRetry_ms.length - 1)] ?? 0
          logger.warn(`sync pod ${formatPod(podKey(work.pod))}: trying again in ${delay_ms} ms`, { error })
          arm(delay_ms)
        }
      }
    }
  }

  /** A call that was given up may have done its work all the same. */
  async function relistAfterAbort(): Promise<void> {
    await work.state.relist().catch(error => logger.warn('list containers after a deletion: the next housekeeping will', { error }))
  }

  function arm(delay_ms: number | undefined): void {
    if (delay_ms !== undefined && !closed) timer = clock.setTimer(delay_ms, wake)
  }

  async function step(): Promise<number | undefined> {
    current = new AbortController()
    await readTerminationMessages(work)
    if (isTerminating()) return terminate()
    if (!(await admit())) return terminate()
    if (refuseUnsupported()) return unsupportedNote_ms
    watchProbes()
    const deadline_ms = deadlineLeft()
    if (deadline_ms !== undefined && deadline_ms <= 0) {
      work.failure = { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' }
      return terminate()
    }
    const due_ms = (await syncPod(work, current.signal)) ?? Number.POSITIVE_INFINITY
    watchProbes()
    if (work.ended) return terminate()
    const next_ms = Math.min(due_ms, deadline_ms ?? Number.POSITIVE_INFINITY)
    return Number.isFinite(next_ms) ? next_ms : undefined
  }

  async function terminate(): Promise<undefined> {
    const deleted = work.gone || work.pod.metadata.deletionTimestamp !== undefined
    if (cleaned && !deleted) return undefined
    await terminatePod(work, grace_s ?? gracePeriod(), hurry.signal)
    cleaned = true
    // It may have been deleted while it was ending.
    if (work.gone || (deleted && work.pod.metadata.deletionTimestamp !== undefined)) finish()
    else if (work.pod.metadata.deletionTimestamp !== undefined) dirty = true
    return undefined
  }

  function gracePeriod(): number | undefined {
    return work.gone ? (work.pod.metadata.deletionGracePeriodSeconds ?? undefined) : work.pod.metadata.deletionGracePeriodSeconds
  }

  function finish(): void {
    finished = true
    timer?.cancel()
    work.statuses.forget(work.uid)
    onFinished()
  }

  /** Pods that were here before this kubelet are not asked again. */
  async function admit(): Promise<boolean> {
    if (admitted || work.state.of(work.uid).sandboxes.length > 0) {
      admitted = true
      return true
    }
    const isNew = work.pod.status?.startTime === undefined
    const refusal = isNew ? await refusalOf() : undefined
    if (refusal) {
      work.events.record(work.pod, podKind, 'Warning', refusal.reason, refusal.message)
      work.failure = { reason: refusal.reason, message: `Pod was rejected: ${refusal.message}` }
      return false
    }
    admitted = true
    return true
  }

  /** Labels may have changed a moment ago: what was sent here for the new ones must not be refused for the old. */
  async function refusalOf(): Promise<Refusal | undefined> {
    const refusalWith = (known: Readonly<Record<string, string>>) =>
      admitPod(work.pod, others(), { description: work.node, labels: known, allocatable: work.allocatable })
    const refusal = refusalWith(labels.known())
    return refusal?.reason === 'NodeAffinity' ? refusalWith(await labels.read()) : refusal
  }

  /** Nothing is left out silently: such a pod waits until somebody changes or deletes it. */
  function refuseUnsupported(): boolean {
    const unsupported = unsupportedFeatures(work.pod)
    if (!unsupported.length || work.state.of(work.uid).sandboxes.length > 0) return false
    work.publish()
    const message = `Failed to create pod sandbox: this node does not support ${unsupported.join(', ')}`
    work.events.record(work.pod, podKind, 'Warning', 'FailedCreatePodSandBox', message)
    return true
  }

  function deadlineLeft(): number | undefined {
    const seconds = work.pod.spec?.activeDeadlineSeconds
    return seconds === undefined ? undefined : Date.parse(work.startTime) + seconds * 1000 - clock.now()
  }

  function watchProbes(): void {
    const runtime = work.state.of(work.uid)
    const ids = new Set<string>()
    for (const container of allContainersOf(work.pod)) {
      const status = newestContainer(runtime, container.name)
      if (status?.state !== 'running') continue
      ids.add(status.id)
      const recorded = recordedStatus(work.pod, container.name)
      const sameRun = recorded?.containerID?.endsWith(`//${status.id}`) ?? false
      work.prober.watch({
        pod: work.pod,
        container,
        containerId: status.id,
        startedAt_ms: status.startedAt_ms ?? status.createdAt_ms,
        address: podAddresses(work.pod, runtime, work.hostAddresses)[0] ?? '',
        adopted: sameRun,
        wasReady: sameRun && recorded?.ready === true,
        wasStarted: sameRun && recorded?.started === true,
      })
    }
    work.prober.keep(work.uid, ids)
  }

  function publish(): void {
    if (publishing || frozen || closed || work.sealed) return
    publishing = true
    queueMicrotask(() => {
      publishing = false
      if (frozen || closed || finished || work.gone || !(admitted || isTerminating())) return
      watchProbes()
      work.statuses.set(work.pod, currentStatus())
    })
  }

  function currentStatus() {
    return podStatus(work.pod, work.state.of(work.uid), {
      waiting: name => work.waiting.get(name),
      ready: work.prober.ready,
      started: work.prober.started,
      terminationMessage: id => work.messages.get(id),
      resources: id => work.applied.get(id),
      ended: work.ended,
      hostAddresses: work.hostAddresses,
      failure: work.failure,
      startTime: work.startTime,
      now: clock.now(),
    })
  }

  function interruptForDeletion(): void {
    const before = grace_s
    grace_s = work.pod.metadata.deletionGracePeriodSeconds
    if (before === undefined) current.abort(new Error('the pod is being deleted'))
    else if (grace_s !== undefined && grace_s < before) hurryUp(grace_s)
  }

  /** The grace period got shorter while it was running. */
  function hurryUp(seconds: number): void {
    hurry.abort(new Error('the grace period was shortened'))
    hurry = new AbortController()
    for (const { id, state } of work.state.of(work.uid).containers) {
      if (state === 'running')
        work.runtime
          .stopContainer(id, seconds)
          .catch(error => logger.warn('stop a container sooner: its first grace period holds', { id, error }))
    }
  }

  return {
    get pod() {
      return work.pod
    },
    get finished() {
      return finished
    },
    update(pod) {
      const before = work.pod
      work.pod = pod
      if (pod.metadata.deletionTimestamp !== undefined) interruptForDeletion()
      const sameFields = isDeepStrictEqual(downwardFields(before), downwardFields(pod))
      if (!sameFields) work.volumesStale = true
      publish()
      // Most updates are this kubelet's own status, come back.
      const sameDeletion = before.metadata.deletionTimestamp === pod.metadata.deletionTimestamp
      if (!sameFields || !sameDeletion || !isDeepStrictEqual(before.spec, pod.spec)) wake()
    },
    remove() {
      work.gone = true
      if (grace_s === undefined) current.abort(new Error('the pod was removed'))
      else hurryUp(2)
      wake()
    },
    poke() {
      // Last words first: the step publishes them with the exit.
      wake()
      if (!work.state.of(work.uid).containers.some(({ id, state }) => state === 'exited' && !work.messages.has(id))) publish()
    },
    refresh() {
      work.volumesStale = true
      work.volumeRetry = undefined
      for (const [name, waiting] of work.waiting) {
        if (waiting.reason === 'CreateContainerConfigError') work.waiting.set(name, { ...waiting, retryAt_ms: undefined })
      }
      wake()
    },
    view() {
      const { sandboxes, containers } = work.state.of(work.uid)
      return {
        pod: { ...work.pod, status: { ...work.pod.status, ...currentStatus() } },
        sandboxId: sandboxes.find(({ ready }) => ready)?.id,
        controlGroup: podControlGroup(work.node.cgroupRoot, work.pod),
        containers: containers.map(({ id, name, attempt, state, logPath }) => ({ id, name, attempt, state, logPath })),
      }
    },
    async reboot(gracePeriod_s) {
      const { containers } = work.state.of(work.uid)
      const wereRunning = containers.filter(({ state }) => state === 'running')
      const neverAgain = work.pod.spec?.restartPolicy === 'Never' && wereRunning.length > 0 && !isEnded(work.pod)
      if (neverAgain) {
        work.failure = { reason: 'Terminated', message: 'Pod was terminated in response to imminent node shutdown.' }
        work.statuses.set(work.pod, currentStatus())
        await work.statuses.flushed(work.uid)
      }
      frozen = true
      timer?.cancel()
      current.abort(new Error('the node is stopping'))
      await running
      work.prober.forget(work.uid)
      // A pod's own grace period counts where it is the shorter one.
      const grace_s = Math.min(gracePeriod_s, work.pod.spec?.terminationGracePeriodSeconds ?? gracePeriod_s)
      await stopContainers(work, wereRunning, {
        message: name => `Stopping container ${name}`,
        gracePeriod_s: grace_s,
        signal: hurry.signal,
      })
      // Ended with code 0 by the stop signal, they would pass for done; unknown to the runtime, they are run again.
      if (work.pod.spec?.restartPolicy === 'OnFailure') for (const { id } of wereRunning) await work.runtime.removeContainer(id)
      await stopSandboxes(work)
    },
    async close() {
      closed = true
      timer?.cancel()
      current.abort(new Error('the kubelet is closing'))
      // A container that takes its time to stop is the next kubelet's affair.
      if (running) await settledWithin(work, running, closeWait_ms)
    },
  }
}

/** What volumes and environments may show of a pod and what may change. */
const downwardFields = ({ metadata }: Pod) => [metadata.labels, metadata.annotations]
