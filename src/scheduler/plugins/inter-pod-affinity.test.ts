import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Affinity, PodAffinityTerm } from '../../apis/core/scheduling-terms.ts'
import { type PodParts, type TestState, testCluster, testNode, testPod } from '../objects.test-support.ts'
import { describePod } from '../pod-info.ts'
import { interPodAffinityFilter, interPodAffinityScore } from './inter-pod-affinity.ts'
import { scores, verdicts } from './verdicts.test-support.ts'

const term = (app: string, topologyKey: string, parts: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({
  topologyKey,
  labelSelector: { matchLabels: { app } },
  ...parts,
})
const near = (...terms: PodAffinityTerm[]): Affinity => ({ podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } })
const far = (...terms: PodAffinityTerm[]): Affinity => ({ podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } })

/** Two nodes in zone a, one in b, one in none. */
const zones = (): TestState =>
  testCluster(
    [
      testNode('a1', { labels: { zone: 'a' } }),
      testNode('a2', { labels: { zone: 'a' } }),
      testNode('b1', { labels: { zone: 'b' } }),
      testNode('nowhere'),
    ],
    { default: {}, team: { team: 'blue' } },
  )
const host = 'kubernetes.io/hostname'
const notNear = "!node(s) didn't match pod affinity rules"
const notFar = "node(s) didn't match pod anti-affinity rules"
const unwelcome = "node(s) didn't satisfy existing pods anti-affinity rules"

describe('inter-pod affinity', () => {
  const web = { labels: { app: 'web' } }
  const cases: readonly (readonly [string, Readonly<Record<string, PodParts>>, PodParts, readonly [string, string, string, string]])[] = [
    ['near a pod: its whole zone', { a1: web }, { affinity: near(term('web', 'zone')) }, ['ok', 'ok', notNear, notNear]],
    ['near a pod: its node', { a1: web }, { affinity: near(term('web', host)) }, ['ok', notNear, notNear, notNear]],
    [
      'far from a pod: its whole zone; nodes without zone are free',
      { a1: web },
      { affinity: far(term('web', 'zone')) },
      [notFar, notFar, 'ok', 'ok'],
    ],
    ['nobody to be near to', {}, { affinity: near(term('web', 'zone')) }, [notNear, notNear, notNear, notNear]],
    ['the first of its group', {}, { ...web, affinity: near(term('web', 'zone')) }, ['ok', 'ok', 'ok', notNear]],
    ['the second of its group', { b1: web }, { ...web, affinity: near(term('web', 'zone')) }, [notNear, notNear, 'ok', notNear]],
    [
      'company must be what all terms ask for',
      { a1: web, b1: { labels: { app: 'web', tier: 'db' } } },
      { affinity: near(term('web', 'zone'), { topologyKey: 'zone', labelSelector: { matchLabels: { tier: 'db' } } }) },
      [notNear, notNear, 'ok', notNear],
    ],
    ['others that want to be alone', { a1: { ...web, affinity: far(term('web', 'zone')) } }, web, [unwelcome, unwelcome, 'ok', 'ok']],
    [
      'others that want to be alone do not mind strangers',
      { a1: { ...web, affinity: far(term('web', 'zone')) } },
      {},
      ['ok', 'ok', 'ok', 'ok'],
    ],
    [
      'a pod that is leaving still keeps others away',
      { a1: { ...web, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } } },
      { affinity: far(term('web', host)) },
      [notFar, 'ok', 'ok', 'ok'],
    ],
    [
      'other namespaces do not count',
      { a1: { ...web, namespace: 'team' } },
      { affinity: far(term('web', 'zone')) },
      ['ok', 'ok', 'ok', 'ok'],
    ],
    [
      'named namespaces do',
      { a1: { ...web, namespace: 'team' } },
      { affinity: far(term('web', 'zone', { namespaces: ['team'] })) },
      [notFar, notFar, 'ok', 'ok'],
    ],
    [
      'selected namespaces do',
      { a1: { ...web, namespace: 'team' }, b1: web },
      { affinity: far(term('web', 'zone', { namespaceSelector: { matchLabels: { team: 'blue' } } })) },
      [notFar, notFar, 'ok', 'ok'],
    ],
    [
      'an empty namespace selector means all',
      { a1: { ...web, namespace: 'team' }, b1: web },
      { affinity: far(term('web', 'zone', { namespaceSelector: {} })) },
      [notFar, notFar, notFar, 'ok'],
    ],
    [
      'match label keys narrow it to the own revision',
      { a1: { labels: { app: 'web', rev: '1' } }, b1: { labels: { app: 'web', rev: '2' } } },
      { labels: { app: 'web', rev: '2' }, affinity: far(term('web', 'zone', { matchLabelKeys: ['rev'] })) },
      ['ok', 'ok', notFar, 'ok'],
    ],
    [
      'mismatch label keys to the others',
      { a1: { labels: { app: 'web', rev: '1' } }, b1: { labels: { app: 'web', rev: '2' } } },
      { labels: { app: 'web', rev: '2' }, affinity: far(term('web', 'zone', { mismatchLabelKeys: ['rev'] })) },
      [notFar, notFar, 'ok', 'ok'],
    ],
    ['no selector matches nobody', { a1: web }, { affinity: far({ topologyKey: 'zone' }) }, ['ok', 'ok', 'ok', 'ok']],
  ]
  for (const [name, running, parts, [a1, a2, b1, nowhere]] of cases)
    test(name, () => {
      const cluster = zones()
      for (const [node, one] of Object.entries(running)) cluster.place(node, testPod(`running-${node}`, one))
      assert.deepEqual(verdicts(interPodAffinityFilter, describePod(testPod('p', parts)), cluster), { a1, a2, b1, nowhere })
    })
})

describe('preferred company', () => {
  const prefers = (weight: number, podAffinityTerm: PodAffinityTerm) => ({
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }],
  })
  test('own and others’ preferences add up, the lowest is 0 and the highest 100', () => {
    const cluster = zones()
    cluster.place('a1', testPod('web', { labels: { app: 'web' } }))
    cluster.place('b1', testPod('shy', { labels: { app: 'shy' }, affinity: { podAntiAffinity: prefers(10, term('new', 'zone')) } }))
    const pod = describePod(testPod('p', { labels: { app: 'new' }, affinity: { podAffinity: prefers(30, term('web', 'zone')) } }))
    assert.deepEqual(scores(interPodAffinityScore, pod, cluster), { a1: 100, a2: 100, b1: 0, nowhere: 25 })
  })
  test('pods that need this one draw it a little', () => {
    const cluster = zones()
    cluster.place('a2', testPod('needy', { affinity: near(term('new', host)) }))
    assert.deepEqual(scores(interPodAffinityScore, describePod(testPod('p', { labels: { app: 'new' } })), cluster), {
      ...{ a1: 0, a2: 100, b1: 0, nowhere: 0 },
    })
  })
  test('nothing to say without preferences', () => {
    const cluster = zones()
    cluster.place('a1', testPod('web', { labels: { app: 'web' } }))
    assert.equal(scores(interPodAffinityScore, describePod(testPod('p')), cluster), undefined)
  })
})
