import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createLogFormatter, fixedTime, type LogFilter, parseLogLine } from './cri-log.ts'
import { type LogRequest, readLog } from './read-log.ts'
import { parseLogQuery } from './serve-logs.ts'
import { tailOffset } from './tail.ts'

const log = `2026-01-01T00:00:00.1Z stdout F first
2026-01-01T00:00:01.123456789Z stderr F second
2026-01-01T00:00:02+02:00 stdout P third, in
2026-01-01T00:00:02.5+02:00 stdout F  two parts
2026-01-01T02:00:03Z stdout F${' '}
`
const everything: LogFilter = { timestamps: false, stream: 'All' }

describe("lines of a container's log", () => {
  it('are taken apart', () => {
    const line = parseLogLine(Buffer.from('2026-01-01T00:00:00Z stderr P a b '))
    assert.deepEqual({ ...line, text: String(line?.text) }, { time: '2026-01-01T00:00:00Z', stream: 'stderr', full: false, text: 'a b ' })
    assert.equal(parseLogLine(Buffer.from('something else altogether')), undefined)
    assert.equal(String(parseLogLine(Buffer.from('2026-01-01T00:00:00Z stdout F'))?.text), '')
  })

  const cases: readonly [string, Partial<LogFilter>, string][] = [
    ['all of it', {}, 'first\nsecond\nthird, in two parts\n\n'],
    ['one stream', { stream: 'Stderr' }, 'second\n'],
    ['since a time', { since_ms: Date.parse('2026-01-01T00:00:01Z') }, 'second\n\n'],
    ['a number of bytes', { limit_bytes: 9 }, 'first\nsec'],
    [
      'with time stamps, one for each line',
      { timestamps: true },
      '2026-01-01T00:00:00.100000000Z first\n2026-01-01T00:00:01.123456789Z second\n' +
        '2026-01-01T00:00:02.000000000+02:00 third, in two parts\n2026-01-01T02:00:03.000000000Z \n',
    ],
  ]
  for (const [name, filter, expected] of cases)
    it(`are given as ${name}, in one piece or cut anywhere`, () => {
      const whole = createLogFormatter({ ...everything, ...filter })
      assert.equal(String(whole.push(Buffer.from(log))), expected)
      const cut = createLogFormatter({ ...everything, ...filter })
      assert.equal([...Buffer.from(log)].map(byte => String(cut.push(Buffer.from([byte])))).join(''), expected)
    })

  it('get nine digits of a second', () => {
    assert.equal(fixedTime('2026-01-01T00:00:00.1234Z'), '2026-01-01T00:00:00.123400000Z')
    assert.equal(fixedTime('2026-01-01T00:00:00-07:30'), '2026-01-01T00:00:00.000000000-07:30')
  })
})

describe('reading a log', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'proa-logs-'))
    file = path.join(folder, '0.log')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const line = (content: string, tag = 'F') => `2026-01-01T00:00:00Z stdout ${tag} ${content}\n`
  const read = async (request: Partial<LogRequest> = {}): Promise<string> => {
    let text = ''
    for await (const part of readLog({ ...everything, path: file, signal: new AbortController().signal, ...request })) text += part
    return text
  }

  it('gives the last lines, whole ones, at any size', async () => {
    for (const count of [0, 1, 5, 3000]) {
      const lines = Array.from({ length: count }, (_, index) => `line ${index} ${'x'.repeat(index % 97)}`)
      writeFileSync(file, lines.map(content => line(content)).join(''))
      for (const tail of [0, 1, 2, 4, 5, 6, 2999, 3000, 3001])
        assert.equal(
          await read({ tailLines: tail }),
          lines
            .slice(Math.max(0, count - tail))
            .map(content => `${content}\n`)
            .join(''),
        )
    }
  })

  it('gives as many of the last lines as were asked for, also while more are written', async () => {
    writeFileSync(file, Array.from({ length: 3000 }, (_, index) => line(`line ${index} ${'x'.repeat(60)}`)).join(''))
    let text = ''
    for await (const part of readLog({ ...everything, path: file, signal: new AbortController().signal, tailLines: 2000 })) {
      text += part
      if (text.includes('one more')) break
      appendFileSync(file, line('one more'))
    }
    assert.equal(text.split('\n').length - 1, 2000)
    assert.ok(!text.includes('one more'))
  })

  it('counts a line of several parts as one', async () => {
    writeFileSync(file, line('one') + line('a', 'P') + line('b', 'P') + line('c') + line('x', 'P') + line('y'))
    assert.equal(await read({ tailLines: 2 }), 'abc\nxy\n')
    assert.equal(await read({ tailLines: 1 }), 'xy\n')
    appendFileSync(file, line('unfinished', 'P'))
    assert.equal(await read({ tailLines: 2 }), 'xy\nunfinished')
    const handle = await open(file)
    assert.equal(await tailOffset(handle, (await handle.stat()).size, 100), 0)
    await handle.close()
  })

  it('is empty where nothing was ever written', async () => {
    assert.equal(await read(), '')
  })

  it('follows through rotation until the container has ended', async () => {
    writeFileSync(file, line('before'))
    const ended = Promise.withResolvers<void>()
    const parts = readLog({ ...everything, path: file, signal: new AbortController().signal, ended: ended.promise })
    const next = async () => String((await parts.next()).value)
    assert.equal(await next(), 'before\n')
    appendFileSync(file, line('more'))
    assert.equal(await next(), 'more\n')
    appendFileSync(file, line('the last of the old file'))
    renameSync(file, `${file}.1`)
    writeFileSync(file, line('new file'))
    assert.equal(await next(), 'the last of the old file\n')
    assert.equal(await next(), 'new file\n')
    appendFileSync(file, line('the end'))
    ended.resolve()
    assert.equal(await next(), 'the end\n')
    assert.equal((await parts.next()).done, true)
  })

  it('stops following when its reader goes', async () => {
    writeFileSync(file, line('before'))
    const gone = new AbortController()
    const parts = readLog({ ...everything, path: file, signal: gone.signal, ended: new Promise(() => {}) })
    await parts.next()
    const rest = parts.next()
    gone.abort()
    assert.equal((await rest).done, true)
  })
})

describe("the query of a log's request", () => {
  const parse = (query: string) => parseLogQuery(new URLSearchParams(query), 100_000)
  it('is read', () => {
    assert.deepEqual(parse('follow=true&tailLines=0&limitBytes=5&sinceSeconds=40&timestamps=1&stream=Stdout'), {
      follow: true,
      previous: false,
      timestamps: true,
      tailLines: 0,
      limit_bytes: 5,
      since_ms: 60_000,
      stream: 'Stdout',
    })
    assert.equal(parse('sinceTime=1970-01-01T00:00:10Z').since_ms, 10_000)
    assert.equal(parse('').tailLines, undefined)
  })
  for (const query of [
    'tailLines=-1',
    'tailLines=x',
    'limitBytes=0',
    'sinceSeconds=0',
    'sinceTime=soon',
    'stream=Both',
    'sinceSeconds=1&sinceTime=1970-01-01T00:00:10Z',
  ])
    it(`is refused: ${query}`, () => assert.throws(() => parse(query), { status: 422 }))
})
