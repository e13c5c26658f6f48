import type { Clock, Timer } from '../base/clock.ts'
import { createHeap } from '../base/heap.ts'
import type { ClusterChange } from './framework.ts'
import type { PodInfo } from './pod-info.ts'

/**
 * Pods that wait for a node. They are active (tried next, the most important first), in back-off (tried when their
 * time has come) or unschedulable (tried when something happens that may help them, or after a long while anyway).
 */
export interface SchedulingQueue {
  add(info: PodInfo): void
  /** The pod changed while it waits. `helps` says that the change may let it fit. */
  update(info: PodInfo, helps: boolean): void
  remove(key: string): void
  /** The next pod to try, or undefined when none is active. */
  pop(): QueuedPod | undefined
  /** No node fits: waits for a change that helps one of these plugins. */
  addUnschedulable(queued: QueuedPod, helpedBy: ReadonlySet<ClusterChange>): void
  /** Failed for another reason: tried again after its back-off. */
  addBackOff(queued: QueuedPod): void
  /** Something happened in the cluster. */
  onChange(change: ClusterChange): void
  readonly counts: { readonly active: number; readonly backoff: number; readonly unschedulable: number }
  close(): void
}

export interface QueuedPod {
  readonly info: PodInfo
  readonly attempts: number
  /** When it came into the queue first, on the monotonic clock. */
  readonly since_ms: number
}

export interface QueueOptions {
  readonly clock: Clock
  /** Called when a pod has become active. */
  readonly onActive: () => void
  readonly initialBackOff_ms?: number
  readonly maximumBackOff_ms?: number
  /** After this long an unschedulable pod is tried even though nothing seems to have changed. */
  readonly flushAfter_ms?: number
}

interface Waiting extends QueuedPod {
  readonly sequence: number
  state: 'active' | 'backoff' | 'unschedulable'
  readonly readyAt_ms: number
  readonly helpedBy: ReadonlySet<ClusterChange>
}

const nothing: ReadonlySet<ClusterChange> = new Set()

export function createSchedulingQueue(options: QueueOptions): SchedulingQueue {
  const { clock, onActive, initialBackOff_ms = 1000, maximumBackOff_ms = 10_000, flushAfter_ms = 300_000 } = options
  const waiting = new Map<string, Waiting>()
  // Entries that left or changed stay in the heaps until they come up; `waiting` says which are current.
  const active = createHeap<Waiting>(
    (left, right) =>
      left.info.priority > right.info.priority || (left.info.priority === right.info.priority && left.sequence < right.sequence),
  )
  const timed = createHeap<Waiting>((left, right) => left.readyAt_ms < right.readyAt_ms)
  let sequence = 0
  let timer: Timer | undefined
  const counts = { active: 0, backoff: 0, unschedulable: 0 }

  const enter = (queued: QueuedPod, state: Waiting['state'], readyAt_ms: number, helpedBy = nothing, order = sequence++) => {
    leave(queued.info.key)
    const entry: Waiting = { ...queued, sequence: order, state, readyAt_ms, helpedBy }
    waiting.set(queued.info.key, entry)
    counts[state]++
    if (state === 'active') {
      active.push(entry)
      onActive()
      return
    }
    timed.push(entry)
    if (timed.peek() === entry) schedule()
  }

  const leave = (key: string) => {
    const entry = waiting.get(key)
    if (!entry) return
    waiting.delete(key)
    counts[entry.state]--
  }

  const isCurrent = (entry: Waiting) => waiting.get(entry.info.key) === entry

  const schedule = () => {
    timer?.cancel()
    const first = timed.peek()
    timer = first && clock.setTimer(first.readyAt_ms - clock.monotonic(), release)
  }

  const release = () => {
    const now = clock.monotonic()
    for (let entry = timed.peek(); entry && (entry.readyAt_ms <= now || !isCurrent(entry)); entry = timed.peek()) {
      timed.pop()
      if (isCurrent(entry)) enter(entry, 'active', now)
    }
    schedule()
  }

  const backOffOf = (attempts: number) => Math.min(maximumBackOff_ms, initialBackOff_ms * 2 ** Math.max(0, attempts - 1))

  return {
    counts,
    add(info) {
      if (!waiting.has(info.key)) enter({ info, attempts: 0, since_ms: clock.monotonic() }, 'active', 0)
      else this.update(info, true)
    },
    update(info, helps) {
      const entry = waiting.get(info.key)
      if (!entry) return
      const queued = { info, attempts: entry.attempts, since_ms: entry.since_ms }
      if (entry.state === 'unschedulable' && helps) enter(queued, 'active', 0)
      else enter(queued, entry.state, entry.readyAt_ms, entry.helpedBy, entry.sequence)
    },
    remove: leave,
    pop() {
      for (let entry = active.pop(); entry; entry = active.pop()) {
        if (!isCurrent(entry)) continue
        leave(entry.info.key)
        return { info: entry.info, attempts: entry.attempts + 1, since_ms: entry.since_ms }
      }
      return undefined
    },
    addUnschedulable(queued, helpedBy) {
      enter(queued, 'unschedulable', clock.monotonic() + flushAfter_ms, helpedBy)
    },
    addBackOff(queued) {
      enter(queued, 'backoff', clock.monotonic() + backOffOf(queued.attempts))
    },
    onChange(change) {
      for (const entry of [...waiting.values()]) {
        if (entry.state !== 'unschedulable' || !entry.helpedBy.has(change)) continue
        // Those that have failed just now wait out their back-off even though something may help them.
        const failedAt_ms = entry.readyAt_ms - flushAfter_ms
        const readyAt_ms = failedAt_ms + backOffOf(entry.attempts)
        enter(entry, readyAt_ms <= clock.monotonic() ? 'active' : 'backoff', readyAt_ms, nothing)
      }
    },
    close() {
      timer?.cancel()
      waiting.clear()
    },
  }
}
