/**
 * Started by the crash tests as a process of its own, to be killed: writes without end and notes each acknowledgement in a
 * file, which outlives it. Arguments: data directory, notes file, seed, concurrent writers, commits (0: without end).
 */
import { openSync, writeSync } from 'node:fs'
import { systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { createMetrics } from '../../base/metrics.ts'
import { type Random, seededRandom } from '../../base/random.ts'
import { openStorage } from '../open.ts'
import type { Storage } from '../storage.ts'
import { type Operation, PreconditionFailed } from '../types.ts'
import { noteOf, valueFor } from './notes.ts'

const [directory = '', notesPath = '', seed = '1', writers = '1', commits = '0'] = process.argv.slice(2)
const actor = { user: 'system:test', userAgent: 'crash' }
const keysPerKind = 300
const keptRevisions = 3000

const notes = openSync(notesPath, 'a')
const random = seededRandom(Number(seed))
const storage = await openStorage({ directory, clusterId: 'crash', clock: systemClock(), logger: silentLogger, metrics: createMetrics() })
watchFromManySides(storage)
let left = Number(commits) || Number.POSITIVE_INFINITY
await Promise.all(Array.from({ length: Number(writers) }, () => writeOn(storage, random)))
await storage.close()

async function writeOn(storage: Storage, random: Random) {
  while (left-- > 0) {
    await writeOnce(storage, random)
    if (random.next() < 0.002) await storage.compact(Math.max(storage.compactedRevision, storage.committed.revision - keptRevisions))
  }
}

/** A create, an update with a precondition, a blind write or a delete; pairs are always written together. */
async function writeOnce(storage: Storage, random: Random) {
  const index = Math.floor(random.next() * keysPerKind)
  const keys = random.next() < 0.3 ? [`/pair/${index}/a`, `/pair/${index}/b`] : [`/single/${index}`]
  const isDelete = random.next() < 0.2
  const value = valueFor(`${keys[0]} ${random.next()}`, Math.floor(random.next() * 4000))
  const operations = keys.map((key): Operation => (isDelete ? { type: 'delete', key } : { type: 'put', key, value }))
  const conditional = random.next() < 0.5
  const preconditions = conditional ? keys.map(key => ({ key, revision: storage.head.get(key)?.revision ?? 0 })) : []
  try {
    const before = keys.filter(key => storage.head.get(key)).length
    const { revision } = await storage.commit(preconditions, operations, actor)
    if (isDelete && before === 0) return
    for (const key of keys) writeSync(notes, noteOf({ type: 'acknowledged', revision, key, value: isDelete ? undefined : value }))
  } catch (error) {
    if (!(error instanceof PreconditionFailed)) throw error
  }
}

/** Twenty watchers that check that revisions grow; the first, which sees everything, notes how far it has come. */
function watchFromManySides(storage: Storage) {
  for (let index = 0; index < 20; index++) {
    const prefix = ['', '/single/', '/pair/', `/pair/${index}/`][index % 4] as string
    let last = storage.committed.revision
    storage.watch(prefix, last, events => {
      for (const event of events) {
        if (event.revision < last || (prefix === '' && event.revision > last + 1))
          throw new Error(`revision ${event.revision} follows ${last}`)
        last = event.revision
      }
      if (index === 0) writeSync(notes, noteOf({ type: 'watched', revision: last, key: '', value: undefined }))
    })
  }
}
