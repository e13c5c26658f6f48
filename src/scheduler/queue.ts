import type { Clock, Timer } from '../base/clock.ts'
import { createHeap, type Heap } from '../base/heap.ts'
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
  /** No node fits: waits for one of these changes. */
  addUnschedulable(queued: QueuedPod, helpedBy: ReadonlySet<ClusterChange>): void
  /** Failed for another reason: tried again after its back-off. */
  addBackOff(queued: QueuedPod): void
  /** Something happened in the cluster. */
  onChange(change: ClusterChange): void
  /** True when `pop` would give a pod. */
  readonly hasNext: boolean
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
  /** Called when `pop` has something to give. */
  readonly onActive: () => void
  readonly initialBackOff_ms?: number
  readonly maximumBackOff_ms?: number
  /** After this long an unschedulable pod is tried even though nothing seems to have changed. */
  readonly flushAfter_ms?: number
}

type State = keyof SchedulingQueue['counts']

interface Waiting extends QueuedPod {
  readonly sequence: number
  readonly state: State
  /** End of back-off, or the time of failing of unschedulable pods. */
  readonly at_ms: number
  /** In back-off for want of room, not after an error: such pods don't keep an idle scheduler waiting. */
  readonly early: boolean
  readonly helpedBy: ReadonlySet<ClusterChange>
}

const nothing: ReadonlySet<ClusterChange> = new Set()

