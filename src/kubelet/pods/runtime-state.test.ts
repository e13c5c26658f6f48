import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger } from '../../base/index.ts'
import { type ContainerRuntime, type ContainerStatus, labels, type RuntimeEvent, type SandboxStatus } from '../runtime/types.ts'
import { manualClock } from '../test-support/manual-clock.ts'
import { createRuntimeState } from './runtime-state.ts'

test('a sandbox that ended by itself is read until the runtime shows it', async () => {
  const clock = manualClock()
  // The runtime tells of the end before it shows it.
  let answersBefore = 3
  const sandbox = (): SandboxStatus => ({
    id: 'sandbox',
    name: 'pod',
    namespace: 'default',
    uid: 'uid',
    attempt: 0,
    ready: answersBefore-- > 0,
    createdAt_ms: 0,
    addresses: [],
    labels: {},
    annotations: {},
  })
  const event = Promise.withResolvers<RuntimeEvent>()
  const runtime: Partial<ContainerRuntime> = {
    listSandboxes: async () => [sandbox()],
    listContainers: async () => [],
    sandboxStatus: async () => sandbox(),
    async *events() {
      yield await event.promise
      await new Promise(() => undefined)
    },
  }
  const state = createRuntimeState({
    runtime: runtime as ContainerRuntime,
    clock,
    logger: silentLogger,
    changed: () => undefined,
    reachable: () => undefined,
  })
  await state.relist()
  void state.follow(new AbortController().signal)
  event.resolve({ type: 'stopped', containerId: 'sandbox' })
  await clock.settle()
  assert.equal(state.of('uid').sandboxes[0]?.ready, true)
  await clock.advance(100)
  assert.equal(state.of('uid').sandboxes[0]?.ready, false)
})

test('a container is out of memory even where the runtime tells so after it has shown the end', async () => {
  const clock = manualClock()
  let answersBefore = 3
  const container = (): ContainerStatus => ({
    id: 'container',
    sandboxId: 'sandbox',
    name: 'main',
    attempt: 0,
    state: 'exited',
    createdAt_ms: 0,
    exitCode: 137,
    reason: answersBefore-- > 0 ? 'Error' : 'OOMKilled',
    image: 'image',
    imageId: 'id',
    labels: { [labels.podUid]: 'uid' },
    annotations: {},
  })
  const event = Promise.withResolvers<RuntimeEvent>()
  const runtime: Partial<ContainerRuntime> = {
    listSandboxes: async () => [],
    listContainers: async () => [container()],
    containerStatus: async () => container(),
    async *events() {
      yield await event.promise
      await new Promise(() => undefined)
    },
  }
  const state = createRuntimeState({
    runtime: runtime as ContainerRuntime,
    clock,
    logger: silentLogger,
    changed: () => undefined,
    reachable: () => undefined,
  })
  await state.relist()
  void state.follow(new AbortController().signal)
  event.resolve({ type: 'oom', containerId: 'container' })
  await clock.settle()
  assert.equal(state.of('uid').containers[0]?.reason, 'Error')
  await clock.advance(100)
  assert.equal(state.of('uid').containers[0]?.reason, 'OOMKilled')
})
