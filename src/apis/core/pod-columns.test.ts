import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cellAt } from '../../apimachinery/cell.ts'
import { podStatusText } from './pod/index.ts'
import { type Change, changed, createPod } from './pod.test-support.ts'
import { podKind } from './pod.ts'

const now = Date.parse('2026-01-01T01:00:00Z')
const lines = (change: Change): string[] =>
  (podKind.served[0]?.columns ?? []).map(column => String(cellAt(column.cell(changed(createPod(), change) as never), now)))

const waiting = (reason: string) => ({ state: { waiting: { reason } } })
const terminated = (fields: object) => ({ state: { terminated: { exitCode: 0, ...fields } } })
const running = { ready: true, state: { running: {} } }
const statuses = (...all: object[]) => all.map((one, index) => ({ name: `c${index}`, restartCount: 0, ready: false, ...one }))
const init = (...names: string[]) =>
  names.map((name, index) => ({ name: `c${index}`, image: name, ...(name === 'sidecar' && { restartPolicy: 'Always' }) }))
const ready = [{ type: 'Ready', status: 'True' }]

/** [what is reported, STATUS, READY, RESTARTS] */
const cases: readonly (readonly [Change, string, string, string])[] = [
  [{}, 'Pending', '0/1', '0'],
  [{ 'status.containerStatuses': statuses(waiting('ContainerCreating')) }, 'ContainerCreating', '0/1', '0'],
  [{ 'status.phase': 'Running', 'status.containerStatuses': statuses(running) }, 'Running', '1/1', '0'],
  [{ 'status.containerStatuses': statuses({ ...waiting('CrashLoopBackOff'), restartCount: 3 }) }, 'CrashLoopBackOff', '0/1', '3'],
  [
    {
      'status.phase': 'Running',
      'status.containerStatuses': statuses({
        ...running,
        restartCount: 3,
        lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:55:00Z' } },
      }),
    },
    'Running',
    '1/1',
    '3 (5m ago)',
  ],
  [{ 'status.phase': 'Succeeded', 'status.containerStatuses': statuses(terminated({ reason: 'Completed' })) }, 'Completed', '0/1', '0'],
  [
    { 'status.phase': 'Failed', 'status.containerStatuses': statuses(terminated({ reason: 'OOMKilled', exitCode: 137 })) },
    'OOMKilled',
    '0/1',
    '0',
  ],
  [{ 'status.containerStatuses': statuses(terminated({ exitCode: 3 })) }, 'ExitCode:3', '0/1', '0'],
  [{ 'status.containerStatuses': statuses(terminated({ exitCode: 137, signal: 9 })) }, 'Signal:9', '0/1', '0'],
  [{ 'status.phase': 'Failed', 'status.reason': 'Evicted' }, 'Evicted', '0/1', '0'],
  [{ 'status.conditions': [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }, 'SchedulingGated', '0/1', '0'],
  // One has completed while the other runs on.
  [
    {
      'status.phase': 'Running',
      'status.containerStatuses': statuses(terminated({ reason: 'Completed' }), running),
      'status.conditions': ready,
    },
    'Running',
    '1/1',
    '0',
  ],
  [
    { 'status.phase': 'Running', 'status.containerStatuses': statuses(terminated({ reason: 'Completed' }), running) },
    'NotReady',
    '1/1',
    '0',
  ],
  // Init containers
  [
    {
      'spec.initContainers': init('a', 'b'),
      'status.initContainerStatuses': statuses({ state: { running: {} } }, waiting('PodInitializing')),
      'status.containerStatuses': statuses(waiting('PodInitializing')),
    },
    'Init:0/2',
    '0/1',
    '0',
  ],
  [
    { 'spec.initContainers': init('a', 'b'), 'status.initContainerStatuses': statuses(terminated({}), waiting('PodInitializing')) },
    'Init:1/2',
    '0/1',
    '0',
  ],
  [
    { 'spec.initContainers': init('a'), 'status.initContainerStatuses': statuses({ ...waiting('CrashLoopBackOff'), restartCount: 2 }) },
    'Init:CrashLoopBackOff',
    '0/1',
    '2',
  ],
  [
    { 'spec.initContainers': init('a'), 'status.initContainerStatuses': statuses(terminated({ exitCode: 1, reason: 'Error' })) },
    'Init:Error',
    '0/1',
    '0',
  ],
  [
    { 'spec.initContainers': init('a'), 'status.initContainerStatuses': statuses(terminated({ exitCode: 1 })) },
    'Init:ExitCode:1',
    '0/1',
    '0',
  ],
  [
    { 'spec.initContainers': init('a'), 'status.initContainerStatuses': statuses(terminated({ exitCode: 137, signal: 9 })) },
    'Init:Signal:9',
    '0/1',
    '0',
  ],
  [
    {
      'spec.initContainers': init('a'),
      'status.initContainerStatuses': statuses(terminated({})),
      'status.containerStatuses': statuses(waiting('PodInitializing')),
    },
    'PodInitializing',
    '0/1',
    '0',
  ],
  // Restarts of init containers no longer count when they are done; those of sidecars do.
  [
    {
      'status.phase': 'Running',
      'spec.initContainers': init('a'),
      'status.initContainerStatuses': statuses({ ...terminated({}), restartCount: 4 }),
      'status.containerStatuses': statuses(running),
    },
    'Running',
    '1/1',
    '0',
  ],
  [
    {
      'status.phase': 'Running',
      'spec.initContainers': init('sidecar'),
      'status.initContainerStatuses': statuses({ ...running, started: true, restartCount: 4 }),
      'status.containerStatuses': statuses(running),
    },
    'Running',
    '2/2',
    '4',
  ],
  [
    { 'spec.initContainers': init('sidecar'), 'status.initContainerStatuses': statuses({ state: { running: {} }, started: false }) },
    'Init:0/1',
    '0/2',
    '0',
  ],
  // Deletion
  [
    { 'metadata.deletionTimestamp': '2026-01-01T00:00:00Z', 'status.phase': 'Running', 'status.containerStatuses': statuses(running) },
    'Terminating',
    '1/1',
    '0',
  ],
  [{ 'metadata.deletionTimestamp': '2026-01-01T00:00:00Z', 'status.reason': 'NodeLost' }, 'Unknown', '0/1', '0'],
  [
    {
      'metadata.deletionTimestamp': '2026-01-01T00:00:00Z',
      'status.phase': 'Succeeded',
      'status.containerStatuses': statuses(terminated({ reason: 'Completed' })),
    },
    'Completed',
    '0/1',
    '0',
  ],
]

test('columns of pods', async context => {
  for (const [change, status, readiness, restarts] of cases) {
    await context.test(`${status} ${JSON.stringify(change)}`, () => {
      assert.deepEqual(lines(change).slice(0, 4), ['web', readiness, status, restarts])
      assert.equal(podStatusText(changed(createPod(), change)), status)
    })
  }
})

test('wide columns of pods', () => {
  assert.deepEqual(lines({}).slice(4), ['<unknown>', '<none>', '<none>', '<none>', '<none>'])
  const change: Change = {
    'metadata.creationTimestamp': '2026-01-01T00:58:00Z',
    'spec.nodeName': 'n1',
    'spec.readinessGates': [{ conditionType: 'a' }, { conditionType: 'b' }],
    'status.conditions': [{ type: 'a', status: 'True' }],
    'status.podIPs': [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }],
    'status.nominatedNodeName': 'n2',
  }
  assert.deepEqual(lines(change).slice(4), ['2m', '10.0.0.1', 'n1', 'n2', '1/2'])
  const columns = podKind.served[0]?.columns ?? []
  assert.deepEqual(
    columns.filter(column => column.priority === 1).map(column => column.name),
    ['IP', 'Node', 'Nominated Node', 'Readiness Gates'],
  )
})

test('fields of pods that can be selected by', () => {
  const pod = changed(createPod({ 'spec.hostNetwork': true, 'spec.serviceAccountName': 'sa' }), {
    'spec.nodeName': 'n1',
    'status.podIPs': [{ ip: '10.0.0.1' }],
    'status.nominatedNodeName': 'n2',
  })
  const fields = Object.entries(podKind.selectableFields).map(([field, read]) => [field, read(pod)])
  assert.deepEqual(Object.fromEntries(fields), {
    'spec.nodeName': 'n1',
    'spec.restartPolicy': 'Always',
    'spec.schedulerName': 'default-scheduler',
    'spec.serviceAccountName': 'sa',
    'spec.hostNetwork': 'true',
    'status.phase': 'Pending',
    'status.podIP': '10.0.0.1',
    'status.nominatedNodeName': 'n2',
  })
})
