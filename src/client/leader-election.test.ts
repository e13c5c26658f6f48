import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ApiConnection } from '../apimachinery/connection.ts'
import { leaseKind } from '../apis/coordination/lease.ts'
import { seededRandom, silentLogger } from '../base/index.ts'
import { createClient } from './client.ts'
import { runLeaderElection } from './leader-election.ts'
import { createFakeApi } from './testing/fake-api.ts'
import { createManualClock } from './testing/manual-clock.ts'

const setUp = () => {
  const clock = createManualClock()
  const api = createFakeApi()
  const leading = new Set<string>()
  const history: string[] = []
  const clientOver = (connection: ApiConnection) => createClient({ connection, clock, random: seededRandom(1), logger: silentLogger })
  const candidate = (identity: string, connection = api.connect({ views: true })) =>
    runLeaderElection({
      client: clientOver(connection),
      leaseNamespace: 'kube-system',
      leaseName: 'controllers',
      identity,
      clock,
      random: seededRandom(identity.length),
      onStartedLeading(signal) {
        assert.equal(leading.size, 0, 'two leaders at once')
        leading.add(identity)
        history.push(`+${identity}`)
        signal.addEventListener('abort', () => leading.delete(identity), { once: true })
      },
      onStoppedLeading: () => history.push(`-${identity}`),
    })
  return { clock, api, leading, history, candidate, client: clientOver(api.connect({ views: true })) }
}

/** A connection that can be cut: calls fail from then on, or hang. */
function cuttable(connection: ApiConnection) {
  let mode: 'works' | 'fails' | 'hangs' = 'works'
  return {
    connection: {
      ...connection,
      call(call) {
        if (mode === 'works') return connection.call(call)
        return mode === 'fails' ? Promise.reject(new Error('cut')) : new Promise(() => {})
      },
    } satisfies ApiConnection as ApiConnection,
    set: (next: typeof mode) => {
      mode = next
    },
  }
}

describe('leader election', () => {
  test('one leads, the other takes over at once when it resigns', async () => {
    const { clock, leading, history, candidate, client } = setUp()
    const first = candidate('first')
    await clock.advance(0)
    const second = candidate('second')
    await clock.advance(60_000)
    assert.deepEqual([...leading], ['first'])
    assert.equal(first.isLeader, true)
    await first.close()
    await clock.advance(5000)
    assert.deepEqual([...leading], ['second'])
    assert.deepEqual(history, ['+first', '-first', '+second'])
    const lease = await client.get(leaseKind, 'kube-system', 'controllers')
    assert.equal(lease.spec?.holderIdentity, 'second')
    assert.equal(lease.spec?.leaseTransitions, 1)
    await second.close()
  })

  for (const mode of ['fails', 'hangs'] as const) {
    test(`a leader whose connection ${mode} stops before another starts`, async () => {
      const { clock, api, leading, history, candidate } = setUp()
      const line = cuttable(api.connect({ views: true }))
      candidate('first', line.connection)
      await clock.advance(0)
      const second = candidate('second')
      await clock.advance(10_000)
      line.set(mode)
      await clock.advance(9_000)
      assert.deepEqual([...leading], ['first'])
      await clock.advance(5_000)
      assert.deepEqual([...leading], [])
      await clock.advance(20_000)
      assert.deepEqual([...leading], ['second'])
      assert.deepEqual(history.slice(0, 3), ['+first', '-first', '+second'])
      await second.close()
    })
  }

  test('impossible times are refused', () => {
    const { client, clock } = setUp()
    const options = { client, leaseNamespace: 'a', leaseName: 'b', identity: 'c', clock, random: seededRandom(1), onStartedLeading() {} }
    assert.throws(() => runLeaderElection({ ...options, leaseDuration_ms: 5, renewDeadline_ms: 10 }), /leaseDuration_ms > renewDeadline_ms/)
  })
})
