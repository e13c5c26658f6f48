import assert from 'node:assert/strict'
import { it } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { createEndOfTurn } from './end-of-turn.ts'

it('waits once for all that is put off in a turn, and anew in the next', async () => {
  const clock = systemClock()
  let waits = 0
  const soon = createEndOfTurn({
    ...clock,
    yield() {
      waits++
      return clock.yield()
    },
  })
  const ran: string[] = []
  soon(() => {
    ran.push('first')
    soon(() => void ran.push('put off by the first'))
  })
  soon(() => void ran.push('second'))
  assert.deepEqual(ran, [])
  await clock.yield()
  assert.deepEqual([ran, waits], [['first', 'second'], 2])
  await clock.yield()
  assert.deepEqual(ran, ['first', 'second', 'put off by the first'])
})
