import { type CommitQueue, createCommitQueue } from './commit-queue.ts'
import { type Committed, createCommitted } from './committed.ts'
import { createExpiry } from './expiry.ts'
import { createHead, type PendingCommit } from './head.ts'
import type { Journal, JournalBounds } from './journal/journal.ts'
import { type Lifetime, loadJournal } from './load.ts'
import type { Storage, StorageOptions } from './storage.ts'
import {
  type Actor,
  type CommitResult,
  Compacted,
  FutureRevision,
  type Operation,
  type Precondition,
  PreconditionFailed,
  type StorageEvent,
  StorageUnavailable,
} from './types.ts'
import { createWatchHub } from './watch-hub.ts'
import { describeOperations, toWrites } from './write.ts'

/** Beyond this much ordered and unsettled data, commits are refused until the disk has caught up. */
const mostPending_bytes = 64 * 1024 * 1024
/** What a commit costs beside its keys and values. */
const commitOverhead_bytes = 256
/** The journal is compacted when it lags this many revisions behind memory. */
const compactionStep = 1000

const defaultHistory = { maximumBytes: 16 * 1024 * 1024, maximumAge_ms: 5 * 60 * 1000 }
const defaultWatchWindow = { maximumBytes: 8 * 1024 * 1024 }

/** The embedded store over a journal; nobody else orders commits. */
export async function openEmbedded(journal: Journal, options: StorageOptions): Promise<Storage> {
  const history = options.history ?? defaultHistory
  try {
    const bounds = await journal.open()
    const retention = {
      watchWindow_bytes: (options.watchWindow ?? defaultWatchWindow).maximumBytes,
      history_bytes: history.maximumBytes,
      history_ms: history.maximumAge_ms,
    }
    const committed = createCommitted(bounds.compactedRevision, retention, options.clock)
    const lifetimes = await loadJournal(journal, bounds, committed, options.transform)
    return createEmbedded(journal, bounds, committed, lifetimes, options)
  } catch (error) {
    await journal.close()
    throw error
  }
}

