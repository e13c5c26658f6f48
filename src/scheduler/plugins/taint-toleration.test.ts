import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { tolerates } from '../../apis/core/scheduling-rules.ts'
import type { Toleration } from '../../apis/core/scheduling-terms.ts'
import { testCluster, testNode, testPod } from '../objects.test-support.ts'
import { describePod } from '../pod-info.ts'
import { taintTolerationFilter, taintTolerationScore } from './taint-toleration.ts'
import { scores, verdicts } from './verdicts.test-support.ts'

describe('a toleration', () => {
  const taint = { key: 'gpu', value: '5', effect: 'NoSchedule' }
  const cases: readonly (readonly [Toleration, boolean])[] = [
    [{ key: 'gpu', operator: 'Equal', value: '5', effect: 'NoSchedule' }, true],
    [{ key: 'gpu', value: '5' }, true],
    [{ key: 'gpu', value: '6' }, false],
    [{ key: 'gpu' }, false],
    [{ key: 'gpu', operator: 'Exists' }, true],
    [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }, false],
    [{ key: 'other', operator: 'Exists' }, false],
    [{ operator: 'Exists' }, true],
    [{ operator: 'Exists', effect: 'NoSchedule' }, true],
    [{ key: 'gpu', operator: 'Gt', value: '4' }, true],
    [{ key: 'gpu', operator: 'Gt', value: '5' }, false],
    [{ key: 'gpu', operator: 'Lt', value: '6' }, true],
    [{ key: 'gpu', operator: 'Lt', value: 'x' }, false],
  ]
  for (const [toleration, expected] of cases)
    test(`${JSON.stringify(toleration)}: ${expected}`, () => assert.equal(tolerates([toleration], taint), expected))
  test('of an empty value matches a taint without one', () => {
    assert.equal(tolerates([{ key: 'gpu' }], { key: 'gpu', effect: 'NoSchedule' }), true)
  })
})

describe('taints', () => {
  const cluster = testCluster([
    testNode('clean'),
    testNode('hard', { taints: [{ key: 'a', effect: 'NoSchedule' }] }),
    testNode('evicting', {
      taints: [
        { key: 'a', effect: 'NoExecute' },
        { key: 'b', effect: 'PreferNoSchedule' },
      ],
    }),
    testNode('soft', {
      taints: [
        { key: 'b', effect: 'PreferNoSchedule' },
        { key: 'c', effect: 'PreferNoSchedule' },
      ],
    }),
  ])
  const refused = '!node(s) had untolerated taint(s)'
  test('keep pods off unless all are tolerated; soft ones never do', () => {
    const verdictsFor = (tolerations: readonly Toleration[]) =>
      verdicts(taintTolerationFilter, describePod(testPod('p', { tolerations })), cluster)
    assert.deepEqual(verdictsFor([]), { clean: 'ok', hard: refused, evicting: refused, soft: 'ok' })
    assert.deepEqual(verdictsFor([{ key: 'a', operator: 'Exists', effect: 'NoSchedule' }]), {
      ...{ clean: 'ok', hard: 'ok', evicting: refused, soft: 'ok' },
    })
    assert.deepEqual(verdictsFor([{ operator: 'Exists' }]), { clean: 'ok', hard: 'ok', evicting: 'ok', soft: 'ok' })
  })
  test('soft ones that are not tolerated are counted', () => {
    const scoresFor = (tolerations: readonly Toleration[]) =>
      scores(taintTolerationScore, describePod(testPod('p', { tolerations })), cluster)
    assert.deepEqual(scoresFor([]), { clean: 0, hard: 0, evicting: 1, soft: 2 })
    assert.deepEqual(scoresFor([{ key: 'b', operator: 'Exists' }]), { clean: 0, hard: 0, evicting: 0, soft: 1 })
    assert.deepEqual(scoresFor([{ key: 'b', operator: 'Exists', effect: 'NoSchedule' }]), { clean: 0, hard: 0, evicting: 1, soft: 2 })
  })
})
