import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { openLogFile } from './log-file.ts'

const full_bytes = 10 * 1024 * 1024 + 1

describe('log file', () => {
  let directory = ''
  let path = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'proa-log-'))
    path = join(directory, 'logs', 'server.log')
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  test('goes on where the last process ended', () => {
    for (const line of ['one\n', 'two\n']) {
      const log = openLogFile(path)
      log.write(line)
      log.close()
    }
    assert.equal(readFileSync(path, 'utf8'), 'one\ntwo\n')
  })

  test('starts a new file when it is full, and keeps three old ones', () => {
    for (let round = 1; round <= 5; round++) {
      openLogFile(path).close()
      truncateSync(path, full_bytes)
      const log = openLogFile(path)
      log.write('first of a new file\n')
      log.close()
      assert.equal(readFileSync(path, 'utf8'), 'first of a new file\n')
    }
    assert.deepEqual(
      ['.1', '.2', '.3', '.4'].map(suffix => existsSync(path + suffix)),
      [true, true, true, false],
    )
    assert.equal(statSync(`${path}.3`).size, full_bytes)
  })

  test('a disk that takes no more ends nobody', { skip: !existsSync('/dev/full') && 'no /dev/full here' }, () => {
    const log = openLogFile('/dev/full')
    log.write('lost\n')
    log.close()
  })

  test('lines that could not be written are counted in the log itself', () => {
    mkdirSync(join(directory, 'logs'))
    writeFileSync(path, '')
    truncateSync(path, full_bytes)
    const log = openLogFile(path)
    // A directory in the way: the rotation fails.
    mkdirSync(`${path}.3`)
    log.write('one\n')
    log.write('two\n')
    rmSync(`${path}.3`, { recursive: true })
    log.write('three\n')
    log.close()
    const [note = '', line] = readFileSync(path, 'utf8').split('\n')
    assert.match(JSON.parse(note).message, /2 lines before this one are lost/)
    assert.equal(line, 'three')
  })

  test('what is logged after the end is dropped, not written into whatever has its descriptor now', () => {
    const log = openLogFile(path)
    log.write('one\n')
    log.close()
    log.write('two\n')
    log.close()
    assert.equal(readFileSync(path, 'utf8'), 'one\n')
  })
})
