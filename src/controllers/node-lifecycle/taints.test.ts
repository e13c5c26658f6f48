import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Node, Taint } from '../../apis/core/node.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { evictionTime, reconcileTaints } from './taints.ts'

const now = '2026-01-01T00:00:00Z'
const node = (conditions: Readonly<Record<string, string>>, taints: Taint[] = [], unschedulable = false): Node =>
  ({
    metadata: { name: 'node' },
    spec: { taints, unschedulable },
    status: { conditions: Object.entries(conditions).map(([type, status]) => ({ type, status })) },
  }) as unknown as Node
const keys = (taints: readonly Taint[] | undefined) => taints?.map(({ key, effect }) => `${key}:${effect}`)
const k8s = 'node.kubernetes.io'

const rows: readonly (readonly [string, Node, string[] | undefined])[] = [
  ['a ready node has none', node({ Ready: 'True' }), undefined],
  ['not ready', node({ Ready: 'False' }), [`${k8s}/not-ready:NoSchedule`, `${k8s}/not-ready:NoExecute`]],
  ['unknown', node({ Ready: 'Unknown' }), [`${k8s}/unreachable:NoSchedule`, `${k8s}/unreachable:NoExecute`]],
  ['pressure', node({ Ready: 'True', DiskPressure: 'True' }), [`${k8s}/disk-pressure:NoSchedule`]],
  ['cordoned', node({ Ready: 'True' }, [], true), [`${k8s}/unschedulable:NoSchedule`]],
  [
    'what is over goes, and others stay',
    node({ Ready: 'True' }, [
      { key: `${k8s}/not-ready`, effect: 'NoSchedule' },
      { key: 'own', effect: 'NoExecute' },
    ]),
    ['own:NoExecute'],
  ],
]
for (const [what, given, expected] of rows)
  it(`taints by conditions: ${what}`, () => assert.deepEqual(keys(reconcileTaints(given, now)), expected))

const at = Date.parse(now)
const taint: Taint = { key: 'a', value: 'v', effect: 'NoExecute', timeAdded: now }
const evictions: readonly (readonly [string, object[], Taint[], number | undefined])[] = [
  ['nothing tolerates it', [], [taint], at + 5],
  ['tolerated for ever', [{ key: 'a', operator: 'Exists' }], [taint], undefined],
  ['tolerated by value for a while', [{ key: 'a', value: 'v', tolerationSeconds: 7 }], [taint], at + 7000],
  ['another value', [{ key: 'a', value: 'w' }], [taint], at + 5],
  [
    'the shortest of several',
    [
      { operator: 'Exists', tolerationSeconds: 9 },
      { key: 'a', operator: 'Exists', tolerationSeconds: 3 },
    ],
    [taint],
    at + 3000,
  ],
  ['other effects evict nobody', [], [{ ...taint, effect: 'NoSchedule' }], undefined],
]
for (const [what, tolerations, taints, expected] of evictions)
  it(`evicts by taints: ${what}`, () =>
    assert.equal(evictionTime({ metadata: {}, spec: { tolerations } } as unknown as Pod, taints, at + 5), expected))
