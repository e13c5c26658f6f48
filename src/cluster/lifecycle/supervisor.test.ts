import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { identityFile, isRunning, type ProcessIdentity, readIdentity } from './processes.ts'

const script = fileURLToPath(new URL('./supervisor.sh', import.meta.url))

test('a supervisor', { skip: process.platform !== 'linux' && 'needs /proc' }, async context => {
  const run = mkdtempSync(join(tmpdir(), 'proa-supervisor-'))
  const component = 'server'
  const supervise = () => spawn('/bin/sh', [script, run, component], { stdio: 'ignore' })
  const running = () => {
    const identity = readIdentity(identityFile(run, component))
    return identity && isRunning(identity) ? identity : undefined
  }
  const untilRunning = (isNew: (identity: ProcessIdentity) => boolean) =>
    new Promise<ProcessIdentity>(resolve => {
      const watcher = watch(run, check)
      function check() {
        const identity = running()
        if (!identity || !isNew(identity)) return
        watcher.close()
        resolve(identity)
      }
      check()
    })

  // A part that ends once `stopping` exists and it is told to, as ours do.
  writeFileSync(join(run, `${component}.command`), 'exec sleep 600\n')
  const supervisor = supervise()
  const ended = once(supervisor, 'exit')
  const first = await untilRunning(() => true)

  await context.test('notes the component itself, not a shell around it', async () => {
    const command = () => readFileSync(`/proc/${first.pid}/cmdline`, 'utf8')
    // The note comes before the shell has become the component.
    while (!command().startsWith('sleep')) await new Promise(setImmediate)
    assert.equal(command(), 'sleep\u0000600\u0000')
  })

  await context.test('starts it again when it ends', async () => {
    process.kill(first.pid, 'SIGKILL')
    const second = await untilRunning(({ pid }) => pid !== first.pid)
    assert.notDeepEqual(second, first)
    assert.match(readFileSync(join(run, `${component}.log`), 'utf8'), /ended with status 137; starting it again/)
  })

  await context.test('leaves when there is one already', async () => {
    const before = running()
    await once(supervise(), 'exit')
    assert.deepEqual(running(), before)
  })

  await context.test('ends with its component while the cluster is being stopped', async () => {
    writeFileSync(join(run, 'stopping'), '')
    process.kill(running()?.pid ?? 0, 'SIGTERM')
    await ended
    assert.deepEqual([running(), existsSync(identityFile(run, component))], [undefined, false])
  })
  rmSync(run, { recursive: true })
})
