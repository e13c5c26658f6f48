import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode } from 'dns-packet'
import fc from 'fast-check'
import { seededRandom } from '../../base/index.ts'
import { createManualClock } from '../../client/testing/manual-clock.ts'
import { createAnswerer } from './answer.ts'
import { createForwardCache } from './forward-cache.ts'
import type { ServiceRecords } from './messages.ts'
import { createZone } from './zone.ts'

/** The way of a query without sockets; upstream is what a test says. */
function createTestAnswerer(upstream: (query: Buffer) => Buffer | undefined = () => undefined) {
  const zone = createZone('cluster.local')
  const forwarder = { forward: async (query: Buffer) => upstream(query), close() {} }
  const cache = createForwardCache(createManualClock())
  const answerer = createAnswerer({ zone, forwarder, cache, random: seededRandom(1) })
  const ask = async (name: string, type: 'A' | 'AAAA' | 'MX' = 'A') => {
    const message = Buffer.from(encode({ type: 'query', id: 5, flags: 0x0100, questions: [{ name, type }] }))
    const answer = await answerer.answer(message, 'udp')
    assert.ok(answer)
    const { answers = [], ...rest } = decode(answer) as ReturnType<typeof decode> & { rcode: string }
    return `${rest.rcode} ${answers.map(one => ('data' in one ? String(one.data) : one.type)).join(' ')}`.trim()
  }
  return { zone, answerer, ask }
}

const external = (externalName: string): ServiceRecords => ({
  namespace: 'default',
  name: 'out',
  clusterIps: [],
  ports: [],
  endpoints: [],
  externalName,
})

test('names of the cluster fail until all of them are known, those of others are asked at once', async () => {
  const { answerer, ask } = createTestAnswerer(query => Buffer.from(encode({ ...decode(query), type: 'response', flags: 0x8180 })))
  assert.equal(await ask('web.default.svc.cluster.local'), 'SERVFAIL')
  assert.equal(await ask('www.example.com'), 'NOERROR')
  answerer.synced()
  assert.equal(await ask('web.default.svc.cluster.local'), 'NXDOMAIN')
})

test('an external name leads on, also where upstream fails or the name is none', async () => {
  const { zone, answerer, ask } = createTestAnswerer()
  answerer.synced()
  zone.setService('default/out', external('WWW.example.com.'))
  assert.equal(await ask('out.default.svc.cluster.local'), 'SERVFAIL www.example.com')
  assert.equal(await ask('out.default.svc.cluster.local', 'MX'), 'NOERROR www.example.com')
  zone.setService('default/out', external(`${'a'.repeat(64)}.example.com`))
  assert.equal(await ask('out.default.svc.cluster.local'), 'SERVFAIL')
})

test('no message makes it throw, and what it answers can be read', async () => {
  const { answerer } = createTestAnswerer()
  answerer.synced()
  const valid = Buffer.from(
    encode({
      type: 'query',
      id: 5,
      flags: 0x0100,
      questions: [{ name: 'web.default.svc.cluster.local', type: 'A' }],
      additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [] } as never],
    }),
  )
  const broken = fc.tuple(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length)).map(([at, value, length]) => {
    const message = Buffer.from(valid)
    message[at] = value
    return message.subarray(0, length)
  })
  const anything = fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes))
  await fc.assert(
    fc.asyncProperty(fc.oneof(broken, anything), fc.constantFrom('udp' as const, 'tcp' as const), async (message, transport) => {
      const answer = await answerer.answer(message, transport)
      if (answer) decode(answer)
    }),
    { numRuns: 2000 },
  )
})
