import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatefulSet, StatefulSetSpec } from '../../apis/apps/stateful-set.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { planActions } from './plan.ts'

/** `0:old`, `1:new`, with `!` behind where the pod is not ready, `-` where it is going and `x` where it failed. */
function podOf(text: string): Pod {
  const [, ordinal, revision, state] = /^(\d+):(\w+?)([!x-]?)$/.exec(text) ?? []
  return {
    metadata: {
      name: `db-${ordinal}`,
      labels: { 'controller-revision-hash': revision },
      ...(state === '-' && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    },
    status: {
      phase: state === 'x' ? 'Failed' : 'Running',
      conditions: [
        { type: 'Ready', status: state === '!' || state === 'x' ? 'False' : 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
      ],
    },
  } as unknown as Pod
}

function plan(spec: Partial<StatefulSetSpec>, pods: string): string[] {
  const set = {
    metadata: { name: 'db' },
    spec: { replicas: 3, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 1 } }, ...spec },
  } as unknown as StatefulSet
  return planActions(set, pods.split(' ').filter(Boolean).map(podOf), 'new', Date.parse('2026-01-02T00:00:00Z')).flatMap(action => {
    if (action.type === 'settle') return []
    return action.type === 'create' ? [`+${action.ordinal} ${action.revision}`] : [`-${action.pod.metadata.name?.slice(3)}`]
  })
}

const parallel = { podManagementPolicy: 'Parallel' }
const rolling = (by: object) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 1, ...by } } })

/** [what it is about, spec, pods, actions] */
const cases: readonly (readonly [string, Partial<StatefulSetSpec>, string, ...string[]])[] = [
  ['the first', {}, '', '+0 update'],
  ['the next', {}, '0:new', '+1 update'],
  ['none before the last is ready', {}, '0:new!'],
  ['all at once', parallel, '1:new', '+0 update', '+2 update'],
  ['a gap', {}, '0:new 2:new', '+1 update'],
  ['a failed one', {}, '0:newx 1:new 2:new', '-0'],
  ['one that is going', {}, '0:new- 1:new'],
  ['below the partition', rolling({ partition: 2 }), '', '+0 current'],
  ['too many', { replicas: 1 }, '0:new 1:new 2:new', '-2'],
  ['too many, one of them ill', { replicas: 1 }, '0:new 1:new! 2:new', '-2'],
  ['too many, the last of them ill', { replicas: 1 }, '0:new 1:new 2:new!', '-2'],
  ['too many, two of them ill', { replicas: 1 }, '0:new 1:new! 2:new!'],
  ['too many at once', { ...parallel, replicas: 1 }, '0:new 1:new 2:new', '-2', '-1'],
  ['an update', {}, '0:old 1:old 2:old', '-2'],
  ['an update goes on', {}, '0:old 1:old 2:new', '-1'],
  ['an update waits', parallel, '0:old 1:old 2:new!'],
  ['an update of two', rolling({ maxUnavailable: 2 }), '0:old 1:old 2:old', '-2', '-1'],
  ['an update of a share', rolling({ maxUnavailable: '67%' }), '0:old 1:old 2:old', '-2', '-1'],
  ['an update of less than one', rolling({ maxUnavailable: '1%' }), '0:old 1:old 2:old', '-2'],
  ['an update ends at the partition', rolling({ partition: 1 }), '0:old 1:old 2:new', '-1'],
  ['no update below the partition', rolling({ partition: 2 }), '0:old 1:old 2:new'],
  ['an old pod that is ill goes first', parallel, '0:old! 1:old 2:old', '-0'],
  ['none by itself', { updateStrategy: { type: 'OnDelete' } }, '0:old 1:old 2:old'],
  ['numbers that begin elsewhere', { ordinals: { start: 4 } }, '4:new', '+5 update'],
  ['pods below the first number', { ordinals: { start: 1 }, replicas: 1 }, '0:new 1:new', '-0'],
]
for (const [name, spec, pods, ...actions] of cases) {
  test(`stateful set: ${name}`, () => assert.deepEqual(plan(spec, pods), actions))
}

test('stateful set: more replicas than could ever be are made step by step', () => {
  const replicas = 2_147_483_647
  assert.deepEqual(plan({ replicas }, '0:new'), ['+1 update'])
  const actions = plan({ ...parallel, replicas }, '0:new 1:new 2000000000:new')
  assert.deepEqual([actions.length, actions[0], actions.at(-1)], [501, '+2 update', '+502 update'])
})
