import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { takeTurn } from './turn.ts'

describe('turns', { skip: process.platform !== 'linux' && 'needs abstract sockets' }, () => {
  const name = (what: string) => `test-${process.pid}/${what}`

  test('one at a time, however many wait', async () => {
    let holders = 0
    const seen: number[] = []
    const take = async () => {
      const turn = await takeTurn(name('many'))
      seen.push(++holders)
      await new Promise(process.nextTick)
      holders--
      turn.end()
    }
    await Promise.all(Array.from({ length: 8 }, take))
    assert.deepEqual(seen, [1, 1, 1, 1, 1, 1, 1, 1])
  })

  test('turns at different things do not wait for each other', async () => {
    const [one, other] = await Promise.all([takeTurn(name('one')), takeTurn(name('other'))])
    one.end()
    other.end()
  })

  test('who waits is told once, and can give up', async () => {
    const turn = await takeTurn(name('kept'))
    const stop = new AbortController()
    let told = 0
    const waiting = takeTurn(name('kept'), stop.signal, () => {
      told++
      stop.abort(new Error('enough'))
    })
    await assert.rejects(waiting, /enough/)
    assert.equal(told, 1)
    turn.end()
  })

  test('a process that is killed ends its turn', async () => {
    const program = `
      const { takeTurn } = await import(${JSON.stringify(new URL('./turn.ts', import.meta.url).href)})
      await takeTurn(${JSON.stringify(name('killed'))})
      process.stdout.write('mine')
      process.stdin.resume()
    `
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    let waited = false
    const turn = await takeTurn(name('killed'), undefined, () => {
      waited = true
      child.kill('SIGKILL')
    })
    turn.end()
    assert.equal(waited, true)
  })
})
