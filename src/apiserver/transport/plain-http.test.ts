import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import { systemClock, systemRandom } from '../../base/index.ts'
import { memoryAuthority } from '../../cluster/certificates.ts'
import { answerPlainHttp } from './plain-http.ts'

test('nothing is kept of connections, however they end', async () => {
  const authority = await memoryAuthority({ clock: systemClock(), random: systemRandom() })
  const { certificate, key } = await authority.sign({ commonName: 'x', dnsNames: ['localhost'], addresses: [], usage: 'server' })
  const server = createServer({ cert: certificate, key }, (_, response) => response.end('ok'))
  const begun = answerPlainHttp(server)
  let most = 0
  server.on('connection', () => {
    most = Math.max(most, begun.shakingHands)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const open = async () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {}).resume()
    await once(socket, 'connect')
    return socket
  }
  try {
    // As a check of health does that only looks whether the port is open.
    for (const end of ['destroy', 'resetAndDestroy'] as const) (await open())[end]()
    const plain = await open()
    plain.end('GET / HTTP/1.1\r\n\r\n')
    await once(plain, 'close')
    const [answer] = await once(get({ port, host: '127.0.0.1', rejectUnauthorized: false, agent: false }), 'response')
    assert.equal(answer.statusCode, 200)
    answer.resume()
    await once(answer, 'end')
    assert.ok(most > 0, 'connections were seen at their beginning')
    while (begun.shakingHands > 0) await new Promise(resolve => setImmediate(resolve))
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
