import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, createCases, created, defaultCases, updateCases } from '../testing/cases.ts'
import { priorityClassKind, systemPriorityClasses } from './priority-class.ts'

const priorityClass = { kind: priorityClassKind, valid: { metadata: { name: 'high' }, value: 1000 } }
const named = (name: string, value: number) => ({ metadata: { name }, value })
const reserved = "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: "

defaultCases(priorityClass, [
  [{}, 'preemptionPolicy', 'PreemptLowerPriority'],
  [{ preemptionPolicy: 'Never' }, 'preemptionPolicy', 'Never'],
])

createCases(priorityClass, [
  ['negative', { value: -5 }],
  ['the highest', { value: 1_000_000_000 }],
  ['higher', { value: 1_000_000_001 }, 'value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  ['policy', { preemptionPolicy: 'Ask' }, 'preemptionPolicy: Unsupported value: "Ask": supported values: "Never", "PreemptLowerPriority"'],
  ['unknown system class', named('system-mine', 1), `${reserved}system-mine is not a known system priority class`],
  [
    'system class of another value',
    named('system-node-critical', 1),
    `${reserved}value of system-node-critical PriorityClass must be 2000001000`,
  ],
  [
    'system class by default',
    { ...named('system-cluster-critical', 2_000_000_000), globalDefault: true },
    `${reserved}globalDefault of system-cluster-critical PriorityClass must be false`,
  ],
  ['system class', named('system-cluster-critical', 2_000_000_000)],
])

updateCases(priorityClass, [
  ['of the description', { description: 'for important things', globalDefault: true }],
  ['of the value', { value: 5 }, 'value: Forbidden: may not be changed in an update.'],
  ['of the policy', { preemptionPolicy: 'Never' }, 'preemptionPolicy: Invalid value: "Never": field is immutable'],
])

test("PriorityClass: the system's own are valid", () => {
  for (const one of systemPriorityClasses) assert.deepEqual(priorityClassKind.strategy.validate(created(priorityClassKind, one)), [])
})

test('PriorityClass: columns', () => {
  assert.deepEqual(cells(priorityClassKind, created(priorityClassKind, priorityClass.valid)), [
    'high',
    1000,
    false,
    '<unknown>',
    'PreemptLowerPriority',
  ])
})
