import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { contents, put, remove } from '../contract.ts'
import { createManualClock } from '../manual-clock.ts'
import { openStorage } from '../open.ts'
import type { Storage } from '../storage.ts'
import { testOptions, withDirectory } from '../testing.ts'
import { Compacted, type StorageEvent, StorageUnavailable } from '../types.ts'
import { journalPath, openDatabase } from './database.ts'
import { openSqliteJournal } from './sqlite-journal.ts'

const actor = { user: 'jane', userAgent: 'kubectl/v1.36' }
const open = (directory: string, options: Parameters<typeof testOptions>[0] = {}): Promise<Storage> =>
  openStorage(testOptions({ directory, ...options }))

async function write(directory: string, count: number, size = 100): Promise<number> {
  const storage = await open(directory)
  const value = new Uint8Array(size).fill(7)
  await Promise.all(
    Array.from({ length: count }, (_, index) => storage.commit([], [{ type: 'put', key: `/registry/x/${index}`, value }], actor)),
  )
  const { revision } = storage.committed
  await storage.close()
  return revision
}

/** Changes the closed journal behind its back. */
function tamper(directory: string, sql: string) {
  const database = new DatabaseSync(journalPath(directory))
  database.exec(sql)
  database.close()
}

describe('the journal after a restart', () => {
  it('gives back versions, revisions, create revisions and the watch window', () =>
    withDirectory(async directory => {
      const first = await open(directory)
      const start = first.committed.revision
      await first.commit([], [put('/a', '1'), put('/b', '1')], actor)
      await first.commit([], [put('/a', '2'), remove('/b')], actor)
      await first.commit([], [put('/b', '3')], actor)
      const expected = first.committed.list('')
      await first.close()
      const again = await open(directory)
      assert.deepEqual(again.committed.list(''), expected)
      assert.equal(again.committed.revision, start + 3)
      assert.deepEqual(contents(again.snapshot(start + 1)), { '/a': '1', '/b': '1' })
      const seen: StorageEvent[] = []
      again.watch('/', start + 1, events => seen.push(...events))
      assert.deepEqual(
        seen.map(({ key, revision, old, new: version }) => [key, revision, old?.revision, version?.revision]),
        [
          ['/a', start + 2, start + 1, start + 2],
          ['/b', start + 2, start + 1, undefined],
          ['/b', start + 3, undefined, start + 3],
        ],
      )
      assert.equal((await again.commit([], [put('/c', '1')], actor)).revision, start + 4)
      await again.close()
    }))

  it('remembers what was compacted, and removes it from the file', () =>
    withDirectory(async directory => {
      const first = await open(directory)
      for (let index = 0; index < 1500; index++) void first.commit([], [put(`/k${index % 10}`, String(index))], actor)
      await first.commit([], [remove('/k0')], actor)
      const { revision } = first.committed
      await first.compact(revision)
      await first.close()
      const database = new DatabaseSync(journalPath(directory))
      assert.equal(database.prepare('SELECT count(*) AS count FROM rows').get()?.count, 9)
      database.close()
      const again = await open(directory)
      assert.equal(again.compactedRevision, revision)
      assert.throws(() => again.watch('/', revision - 1, () => {}), Compacted)
      assert.equal(contents(again.committed)['/k9'], '1499')
      assert.equal(again.committed.count('/'), 9)
      await again.close()
    }))

  it('expires what has become due meanwhile', () =>
    withDirectory(async directory => {
      const clock = createManualClock()
      const first = await open(directory, { clock })
      await first.commit([], [put('/event', '1', 1000), put('/kept', '1', 1000)], actor)
      await first.commit([], [put('/kept', '2')], actor)
      await first.close()
      clock.advance(5000)
      const again = await open(directory, { clock })
      const deleted = new Promise<void>(resolve => again.onCommit(() => resolve()))
      clock.advance(0)
      await deleted
      assert.deepEqual(contents(again.committed), { '/kept': '2' })
      await again.close()
    }))

  it('passes values through the transform at its edge only', () =>
    withDirectory(async directory => {
      const flip = (key: string, value: Uint8Array) => value.map(byte => byte ^ (key.length + 1))
      const transform = { encode: flip, decode: flip, forget() {} }
      const first = await open(directory, { transform })
      await first.commit([], [put('/secret', 'a very secret word')], actor)
      assert.deepEqual(contents(first.committed), { '/secret': 'a very secret word' })
      await first.close()
      assert.ok(!readFileSync(journalPath(directory)).includes('a very secret word'))
      const again = await open(directory, { transform })
      assert.deepEqual(contents(again.committed), { '/secret': 'a very secret word' })
      await again.close()
    }))

  it('keeps who wrote, privately, in a file that names itself', () =>
    withDirectory(async directory => {
      await write(directory, 1)
      const database = new DatabaseSync(journalPath(directory))
      const row = database.prepare('SELECT user, user_agent FROM rows').get()
      assert.deepEqual({ ...row }, { user: 'jane', user_agent: 'kubectl/v1.36' })
      const settings = ['application_id', 'user_version', 'auto_vacuum', 'journal_mode'].map(
        name => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0],
      )
      database.close()
      assert.deepEqual(settings, [0x50726f61, 1, 2, 'wal'])
      assert.equal(statSync(journalPath(directory)).mode & 0o777, 0o600)
    }))

  it('forgets a batch that became durable although its writer was told that it failed', () =>
    withDirectory(async directory => {
      const journal = openSqliteJournal({ directory, clusterId: 'test' })
      const row = (revision: number, key: string) =>
        ({
          revision,
          key,
          value: new Uint8Array(1),
          createRevision: revision,
          previousRevision: 0,
          time_ms: 0,
          expires_ms: 0,
          ...actor,
        }) as const
      journal.append({ after: 1, revision: 2, rows: [row(2, '/kept')] })
      journal.append({ after: 2, revision: 3, rows: [row(3, '/rolled-back')] })
      journal.append({ after: 2, revision: 3, rows: [row(3, '/instead')] })
      assert.throws(() => journal.append({ after: 7, revision: 8, rows: [row(8, '/lost')] }), /ends at revision 3/)
      assert.deepEqual(
        [...journal.load()].flat().map(({ key }) => key),
        ['/kept', '/instead'],
      )
      journal.close()
    }))
})

