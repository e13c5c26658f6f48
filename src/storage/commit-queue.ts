import type { PendingCommit, PendingWrite } from './head.ts'
import type { Journal, JournalBatch, JournalRow } from './journal/journal.ts'

/** Applied to values on their way to and from the journal (encryption at rest). */
export interface ValueTransform {
  encode(key: string, value: Uint8Array): Uint8Array
  decode(key: string, value: Uint8Array): Uint8Array
  /** The key has no value any more: whatever is known of it can go. */
  forget(key: string): void
}

/**
 * Brings ordered commits into the journal: what arrives while a batch is being written goes together into the next.
 * When a batch fails, it and all that were ordered after it fail.
 */
export interface CommitQueue {
  /** Bytes that are ordered and not settled. */
  readonly pending_bytes: number
  add(commit: PendingCommit): void
  /** Resolves when nothing is pending. */
  drained(): Promise<void>
}

export interface CommitQueueOptions {
  readonly journal: Journal
  readonly transform: ValueTransform | undefined
  /** The committed revision: what the journal's last batch must have left. */
  readonly revision: number
  /** The commits are durable. */
  readonly publish: (commits: readonly PendingCommit[]) => void
  /** They are not, and nothing else is pending. */
  readonly rollBack: (commits: readonly PendingCommit[], error: Error) => void
}

const mostBytesPerBatch = 4 * 1024 * 1024
const mostCommitsPerBatch = 512

export function createCommitQueue(options: CommitQueueOptions): CommitQueue {
  let queue: PendingCommit[] = []
  let inFlight: PendingCommit[] = []
  let scheduled = false
  let pending_bytes = 0
  let revision = options.revision
  let waiting: (() => void)[] = []

  const flush = () => {
    scheduled = false
    if (inFlight.length > 0 || queue.length === 0) return
    inFlight = takeBatch(queue)
    const last = inFlight[inFlight.length - 1] as PendingCommit
    void write({ after: revision, revision: last.revision, rows: inFlight.flatMap(commit => toRows(commit, options.transform)) })
  }

  const write = async (batch: JournalBatch) => {
    let failure: Error | undefined
    try {
      await options.journal.append(batch)
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error))
    }
    const written = inFlight
    inFlight = []
    if (failure) fail(written, failure)
    else succeed(written, batch.revision)
    if (pending_bytes > 0) return
    for (const resolve of waiting) resolve()
    waiting = []
  }

  const succeed = (commits: readonly PendingCommit[], durable: number) => {
    revision = durable
    for (const commit of commits) pending_bytes -= commit.bytes
    // The disk is at work again while watchers are served.
    flush()
    options.publish(commits)
  }

  const fail = (commits: readonly PendingCommit[], error: Error) => {
    const all = [...commits, ...queue]
    queue = []
    pending_bytes = 0
    options.rollBack(all, error)
  }

  return {
    get pending_bytes() {
      return pending_bytes
    },
    add(commit) {
      queue.push(commit)
      pending_bytes += commit.bytes
      if (scheduled || inFlight.length > 0) return
      scheduled = true
      queueMicrotask(flush)
    },
    drained: () => (pending_bytes === 0 ? Promise.resolve() : new Promise(resolve => waiting.push(resolve))),
  }
}

/** Removes the next batch from the front of the queue: at least one commit, then as many as fit. */
function takeBatch(queue: PendingCommit[]): PendingCommit[] {
  let bytes = 0
  let count = 0
  for (const commit of queue) {
    bytes += commit.bytes
    if (count > 0 && (bytes > mostBytesPerBatch || count === mostCommitsPerBatch)) break
    count++
  }
  return queue.splice(0, count)
}

function toRows(commit: PendingCommit, transform: ValueTransform | undefined): JournalRow[] {
  return commit.writes.map(write => ({
    revision: commit.revision,
    key: write.key,
    value: hiddenValue(write, transform),
    createRevision: write.createRevision,
    previousRevision: write.previousRevision,
    time_ms: commit.time_ms,
    expires_ms: write.expires_ms,
    user: commit.actor.user,
    userAgent: commit.actor.userAgent,
  }))
}

function hiddenValue({ key, version }: PendingWrite, transform: ValueTransform | undefined): Uint8Array | undefined {
  if (!transform) return version?.value
  if (version) return transform.encode(key, version.value)
  transform.forget(key)
}