function createEmbedded(
  journal: Journal,
  bounds: JournalBounds,
  committed: Committed,
  lifetimes: Iterable<Lifetime>,
  { clock, logger, metrics, transform }: StorageOptions,
): Storage {
  const head = createHead(committed.view)
  const hub = createWatchHub(logger)
  const expiry = createExpiry({ clock, logger, head: head.view, commit })
  const queue: CommitQueue = createCommitQueue({ journal, transform, revision: bounds.lastRevision, publish, rollBack })
  const commitListeners = new Set<(revision: number) => void>()
  const failures = metrics.counter('proa_storage_commit_failures_total', 'Commits that the journal refused.')
  metrics.gauge('proa_storage_pending_bytes', 'Bytes ordered and not yet durable.', () => queue.pending_bytes)
  let trouble = ''
  let closing: Promise<void> | undefined
  let journalFloor = bounds.compactedRevision
  let compaction: Promise<void> | undefined

  committed.log.trim(clock.now())
  for (const { key, revision, expires_ms } of lifetimes) expiry.note(key, revision, expires_ms)

  async function commit(preconditions: readonly Precondition[], operations: readonly Operation[], actor: Actor): Promise<CommitResult> {
    for (;;) {
      if (closing) throw new StorageUnavailable(`commit ${describeOperations(operations)}: the store is closed`)
      const lost = preconditions.find(({ key, revision }) => (head.view.get(key)?.revision ?? 0) !== revision)
      if (!lost) return order(operations, actor)
      const current = head.view.get(lost.key)
      const winner = head.pending(lost.key)
      // Against a write that fails nothing was lost: the commit is tried again.
      if (!winner || (await isDurable(winner))) throw new PreconditionFailed(lost.key, current)
    }
  }

  function order(operations: readonly Operation[], actor: Actor): Promise<CommitResult> {
    if (queue.pending_bytes > mostPending_bytes) {
      const waiting = `${queue.pending_bytes} bytes are waiting for the journal already`
      throw new StorageUnavailable(`commit ${describeOperations(operations)}: ${waiting}; try again later`)
    }
    const revision = head.view.revision + 1
    const time_ms = clock.now()
    const writes = toWrites(operations, revision, time_ms, head.view)
    if (writes.length === 0) return commitNothing(operations)
    const versions = writes.flatMap(write => write.version ?? [])
    const bytes = writes.reduce((sum, { key, version }) => sum + key.length + (version?.value.byteLength ?? 0), commitOverhead_bytes)
    return new Promise((resolve, reject) => {
      const pending: PendingCommit = {
        revision,
        writes,
        time_ms,
        bytes,
        actor,
        result: { revision, versions },
        resolve,
        reject,
        waiting: [],
      }
      head.order(pending)
      queue.add(pending)
    })
  }

  /** Deleting what isn't there changes nothing; but that it isn't there may be the work of a pending write. */
  async function commitNothing(operations: readonly Operation[]): Promise<CommitResult> {
    const latest = head.latest
    if (latest && !(await isDurable(latest)))
      throw new StorageUnavailable(`commit ${describeOperations(operations)}: a write before it failed: ${trouble}`)
    return { revision: committed.view.revision, versions: [] }
  }

  function publish(commits: readonly PendingCommit[]) {
    if (trouble) logger.info(`write to the journal: works again, after "${trouble}"`)
    trouble = ''
    const events: StorageEvent[] = []
    for (const { revision, writes, time_ms } of commits) {
      for (const { key, version, expires_ms } of writes) {
        const event = committed.apply(key, version, revision, time_ms)
        if (event) events.push(event)
        expiry.note(key, revision, expires_ms)
      }
      committed.advance(revision)
    }
    for (const pending of commits) head.settle(pending)
    committed.log.trim(clock.now())
    const { revision } = committed.view
    hub.deliver(events, revision)
    for (const listener of commitListeners) tell(listener, revision)
    for (const { resolve, result, waiting } of commits) {
      resolve(result)
      for (const wake of waiting) wake(true)
    }
    if (committed.log.floor - journalFloor >= compactionStep && !compaction) void compactQuietly()
  }

  function rollBack(commits: readonly PendingCommit[], error: Error) {
    if (trouble !== error.message)
      logger.error(`write ${commits.length} commits to the journal: they are rolled back; reads go on`, { error })
    trouble = error.message
    failures.add({}, commits.length)
    head.reset()
    for (const { reject, writes, waiting } of commits) {
      reject(new StorageUnavailable(`commit ${describeOperations(writes)}: nothing was written: ${trouble}`))
      for (const wake of waiting) wake(false)
    }
  }

  function tell(listener: (revision: number) => void, revision: number) {
    try {
      listener(revision)
    } catch (error) {
      logger.error(`tell a listener about revision ${revision}: it failed; the others go on`, { error })
    }
  }

  /** One compaction of the journal at a time; what another one asks for meanwhile comes after it. */
  async function compactJournal(): Promise<void> {
    while (compaction) await compaction.catch(() => {})
    const floor = committed.log.floor
    if (floor <= journalFloor || closing) return
    compaction = journal.compact(floor)
    try {
      await compaction
      journalFloor = floor
    } finally {
      compaction = undefined
    }
  }

  async function compactQuietly() {
    try {
      await compactJournal()
    } catch (error) {
      logger.warn(`compact the journal up to revision ${committed.log.floor}: trying again with later writes`, { error })
    }
  }

  async function shutDown() {
    expiry.close()
    await queue.drained()
    await compaction?.catch(() => {})
    hub.close()
    commitListeners.clear()
    await journal.close()
  }

  return {
    head: head.view,
    committed: committed.view,
    get compactedRevision() {
      return committed.log.floor
    },
    get trouble() {
      return trouble
    },
    commit,
    fresh: () => Promise.resolve(),
    async settled(key) {
      const pending = head.pending(key)
      if (pending) await isDurable(pending)
    },
    snapshot: committed.snapshot,
    watch(prefix, after, listener) {
      if (after < committed.log.floor) throw new Compacted(after, committed.log.floor)
      const missed = committed.log.after(after, prefix)
      const watch = hub.add(prefix, Math.max(after, committed.view.revision), listener)
      if (missed.length > 0) listener(missed)
      return watch
    },
    onCommit(listener) {
      // A listener of its own for each call: the same function may be registered twice.
      const own = (revision: number) => listener(revision)
      commitListeners.add(own)
      return { close: () => void commitListeners.delete(own) }
    },
    async compact(revision) {
      if (revision > committed.view.revision) throw new FutureRevision(revision, committed.view.revision)
      committed.log.dropUntil(revision)
      await compactJournal()
    },
    close() {
      closing ??= shutDown()
      return closing
    },
  }
}

/** Resolves, once that is known, with whether a pending commit has become durable. */
const isDurable = (pending: PendingCommit): Promise<boolean> => new Promise(resolve => pending.waiting.push(resolve))