describe('a journal that must not be used', () => {
  const refusal = async (directory: string, options: Parameters<typeof testOptions>[0] = {}) => {
    try {
      await (await open(directory, options)).close()
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : ''
    }
    return 'was opened'
  }

  it('belongs to another cluster, or is of a newer format, or not ours', () =>
    withDirectory(async directory => {
      await write(directory, 1)
      assert.match(await refusal(directory, { clusterId: 'other' }), /journal\.sqlite: it belongs to cluster test, not to other/)
      tamper(directory, 'PRAGMA user_version = 99')
      assert.match(await refusal(directory), /format 99 is newer than 1/)
      tamper(directory, 'PRAGMA application_id = 5')
      assert.match(await refusal(directory), /something else than Proa/)
    }))

  it('is open elsewhere', () =>
    withDirectory(async directory => {
      const first = await open(directory)
      assert.match(await refusal(directory), /another process has it open/)
      await first.close()
    }))

  for (const [title, damage] of Object.entries<(directory: string) => void>({
    'a changed value': directory => tamper(directory, `UPDATE rows SET value = x'00' WHERE revision = 20`),
    'a missing row': directory => tamper(directory, 'DELETE FROM rows WHERE revision = 20'),
    'an invented row': directory =>
      tamper(
        directory,
        'INSERT INTO rows SELECT 9999, 21, key, value, deleted, 21, previous_revision, time_ms, expires_ms, user, user_agent, checksum FROM rows WHERE revision = 20',
      ),
    'pages of zeros': directory => {
      const bytes = readFileSync(journalPath(directory))
      writeFileSync(journalPath(directory), bytes.fill(0, 8192, bytes.length - 4096))
    },
    'a file cut in half': directory => {
      const bytes = readFileSync(journalPath(directory))
      writeFileSync(journalPath(directory), bytes.subarray(0, Math.floor(bytes.length / 8192) * 4096))
    },
    'noise instead of a header': directory => writeFileSync(journalPath(directory), Buffer.alloc(20_000, 'noise')),
  })) {
    it(`is damaged: ${title}`, () =>
      withDirectory(async directory => {
        await write(directory, 200, 500)
        damage(directory)
        const before = readFileSync(journalPath(directory))
        const message = await refusal(directory)
        assert.match(message, /^JournalDamaged: journal .*journal\.sqlite is damaged: .*restore it from a backup/)
        assert.deepEqual(readFileSync(journalPath(directory)), before, 'the evidence is left as it was')
      }))
  }

  it('is migrated step by step after a copy, or left alone when a step is missing', () =>
    withDirectory(async directory => {
      await write(directory, 3)
      const migrations = [{ from: 1, run: (database: DatabaseSync) => database.exec('ALTER TABLE meta ADD COLUMN note TEXT') }]
      assert.throws(() => openDatabase({ directory, clusterId: 'test', formatVersion: 3, migrations }), /format 1 is older/)
      const database = openDatabase({ directory, clusterId: 'test', formatVersion: 2, migrations })
      assert.deepEqual({ ...database.prepare('SELECT note FROM meta').get() }, { note: null })
      database.close()
      const copy = new DatabaseSync(`${journalPath(directory)}.format-1`)
      assert.equal(copy.prepare('SELECT count(*) AS count FROM rows').get()?.count, 3)
      copy.close()
    }))
})

