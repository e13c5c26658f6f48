import { isAlreadyExists, isConflict, isNotFound } from '../apimachinery/api-errors.ts'
import type { Kind } from '../apimachinery/kind.ts'
import { leaseKind as builtInLeaseKind, type Lease } from '../apis/coordination/lease.ts'
import { type Clock, formatMicroTime, type Logger, type Random, silentLogger, sleep } from '../base/index.ts'
import type { Client } from './types.ts'

export interface LeaderElectionOptions {
  readonly client: Client
  readonly leaseNamespace: string
  readonly leaseName: string
  /** Unlike every other candidate's, restarts of the same one included. */
  readonly identity: string
  /** How long others wait for a leader that has gone silent. */
  readonly leaseDuration_ms?: number
  /** How long the leader tries to renew before it steps down; shorter than the lease. */
  readonly renewDeadline_ms?: number
  readonly retryPeriod_ms?: number
  /** The signal aborts when leadership is lost; work must have stopped by the time the promise settles. */
  readonly onStartedLeading: (signal: AbortSignal) => void | Promise<void>
  readonly onStoppedLeading?: () => void
  readonly onNewLeader?: (identity: string) => void
  readonly clock: Clock
  readonly random: Random
  readonly logger?: Logger
  readonly leaseKind?: Kind<Lease>
}

interface Candidate extends Required<Omit<LeaderElectionOptions, 'onStoppedLeading' | 'onNewLeader'>> {
  readonly onStoppedLeading?: (() => void) | undefined
  readonly onNewLeader?: ((identity: string) => void) | undefined
  /** The lease as last seen, and when by our own clock: clocks of other machines are not trusted. */
  observed: Lease | undefined
  observedAt: number
}

/**
 * Leads while it holds the Lease, and is a candidate again whenever it loses it. There is at most one leader as long as
 * clocks run equally fast: a leader that could not renew within its deadline stops before others may take over.
 */
export function runLeaderElection(options: LeaderElectionOptions): { readonly isLeader: boolean; close(): Promise<void> } {
  const candidate: Candidate = {
    leaseDuration_ms: 15_000,
    renewDeadline_ms: 10_000,
    retryPeriod_ms: 2_000,
    logger: silentLogger,
    leaseKind: builtInLeaseKind,
    ...options,
    observed: undefined,
    observedAt: 0,
  }
  if (candidate.leaseDuration_ms <= candidate.renewDeadline_ms || candidate.renewDeadline_ms <= candidate.retryPeriod_ms) {
    throw new Error('leader election needs leaseDuration_ms > renewDeadline_ms > retryPeriod_ms')
  }
  const stop = new AbortController()
  const state = { leading: false }
  const running = run(candidate, state, stop.signal)
  return {
    get isLeader() {
      return state.leading
    },
    async close() {
      stop.abort(new Error(`candidate ${options.identity} for ${options.leaseName} was closed`))
      await running
    },
  }
}

async function run(candidate: Candidate, state: { leading: boolean }, signal: AbortSignal): Promise<void> {
  while (await acquire(candidate, signal)) {
    const term = new AbortController()
    state.leading = true
    candidate.logger.info(`${candidate.identity} became leader of ${candidate.leaseNamespace}/${candidate.leaseName}`)
    const work = startWork(candidate, term.signal)
    await renew(candidate, signal)
    state.leading = false
    term.abort(new Error(`${candidate.identity} no longer leads ${candidate.leaseName}`))
    await work
    candidate.onStoppedLeading?.()
    // The lease is given back only when the work has ended, so that no other can start beside it.
    if (signal.aborted) await release(candidate)
  }
}

async function startWork({ onStartedLeading, logger, leaseName }: Candidate, signal: AbortSignal): Promise<void> {
  try {
    await onStartedLeading(signal)
  } catch (error) {
    if (!signal.aborted) logger.error(`the work of the leader of ${leaseName} failed; the lease is kept`, { error })
  }
}

/** Resolves true when this candidate holds the lease, false when it was closed. */
async function acquire(candidate: Candidate, signal: AbortSignal): Promise<boolean> {
  const { clock, random, retryPeriod_ms } = candidate
  while (!signal.aborted) {
    if (await tryAcquireOrRenew(candidate, signal)) {
      if (!signal.aborted) return true
      await release(candidate)
      return false
    }
    await sleep(clock, retryPeriod_ms * (1 + 1.2 * random.next()), signal).catch(() => {})
  }
  return false
}

