import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RequestAttributes, UserInfo } from '../../apimachinery/request.ts'
import { mandatoryFlowSchemas, suggestedFlowSchemas } from '../../apis/flowcontrol/bootstrap.ts'
import type { PriorityLevelConfiguration } from '../../apis/flowcontrol/priority-level-configuration.ts'
import { createMetrics, systemClock } from '../../base/index.ts'
import { dealHand, hashFlow } from './fair-queues.ts'
import { createFairness, type Fairness, type Seat } from './index.ts'

const clock = systemClock()
const signal = new AbortController().signal
const user = (name: string, ...groups: string[]): UserInfo => ({ name, groups: [...groups, 'system:authenticated'] })
const asks = (verb: string, resource: string, rest: Partial<RequestAttributes> = {}): RequestAttributes => ({
  verb,
  path: '',
  isResourceRequest: true,
  group: '',
  version: 'v1',
  resource,
  subresource: '',
  namespace: 'default',
  name: '',
  ...rest,
})
const open = (seats: number, wait_ms = 60_000) => {
  const metrics = createMetrics()
  return { metrics, fairness: createFairness({ clock, metrics, seats, wait_ms }) }
}

/** Levels by name: shares, and how much of them is lent. */
function configure(
  fairness: Fairness,
  levels: Readonly<Record<string, readonly [shares: number, lendablePercent: number, queueLength?: number]>>,
): void {
  const configurations: PriorityLevelConfiguration[] = Object.entries(levels).map(
    ([name, [shares, lendablePercent, queueLengthLimit = 50]]) => ({
      metadata: { name },
      spec: {
        type: 'Limited',
        limited: {
          nominalConcurrencyShares: shares,
          lendablePercent,
          limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 6, queueLengthLimit } },
        },
      },
    }),
  )
  fairness.configure([...mandatoryFlowSchemas, ...suggestedFlowSchemas], configurations)
}

describe('which flow a request belongs to', () => {
  const { fairness } = open(600)
  const lease = { group: 'coordination.k8s.io', resource: 'leases' }
  const cases: readonly (readonly [UserInfo, RequestAttributes, schema: string, distinguisher: string])[] = [
    [user('admin', 'system:masters'), asks('list', 'pods'), 'exempt', ''],
    [user('system:anonymous', 'system:unauthenticated'), asks('get', '', { isResourceRequest: false, path: '/healthz' }), 'probes', ''],
    [user('alice'), asks('get', '', { isResourceRequest: false, path: '/api' }), 'global-default', 'alice'],
    [user('alice'), asks('list', 'pods'), 'global-default', 'alice'],
    [
      user('system:node:a', 'system:nodes'),
      asks('patch', 'nodes', { namespace: '', subresource: 'status' }),
      'system-node-high',
      'system:node:a',
    ],
    [user('system:node:a', 'system:nodes'), asks('update', 'leases', lease), 'system-node-high', 'system:node:a'],
    [user('system:node:a', 'system:nodes'), asks('get', 'pods'), 'system-nodes', 'system:node:a'],
    [user('system:kube-scheduler'), asks('update', 'leases', lease), 'system-leader-election', 'system:kube-scheduler'],
    [user('system:kube-scheduler'), asks('list', 'pods', { namespace: 'web' }), 'kube-scheduler', 'web'],
    [
      user('system:serviceaccount:kube-system:job-controller', 'system:serviceaccounts'),
      asks('list', 'pods', { namespace: 'web' }),
      'kube-system-service-accounts',
      'web',
    ],
    [
      user('system:serviceaccount:web:app', 'system:serviceaccounts'),
      asks('list', 'pods'),
      'service-accounts',
      'system:serviceaccount:web:app',
    ],
    [{ name: 'strange', groups: [] }, asks('list', 'pods'), 'catch-all', 'strange'],
  ]
  for (const [who, what, schema, distinguisher] of cases) {
    it(`${who.name} ${what.verb} ${what.resource || what.path}: ${schema}`, () => {
      const flow = fairness.classify(who, what)
      assert.deepEqual([flow.schema.name, flow.distinguisher], [schema, distinguisher])
    })
  }
})

describe('hands of queues', () => {
  it('hold different cards, and differ from flow to flow', () => {
    const hands = Array.from({ length: 200 }, (_, index) => dealHand(hashFlow('schema', `user-${index}`), 64, 6))
    for (const hand of hands) {
      assert.equal(new Set(hand).size, 6)
      assert.ok(hand.every(card => card >= 0 && card < 64))
    }
    const [first = [], ...others] = hands
    const covered = others.filter(hand => hand.every(card => first.includes(card)))
    assert.deepEqual(covered, [], 'a flood in one hand leaves everybody a queue')
    assert.deepEqual(dealHand(5n, 3, 3).toSorted(), [0, 1, 2])
  })
})