describe('a write-ahead log', () => {
  /** What a killed process leaves: the files of a journal that was not closed, with 20 transactions in the WAL. */
  const leave = (from: string, to: string) => {
    const journal = openSqliteJournal({ directory: from, clusterId: 'test' })
    for (let revision = 2; revision < 22; revision++) {
      const value = new Uint8Array(6000).fill(revision)
      const row = {
        revision,
        key: `/k${revision}`,
        value,
        createRevision: revision,
        previousRevision: 0,
        time_ms: 0,
        expires_ms: 0,
        ...actor,
      }
      journal.append({ after: revision - 1, revision, rows: [row] })
    }
    mkdirSync(to)
    for (const end of ['', '-wal']) copyFileSync(`${journalPath(from)}${end}`, `${journalPath(to)}${end}`)
    journal.close()
    return `${journalPath(to)}-wal`
  }
  const lastRevision = async (directory: string) => {
    const storage = await open(directory)
    await storage.close()
    return storage.committed.revision
  }
  const flip = (path: string, offset: number) => {
    const bytes = readFileSync(path)
    bytes[offset] = (bytes[offset] ?? 0) ^ 0xff
    writeFileSync(path, bytes)
  }

  it('is taken in after a kill, but for a last transaction that was cut off', () =>
    withDirectory(async directory => {
      const wal = leave(join(directory, 'a'), join(directory, 'b'))
      const size = statSync(wal).size
      truncateSync(wal, size - 100)
      assert.equal(await lastRevision(join(directory, 'b')), 20)
      assert.equal(await lastRevision(join(directory, 'a')), 21)
    }))

  for (const [title, offset] of [
    ['a page in the middle', 60_000],
    ['the header', 12],
    ['a frame header', 32 + 4120 * 12 + 17],
  ] as const) {
    it(`is refused when ${title} is damaged, for acknowledged writes would be lost`, () =>
      withDirectory(async directory => {
        const wal = leave(join(directory, 'a'), join(directory, 'b'))
        flip(wal, offset)
        await assert.rejects(open(join(directory, 'b')), { name: 'JournalDamaged', message: /write-ahead log/ })
      }))
  }
})

