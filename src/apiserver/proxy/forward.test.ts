import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { Readable } from 'node:stream'
import { after, describe, it } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { createOutgoing } from '../outgoing/index.ts'
import { forward } from './forward.ts'

const noService = () => {
  throw new Error('no service')
}

describe('the body of a request that is handed on', async () => {
  /** Every request that the other side believes to have got, however few were sent. */
  const seen: { method: string; url: string; body: string }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    seen.push({ method: request.method ?? '', url: request.url ?? '', body })
    response.end('done')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const outgoing = createOutgoing({ clock: systemClock(), resolve: noService })
  after(() => {
    outgoing.close()
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const hidden = 'GET /admin HTTP/1.1\r\nhost: a\r\nx-remote-user: system:admin\r\n\r\n'
  const cases: readonly (readonly [what: string, method: string, headers: Record<string, string>, body: string | undefined])[] = [
    ['of a GET', 'GET', {}, 'query'],
    ['of a DELETE without a length', 'DELETE', {}, 'options'],
    ['of a DELETE with a length', 'DELETE', { 'content-length': '7' }, 'options'],
    ['of OPTIONS', 'OPTIONS', {}, 'any'],
    ['of a POST without a length', 'POST', {}, 'text'],
    ['that is empty', 'DELETE', {}, ''],
    ['that is not there though a length is said', 'GET', { 'content-length': '100' }, undefined],
    ['that looks like a request', 'DELETE', {}, hidden],
    ['that looks like a request, of a GET', 'GET', {}, hidden],
  ]
  for (const [what, method, headers, body] of cases) {
    it(what, async () => {
      seen.length = 0
      const request = {
        method,
        peer: { address: '', clientCertificate: undefined },
        signal: AbortSignal.timeout(10_000),
        stream: () => (body === undefined ? undefined : Readable.from([Buffer.from(body)])),
      }
      const answer = await forward(outgoing, request, { destination: { at: { url } }, path: '/x', headers })
      await answer.resume().toArray()
      assert.deepEqual(seen, [{ method, url: '/x', body: body ?? '' }])
    })
  }
})

describe('a HEAD that is handed on', () => {
  it('keeps no connection, whatever the other side does with its own', async () => {
    const ended = Promise.withResolvers<void>()
    const server = createTcpServer(socket => {
      socket.on('error', () => {})
      socket.on('close', () => ended.resolve())
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n'))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const outgoing = createOutgoing({ clock: systemClock(), resolve: noService })
    const request = {
      method: 'HEAD',
      peer: { address: '', clientCertificate: undefined },
      // Nobody goes away, and the answer is never read.
      signal: new AbortController().signal,
      stream: () => undefined,
    }
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const answer = await forward(outgoing, request, { destination: { at: { url } }, path: '/', headers: {} })
    assert.equal(answer.statusCode, 200)
    await ended.promise
    outgoing.close()
    server.close()
  })
})
