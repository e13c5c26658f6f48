import type { Labels, MetricsRegistry } from '../../base/metrics.ts'
import type { Schema } from './classify.ts'
import type { Level, RejectReason } from './levels.ts'

/** Under upstream's names. */
export interface FairnessMetrics {
  dispatched(schema: Schema): void
  executed(schema: Schema, duration_ms: number): void
  waited(schema: Schema, duration_ms: number, isExecuted: boolean): void
  rejected(schema: Schema, reason: RejectReason): void
}

const seconds = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30]

export function createFairnessMetrics(
  metrics: MetricsRegistry,
  state: { readonly levels: () => Iterable<Level>; readonly schemas: () => readonly Schema[] },
): FairnessMetrics {
  const name = (text: string) => `apiserver_flowcontrol_${text}`
  const dispatched = metrics.counter(name('dispatched_requests_total'), 'Requests that were executed.')
  const rejected = metrics.counter(name('rejected_requests_total'), 'Requests that were refused, by reason.')
  const wait = metrics.histogram(name('request_wait_duration_seconds'), 'How long requests waited for a seat.', seconds)
  const execution = metrics.histogram(name('request_execution_seconds'), 'How long requests held their seat.', seconds)
  gaugeOf(metrics, name('current_inqueue_requests'), 'Requests that wait.', () =>
    state.schemas().map(({ labels, waiting }) => [labels, waiting] as const),
  )
  gaugeOf(metrics, name('current_executing_requests'), 'Requests that hold seats.', () =>
    state.schemas().map(({ labels, executing }) => [labels, executing] as const),
  )
  const ofLevels = (text: string, help: string, read: (level: Level) => number) =>
    gaugeOf(metrics, name(text), help, () => [...state.levels()].map(level => [{ priority_level: level.name }, read(level)] as const))
  ofLevels('current_executing_seats', 'Seats that are taken.', ({ seatsInUse }) => seatsInUse)
  ofLevels('nominal_limit_seats', 'Seats that are its own.', ({ nominal }) => nominal)
  ofLevels('lower_limit_seats', 'Seats that it never lends.', ({ lower }) => lower)
  ofLevels('upper_limit_seats', 'Seats that it may have at most.', ({ upper }) => upper)
  ofLevels('current_limit_seats', 'Seats that it has now, with what is borrowed.', ({ nominal, seatsInUse, exempt }) =>
    exempt ? nominal : Math.max(nominal, seatsInUse),
  )
  const labelled = createLabels()
  return {
    dispatched: ({ labels }) => dispatched.add(labels),
    executed: ({ labels }, duration_ms) => execution.observe(duration_ms / 1000, labels),
    waited: ({ labels }, duration_ms, isExecuted) => wait.observe(duration_ms / 1000, labelled(labels, 'execute', String(isExecuted))),
    rejected: ({ labels }, reason) => rejected.add(labelled(labels, 'reason', reason)),
  }
}

function gaugeOf(metrics: MetricsRegistry, name: string, help: string, read: () => readonly (readonly [Labels, number])[]): void {
  const gauge = metrics.gauge(name, help, () => {
    for (const [labels, value] of read()) gauge.set(value, labels)
    return undefined
  })
}

/** Label objects are made once, since metrics know them by identity. */
function createLabels(): (labels: Labels, name: string, value: string) => Labels {
  const known = new WeakMap<Labels, Map<string, Labels>>()
  return (labels, name, value) => {
    const own = known.get(labels) ?? new Map<string, Labels>()
    known.set(labels, own)
    const made = own.get(value) ?? { ...labels, [name]: value }
    own.set(value, made)
    return made
  }
}
