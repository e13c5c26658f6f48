import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Deployment } from '../../apis/apps/deployment.ts'
import type { ReplicaSet } from '../../apis/apps/replica-set.ts'
import { boundsOf, nextSizeOfCurrent, nextSizesOfOld, proportionalSizes } from './rolling.ts'

const deployment = (replicas: number, maxSurge: number | string, maxUnavailable: number | string): Deployment =>
  ({
    metadata: {},
    spec: { replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } },
  }) as unknown as Deployment
const replicaSet = (name: string, replicas: number, availableReplicas = replicas, former?: number): ReplicaSet =>
  ({
    metadata: {
      name,
      creationTimestamp: `2026-01-0${name}T00:00:00Z`,
      annotations: former === undefined ? {} : { 'deployment.kubernetes.io/max-replicas': String(former) },
    },
    spec: { replicas },
    status: { availableReplicas },
  }) as unknown as ReplicaSet

const bounds: readonly (readonly [number, number | string, number | string, number, number])[] = [
  [10, '25%', '25%', 3, 2],
  [3, '25%', '25%', 1, 0],
  [1, '25%', '25%', 1, 0],
  [4, 0, '10%', 0, 1],
  [2, 1, 5, 1, 2],
  [0, '25%', '25%', 0, 0],
]
for (const [replicas, surge, unavailable, moreThan, lessThan] of bounds)
  it(`lets ${replicas} pods with ${surge} and ${unavailable} be ${moreThan} more and ${lessThan} fewer`, () =>
    assert.deepEqual(boundsOf(deployment(replicas, surge, unavailable)), { surge: moreThan, unavailable: lessThan }))

const growing: readonly (readonly [string, Deployment, number, number, number])[] = [
  ['into the surge', deployment(10, 3, 2), 0, 10, 3],
  ['not beyond what is wanted', deployment(10, 3, 2), 8, 0, 10],
  ['not at all while there is no room', deployment(10, 0, 2), 2, 8, 2],
  ['down to a smaller scale', deployment(4, 1, 1), 9, 0, 4],
]
for (const [what, given, current, old, expected] of growing)
  it(`grows the current replica set ${what}`, () => {
    const one = replicaSet('2', current)
    assert.equal(nextSizeOfCurrent(given, one, [replicaSet('1', old), one]), expected)
  })

const shrinking: readonly (readonly [string, Deployment, ReplicaSet, ReplicaSet[], Record<string, number>])[] = [
  ['as far as may be missing', deployment(10, 3, 2), replicaSet('3', 3, 0), [replicaSet('1', 10)], { 1: 8 }],
  ['unhealthy pods first', deployment(10, 3, 2), replicaSet('3', 0), [replicaSet('1', 5, 5), replicaSet('2', 5, 3)], { 2: 3 }],
  ['oldest first', deployment(10, 0, '30%'), replicaSet('3', 0), [replicaSet('2', 8), replicaSet('1', 2)], { 1: 0, 2: 7 }],
  ['not while the new ones are not available', deployment(4, 1, 0), replicaSet('3', 1, 0), [replicaSet('1', 4)], {}],
]
for (const [what, given, current, old, expected] of shrinking)
  it(`shrinks old replica sets ${what}`, () => {
    const sizes = [...nextSizesOfOld(given, current, old)].map(([one, size]) => [one.metadata.name, size])
    assert.deepEqual(Object.fromEntries(sizes), expected)
  })

const spreading: readonly (readonly [string, Deployment, ReplicaSet[], Record<string, number>])[] = [
  ['more', deployment(30, 3, 2), [replicaSet('1', 8, 8, 13), replicaSet('2', 5, 0, 13)], { 1: 20, 2: 13 }],
  ['fewer', deployment(5, 0, 2), [replicaSet('1', 8, 8, 10), replicaSet('2', 2, 2, 10)], { 1: 4, 2: 1 }],
  ['none', deployment(0, 3, 2), [replicaSet('1', 8, 8, 13), replicaSet('2', 5, 0, 13)], { 1: 0, 2: 0 }],
]
for (const [what, given, active, expected] of spreading)
  it(`spreads a new scale in proportion: ${what}`, () => {
    const sizes = [...proportionalSizes(given, active)].map(([one, size]) => [one.metadata.name, size])
    assert.deepEqual(Object.fromEntries(sizes), expected)
  })
