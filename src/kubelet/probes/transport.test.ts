import assert from 'node:assert/strict'
import http from 'node:http'
import http2 from 'node:http2'
import { type AddressInfo, createServer } from 'node:net'
import { after, before, test } from 'node:test'
import type { Probe } from '../../apis/core/container.ts'
import { createSimulatedRuntime } from '../runtime/simulated.ts'
import { manualClock } from '../test-support/manual-clock.ts'
import { runProbe } from './handler.ts'
import { networkTransport } from './transport.ts'

const server = http.createServer((request, response) => {
  if (request.url === '/hangs') return
  if (request.url === '/moved') return response.writeHead(302, { location: '/ok' }).end()
  if (request.url === '/away') return response.writeHead(302, { location: 'http://elsewhere.example/' }).end()
  if (request.url === '/round') return response.writeHead(302, { location: '/round' }).end()
  if (request.url === '/headers') return response.end(JSON.stringify(request.headers))
  if (request.url === '/drops') return request.socket.destroy()
  response.statusCode = request.url === '/ok' ? 200 : Number(request.url?.slice(1))
  response.end('body')
})
const grpc = http2.createServer((request, response) => {
  const body: Buffer[] = []
  request.on('data', (chunk: Buffer) => body.push(chunk))
  request.on('end', () => {
    const service = Buffer.concat(body).subarray(7).toString()
    response.writeHead(200, { 'content-type': 'application/grpc' })
    if (service !== 'unknown') response.write(Buffer.from([0, 0, 0, 0, 2, 8, service === 'sick' ? 2 : 1]))
    response.addTrailers({ 'grpc-status': service === 'unknown' ? '5' : '0' })
    response.end()
  })
})
let port = 0
let grpcPort = 0
let closedPort = 0
const listen = (it: { listen(port: number, host: string, done: () => void): unknown; address(): unknown }) =>
  new Promise<number>(resolve => it.listen(0, '127.0.0.1', () => resolve((it.address() as AddressInfo).port)))

before(async () => {
  port = await listen(server)
  grpcPort = await listen(grpc)
  const closed = createServer()
  closedPort = await listen(closed)
  await new Promise(resolve => closed.close(resolve))
})
after(() => {
  server.closeAllConnections()
  server.close()
  grpc.close()
})

const clock = manualClock()
const runtime = createSimulatedRuntime({ clock })
function probe(action: Probe, signal = new AbortController().signal) {
  const container = { name: 'main', ports: [{ name: 'web', containerPort: port }] }
  return runProbe(action, { containerId: 'c', container, address: '127.0.0.1' }, { runtime, transport: networkTransport() }, 1, signal)
}

for (const [path, outcome, message] of [
  ['/ok', 'success', /^body$/],
  ['/204', 'success', /^$/],
  ['/304', 'success', /^$/],
  ['/500', 'failure', /^HTTP probe failed with statuscode: 500$/],
  ['/404', 'failure', /^HTTP probe failed with statuscode: 404$/],
  ['/moved', 'success', /^body$/],
  ['/away', 'success', /^Probe terminated redirects/],
  ['/round', 'failure', /stopped after 10 redirects$/],
  ['/drops', 'failure', /^Get "http:\/\/127\.0\.0\.1:\d+\/drops": EOF$/],
] as const) {
  test(`an HTTP probe of ${path}: ${outcome}`, async () => {
    const result = await probe({ httpGet: { path, port: 'web' } })
    assert.equal(result.outcome, outcome)
    assert.match(result.message, message)
  })
}

test('headers of an HTTP probe', async () => {
  const read = async (httpHeaders: { name: string; value: string }[]) =>
    JSON.parse((await probe({ httpGet: { path: '/headers', port, httpHeaders } })).message)
  assert.equal((await read([]))['user-agent'], 'kube-probe/1.36')
  const own = await read([
    { name: 'Host', value: 'shop.example' },
    { name: 'User-Agent', value: 'mine' },
    { name: 'Accept', value: '' },
    { name: 'X-Own', value: '1' },
  ])
  assert.deepEqual([own.host, own['user-agent'], own.accept, own['x-own']], ['shop.example', 'mine', undefined, '1'])
})

test('a probe that gets no answer fails when its time is over', async () => {
  const limit = new AbortController()
  const result = probe({ httpGet: { path: '/hangs', port } }, limit.signal)
  limit.abort()
  assert.match((await result).message, /context deadline exceeded \(Client.Timeout exceeded while awaiting headers\)$/)
})

test('refused connections, in the words that people know', async () => {
  const refused = `dial tcp 127.0.0.1:${closedPort}: connect: connection refused`
  assert.deepEqual(await probe({ tcpSocket: { port: closedPort } }), { outcome: 'failure', message: refused })
  assert.deepEqual(await probe({ httpGet: { path: '/', port: closedPort } }), {
    outcome: 'failure',
    message: `Get "http://127.0.0.1:${closedPort}/": ${refused}`,
  })
  assert.equal((await probe({ tcpSocket: { port } })).outcome, 'success')
  assert.equal((await probe({ tcpSocket: { port: 'none' } })).outcome, 'error')
})

test('the gRPC health check', async () => {
  assert.deepEqual(await probe({ grpc: { port: grpcPort } }), { outcome: 'success', message: 'service healthy' })
  assert.deepEqual(await probe({ grpc: { port: grpcPort, service: 'sick' } }), {
    outcome: 'failure',
    message: 'service unhealthy (responded with "NOT_SERVING")',
  })
  assert.equal(
    (await probe({ grpc: { port: grpcPort, service: 'unknown' } })).message,
    'service unhealthy (responded with "SERVICE_UNKNOWN")',
  )
  assert.equal((await probe({ grpc: { port: closedPort } })).outcome, 'failure')
})
