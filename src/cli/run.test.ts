import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCommandLine } from './run.ts'

async function proa(...words: string[]) {
  const printed: string[] = []
  const noted: string[] = []
  const output = { print: (text: string) => void printed.push(text), note: (text: string) => void noted.push(text), progress: () => {} }
  const code = await runCommandLine(words, output, { HOME: '/nonexistent' }, new AbortController().signal)
  return { code, printed: printed.join('\n'), noted: noted.join('\n') }
}

test('without a command, and asked for help, it lists the commands', async () => {
  for (const words of [[], ['--help'], ['help']]) {
    const { code, printed } = await proa(...words)
    assert.equal(code, 0)
    for (const command of ['up', 'down', 'status', 'logs', 'server', 'agent', 'kubectl', 'image', 'version', 'test'])
      assert.match(printed, new RegExp(`^ {2}${command} `, 'm'))
  }
})

test('every command explains itself with examples', async () => {
  for (const command of ['up', 'down', 'status', 'logs', 'server', 'agent', 'image', 'version']) {
    const { code, printed } = await proa(command, '--help')
    assert.equal(code, 0)
    assert.match(printed, /Usage:\n {2}proa /)
    assert.match(printed, /Examples:\n {2}\S/)
    assert.match(printed, /--name NAME/)
  }
})

test('an unknown command and a wrong flag are mistakes in the call, with a suggestion', async () => {
  const unknown = await proa('stauts')
  assert.equal(unknown.code, 2)
  assert.match(unknown.noted, /unknown command "stauts"; did you mean "status"\?/)
  const wrong = await proa('up', '--nmae', 'x')
  assert.equal(wrong.code, 2)
  assert.match(wrong.noted, /unknown flag --nmae; did you mean "--name"\?/)
  const badName = await proa('status', '--name', 'Not A Name')
  assert.equal(badName.code, 2)
  assert.match(badName.noted, /a cluster's name has at most/)
})

test('a cluster that is not there is said, with what to do about it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'proa-cli-'))
  try {
    const status = await proa('status', '--name', 'nobody', '--data-dir', directory)
    assert.equal(status.code, 1)
    assert.match(status.printed, /there is none/)
    const logs = await proa('logs', '--name', 'nobody', '--data-dir', directory)
    assert.equal(logs.code, 1)
    assert.match(logs.noted, /What to do: start it with `proa up --name nobody`/)
    assert.equal((await proa('down', '--name', 'nobody', '--data-dir', directory)).code, 0)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('the version names the API level', async () => {
  const { code, printed } = await proa('version', '-o', 'json')
  assert.equal(code, 0)
  assert.match((JSON.parse(printed) as { kubernetes: string }).kubernetes, /^v1\.36\./)
})
