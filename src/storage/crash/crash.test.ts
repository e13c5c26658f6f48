import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { it } from 'node:test'
import { sleep, systemClock } from '../../base/clock.ts'
import { seededRandom, systemRandom } from '../../base/random.ts'
import { openStorage } from '../open.ts'
import { testOptions, withDirectory } from '../testing.ts'
import { readNotes } from './notes.ts'
import { verify } from './verify.ts'

// PROA_CRASH_ROUNDS=50 is the long run, with 1,000 writers; PROA_CRASH_SEED repeats one.
const rounds = Number(process.env.PROA_CRASH_ROUNDS ?? 4)
const writers = process.env.PROA_CRASH_ROUNDS ? 1000 : 100
const seed = Number(process.env.PROA_CRASH_SEED ?? Math.floor(systemRandom().next() * 2 ** 31))

it(`survives ${rounds} kills under ${writers} writers and 20 watchers (seed ${seed})`, () =>
  withDirectory(async directory => {
    const random = seededRandom(seed)
    const clock = systemClock()
    const notes = join(directory, 'notes')
    const data = join(directory, 'data')
    for (let round = 0; round < rounds; round++) {
      const program = join(import.meta.dirname, 'writer.ts')
      const child = spawn(process.execPath, [program, data, notes, String(seed + round), String(writers)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let complaint = ''
      child.stderr.on('data', (text: Buffer) => {
        complaint += text.toString()
      })
      // Some die while they start.
      await sleep(clock, 60 + random.next() * (random.next() < 0.3 ? 150 : 1200))
      // The last one dies while it writes, however slow the machine is.
      while (round === rounds - 1 && child.exitCode === null && readNotes(notes).length === 0) await sleep(clock, 50)
      assert.equal(child.exitCode, null, `the writer ended by itself: ${complaint}`)
      child.kill('SIGKILL')
      if (child.signalCode === null) await once(child, 'exit')
      const storage = await openStorage(testOptions({ directory: data, clusterId: 'crash' }))
      try {
        verify(storage, readNotes(notes))
      } finally {
        await storage.close()
      }
    }
    assert.ok(readNotes(notes).length > 0, 'no writer got as far as writing')
  }))
