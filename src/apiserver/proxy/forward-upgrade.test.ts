import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { Duplex, PassThrough } from 'node:stream'
import { test } from 'node:test'
import { join } from './forward-upgrade.ts'

const answer = { httpVersion: '1.1', statusCode: 101, statusMessage: 'Switching Protocols', rawHeaders: ['Upgrade', 'x'] }

/** Takes what is written a turn later, like a socket: what is written before that would go out together. */
function slowDuplex(): { readonly duplex: Duplex; readonly written: string[] } {
  const written: string[] = []
  const take = (text: string, done: () => void) => {
    written.push(text)
    setImmediate(done)
  }
  const duplex = new Duplex({
    read() {},
    write: (piece, _, done) => take(String(piece), done),
    writev: (pieces, done) => take(pieces.map(({ chunk }) => String(chunk)).join(''), done),
    final: done => take('end', done),
  })
  return { duplex, written }
}

test('a joined connection hands on piece by piece, in order, and ends with the other', async () => {
  const { duplex, written } = slowDuplex()
  const other = new PassThrough()
  const failures: Error[] = []
  join({ socket: duplex, head: Buffer.alloc(0) }, { socket: other, head: Buffer.from('first'), answer: answer as IncomingMessage }, error =>
    failures.push(error),
  )
  for (const piece of ['a', 'b', 'c']) other.push(piece)
  other.push(null)
  await new Promise(resolve => duplex.once('finish', resolve))
  assert.deepEqual(written, ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', 'first', 'a', 'b', 'c', 'end'])
  assert.deepEqual(failures, [])
})
