import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { MetricsRegistry } from '../base/metrics.ts'
import type { ValueTransform } from './commit-queue.ts'
import type { Actor, CommitResult, Operation, Precondition, StorageEvent, StorageView, StorageWatch } from './types.ts'

/**
 * The interface of both stores (embedded, etcd). Memory is what is read in both; they differ in who orders commits.
 * No caller may assume to be the only writer.
 */
export interface Storage {
  /** Ordered but perhaps not durable: for compare-and-swap, allocation and quota only. Never answer from it. */
  readonly head: StorageView
  /** Durable: what every answer is made of. */
  readonly committed: StorageView
  /** Everything up to here is gone; watches and exact reads below it get `Compacted`. */
  readonly compactedRevision: number

  /**
   * Checks all preconditions against head and orders the operations, both synchronously before the promise is
   * returned; resolves once they are durable. Rejects with `PreconditionFailed` or `StorageUnavailable`; then none of them happened.
   */
  commit(preconditions: readonly Precondition[], operations: readonly Operation[], actor: Actor): Promise<CommitResult>

  /** Resolves once committed reflects every write acknowledged anywhere before the call (at once when embedded, a quorum read on etcd). */
  fresh(): Promise<void>

  /** Resolves when the head version of this key is settled: durable or rolled back. For answers that depended on a pending write. */
  settled(key: string): Promise<void>

  /** The committed state at a past revision. Throws `Compacted` or `FutureRevision`. */
  snapshot(revision: number): StorageView

  /**
   * Calls the listener with every committed change of keys under `prefix` after revision `after`, in order, none twice;
   * changes that are already there are delivered before this returns. One call holds changes of whole commits. Throws `Compacted`.
   */
  watch(prefix: string, after: number, listener: (events: readonly StorageEvent[]) => void): StorageWatch

  /** Called with the new committed revision after each durable batch, after its watch listeners. */
  onCommit(listener: (revision: number) => void): StorageWatch

  /** Forgets history up to `revision`; each live key keeps its newest version. */
  compact(revision: number): Promise<void>

  /** Empty while all is well, otherwise the reason why writes fail. */
  readonly trouble: string

  close(): Promise<void>
}

export interface StorageOptions {
  /** Where the journal lives; absent: in memory only, nothing survives `close`. */
  readonly directory?: string
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  /** Identifies the cluster; a journal of another one is refused. */
  readonly clusterId: string
  /** Applied to values at the journal's edge (encryption). */
  readonly transform?: ValueTransform
  /** Where the journal thread's entry file is; absent: beside the source. Bundles pass their own. */
  readonly journalEntry?: URL
  /** Bounds of what is kept beyond the live versions. */
  readonly history?: { readonly maximumBytes: number; readonly maximumAge_ms: number }
  readonly watchWindow?: { readonly maximumBytes: number }
}
