import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeProblems, type Repetition, strictProblems } from './strict-problems.ts'

describe('problems of strict decoding', () => {
  const value = { spec: { odd: 1, replicas: 3, list: [{ name: 'a', more: { x: 1 } }], last: 1 } }
  const paths = (...all: string[]): Repetition[] => all.map(path => ({ path }))
  const cases: [string, readonly Repetition[], readonly string[], boolean, string][] = [
    [
      'in the order of the document',
      paths('spec.replicas'),
      ['spec.odd', 'spec.last'],
      true,
      'unknown field "spec.odd", duplicate field "spec.replicas", unknown field "spec.last"',
    ],
    [
      'nothing of what is inside an unknown field',
      paths('spec.list[0].more.x', 'spec.list[0].name'),
      ['spec.list[0].more'],
      true,
      'duplicate field "spec.list[0].name", unknown field "spec.list[0].more"',
    ],
    ['once where a field stands three times', paths('spec.odd', 'spec.odd'), [], true, 'duplicate field "spec.odd"'],
    [
      'repeated fields first, of custom objects',
      paths('spec.replicas'),
      ['spec.odd'],
      false,
      'duplicate field "spec.replicas", unknown field "spec.odd"',
    ],
    [
      'lines of YAML first',
      [{ line: 'line 8: key "a" already set in map' }],
      ['spec.odd'],
      true,
      'yaml: unmarshal errors:\n  line 8: key "a" already set in map, unknown field "spec.odd"',
    ],
  ]
  for (const [what, repetitions, unknown, typed, expected] of cases) {
    it(what, () => assert.equal(describeProblems(strictProblems(repetitions, unknown, value, typed)), expected))
  }
})