export function createSchedulingQueue(options: QueueOptions): SchedulingQueue {
  const { clock, onActive, initialBackOff_ms = 1000, maximumBackOff_ms = 10_000, flushAfter_ms = 300_000 } = options
  const waiting = new Map<string, Waiting>()
  const isCurrent = (entry: Waiting) => waiting.get(entry.info.key) === entry
  const active = createCurrentHeap(isMoreImportant, isCurrent)
  const early = createCurrentHeap(isEarlier, isCurrent)
  const late = createCurrentHeap(isEarlier, isCurrent)
  // In the order of their failing, which is the order in which they are flushed.
  const unschedulable = new Map<string, Waiting>()
  const counts = { active: 0, backoff: 0, unschedulable: 0 }
  let earlyCount = 0
  let sequence = 0
  let timer: { readonly at_ms: number; readonly timer: Timer } | undefined

  const enter = (entry: Waiting) => {
    leave(entry.info.key)
    waiting.set(entry.info.key, entry)
    counts[entry.state]++
    if (entry.state === 'unschedulable') unschedulable.set(entry.info.key, entry)
    else if (entry.state === 'active') active.push(entry, counts.active)
    else if (entry.early) early.push(entry, ++earlyCount)
    else late.push(entry, counts.backoff - earlyCount)
    if (entry.state === 'active' || (entry.state === 'backoff' && entry.early)) onActive()
    schedule()
  }

  const leave = (key: string) => {
    const entry = waiting.get(key)
    if (!entry) return
    waiting.delete(key)
    unschedulable.delete(key)
    counts[entry.state]--
    if (entry.state === 'backoff' && entry.early) earlyCount--
  }

  const activate = ({ info, attempts, since_ms }: QueuedPod, order = sequence++) =>
    enter({ info, attempts, since_ms, sequence: order, state: 'active', at_ms: 0, early: false, helpedBy: nothing })

  /** One timer for whoever is due first; it is moved only when somebody is due before it. */
  const schedule = () => {
    const oldest = unschedulable.values().next().value
    const due_ms = Math.min(
      early.peek()?.at_ms ?? Number.POSITIVE_INFINITY,
      late.peek()?.at_ms ?? Number.POSITIVE_INFINITY,
      oldest ? oldest.at_ms + flushAfter_ms : Number.POSITIVE_INFINITY,
    )
    if (timer && timer.at_ms <= due_ms) return
    timer?.timer.cancel()
    timer = due_ms === Number.POSITIVE_INFINITY ? undefined : { at_ms: due_ms, timer: clock.setTimer(due_ms - clock.monotonic(), release) }
  }

  const release = () => {
    timer = undefined
    const now = clock.monotonic()
    for (const heap of [early, late]) for (let entry = heap.peek(); entry && entry.at_ms <= now; entry = heap.peek()) activate(entry)
    for (const entry of unschedulable.values()) {
      if (entry.at_ms + flushAfter_ms > now) break
      activate(entry)
    }
    schedule()
  }

  const backOffOf = (attempts: number) => Math.min(maximumBackOff_ms, initialBackOff_ms * 2 ** Math.max(0, attempts - 1))

  /** Pods that have failed just now wait out their back-off, unless there is nothing better to do. */
  const wake = (entry: Waiting) => {
    const at_ms = entry.at_ms + backOffOf(entry.attempts)
    if (at_ms <= clock.monotonic()) activate(entry)
    else enter({ ...entry, sequence: sequence++, state: 'backoff', at_ms, early: true, helpedBy: nothing })
  }

  return {
    counts,
    get hasNext() {
      return counts.active > 0 || earlyCount > 0
    },
    add(info) {
      if (waiting.has(info.key)) this.update(info, true)
      else activate({ info, attempts: 0, since_ms: clock.monotonic() })
    },
    update(info, helps) {
      const entry = waiting.get(info.key)
      if (!entry) return
      const updated = { ...entry, info }
      if (entry.state !== 'unschedulable') return enter(updated)
      if (helps) return wake(updated)
      // Set and not entered anew, so that it keeps its turn.
      waiting.set(info.key, updated)
      unschedulable.set(info.key, updated)
    },
    remove: leave,
    pop() {
      const entry = active.peek() ?? early.peek()
      if (!entry) return undefined
      leave(entry.info.key)
      return { info: entry.info, attempts: entry.attempts + 1, since_ms: entry.since_ms }
    },
    addUnschedulable(queued, helpedBy) {
      enter({ ...queued, sequence: sequence++, state: 'unschedulable', at_ms: clock.monotonic(), early: false, helpedBy })
    },
    addBackOff(queued) {
      const at_ms = clock.monotonic() + backOffOf(queued.attempts)
      enter({ ...queued, sequence: sequence++, state: 'backoff', at_ms, early: false, helpedBy: nothing })
    },
    onChange(change) {
      if (unschedulable.size === 0) return
      for (const entry of [...unschedulable.values()]) if (entry.helpedBy.has(change)) wake(entry)
    },
    close() {
      timer?.timer.cancel()
      waiting.clear()
      unschedulable.clear()
    },
  }
}

const isMoreImportant = (left: Waiting, right: Waiting) =>
  left.info.priority > right.info.priority || (left.info.priority === right.info.priority && left.sequence < right.sequence)

const isEarlier = (left: Waiting, right: Waiting) => left.at_ms < right.at_ms

interface CurrentHeap {
  peek(): Waiting | undefined
  /** `count`: how many of the entries are current, this one included. */
  push(entry: Waiting, count: number): void
}

/** A heap whose entries may become outdated where they are: they are skipped, and swept out when they are the most. */
function createCurrentHeap(before: (left: Waiting, right: Waiting) => boolean, isCurrent: (entry: Waiting) => boolean): CurrentHeap {
  let heap: Heap<Waiting> = createHeap(before)
  const sweep = () => {
    const swept = createHeap(before)
    for (let entry = heap.pop(); entry; entry = heap.pop()) if (isCurrent(entry)) swept.push(entry)
    heap = swept
  }
  return {
    peek() {
      for (let entry = heap.peek(); entry; entry = heap.peek()) {
        if (isCurrent(entry)) return entry
        heap.pop()
      }
      return undefined
    },
    push(entry, count) {
      if (heap.size > 64 + 2 * count) sweep()
      heap.push(entry)
    },
  }
}
