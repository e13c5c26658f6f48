import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventsV1 } from '../events/event.ts'
import { cells, createCases } from '../testing/cases.ts'
import { eventKind } from './event.ts'

const old = {
  kind: eventKind,
  valid: { metadata: { name: 'one', namespace: 'web' }, involvedObject: { kind: 'Pod', namespace: 'web', name: 'a' }, reason: 'Started' },
}
const complete = {
  kind: eventKind,
  valid: {
    ...old.valid,
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingComponent: 'kubernetes.io/kubelet',
    reportingInstance: 'node-1',
    action: 'Starting',
  },
}
const mismatch = (namespace: string) => `involvedObject.namespace: Invalid value: "${namespace}": does not match event.namespace`

createCases(old, [
  ['of another namespace', { involvedObject: { namespace: 'other' } }, mismatch('other')],
  ['of the cluster in a namespace', { involvedObject: { namespace: null } }, mismatch('')],
  ['of the cluster in default', { metadata: { namespace: 'default' }, involvedObject: { namespace: null } }],
  ['with nothing said', { reason: null }],
])

createCases(complete, [
  ['of the cluster in kube-system', { metadata: { namespace: 'kube-system' }, involvedObject: { namespace: null } }],
  ['of the cluster in a namespace', { involvedObject: { namespace: null } }, mismatch('')],
  ['no instance', { reportingInstance: null }, 'reportingInstance: Required value'],
  ['no action', { action: null }, 'action: Required value'],
  ['no reason', { reason: null }, 'reason: Required value'],
  ['long reason', { reason: 'x'.repeat(129) }, 'reason: Invalid value: "": can have at most 128 characters'],
  ['long action', { action: 'x'.repeat(129) }, 'action: Invalid value: "": can have at most 128 characters'],
  ['long instance', { reportingInstance: 'x'.repeat(129) }, 'reportingInstance: Invalid value: "": can have at most 128 characters'],
  ['long message', { message: 'x'.repeat(1025) }, 'message: Invalid value: "": can have at most 1024 characters'],
  [
    'component',
    { reportingComponent: 'a/b/c' },
    "reportingComponent: Invalid value: \"a/b/c\": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
  ],
])

const at = (minute: number) => `2026-01-01T00:${minute}:00Z`

test('Event: columns of old events', () => {
  const event = {
    metadata: { name: 'one' },
    involvedObject: { kind: 'Pod', name: 'a', fieldPath: 'spec.containers{web}' },
    type: 'Normal',
    reason: 'Started',
    message: ' started \n',
    source: { component: 'kubelet', host: 'node-1' },
    firstTimestamp: at(30),
    lastTimestamp: at(50),
    count: 3,
  }
  const row = ['10m', 'Normal', 'Started', 'pod/a', 'spec.containers{web}', 'kubelet, node-1', 'started', '30m', 3, 'one']
  assert.deepEqual(cells(eventKind, event), row)
})

test('Event: columns of new events', () => {
  const event = {
    metadata: { name: 'one' },
    involvedObject: { kind: 'Node' },
    eventTime: at(30),
    series: { count: 7, lastObservedTime: at(59) },
    reportingComponent: 'kubelet',
  }
  assert.deepEqual(cells(eventKind, event), ['60s', '', '', 'node', '', 'kubelet', '', '30m', 7, 'one'])
  assert.deepEqual(cells(eventKind, { ...event, series: undefined }).slice(-2), [1, 'one'])
})

test('Event: events.k8s.io shows the same object under other names', () => {
  const stored = {
    metadata: { name: 'one' },
    involvedObject: { kind: 'Pod' },
    message: 'm',
    source: { component: 'c' },
    count: 2,
    type: 'Normal',
  }
  const served = {
    metadata: { name: 'one' },
    eventTime: null,
    regarding: { kind: 'Pod' },
    note: 'm',
    deprecatedSource: { component: 'c' },
    deprecatedCount: 2,
    type: 'Normal',
  }
  assert.deepEqual(eventsV1.fromStored?.(stored), served)
  assert.deepEqual(eventsV1.toStored?.(served), stored)
  const time = { eventTime: '2026-01-01T00:00:00.000000Z' }
  assert.deepEqual(eventsV1.toStored?.({ ...served, ...time }), { ...stored, ...time })
  assert.deepEqual(eventsV1.fromStored?.({ ...stored, ...time }), { ...served, ...time })
  assert.deepEqual(eventsV1.toStored?.({ metadata: {} }), { metadata: {}, involvedObject: {} })
  assert.deepEqual(
    eventsV1.columns.map(column => column.cell(served as never)),
    eventKind.served[0]?.columns.map(column => column.cell(stored as never)),
  )
})

test('Event: fields to select by', () => {
  const event = { metadata: {}, involvedObject: { name: 'a', uid: 'u' }, reason: 'r', type: 'Warning', reportingComponent: 'c' }
  const value = (field: string) => eventKind.selectableFields[field]?.(event)
  assert.deepEqual(
    ['involvedObject.name', 'regarding.uid', 'involvedObject.fieldPath', 'reason', 'type', 'source', 'reportingComponent'].map(value),
    ['a', 'u', '', 'r', 'Warning', 'c', 'c'],
  )
  assert.equal(eventKind.selectableFields.source?.({ ...event, source: { component: 'old' } }), 'old')
})
