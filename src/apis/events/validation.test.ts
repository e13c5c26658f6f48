import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFieldError } from '../../apimachinery/field-error.ts'
import type { Event } from '../core/event.ts'
import { validateStrictEvent } from './validation.ts'

const event: Event = {
  metadata: { name: 'one', namespace: 'web' },
  involvedObject: { kind: 'Pod', namespace: 'web', name: 'a' },
  eventTime: '2026-01-01T00:00:00.000000Z',
  reason: 'Started',
  type: 'Normal',
  message: 'started',
}
const lastObservedTime = '2026-01-01T00:01:00.000000Z'

const news: [string, Partial<Event>, string[]][] = [
  ['complete', {}, []],
  ['no time', { eventTime: undefined }, ['eventTime: Required value']],
  ['another type', { type: 'Odd' }, ['type: Invalid value: "": has invalid value: Odd']],
  ['seen once in a series', { series: { count: 1, lastObservedTime } }, ['series.count: Invalid value: "": should be at least 2']],
  ['a series without time', { series: { count: 2 } }, ['series.lastObservedTime: Required value']],
  [
    'what the core group has',
    { firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:00:00Z', count: 1, source: { component: 'c' } },
    ['firstTimestamp', 'lastTimestamp', 'count', 'source'].map(field => `${field}: Invalid value: "": needs to be unset`),
  ],
  ['an empty source', { source: {}, count: 0 }, []],
]
for (const [what, change, expected] of news)
  test(`new strict events: ${what}`, () =>
    assert.deepEqual(validateStrictEvent({ ...event, ...change }, undefined).map(formatFieldError), expected))

const changes: [string, Partial<Event>, string[]][] = [
  ['a series', { series: { count: 2, lastObservedTime } }, []],
  ['labels', { metadata: { ...event.metadata, labels: { a: 'b' } } }, []],
  ['a series of one', { series: { count: 1, lastObservedTime } }, ['series.count: Invalid value: "": should be at least 2']],
  ['the note', { message: 'other' }, ['message: Invalid value: "other": field is immutable']],
  ['the controller', { reportingComponent: 'x' }, ['reportingController: Invalid value: "x": field is immutable']],
]
for (const [what, change, expected] of changes)
  test(`changed strict events: ${what}`, () =>
    assert.deepEqual(validateStrictEvent({ ...event, ...change }, event).map(formatFieldError), expected))