/** Resolves when renewing has failed for too long, or when the candidate was closed. */
async function renew(candidate: Candidate, signal: AbortSignal): Promise<void> {
  const { clock, retryPeriod_ms, renewDeadline_ms, logger, identity, leaseName } = candidate
  let renewed = clock.monotonic()
  while (!signal.aborted) {
    await sleep(clock, retryPeriod_ms, signal).catch(() => {})
    if (signal.aborted) return
    const deadline_ms = renewed + renewDeadline_ms - clock.monotonic()
    if (deadline_ms > 0 && (await withinDeadline(candidate, deadline_ms, signal))) renewed = clock.monotonic()
    else if (clock.monotonic() - renewed >= renewDeadline_ms || holderOf(candidate.observed) !== identity) {
      logger.warn(`${identity} could not renew its lease on ${leaseName}; it stops leading`)
      return
    }
  }
}

/** A request that hangs must not keep a leader in office beyond its deadline. */
async function withinDeadline(candidate: Candidate, deadline_ms: number, signal: AbortSignal): Promise<boolean> {
  const attempt = new AbortController()
  const timer = candidate.clock.setTimer(deadline_ms, () => attempt.abort(new Error('renewing the lease took too long')))
  try {
    return await abortable(tryAcquireOrRenew(candidate, AbortSignal.any([signal, attempt.signal])), attempt.signal)
  } finally {
    timer.cancel()
  }
}

function abortable(attempt: Promise<boolean>, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  signal.addEventListener('abort', () => resolve(false), { once: true })
  void attempt.then(resolve)
  return promise
}

/** One round: creates the lease, renews it, or takes it over from a holder that has been silent for a whole lease. Never rejects. */
async function tryAcquireOrRenew(candidate: Candidate, signal: AbortSignal): Promise<boolean> {
  const { client, leaseKind, leaseNamespace, leaseName, identity, leaseDuration_ms, clock, logger } = candidate
  try {
    const current = await client.get(leaseKind, leaseNamespace, leaseName, { signal }).catch(undefinedIfMissing)
    const now = formatMicroTime(clock.now())
    const mine = { holderIdentity: identity, leaseDurationSeconds: Math.max(1, Math.ceil(leaseDuration_ms / 1000)), renewTime: now }
    if (!current) {
      const metadata = { name: leaseName, namespace: leaseNamespace }
      observe(candidate, await client.create(leaseKind, { metadata, spec: { ...mine, acquireTime: now, leaseTransitions: 0 } }, { signal }))
      return true
    }
    observe(candidate, current)
    const holder = holderOf(current)
    if (holder && holder !== identity && clock.monotonic() < candidate.observedAt + leaseDuration_ms) return false
    const kept = holder === identity
    const spec = {
      ...current.spec,
      ...mine,
      acquireTime: kept ? (current.spec?.acquireTime ?? now) : now,
      leaseTransitions: (current.spec?.leaseTransitions ?? 0) + (kept ? 0 : 1),
    }
    observe(candidate, await client.update(leaseKind, { ...current, spec }, { signal }))
    return true
  } catch (error) {
    // Losing a race is how candidates lose; anything else is worth a line.
    if (!signal.aborted && !isConflict(error) && !isAlreadyExists(error)) {
      logger.warn(`getting or renewing the lease ${leaseNamespace}/${leaseName} for ${identity} failed; trying again`, { error })
    }
    return false
  }
}

const holderOf = (lease: Lease | undefined): string => lease?.spec?.holderIdentity ?? ''

function observe(candidate: Candidate, lease: Lease): void {
  const before = candidate.observed
  if (before?.metadata.resourceVersion === lease.metadata.resourceVersion && before !== undefined) return
  candidate.observed = lease
  candidate.observedAt = candidate.clock.monotonic()
  const holder = holderOf(lease)
  if (holder && holder !== holderOf(before)) candidate.onNewLeader?.(holder)
}

/** Lets the next candidate start at once. */
async function release({ client, leaseKind, observed, identity, clock, logger, leaseName }: Candidate): Promise<void> {
  if (!observed || holderOf(observed) !== identity) return
  const now = formatMicroTime(clock.now())
  const spec = { ...observed.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now, acquireTime: now }
  try {
    await client.update(leaseKind, { ...observed, spec })
  } catch (error) {
    logger.warn(`giving back the lease ${leaseName} failed; others get it when it has run out`, { error })
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if (isNotFound(error)) return undefined
  throw error
}
