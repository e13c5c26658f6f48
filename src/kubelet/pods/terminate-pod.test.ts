import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../apis/core/pod.ts'
import type { PodWork } from './pod-work.ts'
import { terminatePod } from './terminate-pod.ts'

test('how a deleted pod ended is published before the runtime forgets it, and nothing after that', async () => {
  const order: string[] = []
  const step = (name: string) => async () => void order.push(`${name}${work.sealed ? '' : ', open'}`)
  const pod = { metadata: { name: 'web', namespace: 'default', uid: 'u', deletionTimestamp: '2026-01-01T00:00:00Z' } } as Pod
  const none = () => undefined
  const work = {
    pod,
    uid: 'u',
    gone: false,
    sealed: false,
    ended: false,
    messages: new Map([['c', '']]),
    applied: new Map(),
    replaced: new Set(),
    waiting: new Map(),
    failures: new Map(),
    state: {
      of: () => ({ containers: [{ id: 'c', state: 'exited' }], sandboxes: [{ id: 's', ready: true }] }),
      readContainer: none,
      readSandbox: none,
    },
    runtime: { removeContainer: step('remove container'), removeSandbox: step('remove sandbox'), stopSandbox: step('stop sandbox') },
    prober: { onlyReadiness: none, forget: none },
    volumes: { tearDown: none },
    host: { removeControlGroup: none, remove: none },
    node: { cgroupRoot: '' },
    directories: { logs: '/logs' },
    objects: { release: none },
    images: { forget: none },
    statuses: { flushed: step('flush') },
    client: { delete: step('delete') },
    publish: () => {
      if (!work.sealed) order.push('publish')
    },
  } as unknown as PodWork
  await terminatePod(work, 0, new AbortController().signal)
  assert.deepEqual(order, ['publish', 'remove container', 'remove sandbox', 'flush', 'delete'])
})
