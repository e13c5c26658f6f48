import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { forbidden } from '../apimachinery/api-errors.ts'
import { configMapKind } from '../apis/core/config-map.ts'
import { type Event, eventKind } from '../apis/core/event.ts'
import { podKind } from '../apis/core/pod.ts'
import { createLogger, seededRandom, silentLogger } from '../base/index.ts'
import { createClient } from './client.ts'
import { createEventRecorder } from './event-recorder.ts'
import { createFakeApi } from './testing/fake-api.ts'
import { createManualClock } from './testing/manual-clock.ts'

const setUp = () => {
  const clock = createManualClock()
  const api = createFakeApi()
  const lines: string[] = []
  const client = createClient({ connection: api.connect({ views: true }), clock, random: seededRandom(1), logger: silentLogger })
  const recorder = createEventRecorder({
    client,
    component: 'tester',
    host: 'node-1',
    clock,
    logger: createLogger({ clock, write: line => lines.push(line) }),
  })
  const object = { metadata: { name: 'a', namespace: 'default', uid: 'u' } }
  const events = async (): Promise<readonly Event[]> => (await client.list(eventKind, 'default')).items
  return { clock, api, client, recorder, object, events, lines }
}

describe('event recorder', () => {
  test('writes an event, and counts it when it happens again', async () => {
    const { clock, recorder, object, events } = setUp()
    recorder.record(object, configMapKind, 'Warning', 'Broken', 'it broke', { fieldPath: 'data' })
    await clock.advance(0)
    await clock.advance(60_000)
    recorder.record(object, configMapKind, 'Warning', 'Broken', 'it broke', { fieldPath: 'data' })
    await clock.advance(0)
    const [event, ...others] = await events()
    assert.equal(others.length, 0)
    assert.deepEqual(event?.involvedObject, {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      namespace: 'default',
      name: 'a',
      uid: 'u',
      fieldPath: 'data',
    })
    assert.deepEqual(
      [event?.count, event?.firstTimestamp, event?.lastTimestamp, event?.source],
      [2, '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z', { component: 'tester', host: 'node-1' }],
    )
    assert.match(event?.metadata.name ?? '', /^a\.[0-9a-f]{16}$/)
  })

  test('many different messages about one thing become one event', async () => {
    const { clock, recorder, object, events } = setUp()
    for (let index = 0; index < 15; index++) recorder.record(object, configMapKind, 'Normal', 'Said', `message ${index}`)
    await clock.advance(0)
    const written = await events()
    assert.equal(written.length, 10)
    const combined = written.find(event => event.message?.startsWith('(combined from similar events): '))
    assert.equal(combined?.count, 6)
    assert.equal(combined?.message, '(combined from similar events): message 14')
  })

  test('a flood about one object is cut off and trickles on', async () => {
    const { clock, api, recorder, object } = setUp()
    const writes = () => api.calls.length
    for (let index = 0; index < 100; index++) recorder.record(object, configMapKind, 'Normal', `Reason${index}`, 'x')
    await clock.advance(0)
    assert.equal(writes(), 25)
    await clock.advance(300_000)
    for (let index = 0; index < 10; index++) recorder.record(object, configMapKind, 'Normal', `More${index}`, 'x')
    await clock.advance(0)
    assert.equal(writes(), 26)
  })

  test('a burst about thousands of objects is written whole, several at a time', async () => {
    const { clock, api, recorder, events, lines } = setUp()
    for (let index = 0; index < 5000; index++)
      recorder.record({ metadata: { name: `pod-${index}`, namespace: 'default' } }, podKind, 'Normal', 'Scheduled', 'x')
    await Promise.resolve()
    await Promise.resolve()
    assert.equal(api.calls.length, 32)
    await clock.advance(0)
    assert.equal((await events()).length, 5000)
    assert.deepEqual(lines, [])
  })

  test('what exceeds the bound is dropped, said once and counted', async () => {
    const { clock, recorder, events, lines } = setUp()
    for (let index = 0; index < 10_007; index++)
      recorder.record({ metadata: { name: `pod-${index}`, namespace: 'default' } }, podKind, 'Normal', 'Scheduled', 'x')
    await clock.advance(0)
    assert.equal((await events()).length, 10_000)
    assert.equal(lines.length, 2)
    assert.match(lines[0] ?? '', /tester records events faster than they can be written/)
    assert.match(lines[1] ?? '', /7 were dropped/)
  })

  test('an event that cannot be written holds up only its own object', async () => {
    const { clock, api, recorder, object, events } = setUp()
    let broken = true
    api.intercept = call => {
      if (broken && call.body && (call.body as Event).involvedObject.name === 'a') throw new Error('down')
    }
    recorder.record(object, configMapKind, 'Normal', 'First', 'x')
    recorder.record(object, configMapKind, 'Normal', 'Second', 'x')
    recorder.record({ metadata: { name: 'b', namespace: 'default' } }, configMapKind, 'Normal', 'Other', 'x')
    await clock.advance(0)
    const reasons = async () => (await events()).map(event => event.reason)
    assert.deepEqual(await reasons(), ['Other'])
    broken = false
    await clock.advance(1000)
    assert.deepEqual((await reasons()).toSorted(), ['First', 'Other', 'Second'])
    const creations = api.calls.map(call => (call.body as Event | undefined)?.reason).filter(Boolean)
    assert.deepEqual(creations, ['First', 'Other', 'First', 'Second'])
  })

  test('an event that has expired is written again with its count', async () => {
    const { clock, client, recorder, object, events } = setUp()
    recorder.record(object, configMapKind, 'Normal', 'Said', 'x')
    await clock.advance(0)
    const [first] = await events()
    await client.delete(eventKind, 'default', first?.metadata.name ?? '')
    recorder.record(object, configMapKind, 'Normal', 'Said', 'x')
    await clock.advance(0)
    assert.deepEqual(
      (await events()).map(event => event.count),
      [2],
    )
  })

  test('a failing server is tried again, a refusal is logged and dropped', async () => {
    const { clock, api, recorder, object, events, lines } = setUp()
    let failures = 2
    api.intercept = call => {
      if (call.verb === 'create' && failures-- > 0) throw new Error('down')
    }
    recorder.record(object, configMapKind, 'Normal', 'Said', 'x')
    await clock.advance(10_000)
    assert.equal((await events()).length, 1)
    api.intercept = call => {
      if (call.verb === 'create') throw forbidden({ group: '', resource: 'events' }, '', 'namespace is going away')
    }
    recorder.record(object, configMapKind, 'Normal', 'Other', 'x')
    await clock.advance(0)
    assert.match(lines.join(''), /writing event Other for ConfigMap default\/a failed; it is dropped/)
    await recorder.close()
  })
})
