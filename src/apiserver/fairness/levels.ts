import type { LimitedPriorityLevelConfiguration, PriorityLevelConfiguration } from '../../apis/flowcontrol/priority-level-configuration.ts'
import { createFairQueues, type FairQueues } from './fair-queues.ts'

/** One priority level: how many seats are its own, how many are taken, and who waits. */
export interface Level {
  readonly name: string
  uid: string
  exempt: boolean
  /** Seats that are its own. */
  nominal: number
  /** Those that it never lends. */
  lower: number
  /** As many as it may have with what others lend. */
  upper: number
  /** Absent where nobody waits but is refused. */
  queues: FairQueues<Waiter> | undefined
  seatsInUse: number
  /** Those among them that are given back when the event loop turns. */
  seatsLeft: number
  executing: number
  waiting: number
  readonly totals: { dispatched: number; rejected: number; timedOut: number; cancelled: number }
}

/** A request that waits for its seats. */
export interface Waiter {
  readonly width: number
  readonly flow: { readonly schema: { readonly name: string }; readonly distinguisher: string }
  readonly hash: bigint
  readonly arrived_ms: number
  admit(): void
  refuse(reason: RejectReason): void
}

export type RejectReason = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled'

export const newLevel = (name: string): Level => ({
  name,
  uid: '',
  exempt: false,
  nominal: 1,
  lower: 1,
  upper: 1,
  queues: undefined,
  seatsInUse: 0,
  seatsLeft: 0,
  executing: 0,
  waiting: 0,
  totals: { dispatched: 0, rejected: 0, timedOut: 0, cancelled: 0 },
})

/** Divides all seats by shares; every level gets at least one, so that a small share does not mean none. */
export function configureLevels(
  levels: ReadonlyMap<string, Level>,
  configurations: readonly PriorityLevelConfiguration[],
  seats: number,
): void {
  const shares = configurations.reduce((sum, { spec }) => sum + sharesOf(spec), 0) || 1
  const nominalOf = (configuration: PriorityLevelConfiguration) => Math.ceil((seats * sharesOf(configuration.spec)) / shares)
  for (const configuration of configurations) {
    const level = levels.get(configuration.metadata.name ?? '')
    const { spec } = configuration
    if (!level || !spec) continue
    const { limited } = spec
    const lendable = limited?.lendablePercent ?? spec.exempt?.lendablePercent ?? 0
    level.uid = configuration.metadata.uid ?? ''
    level.exempt = spec.type === 'Exempt'
    level.nominal = nominalOf(configuration)
    level.lower = level.nominal - Math.round((level.nominal * lendable) / 100)
    level.upper =
      limited?.borrowingLimitPercent === undefined
        ? seats
        : level.nominal + Math.round((level.nominal * limited.borrowingLimitPercent) / 100)
    configureQueues(level, limited)
  }
}

type Shares = PriorityLevelConfiguration['spec']
const sharesOf = (spec: Shares): number => spec?.limited?.nominalConcurrencyShares ?? spec?.exempt?.nominalConcurrencyShares ?? 0

/** Whoever waits already is put into the new queues, in the same order. */
function configureQueues(level: Level, limited: LimitedPriorityLevelConfiguration | undefined): void {
  const queuing = limited?.limitResponse?.type === 'Queue' ? limited.limitResponse.queuing : undefined
  const before = level.queues
  const { queues = 64, handSize = 8, queueLengthLimit = 50 } = queuing ?? {}
  if (before && queuing && before.isLike(queues, handSize, queueLengthLimit)) return
  level.queues = queuing && createFairQueues(queues, handSize, queueLengthLimit)
  for (const waiter of before?.takeAll() ?? []) {
    if (!level.queues?.add(waiter)) waiter.refuse('queue-full')
  }
}

/** Its own seats are always free to take back; beyond, it takes what others may lend and don't use. */
export function hasRoom(level: Level, width: number, all: Iterable<Level>): boolean {
  const wanted = level.seatsInUse + width
  if (wanted <= level.nominal) return true
  if (wanted > level.upper) return false
  let free = 0
  let borrowed = 0
  for (const other of all) {
    if (other.exempt) {
      free += other.nominal - other.lower
      continue
    }
    if (other !== level) free += Math.max(0, Math.min(other.nominal - other.lower, other.nominal - other.seatsInUse))
    borrowed += Math.max(0, (other === level ? wanted : other.seatsInUse) - other.nominal)
  }
  return borrowed <= free
}

/** No request takes so many seats that its level can do little else. */
export const cappedWidth = ({ nominal }: Level, width: number): number => Math.max(1, Math.min(width, Math.ceil(nominal * 0.15)))
