import assert from 'node:assert/strict'
import { it } from 'node:test'
import { silentLogger } from '../../../base/index.ts'
import type { ContainerRuntime, ContainerStatus, RuntimeEvent } from '../../runtime/types.ts'
import { manualClock } from '../../test-support/manual-clock.ts'
import { containerEnds } from './container-ends.ts'

it('a container whose runtime shows its end long after it told of it has ended all the same', async () => {
  const clock = manualClock()
  let state: ContainerStatus['state'] = 'running'
  let subscriptions = 0
  const runtime = {
    containerStatus: async (id: string) => ({ id, state }),
    async *events(signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
      subscriptions++
      yield { type: 'stopped', containerId: 'a' }
      await new Promise(resolve => signal.addEventListener('abort', resolve))
      subscriptions--
    },
  } as unknown as ContainerRuntime
  const ends = containerEnds(runtime, clock, silentLogger)
  let ended = false
  const waited = ends.wait('a', new AbortController().signal).then(() => {
    ended = true
  })
  await clock.advance(3000)
  assert.equal(ended, false)
  state = 'exited'
  await clock.advance(3000)
  assert.equal(ended, true)
  await waited
  await clock.settle()
  assert.equal(subscriptions, 0, 'nobody asks any more')
})

it('a runtime that is away while a log is followed is asked again, and the agent lives on', async () => {
  const clock = manualClock()
  let away = true
  const runtime = {
    async containerStatus(id: string) {
      await clock.settle()
      if (away) throw new Error('the runtime is away')
      return { id, state: 'exited' }
    },
    // biome-ignore lint/correctness/useYield: it fails before it has anything to tell.
    async *events(): AsyncGenerator<RuntimeEvent> {
      throw new Error('the runtime is away')
    },
  } as unknown as ContainerRuntime
  const ends = containerEnds(runtime, clock, silentLogger)
  const waited = ends.wait('a', new AbortController().signal)
  await clock.advance(1500)
  away = false
  await clock.advance(3000)
  // A rejection that nobody handles would fail the test, as it would end the agent.
  await waited
})
