import type { Clock, Timer } from '../base/clock.ts'
import { createHeap } from '../base/heap.ts'
import type { Logger } from '../base/logger.ts'
import type { Actor, CommitResult, Operation, Precondition, StorageView } from './types.ts'

/** Deletes keys when their time has come. One timer, for the next one due; none when nothing expires. */
export interface Expiry {
  /** The key's committed version changed: it expires at this time, or never (0). */
  note(key: string, revision: number, expires_ms: number): void
  close(): void
}

export interface ExpiryOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly head: StorageView
  readonly commit: (preconditions: readonly Precondition[], operations: readonly Operation[], actor: Actor) => Promise<CommitResult>
}

interface Due {
  readonly key: string
  readonly expires_ms: number
}

interface Lifetime {
  readonly revision: number
  readonly expires_ms: number
}

const actor: Actor = { user: 'system:storage', userAgent: 'proa/expiry' }
const mostPerCommit = 256
const retryDelay_ms = 5000

export function createExpiry({ clock, logger, head, commit }: ExpiryOptions): Expiry {
  /** When each key expires as of now. */
  const current = new Map<string, Lifetime>()
  /** At least one entry a key, none later than its time; those that are earlier are corrected when they come up. */
  const heap = createHeap<Due>((left, right) => left.expires_ms < right.expires_ms)
  let timer: Timer | undefined
  let timerAt = Number.POSITIVE_INFINITY
  let closed = false

  const arm = (notBefore_ms = 0) => {
    const next = heap.peek()
    if (!next || closed) return
    const at = Math.max(next.expires_ms, notBefore_ms)
    if (timer && timerAt <= at) return
    timer?.cancel()
    timerAt = at
    timer = clock.setTimer(at - clock.now(), () => {
      timer = undefined
      timerAt = Number.POSITIVE_INFINITY
      void expire()
    })
  }

  /** Takes keys that are due, at most a commit's worth. */
  const takeDue = (now_ms: number): Due[] => {
    const due: Due[] = []
    while (due.length < mostPerCommit) {
      const next = heap.peek()
      if (!next || next.expires_ms > now_ms) break
      heap.pop()
      const lifetime = current.get(next.key)
      if (!lifetime) continue
      if (lifetime.expires_ms <= now_ms) due.push(next)
      else heap.push({ key: next.key, expires_ms: lifetime.expires_ms })
    }
    return due
  }

  const expire = async () => {
    const due = takeDue(clock.now())
    if (due.length === 0) return arm()
    // A key with a pending write is left alone until it is known which lifetime counts.
    const settled = due.filter(({ key }) => head.get(key)?.revision === current.get(key)?.revision)
    const postponed = due.filter(entry => !settled.includes(entry))
    for (const entry of postponed) heap.push(entry)
    try {
      if (settled.length > 0) await deleteKeys(settled)
      arm(postponed.length > 0 ? clock.now() + retryDelay_ms : 0)
    } catch (error) {
      if (closed) return
      for (const entry of settled) heap.push(entry)
      logger.warn(`delete ${settled.length} expired keys, the first ${settled[0]?.key}: trying again in ${retryDelay_ms} ms`, { error })
      arm(clock.now() + retryDelay_ms)
    }
  }

  const deleteKeys = (due: readonly Due[]) =>
    commit(
      due.map(({ key }) => ({ key, revision: current.get(key)?.revision ?? 0 })),
      due.map(({ key }) => ({ type: 'delete', key })),
      actor,
    )

  return {
    note(key, revision, expires_ms) {
      if (expires_ms === 0) {
        current.delete(key)
        return
      }
      const known = current.get(key)
      current.set(key, { revision, expires_ms })
      if (known && known.expires_ms <= expires_ms) return
      heap.push({ key, expires_ms })
      arm()
    },
    close() {
      closed = true
      timer?.cancel()
    },
  }
}
