import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DaemonSet } from '../../apis/apps/daemon-set.ts'
import type { Node } from '../../apis/core/node.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { daemonTolerations, verdictsOf } from './nodes.ts'
import { groupByNode, planDaemons } from './plan.ts'

const now = Date.parse('2026-01-02T00:00:00Z')
const setOf = (rollingUpdate: object, podSpec: object = {}): DaemonSet =>
  ({
    metadata: { name: 'agent' },
    spec: { template: { spec: podSpec }, updateStrategy: { type: 'RollingUpdate', rollingUpdate } },
  }) as unknown as DaemonSet
const nodeOf = (name: string, spec: object = {}): Node => ({ metadata: { name, labels: { name } }, spec }) as unknown as Node

/** `a:old`, `b:new`, with `!` behind where the pod is not ready, `-` where it is going and `x` where it failed. */
function podOf(text: string, index: number): Pod {
  const [, nodeName, revision, state] = /^(\w):(\w+?)([!x-]?)$/.exec(text) ?? []
  return {
    metadata: {
      name: text,
      creationTimestamp: `2026-01-01T00:00:0${index}Z`,
      labels: { 'controller-revision-hash': revision },
      ...(state === '-' && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    },
    spec: { nodeName },
    status: {
      phase: state === 'x' ? 'Failed' : 'Running',
      conditions: [
        { type: 'Ready', status: state === '!' || state === 'x' ? 'False' : 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
      ],
    },
  } as unknown as Pod
}

function plan(rollingUpdate: object, pods: string): string {
  const nodes = ['a', 'b', 'c'].map(name => nodeOf(name))
  const result = planDaemons(setOf(rollingUpdate), nodes, groupByNode(pods.split(' ').filter(Boolean).map(podOf)), 'new', now)
  const gone = [...result.delete, ...result.ended].map(({ metadata }) => `-${metadata.name}`)
  return [...result.create.map(node => `+${node}`), ...gone].join(' ')
}

const inPlace = { maxUnavailable: 1, maxSurge: 0 }
const surge = { maxUnavailable: 0, maxSurge: 1 }
/** [what it is about, rolling update, pods, plan] */
const cases: readonly (readonly [string, object, string, string])[] = [
  ['nothing there', inPlace, '', '+a +b +c'],
  ['one missing', inPlace, 'a:new c:new', '+b'],
  ['one going', inPlace, 'a:new b:new- c:new', ''],
  ['two on a node', inPlace, 'a:new a:new b:new c:new', '-a:new'],
  ['a failed one', inPlace, 'a:newx b:new c:new', '-a:newx'],
  ['all old', inPlace, 'a:old b:old c:old', '-a:old'],
  ['two at once', { maxUnavailable: 2 }, 'a:old b:old c:old', '-a:old -b:old'],
  ['a share', { maxUnavailable: '50%' }, 'a:old b:old c:old', '-a:old -b:old'],
  ['one new', inPlace, 'a:new b:old c:old', '-b:old'],
  ['one new and not ready', inPlace, 'a:new! b:old c:old', ''],
  ['an old one that is ill', inPlace, 'a:new! b:old! c:old', '-b:old!'],
  ['old ones before anything is added', inPlace, 'a:old b:old', '+c'],
  ['surge', surge, 'a:old b:old c:old', '+a'],
  ['surge goes on', surge, 'a:old a:new b:old c:old', '+b -a:old'],
  ['surge waits', surge, 'a:old a:new! b:old c:old', ''],
  ['surge over an old one that is ill', surge, 'a:old! a:new! b:old c:old', '+b -a:old!'],
  ['surge without limit where the old one is ill', surge, 'a:old a:new! b:old! c:old', '+b'],
  ['a node that is no more', inPlace, 'a:new b:new c:new d:new', ''],
]
for (const [name, rollingUpdate, pods, expected] of cases) {
  test(`daemon set: ${name}`, () => assert.equal(plan(rollingUpdate, pods), expected))
}

test('daemon set: a pod that waits for a node that is no more is given up', () => {
  const waiting = podOf('d:new', 0)
  const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['d'] }] }]
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } }
  const pod = { ...waiting, spec: { affinity } } as unknown as Pod
  assert.deepEqual(planDaemons(setOf(inPlace), [], groupByNode([pod]), 'new', now).delete, [pod])
})

const taints = (...given: readonly object[]) => ({ taints: given })
const effect = (value: string) => ({ key: 'own', value: 'x', effect: value })
/** [what it is about, pod spec, node spec, run, stay] */
const verdicts: readonly (readonly [string, object, object, boolean, boolean])[] = [
  ['any node', {}, {}, true, true],
  ['a node by name', { nodeName: 'other' }, {}, false, false],
  ['a node by label', { nodeSelector: { name: 'other' } }, {}, false, false],
  ['a cordoned node', {}, taints({ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }), true, true],
  ['a node under pressure', {}, taints({ key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' }), true, true],
  ['no network', {}, taints({ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }), false, true],
  ['no network needed', { hostNetwork: true }, taints({ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }), true, true],
  ['a taint', {}, taints(effect('NoSchedule')), false, true],
  ['a taint that is put up with', { tolerations: [{ key: 'own', operator: 'Exists' }] }, taints(effect('NoSchedule')), true, true],
  ['a taint that drives out', {}, taints(effect('NoExecute')), false, false],
  ['a mild taint', {}, taints(effect('PreferNoSchedule')), true, true],
]
for (const [name, podSpec, nodeSpec, run, stay] of verdicts) {
  test(`daemon set: ${name}`, () => assert.deepEqual(verdictsOf(setOf(inPlace, podSpec))(nodeOf('a', nodeSpec)), { run, stay }))
}

test('daemon set: tolerations are added once', () => {
  const given = [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }]
  const added = daemonTolerations({ containers: [], tolerations: given })
  assert.deepEqual(
    added.filter(({ key }) => key === 'node.kubernetes.io/not-ready').map(({ tolerationSeconds }) => tolerationSeconds),
    [undefined],
  )
  assert.equal(added.length, 6)
})
