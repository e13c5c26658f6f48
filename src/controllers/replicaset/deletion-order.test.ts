import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Pod } from '../../apis/core/pod.ts'
import { deletionOrder } from './deletion-order.ts'

interface Features {
  readonly node?: string
  readonly phase?: string
  readonly readySince?: string
  readonly cost?: string
  readonly restarts?: number
  readonly created?: string
}

function pod(
  name: string,
  { node = 'a', phase = 'Running', readySince, cost, restarts = 0, created = '2026-01-01T00:00:00Z' }: Features,
): Pod {
  return {
    metadata: {
      name,
      creationTimestamp: created,
      ...(cost && { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
    },
    spec: { nodeName: node, containers: [] },
    status: {
      phase,
      ...(readySince && { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: readySince }] }),
      containerStatuses: [{ name: 'main', restartCount: restarts, image: '', imageID: '', ready: readySince !== undefined }],
    },
  }
}

const early = '2026-01-01T00:00:00Z'
const late = '2026-01-02T00:00:00Z'

/** In each row the first pod goes before the second. */
const rows: readonly (readonly [string, Features, Features])[] = [
  ['without a node', { node: '', cost: '5' }, { phase: 'Pending' }],
  ['pending', { phase: 'Pending', cost: '5' }, { phase: 'Unknown' }],
  ['unknown', { phase: 'Unknown', cost: '5' }, { phase: 'Running' }],
  ['not ready', { cost: '5' }, { readySince: late }],
  ['of lower cost', { readySince: early, cost: '-1' }, { readySince: late }],
  ['with a cost that is no number counts as zero', { readySince: late, cost: '+1' }, { readySince: late, cost: '1' }],
  ['ready for a shorter time', { readySince: late }, { readySince: early, restarts: 3 }],
  ['restarted more', { readySince: early, restarts: 2 }, { readySince: early, restarts: 1, created: late }],
  ['younger', { readySince: early, created: late }, { readySince: early }],
]

for (const [what, first, second] of rows)
  it(`gives up pods first that are ${what}`, () => {
    const [one, two] = [pod('one', first), pod('two', second)]
    for (const given of [
      [one, two],
      [two, one],
    ])
      assert.deepEqual(
        deletionOrder(given, given).map(({ metadata }) => metadata.name),
        ['one', 'two'],
      )
  })

it('gives up pods first that share their node with more', () => {
  const pods = [pod('alone', { node: 'a', readySince: early }), pod('together', { node: 'b', readySince: early })]
  const related = [...pods, pod('other', { node: 'b', readySince: early })]
  assert.deepEqual(
    deletionOrder(pods, related).map(({ metadata }) => metadata.name),
    ['together', 'alone'],
  )
})
