import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, createCases, created, defaultCases, statusCases, updateCases, updated } from '../testing/cases.ts'
import { finalizeNamespace, namespaceKind } from './namespace.ts'

const namespace = { kind: namespaceKind, valid: { metadata: { name: 'web' } } }

defaultCases(namespace, [
  [{}, 'metadata.labels', { 'kubernetes.io/metadata.name': 'web' }],
  [{ metadata: { labels: { a: 'b' } } }, 'metadata.labels', { a: 'b', 'kubernetes.io/metadata.name': 'web' }],
  [{}, 'status.phase', 'Active'],
])

createCases(namespace, [
  [
    'finalizer of no domain',
    { spec: { finalizers: ['mine'] } },
    'spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  ],
  ['finalizers of a domain and standard ones', { spec: { finalizers: ['example.com/mine', 'orphan'] } }],
])

updateCases(namespace, [['labels', { metadata: { labels: { team: 'blue' } } }]])

statusCases(namespace, [
  [
    'terminating while alive',
    { status: { phase: 'Terminating' } },
    'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
  ],
  [
    'active while it is being deleted',
    { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } },
    'status.Phase: Invalid value: "Active": may only be \'Terminating\' if `deletionTimestamp` is not empty',
  ],
  ['terminating', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' }, status: { phase: 'Terminating' } }],
])

test('Namespace: a new one is active and waits for its contents to be deleted', () => {
  const object = created(namespaceKind, {
    metadata: { name: 'web' },
    spec: { finalizers: ['example.com/x'] },
    status: { phase: 'Terminating' },
  })
  assert.deepEqual(object.status, { phase: 'Active' })
  assert.deepEqual(object.spec?.finalizers, ['example.com/x', 'kubernetes'])
})

test('Namespace: an update of the main resource changes neither finalizers nor status', () => {
  const old = created(namespaceKind, namespace.valid)
  const object = updated(namespaceKind, { ...old, spec: { finalizers: [] }, status: { phase: 'Terminating' } }, old)
  assert.deepEqual(object.spec?.finalizers, ['kubernetes'])
  assert.deepEqual(object.status, { phase: 'Active' })
})

test('Namespace: finalize takes the finalizers and keeps the status', () => {
  const old = created(namespaceKind, namespace.valid)
  const object = finalizeNamespace({ ...old, spec: { finalizers: [] }, status: { phase: 'Terminating' } }, old)
  assert.deepEqual([object.spec?.finalizers, object.status?.phase], [[], 'Active'])
})

test('Namespace: columns', () => {
  const object = { metadata: { name: 'web', creationTimestamp: '2026-01-01T00:59:00Z' }, status: { phase: 'Active' } }
  assert.deepEqual(cells(namespaceKind, object), ['web', 'Active', '60s'])
})

test('Namespace: names are DNS labels', () => {
  assert.deepEqual(namespaceKind.strategy.validateName?.('web', false), [])
  assert.deepEqual(namespaceKind.strategy.validateName?.('web-', true), [])
  assert.equal(namespaceKind.strategy.validateName?.('a.b', false).length, 1)
})
