import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createOutput } from './output.ts'

const failing = (code: string) =>
  new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(`write ${code}`), { code })) })

test('work goes on when whoever read the output has left', async () => {
  const output = createOutput(failing('EPIPE'), failing('EPIPE'))
  output.print('loaded one image')
  output.note('loading another')
  await setImmediate()
  output.progress('loading more')
})

test('an output that fails otherwise is not passed over', () => {
  const stdout = failing('EIO')
  createOutput(stdout, failing('EPIPE'))
  assert.throws(() => stdout.emit('error', Object.assign(new Error('write EIO'), { code: 'EIO' })), /EIO/)
})