describe('the journal thread', () => {
  /** The real thread, which dies at the next append while the mark is there: before or after it is written. */
  const mortalThread = (directory: string, mark: string, isWrittenFirst: boolean): URL => {
    const entry = join(directory, 'mortal.mjs')
    const dying = isWrittenFirst
      ? 'const post = parentPort.postMessage.bind(parentPort); parentPort.postMessage = (...words) => { dieIfMarked(); post(...words) }'
      : 'const { wait } = Atomics; Atomics.wait = (...words) => { const outcome = wait(...words); dieIfMarked(); return outcome }'
    const program = `import { parentPort } from 'node:worker_threads'
      import { existsSync, rmSync } from 'node:fs'
      const mark = ${JSON.stringify(mark)}
      const dieIfMarked = () => {
        if (!existsSync(mark)) return
        rmSync(mark)
        process.exit(3)
      }
      ${dying}
      await import(${JSON.stringify(new URL('./thread.ts', import.meta.url).href)})`
    writeFileSync(entry, program)
    return pathToFileURL(entry)
  }

  for (const isWrittenFirst of [false, true]) {
    it(`is started again by the next write when it dies ${isWrittenFirst ? 'between writing and answering' : 'before writing'}`, () =>
      withDirectory(async directory => {
        const mark = join(directory, 'mark')
        const data = join(directory, 'data')
        const storage = await open(data, { journalEntry: mortalThread(directory, mark, isWrittenFirst) })
        const { revision } = await storage.commit([], [put('/a', '1')], actor)
        writeFileSync(mark, '')
        await assert.rejects(storage.commit([], [put('/a', '2')], actor), {
          name: 'StorageUnavailable',
          message: /thread ended with code 3/,
        })
        assert.deepEqual([contents(storage.committed), contents(storage.head)], [{ '/a': '1' }, { '/a': '1' }])
        assert.equal((await storage.commit([{ key: '/a', revision }], [put('/a', '3')], actor)).revision, revision + 1)
        assert.equal(storage.trouble, '')
        await storage.close()
        const again = await open(data)
        assert.deepEqual(contents(again.committed), { '/a': '3' })
        assert.equal(again.committed.revision, revision + 1)
        await again.close()
      }))
  }
})

describe('a disk that is full', () => {
  const isRoot = process.getuid?.() === 0
  it(
    'refuses writes, serves reads, loses nothing, and takes writes again when there is space',
    { skip: !isRoot && 'mounting a tmpfs needs root' },
    () =>
      withDirectory(async directory => {
        const mount = join(directory, 'small')
        mkdirSync(mount)
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'proa-test', mount])
        try {
          await fillAndFree(mount)
        } finally {
          execFileSync('umount', [mount])
        }
      }),
  )
})

async function fillAndFree(mount: string) {
  writeFileSync(join(mount, 'ballast'), new Uint8Array(1024 * 1024))
  const storage = await open(join(mount, 'data'))
  const value = new Uint8Array(10_000).fill(1)
  let acknowledged = 0
  const writeOne = async () => {
    await storage.commit([], [{ type: 'put', key: `/k${acknowledged}`, value }], actor)
    acknowledged++
  }
  await assert.rejects(
    async () => {
      for (;;) await writeOne()
    },
    (error: unknown) => error instanceof StorageUnavailable && /full/.test(error.message) && /journal\.sqlite/.test(error.message),
  )
  assert.match(storage.trouble, /full/)
  assert.equal(storage.committed.count('/'), acknowledged)
  assert.equal(storage.head.count('/'), acknowledged)
  rmSync(join(mount, 'ballast'))
  await writeOne()
  assert.equal(storage.trouble, '')
  await storage.close()
  const again = await open(join(mount, 'data'))
  assert.equal(again.committed.count('/'), acknowledged)
  await again.close()
  assert.ok(existsSync(journalPath(join(mount, 'data'))) && readdirSync(mount).length === 1)
}
