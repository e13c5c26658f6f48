import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { seededRandom } from '../../base/random.ts'
import { journalPath } from '../journal/database.ts'
import { openStorage } from '../open.ts'
import { testOptions, withDirectory } from '../testing.ts'
import { readNotes, type WrittenNote } from './notes.ts'
import { parseTrace } from './trace.ts'
import { verify } from './verify.ts'
import { createVolatileFile, nothingSurvives, someSurvive, type VolatileFile } from './volatile-file.ts'

const hasTracer = spawnSync('strace', ['-V']).status === 0
const cuts = Number(process.env.PROA_POWER_CUTS ?? 5)

/** Runs the writer under strace and gives the calls on its journal and its notes. */
function trace(directory: string, writers: number, commits: number) {
  const data = join(directory, 'data')
  const notes = join(directory, 'notes')
  const output = join(directory, 'trace')
  const files = [data, journalPath(data), `${journalPath(data)}-wal`, notes].flatMap(path => ['-P', path])
  const calls = ['-e', 'trace=pwrite64,write,fdatasync,fsync,ftruncate']
  const program = [process.execPath, join(import.meta.dirname, 'writer.ts'), data, notes, '1', String(writers), String(commits)]
  mkdirSync(data)
  execFileSync('strace', ['-f', '-y', '-xx', '-s', '8192', '-o', output, ...calls, ...files, ...program], { stdio: 'pipe' })
  return { data, notes, calls: parseTrace(readFileSync(output, 'latin1')) }
}

it('syncs before each acknowledgement', { skip: !hasTracer && 'strace is not installed' }, () =>
  withDirectory(async directory => {
    const { data, notes, calls } = trace(directory, 1, 100)
    const wal = createVolatileFile()
    let acknowledgements = 0
    let directorySyncs = 0
    for (const call of calls) {
      if (call.path === `${journalPath(data)}-wal`) wal.apply(call)
      if (call.path === data && call.name === 'fsync') directorySyncs++
      if (call.path !== notes) continue
      acknowledgements++
      assert.ok(directorySyncs > 0, 'the directory that names the journal is not synced')
      assert.equal(wal.unsynced, 0, `acknowledged with ${wal.unsynced} unsynced writes`)
    }
    assert.ok(acknowledgements > 50, `only ${acknowledgements} acknowledgements were seen`)
  }),
)

it(
  'keeps what was acknowledged when the power fails and unsynced writes are lost or torn',
  { skip: !hasTracer && 'strace is not installed' },
  () =>
    withDirectory(async directory => {
      const { data, notes, calls } = trace(directory, 32, 3000)
      const random = seededRandom(1)
      const files = new Map([journalPath(data), `${journalPath(data)}-wal`].map(path => [path, createVolatileFile()]))
      const acknowledged = readNotes(notes)
      const cutAt = new Set(Array.from({ length: cuts }, () => Math.floor(random.next() * calls.length)))
      let noted = 0
      for (const [index, call] of calls.entries()) {
        files.get(call.path)?.apply(call)
        if (call.path === notes) noted++
        if (!cutAt.has(index)) continue
        for (const survives of [nothingSurvives, someSurvive(random)])
          await restart(join(directory, `cut-${index}`), files, survives, acknowledged.slice(0, noted))
      }
      assert.ok(noted > 1000)
      assert.ok(
        calls.some(({ name, path }) => name === 'pwrite64' && path === journalPath(data)),
        'no checkpoint was traced',
      )
    }),
)

async function restart(
  directory: string,
  files: ReadonlyMap<string, VolatileFile>,
  survives: () => boolean,
  notes: readonly WrittenNote[],
) {
  mkdirSync(directory, { recursive: true })
  for (const [path, file] of files) {
    const name = path.endsWith('-wal') ? `${journalPath(directory)}-wal` : journalPath(directory)
    writeFileSync(name, file.afterPowerLoss(survives))
  }
  const storage = await openStorage(testOptions({ directory, clusterId: 'crash' }))
  try {
    verify(storage, notes)
  } finally {
    await storage.close()
  }
}
