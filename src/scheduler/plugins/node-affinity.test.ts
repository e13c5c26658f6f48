import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { matchesTerm } from '../../apis/core/scheduling-rules.ts'
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../apis/core/scheduling-terms.ts'
import { testCluster, testNode, testPod } from '../objects.test-support.ts'
import { describePod } from '../pod-info.ts'
import { nodeAffinityFilter, nodeAffinityScore } from './node-affinity.ts'
import { scores, verdicts } from './verdicts.test-support.ts'

const node = testNode('n1', { labels: { disk: 'ssd', cores: '8', empty: '' } })
const expression = (key: string, operator: string, ...values: string[]): NodeSelectorTerm => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) } as NodeSelectorRequirement],
})

describe('a node selector term', () => {
  const cases: readonly (readonly [NodeSelectorTerm, boolean])[] = [
    [expression('disk', 'In', 'hdd', 'ssd'), true],
    [expression('disk', 'In', 'hdd'), false],
    [expression('none', 'In', 'ssd'), false],
    [expression('disk', 'NotIn', 'hdd'), true],
    [expression('disk', 'NotIn', 'ssd'), false],
    [expression('none', 'NotIn', 'ssd'), true],
    [expression('empty', 'Exists'), true],
    [expression('none', 'Exists'), false],
    [expression('empty', 'DoesNotExist'), false],
    [expression('none', 'DoesNotExist'), true],
    [expression('cores', 'Gt', '7'), true],
    [expression('cores', 'Gt', '8'), false],
    [expression('cores', 'Lt', '10'), true],
    [expression('cores', 'Lt', '8'), false],
    [expression('disk', 'Gt', '1'), false],
    [expression('none', 'Lt', '1'), false],
    [{}, false],
    [{ matchExpressions: [] }, false],
    [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }, true],
    [{ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['n1'] }] }, false],
    [{ ...expression('disk', 'In', 'hdd'), matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }, false],
  ]
  for (const [term, expected] of cases)
    test(`${JSON.stringify(term)} is ${expected}`, () => assert.equal(matchesTerm(term, node), expected))
})

describe('node affinity', () => {
  const cluster = testCluster([testNode('ssd', { labels: { disk: 'ssd' } }), testNode('hdd', { labels: { disk: 'hdd' } })])
  const mismatch = "!node(s) didn't match Pod's node affinity/selector"
  const required = (...nodeSelectorTerms: NodeSelectorTerm[]) => ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  })
  const cases = [
    ['nothing asked', {}, 'ok', 'ok'],
    ['a node selector', { nodeSelector: { disk: 'ssd' } }, 'ok', mismatch],
    ['one of two terms', required(expression('disk', 'In', 'x'), expression('disk', 'In', 'hdd')), mismatch, 'ok'],
    ['selector and affinity together', { nodeSelector: { disk: 'ssd' }, ...required(expression('disk', 'In', 'hdd')) }, mismatch, mismatch],
    ['no terms match nothing', required(), mismatch, mismatch],
  ] as const
  for (const [name, parts, ssd, hdd] of cases)
    test(name, () => assert.deepEqual(verdicts(nodeAffinityFilter, describePod(testPod('p', parts)), cluster), { ssd, hdd }))

  test('preferred terms add their weights', () => {
    const preferredDuringSchedulingIgnoredDuringExecution = [
      { weight: 10, preference: expression('disk', 'In', 'ssd') },
      { weight: 3, preference: expression('disk', 'Exists') },
    ]
    const pod = describePod(testPod('p', { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution } } }))
    assert.deepEqual(scores(nodeAffinityScore, pod, cluster), { ssd: 13, hdd: 3 })
    assert.equal(scores(nodeAffinityScore, describePod(testPod('p')), cluster), undefined)
  })
})