describe('a flood from one user', () => {
  /** Requests of these users, all at once; the order in which they get their turns when each is done at once. */
  async function turns(fairness: Fairness, users: readonly string[]): Promise<readonly string[]> {
    const order: string[] = []
    const all = users.map(async name => {
      const turn = fairness.enter(fairness.classify(user(name), asks('list', 'pods')), 1, signal)
      const seat = await turn
      order.push(name)
      await clock.yield()
      seat.leave()
    })
    await Promise.all(all)
    return order
  }

  it('delays others by a few turns, however long it is', async () => {
    const { fairness } = open(2)
    configure(fairness, { 'global-default': [1000, 0, 500] })
    const flood = Array.from({ length: 400 }, () => 'mallory')
    const order = await turns(fairness, [...flood, 'alice', 'bob', ...flood, 'carol'])
    assert.equal(order.length, 803)
    for (const name of ['alice', 'bob', 'carol']) {
      const place = order.indexOf(name)
      assert.ok(place < 30, `${name} had to wait for ${place} of 803 requests`)
    }
  })

  it('is refused beyond its queues, and nobody else is', async () => {
    const { fairness, metrics } = open(2)
    configure(fairness, { 'global-default': [1000, 0, 10] })
    const flow = (name: string) => fairness.classify(user(name), asks('list', 'pods'))
    const held: (Seat | Promise<Seat>)[] = Array.from({ length: 100 }, () => fairness.enter(flow('mallory'), 1, signal))
    const refused = held.map(turn => (turn instanceof Promise ? turn.then(() => 0).catch(error => error.code as number) : 0))
    const alice = fairness.enter(flow('alice'), 1, signal)
    for (const turn of held) if (!(turn instanceof Promise)) turn.leave()
    const seats = held.map(turn => (turn instanceof Promise ? turn.then(seat => seat.leave()).catch(() => undefined) : undefined))
    ;(await alice).leave()
    await Promise.all(seats)
    assert.equal((await Promise.all(refused)).filter(code => code === 429).length, 100 - 2 - 6 * 10)
    assert.match(
      metrics.render(),
      /rejected_requests_total\{priority_level="global-default",flow_schema="global-default",reason="queue-full"\} 38/,
    )
  })
})

describe('seats', () => {
  const flowOf = (fairness: Fairness, name: string) =>
    fairness.classify(name === 'low' ? user('system:serviceaccount:a:b', 'system:serviceaccounts') : user('alice'), asks('list', 'pods'))
  const isFree = (turn: Seat | Promise<Seat>) => !(turn instanceof Promise)

  it('that a level lends are borrowed while it does not use them', () => {
    const { fairness } = open(10)
    configure(fairness, { 'global-default': [1000, 0], 'workload-low': [1000, 60] })
    const taken = Array.from({ length: 9 }, () => fairness.enter(flowOf(fairness, 'alice'), 1, signal))
    assert.equal(taken.filter(isFree).length, 8, 'five of its own and three that are lent')
    assert.ok(isFree(fairness.enter(flowOf(fairness, 'low'), 1, signal)), 'whoever lends takes back at once')
  })

  it('are left once, by those who waited too long or went away never taken', async () => {
    const { fairness } = open(1, 5)
    configure(fairness, { 'global-default': [1000, 0] })
    const flow = flowOf(fairness, 'alice')
    const seat = await fairness.enter(flow, 1, signal)
    await assert.rejects(async () => fairness.enter(flow, 1, signal), { code: 429 })
    const gone = new AbortController()
    const waits = fairness.enter(flow, 1, gone.signal)
    gone.abort(new Error('the client went away'))
    await assert.rejects(async () => waits, /went away/)
    seat.leave()
    seat.leave()
    await clock.yield()
    await clock.yield()
    const [level] = [...fairness.levels].filter(({ name }) => name === 'global-default')
    assert.deepEqual([level?.seatsInUse, level?.executing, level?.waiting], [0, 0, 0])
    assert.deepEqual([level?.totals.timedOut, level?.totals.cancelled], [1, 1])
  })

  it('are bounded for nobody who is exempt', () => {
    const { fairness } = open(1)
    const flow = fairness.classify(user('admin', 'system:masters'), asks('list', 'pods'))
    assert.ok(Array.from({ length: 100 }, () => fairness.enter(flow, 10, signal)).every(isFree))
  })

  it('may become more or fewer while requests wait', async () => {
    const { fairness } = open(2)
    configure(fairness, { 'global-default': [1000, 0, 50] })
    const flow = flowOf(fairness, 'alice')
    const turns = Array.from({ length: 6 }, () => fairness.enter(flow, 1, signal))
    assert.equal(turns.filter(isFree).length, 2)
    fairness.configure(
      [...mandatoryFlowSchemas, ...suggestedFlowSchemas],
      [
        {
          metadata: { name: 'global-default' },
          spec: { type: 'Limited', limited: { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' } } },
        },
      ],
    )
    const outcomes = await Promise.allSettled(turns)
    assert.equal(outcomes.filter(({ status }) => status === 'rejected').length, 4, 'there are no queues any more')
  })
})
