import assert from 'node:assert/strict'
import { createServer as createPlainServer } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { serviceUnavailable } from '../../apimachinery/api-errors.ts'
import { systemClock } from '../../base/clock.ts'
import { systemRandom } from '../../base/random.ts'
import { type CertificateAuthority, memoryAuthority } from '../../cluster/certificates.ts'
import { CallError, createOutgoing, type Destination, destinationOf, type Outgoing } from './index.ts'

const clock = systemClock()

/** An HTTPS server that tells what it was asked, named `hook.shop.svc` and `127.0.0.1`. */
async function startServer(authority: CertificateAuthority) {
  const { certificate, key } = await authority.sign({
    commonName: 'hook',
    dnsNames: ['hook.shop.svc'],
    addresses: ['127.0.0.1'],
    usage: 'server',
  })
  const connections = new Set<unknown>()
  const server = createServer({ cert: certificate, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: false })
  server.on('secureConnection', socket => connections.add(socket))
  server.on('upgrade', (request, socket, head) => {
    if (request.url === '/refuse') return socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno')
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: echo\r\n\r\nfirst ${head}`)
    socket.pipe(socket)
  })
  server.on('request', (request, response) => {
    const { url = '', method, headers } = request
    if (url === '/silent') return
    if (url === '/redirect') return response.writeHead(302, { location: '/elsewhere' }).end()
    if (url === '/large') return response.end(Buffer.alloc(10_000))
    if (url === '/cut') return request.socket.destroy()
    const client = (request.socket as unknown as { getPeerCertificate(): { subject?: { CN: string } } }).getPeerCertificate()
    let body = ''
    request.on('data', part => {
      body += part
    })
    request.on('end', () => response.end(JSON.stringify({ method, url, headers, body, client: client.subject?.CN ?? '' })))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as AddressInfo).port, connections }
}

describe('calls to other servers', () => {
  let authority: CertificateAuthority
  let server: Server
  let port: number
  let connections: Set<unknown>
  let outgoing: Outgoing
  let trusted: { readonly certificateAuthority: string }
  const at = (path: string): Destination => ({ at: { url: `https://127.0.0.1:${port}${path}` }, ...trusted })
  const service = { namespace: 'shop', name: 'hook', port: 443 }

  before(async () => {
    authority = await memoryAuthority({ clock, random: systemRandom() })
    trusted = { certificateAuthority: authority.certificate }
    ;({ server, port, connections } = await startServer(authority))
    outgoing = createOutgoing({
      clock,
      resolve({ name }) {
        if (name === 'none') throw serviceUnavailable('no endpoints available for service "none"')
        return { host: '127.0.0.1', port }
      },
    })
  })
  after(() => {
    outgoing.close()
    server.closeAllConnections()
    server.close()
  })
  const failureOf = async (
    destination: Destination,
    options: { timeout_ms?: number; maximumBytes?: number; signal?: AbortSignal } = {},
  ) => {
    try {
      await outgoing.call(destination, { method: 'POST', ...options })
    } catch (error) {
      assert(error instanceof CallError, String(error))
      return error
    }
    return assert.fail('the call went well')
  }
  const told = (body: Buffer) => JSON.parse(body.toString())

  it('reaches a service by an endpoint, under the name of the service', async () => {
    const destination = { at: { service, path: 'review' }, ...trusted }
    const { status, body } = await outgoing.call(destination, { method: 'POST', path: '?timeout=10s', body: '{"a":1}' })
    assert.equal(status, 200)
    const { headers, ...rest } = told(body)
    assert.deepEqual(rest, { method: 'POST', url: '/review?timeout=10s', body: '{"a":1}', client: '' })
    assert.equal(headers.host, 'hook.shop.svc:443')
  })

  it('adds a path of the request to one of the destination', async () => {
    const { body } = await outgoing.call(at('/base/'), { method: 'GET', path: '/apis?x=1' })
    assert.equal(told(body).url, '/base/apis?x=1')
  })

  it('uses a connection again, and never for another trust', async () => {
    const destination = at('/')
    await outgoing.call(destination, { method: 'GET' })
    const before = connections.size
    await outgoing.call({ ...destination }, { method: 'GET' })
    assert.equal(connections.size, before)
    await outgoing.call({ ...destination, skipVerification: true }, { method: 'GET' })
    assert.equal(connections.size, before + 1)
  })

  it('tries again on a new connection when a kept one was closed meanwhile', async () => {
    const destination = at('/')
    await outgoing.call(destination, { method: 'GET' })
    server.closeIdleConnections()
    assert.equal((await outgoing.call(destination, { method: 'GET' })).status, 200)
  })

  it('shows a client certificate or a token where the destination has one', async () => {
    const clientCertificate = await authority.sign({ commonName: 'front-proxy', usage: 'client' })
    const { body } = await outgoing.call({ ...at('/'), clientCertificate, bearerToken: 'secret' }, { method: 'GET' })
    const { client, headers } = told(body)
    assert.deepEqual({ client, authorization: headers.authorization }, { client: 'front-proxy', authorization: 'Bearer secret' })
  })

  it('shows a certificate that was renewed', async () => {
    const destination = { ...at('/'), clientCertificate: await authority.sign({ commonName: 'first', usage: 'client' }) }
    const shown = async () => told((await outgoing.call(destination, { method: 'GET' })).body).client
    assert.equal(await shown(), 'first')
    Object.assign(destination.clientCertificate, await authority.sign({ commonName: 'second', usage: 'client' }))
    assert.equal(await shown(), 'second')
  })

  it('follows no redirect', async () => {
    const { status, headers } = await outgoing.call(at('/redirect'), { method: 'GET' })
    assert.deepEqual([status, headers.location], [302, '/elsewhere'])
  })

  it('says in the usual words what went wrong', async () => {
    const own = `Post "https://127.0.0.1:${port}/`
    assert.equal(
      (await failureOf({ at: { service: { ...service, name: 'none' } } })).message,
      'Post "https://none.shop.svc:443/": no endpoints available for service "none"',
    )
    const unverified = 'tls: failed to verify certificate: x509: '
    assert.equal(
      (await failureOf({ at: { url: `https://127.0.0.1:${port}` } })).message,
      `${own}": ${unverified}certificate signed by unknown authority`,
    )
    const elsewhere = { at: { service: { ...service, name: 'other' } }, ...trusted }
    assert.equal((await failureOf(elsewhere)).detail, `${unverified}certificate is valid for hook.shop.svc, 127.0.0.1, not other.shop.svc`)
    assert.equal((await failureOf(at('/cut'))).detail, 'EOF')
    const large = await failureOf(at('/large'), { maximumBytes: 5000 })
    assert.equal(large.detail, 'the answer is larger than 5000 bytes')
    const late = await failureOf(at('/silent'), { timeout_ms: 50 })
    assert.deepEqual([late.message, late.timedOut], [`${own}silent": context deadline exceeded`, true])
    const gone = await failureOf(at('/silent'), { signal: AbortSignal.timeout(20) })
    assert.deepEqual([gone.detail, gone.timedOut], ['context canceled', false])
  })

  it('says so when nobody listens, and when no TLS is spoken', async () => {
    const plain = createPlainServer((_request, response) => response.end('plain'))
    await new Promise<void>(resolve => plain.listen(0, '127.0.0.1', resolve))
    const { port: plainPort } = plain.address() as AddressInfo
    const url = `//127.0.0.1:${plainPort}/`
    assert.equal((await failureOf({ at: { url: `https:${url}` } })).detail, 'http: server gave HTTP response to HTTPS client')
    assert.equal((await outgoing.call({ at: { url: `http:${url}` } }, { method: 'GET' })).body.toString(), 'plain')
    plain.closeAllConnections()
    await new Promise(resolve => plain.close(resolve))
    assert.equal((await failureOf({ at: { url: `https:${url}` } })).detail, `dial tcp 127.0.0.1:${plainPort}: connect: connection refused`)
  })

  it('hands over an upgraded connection, or the refusal', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'echo' }
    const ended = new AbortController()
    const upgraded = await outgoing.upgrade(at('/'), { method: 'GET', headers, signal: ended.signal })
    assert(upgraded.type === 'switched')
    assert.equal(upgraded.head.toString(), 'first ')
    const echoed = new Promise(resolve => upgraded.socket.once('data', part => resolve(part.toString())))
    upgraded.socket.write('hello')
    assert.equal(await echoed, 'hello')
    upgraded.socket.destroy()
    const refused = await outgoing.upgrade(at('/refuse'), { method: 'GET', headers, signal: ended.signal })
    assert.deepEqual([refused.type, refused.answer.statusCode], ['refused', 403])
    refused.answer.destroy()
  })
})

describe('a client configuration', () => {
  const service = { namespace: 'shop', name: 'hook' }
  const cases: readonly [string, Parameters<typeof destinationOf>[0], Destination | undefined][] = [
    ['a URL', { url: 'https://x/y' }, { at: { url: 'https://x/y' } }],
    ['a service at the usual port', { service }, { at: { service: { ...service, port: 443 } } }],
    [
      'a service with port and path',
      { service: { ...service, port: 8443, path: '/p' } },
      { at: { service: { ...service, port: 8443 }, path: '/p' } },
    ],
    [
      'an authority',
      { url: 'https://x', caBundle: Buffer.from('PEM').toString('base64') },
      { at: { url: 'https://x' }, certificateAuthority: 'PEM' },
    ],
    ['nothing', {}, undefined],
    ['both', { url: 'https://x', service }, undefined],
  ]
  for (const [name, given, wanted] of cases) it(name, () => assert.deepEqual(destinationOf(given), wanted))
})
