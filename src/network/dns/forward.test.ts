import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { after, before, test } from 'node:test'
import { encode } from 'dns-packet'
import { seededRandom } from '../../base/index.ts'
import { createManualClock } from '../../client/testing/manual-clock.ts'
import { createForwarder } from './forward.ts'
import { createForwardCache } from './forward-cache.ts'
import { parseResolverConfiguration, parseUpstream } from './resolver-configuration.ts'

/** Servers of loopback: one never answers, one answers what it is told to. */
const silent = createSocket('udp4')
const talking = createSocket('udp4')
let reply: (query: Buffer) => readonly Buffer[] = query => [answerTo(query)]
const portOf = (socket: Socket) => socket.address().port
const at = (socket: Socket) => ({ address: '127.0.0.1', port: portOf(socket) })

before(async () => {
  for (const socket of [silent, talking]) await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
  talking.on('message', (message, from) => {
    for (const one of reply(message)) talking.send(one, from.port, from.address)
  })
})

after(() => {
  silent.close()
  talking.close()
})

const query = Buffer.from(encode({ type: 'query', id: 77, flags: 0x0100, questions: [{ name: 'www.example.com', type: 'A' }] }))

function answerTo(message: Buffer, name = 'www.example.com', ttl = 60): Buffer {
  const id = message.readUInt16BE(0)
  return Buffer.from(
    encode({ type: 'response', id, questions: [{ name, type: 'A' }], answers: [{ type: 'A', name, ttl, data: '192.0.2.1' }] }),
  )
}

const forwarderTo = (...sockets: readonly Socket[]) => {
  const clock = createManualClock()
  return { clock, forwarder: createForwarder({ upstreams: () => sockets.map(at), clock, random: seededRandom(1) }) }
}

test('without an answer, two tries of 2 s end in none', async () => {
  const { clock, forwarder } = forwarderTo(silent)
  const outcome = forwarder.forward(query, 'udp')
  await clock.advance(2000)
  await clock.advance(2000)
  assert.equal(await outcome, undefined)
})

test('the next server is asked where one is silent, and first from then on', async () => {
  const { clock, forwarder } = forwarderTo(silent, talking)
  const first = forwarder.forward(query, 'udp')
  await clock.advance(2000)
  assert.equal((await first)?.readUInt16BE(0), 77)
  // The clock stands still, so the silent one can't be waited for.
  assert.equal((await forwarder.forward(query, 'udp'))?.readUInt16BE(0), 77)
})

test('answers to other questions and with other ids are not taken', async () => {
  const { forwarder } = forwarderTo(talking)
  reply = message => {
    const forged = answerTo(message)
    forged.writeUInt16BE((message.readUInt16BE(0) + 1) % 65536, 0)
    return [forged, answerTo(message, 'www.example.org'), answerTo(message, 'www.example.com', 42)]
  }
  const answer = await forwarder.forward(query, 'udp')
  assert.equal(answer?.includes(Buffer.from([0, 0, 0, 42])), true)
  reply = message => [answerTo(message)]
})

test('without servers, and after close, there is no answer', async () => {
  const { forwarder } = forwarderTo()
  assert.equal(await forwarder.forward(query, 'udp'), undefined)
  const open = forwarderTo(silent)
  const outcome = open.forwarder.forward(query, 'udp')
  open.forwarder.close()
  assert.equal(await outcome, undefined)
})

test('a kept answer ages, carries the id of who asks, and ends', async () => {
  const clock = createManualClock()
  const cache = createForwardCache(clock)
  cache.put(query, answerTo(query, 'www.example.com', 20))
  await clock.advance(5000)
  const other = Buffer.from(query)
  other.writeUInt16BE(99, 0)
  const kept = cache.get(other)
  assert.deepEqual([kept?.readUInt16BE(0), kept?.readUInt32BE(kept.length - 10)], [99, 15])
  await clock.advance(15_000)
  assert.equal(cache.get(other), undefined)
})

test('answers that say nothing lasting are not kept', () => {
  const cache = createForwardCache(createManualClock())
  const failed = answerTo(query)
  failed.writeUInt16BE(0x8182, 2)
  const truncated = answerTo(query)
  truncated.writeUInt16BE(0x8380, 2)
  const cut = answerTo(query).subarray(0, 40)
  for (const answer of [failed, truncated, cut, answerTo(query, 'www.example.com', 0)]) cache.put(query, answer)
  assert.equal(cache.get(query), undefined)
})

test('upstream servers in files and options', () => {
  assert.deepEqual(parseResolverConfiguration('# nameserver 9.9.9.9\nsearch a b\nnameserver 192.0.2.1 # first\n nameserver fd00::1\n'), [
    { address: '192.0.2.1', port: 53 },
    { address: 'fd00::1', port: 53 },
  ])
  assert.deepEqual(['192.0.2.1', '192.0.2.1:5353', 'fd00::1', '[fd00::1]:5353'].map(parseUpstream), [
    { address: '192.0.2.1', port: 53 },
    { address: '192.0.2.1', port: 5353 },
    { address: 'fd00::1', port: 53 },
    { address: 'fd00::1', port: 5353 },
  ])
})
