import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { clusterPaths } from '../configuration.ts'
import { isRunning, readIdentity } from './processes.ts'
import { serviceScript, unitName, unitText } from './systemd.ts'

describe('units of systemd', () => {
  it('are named so that no two clusters share one', () => {
    assert.notEqual(unitName('a', 'server'), unitName('a-server', 'server'))
    assert.equal(unitName('proa', 'containerd'), 'proa-proa-containerd.service')
  })

  it('say what to run with every odd character kept, and kill nothing but the process', () => {
    const text = unitText({ cluster: 'proa', component: 'agent', script: '/data 50%/$a "b"/agent.sh', log: '/logs 50%/agent.log' })
    const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1]
    assert.equal(value('ExecStart'), '/bin/sh "/data 50%%/$$a \\"b\\"/agent.sh"')
    assert.equal(value('StandardOutput'), 'append:/logs 50%%/agent.log')
    assert.deepEqual(['Restart', 'KillMode', 'Delegate', 'WantedBy', 'StartLimitIntervalSec'].map(value), [
      'always',
      'process',
      'yes',
      'multi-user.target',
      '0',
    ])
    assert.equal(value('RestartPreventExitStatus'), value('SuccessExitStatus'))
  })
})

describe('what a unit runs', { skip: process.platform !== 'linux' && 'needs /proc' }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'proa-systemd-'))
  const paths = { ...clusterPaths('test', join(directory, "data's")), run: join(directory, 'run it') }
  const script = join(directory, 'agent.sh')
  mkdirSync(directory, { recursive: true })
  writeFileSync(script, serviceScript('agent', paths, 'exec sleep 600\n'))
  after(() => rmSync(directory, { recursive: true }))

  it('finds nothing after the start of the machine, and notes itself and where the data is', async () => {
    const child = spawn('/bin/sh', [script], { stdio: 'ignore' })
    const isAgent = () => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').startsWith('sleep')
    while (!isAgent()) await new Promise(setImmediate)
    const identity = readIdentity(join(paths.run, 'agent.pid'))
    assert.equal(identity?.pid, child.pid)
    assert.ok(identity && isRunning(identity))
    assert.equal(readFileSync(join(paths.run, 'data-directory'), 'utf8'), `${paths.data}\n`)
    child.kill('SIGKILL')
    await once(child, 'exit')
  })

  it('starts nothing while the cluster is being stopped', () => {
    writeFileSync(join(paths.run, 'stopping'), '')
    assert.equal(spawnSync('/bin/sh', [script]).status, 75)
  })
})
