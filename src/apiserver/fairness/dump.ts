import type { HttpAnswer } from '../types.ts'
import type { Fairness } from './index.ts'

const prefix = '/debug/api_priority_and_fairness/'

/** What stands in which queue, as upstream shows it: for people who look for who is slow and why. */
export const debugPaths = (fairness: Fairness): Readonly<Record<string, () => HttpAnswer>> => ({
  [`${prefix}dump_priority_levels`]: () => table(levelHead, levelRows(fairness)),
  [`${prefix}dump_queues`]: () => table(queueHead, queueRows(fairness)),
  [`${prefix}dump_requests`]: () => table(requestHead, requestRows(fairness)),
})

type Row = readonly (string | number | boolean)[]

const table = (head: Row, rows: readonly Row[]): HttpAnswer => ({
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: [head, ...rows].map(row => `${row.join(', ')}\n`).join(''),
})

const levelHead = [
  'PriorityLevelName',
  'ActiveQueues',
  'IsIdle',
  'IsQuiescing',
  'WaitingRequests',
  'ExecutingRequests',
  'DispatchedRequests',
  'RejectedRequests',
  'TimedoutRequests',
  'CancelledRequests',
]

const levelRows = ({ levels }: Fairness): Row[] =>
  [...levels].map(({ name, queues, waiting, executing, totals }) => [
    name,
    queues?.list().length ?? 0,
    waiting === 0 && executing === 0,
    false,
    waiting,
    executing,
    totals.dispatched,
    totals.rejected,
    totals.timedOut,
    totals.cancelled,
  ])

const queueHead = ['PriorityLevelName', 'Index', 'PendingRequests', 'InitialSeatsSum']

const queueRows = ({ levels }: Fairness): Row[] =>
  [...levels].flatMap(({ name, queues }) =>
    (queues?.list() ?? []).map(({ index, waiters }) => [name, index, waiters.length, waiters.reduce((sum, { width }) => sum + width, 0)]),
  )

const requestHead = ['PriorityLevelName', 'FlowSchemaName', 'QueueIndex', 'RequestIndexInQueue', 'FlowDistingsher', 'InitialSeats']

const requestRows = ({ levels }: Fairness): Row[] =>
  [...levels].flatMap(({ name, queues }) =>
    (queues?.list() ?? []).flatMap(({ index, waiters }) =>
      waiters.map(({ flow, width }, at) => [name, flow.schema.name, index, at, JSON.stringify(flow.distinguisher), width]),
    ),
  )
