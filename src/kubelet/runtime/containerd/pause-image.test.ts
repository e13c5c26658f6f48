import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import { unpackTar } from 'modern-tar'
import { systemClock } from '../../../base/index.ts'
import { pauseImageArchive } from './pause-image.ts'
import { pauseProgram } from './pause-program.ts'

const clock = systemClock()

describe('the pause program', () => {
  const foreign = process.platform !== 'linux' || process.arch !== 'x64'
  it('waits, and ends with code 0 on TERM and INT', { skip: foreign && 'needs Linux on amd64' }, async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'proa-pause-'))
    const file = path.join(folder, 'pause')
    writeFileSync(file, pauseProgram('amd64'), { mode: 0o755 })
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const child = spawn(file)
      const ended = new Promise(resolve => child.once('exit', resolve))
      await waiting(child.pid as number)
      // Stopping and continuing interrupts the wait, which has to go on.
      child.kill('SIGSTOP')
      child.kill('SIGCONT')
      await waiting(child.pid as number)
      child.kill(signal)
      assert.equal(await ended, 0)
    }
    rmSync(folder, { recursive: true })
  })

  it('has the same shape for arm64', () => {
    const program = Buffer.from(pauseProgram('arm64'))
    assert.equal(program.readUInt16LE(18), 183)
    assert.equal(Number(program.readBigUInt64LE(24)), 0x400078)
    assert.equal(Number(program.readBigUInt64LE(96)), program.length)
  })
})

/** Until the process sits in rt_sigtimedwait. */
async function waiting(pid: number): Promise<void> {
  while (!(await readFile(`/proc/${pid}/syscall`, 'utf8').catch(() => '')).startsWith('128 ')) await clock.yield()
}

describe('the pause image', () => {
  it('is an OCI layout whose digests hold', async () => {
    const entries = await unpackTar(await pauseImageArchive('amd64'))
    const files = new Map(entries.map(({ header, data }) => [header.name, data ?? new Uint8Array(0)]))
    for (const [name, data] of files)
      if (name.startsWith('blobs/sha256/')) assert.equal(name.slice(13), createHash('sha256').update(data).digest('hex'))
    const json = (name: string) => JSON.parse(Buffer.from(files.get(name) ?? []).toString())
    const blob = (digest: string) => `blobs/sha256/${digest.slice(7)}`
    const manifest = json(blob(json('index.json').manifests[0].digest))
    const config = json(blob(manifest.config.digest))
    assert.deepEqual(config.config.Entrypoint, ['/pause'])
    assert.deepEqual(config.rootfs.diff_ids, [manifest.layers[0].digest])
    const layer = await unpackTar(files.get(blob(manifest.layers[0].digest)) as Uint8Array)
    assert.deepEqual(
      layer.map(({ header }) => [header.name, header.mode, header.uid]),
      [['pause', 0o755, 0]],
    )
  })

  it('has the same digest each time', async () => {
    assert.deepEqual(await pauseImageArchive('amd64'), await pauseImageArchive('amd64'))
  })
})
