/**
 * Priority and fairness: which requests go first when there are more than the server can do. In goes who asks for what,
 * out comes a seat, at once or in turn, or a refusal with 429. Requests of one level take turns by flow, so a flood from
 * one user delays that user. All run on one thread, so a seat is taken by one request from its beginning until its
 * answer is there, and until the event loop has turned: a level that has 20 seats begins at most 20 requests before the
 * sockets of all others are looked at again, however fast each of them is.
 */
import { tooManyRequests } from '../../apimachinery/api-errors.ts'
import type { RequestAttributes, UserInfo } from '../../apimachinery/request.ts'
import {
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from '../../apis/flowcontrol/bootstrap.ts'
import type { FlowSchema } from '../../apis/flowcontrol/flow-schema.ts'
import type { PriorityLevelConfiguration } from '../../apis/flowcontrol/priority-level-configuration.ts'
import type { Clock } from '../../base/clock.ts'
import type { MetricsRegistry } from '../../base/metrics.ts'
import { byPrecedence, type Classify, createClassifier, type Flow, type Schema } from './classify.ts'
import { hashFlow } from './fair-queues.ts'
import { cappedWidth, configureLevels, hasRoom, type Level, newLevel, type RejectReason, type Waiter } from './levels.ts'
import { createFairnessMetrics } from './metrics.ts'

export type { Flow } from './classify.ts'
export { debugPaths } from './dump.ts'
export { type FairnessViews, keepFairnessConfiguration } from './keep-configuration.ts'

export interface Fairness {
  classify(user: UserInfo, attributes: RequestAttributes): Flow
  /** A seat, at once where nobody has to wait; rejects with 429, or with the signal's reason. */
  enter(flow: Flow, width: number, signal: AbortSignal): Seat | Promise<Seat>
  /** What counts from now on; requests that run or wait stay. */
  configure(schemas: readonly FlowSchema[], levels: readonly PriorityLevelConfiguration[]): void
  readonly levels: Iterable<Level>
}

export interface Seat {
  /** Once; afterwards it does nothing. */
  leave(): void
}

export interface FairnessOptions {
  readonly clock: Clock
  readonly metrics: MetricsRegistry
  /** All seats together. */
  readonly seats: number
  /** How long a request waits for its turn. */
  readonly wait_ms: number
}

export function createFairness(options: FairnessOptions): Fairness {
  const { clock, seats, wait_ms } = options
  const levels = new Map<string, Level>()
  let schemas: readonly Schema[] = []
  let classify: Classify
  let turning = false
  const metrics = createFairnessMetrics(options.metrics, {
    levels: () => levels.values(),
    schemas: () => schemas,
  })

  const seatOf = (flow: Flow, level: Level, width: number): Seat => {
    const { schema } = flow
    level.seatsInUse += width
    level.executing++
    level.totals.dispatched++
    schema.executing++
    metrics.dispatched(schema)
    const started_ms = clock.monotonic()
    let left = false
    return {
      leave() {
        if (left) return
        left = true
        level.executing--
        schema.executing--
        metrics.executed(schema, clock.monotonic() - started_ms)
        level.seatsLeft += width
        turnSoon()
      },
    }
  }
  const exemptSeatOf = ({ schema }: Flow, level: Level): Seat => {
    level.executing++
    level.totals.dispatched++
    schema.executing++
    metrics.dispatched(schema)
    let left = false
    return {
      leave() {
        if (left) return
        left = true
        level.executing--
        schema.executing--
      },
    }
  }
  const turnSoon = () => {
    if (turning) return
    turning = true
    void clock.yield().then(() => {
      turning = false
      for (const level of levels.values()) {
        level.seatsInUse -= level.seatsLeft
        level.seatsLeft = 0
      }
      if (isAnybodyWaiting(levels)) dispatch()
    })
  }
  // Levels take turns too: what can be borrowed goes to none of them alone.
  const dispatch = () => {
    for (let progress = true; progress; ) {
      progress = false
      for (const level of levels.values()) {
        const next = level.waiting > 0 ? level.queues?.peek() : undefined
        if (!next || !hasRoom(level, next.width, levels.values())) continue
        level.queues?.take()
        next.admit()
        progress = true
      }
    }
  }
  const refuse = (flow: Flow, reason: RejectReason) => {
    const { totals } = flow.schema.level
    if (reason === 'time-out') totals.timedOut++
    else if (reason === 'cancelled') totals.cancelled++
    else totals.rejected++
    metrics.rejected(flow.schema, reason)
    return tooManyRequests('Too many requests, please try again later.', 1)
  }
  const wait = (flow: Flow, level: Level, width: number, signal: AbortSignal): Promise<Seat> =>
    new Promise((resolve, reject) => {
      const arrived_ms = clock.monotonic()
      const settle = () => {
        level.waiting--
        flow.schema.waiting--
        timer.cancel()
        signal.removeEventListener('abort', abort)
      }
      const waiter: Waiter = {
        width,
        flow,
        hash: hashFlow(flow.schema.name, flow.distinguisher),
        arrived_ms,
        admit() {
          settle()
          metrics.waited(flow.schema, clock.monotonic() - arrived_ms, true)
          resolve(seatOf(flow, level, width))
        },
        refuse(reason) {
          settle()
          metrics.waited(flow.schema, clock.monotonic() - arrived_ms, false)
          const refusal = refuse(flow, reason)
          // Who has gone gets no answer anyway.
          reject(reason === 'cancelled' ? signal.reason : refusal)
        },
      }
      const leaveQueue = (reason: RejectReason) => {
        if (level.queues?.remove(waiter)) waiter.refuse(reason)
      }
      const abort = () => leaveQueue('cancelled')
      if (!level.queues?.add(waiter)) return reject(refuse(flow, level.queues ? 'queue-full' : 'concurrency-limit'))
      level.waiting++
      flow.schema.waiting++
      signal.addEventListener('abort', abort, { once: true })
      const timer = clock.setTimer(wait_ms, () => leaveQueue('time-out'))
    })

  const fairness: Fairness = {
    classify: (user, attributes) => classify(user, attributes),
    enter(flow, width, signal) {
      const { level } = flow.schema
      if (level.exempt) return exemptSeatOf(flow, level)
      const capped = cappedWidth(level, width)
      if (level.waiting === 0 && hasRoom(level, capped, levels.values())) return seatOf(flow, level, capped)
      return wait(flow, level, capped, signal)
    },
    configure(flowSchemas, stored) {
      const configurations = withMandatory(stored, mandatoryPriorityLevels)
      for (const { metadata } of configurations) {
        const name = metadata.name ?? ''
        if (!levels.has(name)) levels.set(name, newLevel(name))
      }
      configureLevels(levels, configurations, seats)
      for (const [name, level] of levels) {
        const isKnown = configurations.some(({ metadata }) => metadata.name === name)
        if (!isKnown && level.waiting === 0 && level.seatsInUse === 0) levels.delete(name)
      }
      schemas = toSchemas(flowSchemas, levels, schemas)
      classify = createClassifier(schemas)
      turnSoon()
    },
    get levels() {
      return levels.values()
    },
  }
  fairness.configure([...mandatoryFlowSchemas, ...suggestedFlowSchemas], [...mandatoryPriorityLevels, ...suggestedPriorityLevels])
  return fairness
}

function isAnybodyWaiting(levels: ReadonlyMap<string, Level>): boolean {
  for (const level of levels.values()) if (level.waiting > 0) return true
  return false
}

/** What is mandatory is there whatever the store says. */
const withMandatory = <T extends FlowSchema | PriorityLevelConfiguration>(stored: readonly T[], mandatory: readonly T[]): readonly T[] => [
  ...stored,
  ...mandatory.filter(one => !stored.some(({ metadata }) => metadata.name === one.metadata.name)),
]

/** A schema whose level is not there counts for nothing. */
function toSchemas(flowSchemas: readonly FlowSchema[], levels: ReadonlyMap<string, Level>, before: readonly Schema[]): readonly Schema[] {
  return [...withMandatory(flowSchemas, mandatoryFlowSchemas)].sort(byPrecedence).flatMap(({ metadata, spec }) => {
    const level = levels.get(spec?.priorityLevelConfiguration?.name ?? '')
    if (!level || !spec) return []
    const name = metadata.name ?? ''
    const old = before.find(one => one.name === name && one.level === level && one.uid === (metadata.uid ?? '') && one.rules === spec.rules)
    if (old) return [old]
    const labels = { priority_level: level.name, flow_schema: name }
    const distinguisher = spec.distinguisherMethod?.type as Schema['distinguisher']
    return [{ name, uid: metadata.uid ?? '', level, distinguisher, rules: spec.rules ?? [], labels, executing: 0, waiting: 0 }]
  })
}
