import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { validateName } from '../configuration.ts'
import { freePort, nodeNameOf, readConfiguration } from './instance.ts'
import { identify, isRunning, readIdentity, signalProcess } from './processes.ts'

const directory = mkdtempSync(join(tmpdir(), 'proa-instance-'))
after(() => rmSync(directory, { recursive: true }))

const nodeNames: [machine: string, node: string][] = [
  ['host', 'host'],
  ['My_Laptop', 'my-laptop'],
  ['box.example.org', 'box.example.org'],
  ['-odd-', 'odd'],
  ['___', 'node'],
]
for (const [machine, node] of nodeNames) test(`the node of machine ${machine} is ${node}`, () => assert.equal(nodeNameOf(machine), node))

test('names of clusters are what interfaces and cgroups can carry', () => {
  for (const good of ['proa', 'a', 'ci-2']) assert.equal(validateName(good), undefined)
  for (const bad of ['', '2nd', 'Upper', 'trailing-', 'a/b', '..', 'x'.repeat(25)]) assert.match(validateName(bad) ?? '', /does not/)
})

test('a port that somebody listens on, or that is spoken for, is not chosen', async () => {
  const server = createServer().listen(0)
  const { port } = server.address() as { port: number }
  assert.notEqual(await freePort(port, []), port)
  await new Promise(resolve => server.close(resolve))
  assert.equal(await freePort(port, []), port)
  assert.notEqual(await freePort(port, [port]), port)
})

test('a damaged configuration names the file and what to do', () => {
  writeFileSync(join(directory, 'cluster.json'), '{"name":')
  assert.throws(() => readConfiguration(directory), /cluster\.json.*restore the file or purge the cluster/)
  assert.equal(readConfiguration(join(directory, 'none')), undefined)
})

test('a process is told from a later one with the same id', { skip: process.platform !== 'linux' && 'needs /proc' }, () => {
  const self = identify(process.pid)
  assert.ok(self && isRunning(self))
  assert.equal(isRunning({ pid: process.pid, startTime: '1' }), false)
  assert.equal(isRunning({ pid: 2 ** 22 + 1, startTime: self.startTime }), false)
})

test('whoever ended meanwhile is neither found nor signalled, and that is no error', () => {
  assert.equal(readIdentity(join(directory, 'gone.pid')), undefined)
  writeFileSync(join(directory, 'half-written.pid'), '17')
  assert.equal(readIdentity(join(directory, 'half-written.pid')), undefined)
  assert.equal(signalProcess(2 ** 22 + 1, 'SIGTERM'), false)
})
