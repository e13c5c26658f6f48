import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { type DecodedPacket, decode, encode, type Packet, streamDecode, streamEncode } from 'dns-packet'
import { namespaceKind } from '../../apis/core/namespace.ts'
import { serviceKind } from '../../apis/core/service.ts'
import { systemClock } from '../../base/index.ts'
import { createTestCluster, type TestCluster } from '../test-support/cluster.ts'
import { startUpstream, type TestUpstream } from '../test-support/upstream.ts'
import { type RunningDnsServer, startDnsServer } from './start.ts'

/** The server in its thread, asked over sockets by a DNS library that is not ours. */
let cluster: TestCluster
let server: RunningDnsServer
let upstream: TestUpstream

const ready = { ready: true }

before(async () => {
  cluster = createTestCluster()
  upstream = await startUpstream()
  const { client, service, slice } = cluster
  await client.create(namespaceKind, { metadata: { name: 'default' } })
  await client.create(namespaceKind, { metadata: { name: 'bare' } })
  await service('web', {
    clusterIP: '10.43.0.20',
    ports: [
      { name: 'http', port: 80, protocol: 'TCP' },
      { name: 'dns', port: 53, protocol: 'UDP' },
    ],
  })
  await service('dual', { clusterIP: '10.43.0.21', clusterIPs: ['10.43.0.21', 'fd43::21'], ports: [{ port: 80, protocol: 'TCP' }] })
  await service('db', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] })
  await slice(
    'db',
    [{ name: 'sql', port: 5432 }],
    [
      { addresses: ['10.42.0.2'], conditions: ready, hostname: 'db-0' },
      { addresses: ['10.42.0.3'], conditions: ready },
      { addresses: ['10.42.0.4'], conditions: { ready: false }, hostname: 'db-2' },
    ],
  )
  await service('early', { clusterIP: 'None', publishNotReadyAddresses: true })
  await slice('early', [], [{ addresses: ['10.42.0.5'], conditions: { ready: false }, hostname: 'early-0' }])
  await service('nobody', { clusterIP: 'None' })
  await service('big', { clusterIP: 'None' })
  await slice(
    'big',
    [],
    Array.from({ length: 100 }, (_, index) => ({ addresses: [`10.42.1.${index + 1}`], conditions: ready })),
  )
  await service('out', { type: 'ExternalName', externalName: 'www.example.com' })
  await service('alias', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' })
  await service('loop', { type: 'ExternalName', externalName: 'loop.default.svc.cluster.local' })
  server = await startDnsServer({
    client,
    listen: { addresses: ['127.0.0.1'], port: 0 },
    clusterDomain: 'cluster.local',
    upstreams: [`127.0.0.1:${upstream.port}`],
    threadUrl: new URL('./thread.ts', import.meta.url),
    clock: systemClock(),
    logger: cluster.logger,
  })
  for (let left = 500; (await ask('web.default.svc.cluster.local')).rcode === 'SERVFAIL'; left--)
    assert.ok(left > 0, 'the server was never told of the cluster')
})

after(async () => {
  await server.close()
  await upstream.close()
  await cluster.client.close()
})

type Answer = DecodedPacket & { readonly rcode: string }
type Type = 'A' | 'AAAA' | 'SRV' | 'PTR' | 'TXT' | 'SOA' | 'NS' | 'CNAME' | 'MX' | 'ANY'

const queryOf = (name: string, type: Type, rest: Partial<Packet> = {}): Packet => ({
  type: 'query',
  id: 4711,
  flags: 0x0100,
  questions: [{ name, type: type as 'A' }],
  ...rest,
})

async function ask(name: string, type: Type = 'A', rest: Partial<Packet> = {}): Promise<Answer> {
  return decode(await askRaw(encode(queryOf(name, type, rest)))) as Answer
}

function askRaw(message: Uint8Array): Promise<Buffer> {
  const socket = createSocket('udp4')
  return new Promise<Buffer>((resolve, reject) => {
    socket.once('message', resolve)
    socket.once('error', reject)
    socket.send(message, server.port, '127.0.0.1')
  }).finally(() => socket.close())
}

function askTcp(name: string, type: Type): Promise<Answer> {
  const socket = connect(server.port, '127.0.0.1')
  let received = Buffer.alloc(0)
  return new Promise<Answer>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) resolve(streamDecode(received) as Answer)
    })
    socket.write(streamEncode(queryOf(name, type)))
  }).finally(() => socket.destroy())
}

const dataOf = ({ answers = [] }: Answer): string[] =>
  answers
    .map(answer => {
      const data = 'data' in answer ? (answer.data as unknown) : ''
      if (answer.type === 'SRV') return `SRV ${answer.data.priority} ${answer.data.weight} ${answer.data.port} ${answer.data.target}`
      return `${answer.type} ${Buffer.isBuffer(data) ? data.toString() : Array.isArray(data) ? data.join('') : String(data)}`
    })
    .sort()

/** Name, type, code, answers. */
const cases: readonly (readonly [string, Type, string, readonly string[]])[] = [
  ['web.default.svc.cluster.local', 'A', 'NOERROR', ['A 10.43.0.20']],
  ['web.default.svc.cluster.local', 'AAAA', 'NOERROR', []],
  ['web.default.svc.cluster.local', 'MX', 'NOERROR', []],
  ['dual.default.svc.cluster.local', 'AAAA', 'NOERROR', ['AAAA fd43::21']],
  ['dual.default.svc.cluster.local', 'A', 'NOERROR', ['A 10.43.0.21']],
  ['_http._tcp.web.default.svc.cluster.local', 'SRV', 'NOERROR', ['SRV 0 100 80 web.default.svc.cluster.local']],
  ['_dns._udp.web.default.svc.cluster.local', 'SRV', 'NOERROR', ['SRV 0 100 53 web.default.svc.cluster.local']],
  ['_http._udp.web.default.svc.cluster.local', 'SRV', 'NXDOMAIN', []],
  ['_none._tcp.web.default.svc.cluster.local', 'SRV', 'NXDOMAIN', []],
  ['_http._tcp.web.default.svc.cluster.local', 'A', 'NOERROR', []],
  ['_tcp.web.default.svc.cluster.local', 'A', 'NOERROR', []],
  ['db.default.svc.cluster.local', 'A', 'NOERROR', ['A 10.42.0.2', 'A 10.42.0.3']],
  ['db-0.db.default.svc.cluster.local', 'A', 'NOERROR', ['A 10.42.0.2']],
  ['10-42-0-3.db.default.svc.cluster.local', 'A', 'NOERROR', ['A 10.42.0.3']],
  ['db-2.db.default.svc.cluster.local', 'A', 'NXDOMAIN', []],
  [
    '_sql._tcp.db.default.svc.cluster.local',
    'SRV',
    'NOERROR',
    ['SRV 0 50 5432 10-42-0-3.db.default.svc.cluster.local', 'SRV 0 50 5432 db-0.db.default.svc.cluster.local'],
  ],
  ['early.default.svc.cluster.local', 'A', 'NOERROR', ['A 10.42.0.5']],
  ['early-0.early.default.svc.cluster.local', 'A', 'NOERROR', ['A 10.42.0.5']],
  ['nobody.default.svc.cluster.local', 'A', 'NXDOMAIN', []],
  ['missing.default.svc.cluster.local', 'A', 'NXDOMAIN', []],
  ['web.default.svc.cluster.local.default.svc.cluster.local', 'A', 'NXDOMAIN', []],
  ['www.example.com.default.svc.cluster.local', 'A', 'NXDOMAIN', []],
  ['www.example.com.svc.cluster.local', 'A', 'NXDOMAIN', []],
  ['www.example.com.cluster.local', 'A', 'NXDOMAIN', []],
  ['default.svc.cluster.local', 'A', 'NOERROR', []],
  ['unknown.svc.cluster.local', 'A', 'NXDOMAIN', []],
  ['svc.cluster.local', 'A', 'NOERROR', []],
  ['cluster.local', 'A', 'NOERROR', []],
  ['cluster.local', 'NS', 'NOERROR', ['NS ns.dns.cluster.local']],
  ['dns-version.cluster.local', 'TXT', 'NOERROR', ['TXT 1.1.0']],
  ['10-42-0-9.default.pod.cluster.local', 'A', 'NOERROR', ['A 10.42.0.9']],
  ['10-42-0-9.default.pod.cluster.local', 'AAAA', 'NOERROR', []],
  ['fd42--9.default.pod.cluster.local', 'AAAA', 'NOERROR', ['AAAA fd42::9']],
  ['10-42-0-999.default.pod.cluster.local', 'A', 'NXDOMAIN', []],
  ['10-42-0-9.unknown.pod.cluster.local', 'A', 'NXDOMAIN', []],
  ['20.0.43.10.in-addr.arpa', 'PTR', 'NOERROR', ['PTR web.default.svc.cluster.local']],
  ['2.0.42.10.in-addr.arpa', 'PTR', 'NOERROR', ['PTR db-0.db.default.svc.cluster.local']],
  ['1.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.4.d.f.ip6.arpa', 'PTR', 'NOERROR', ['PTR dual.default.svc.cluster.local']],
  ['out.default.svc.cluster.local', 'A', 'NOERROR', ['A 192.0.2.80', 'CNAME www.example.com']],
  ['out.default.svc.cluster.local', 'CNAME', 'NOERROR', ['CNAME www.example.com']],
  ['alias.default.svc.cluster.local', 'A', 'NOERROR', ['A 10.43.0.20', 'CNAME web.default.svc.cluster.local']],
  ['loop.default.svc.cluster.local', 'A', 'SERVFAIL', ['CNAME loop.default.svc.cluster.local']],
  ['www.example.com', 'A', 'NOERROR', ['A 192.0.2.80']],
  ['missing.example.com', 'A', 'NXDOMAIN', []],
  ['9.9.9.9.in-addr.arpa', 'PTR', 'NXDOMAIN', []],
]
for (const [name, type, code, data] of cases)
  test(`${type} ${name}`, async () => {
    const answer = await ask(name, type)
    assert.deepEqual([answer.rcode, dataOf(answer)], [code, data])
    assert.deepEqual([answer.id, answer.questions?.[0]?.name], [4711, name])
  })

test('an answer without records says for how long to remember that', async () => {
  for (const name of ['missing.default.svc.cluster.local', 'web.default.svc.cluster.local']) {
    const { authorities = [], flag_aa } = await ask(name, 'AAAA')
    const [authority] = authorities
    assert.equal(flag_aa, true)
    assert.equal(authority?.type === 'SOA' && `${authority.name} ${authority.data.minimum}`, 'cluster.local 5')
  }
})

test('the question keeps its upper and lower case, and the answer has it too', async () => {
  const answer = await ask('wEb.DEFAULT.svc.Cluster.Local')
  assert.deepEqual(
    [answer.questions?.[0]?.name, answer.answers?.[0]?.name],
    ['wEb.DEFAULT.svc.Cluster.Local', 'wEb.DEFAULT.svc.Cluster.Local'],
  )
  assert.deepEqual(dataOf(answer), ['A 10.43.0.20'])
})

test('SRV brings the addresses of its targets', async () => {
  const { additionals = [] } = await ask('_sql._tcp.db.default.svc.cluster.local', 'SRV')
  assert.deepEqual(additionals.flatMap(one => (one.type === 'A' ? `${one.name} ${one.data}` : [])).sort(), [
    '10-42-0-3.db.default.svc.cluster.local 10.42.0.3',
    'db-0.db.default.svc.cluster.local 10.42.0.2',
  ])
})

test('what is too large for UDP is truncated, and complete over TCP', async () => {
  const edns = (size: number): Partial<Packet> => ({
    additionals: [{ type: 'OPT', name: '.', udpPayloadSize: size, flags: 0, options: [] } as never],
  })
  const truncated = await ask('big.default.svc.cluster.local')
  assert.deepEqual([truncated.flag_tc, truncated.answers?.length], [true, 0])
  const large = await ask('big.default.svc.cluster.local', 'A', edns(4096))
  assert.deepEqual([large.flag_tc, large.answers?.length], [true, 0])
  assert.equal((await askTcp('big.default.svc.cluster.local', 'A')).answers?.length, 100)
})

test('EDNS lets larger answers through, and is answered with EDNS', async () => {
  const edns = { additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [] } as never] }
  const { additionals = [], answers } = await ask('web.default.svc.cluster.local', 'A', edns)
  assert.deepEqual([answers?.length, additionals.map(one => one.type)], [1, ['OPT']])
  await cluster.slice(
    'nobody',
    [],
    Array.from({ length: 50 }, (_, index) => ({ addresses: [`10.42.2.${index + 1}`], conditions: ready })),
  )
  await until(async () => (await ask('nobody.default.svc.cluster.local', 'A', edns)).answers?.length === 50)
})

test('addresses of headless services come in another order each time', async () => {
  const firsts = new Set<string | undefined>()
  for (let count = 0; count < 40; count++)
    firsts.add(String((await ask('db.default.svc.cluster.local')).answers?.map(one => 'data' in one && one.data)))
  assert.equal(firsts.size, 2)
})

test('changes in the cluster are seen, prepared answers or not', async () => {
  const name = 'new.default.svc.cluster.local'
  assert.equal((await ask(name)).rcode, 'NXDOMAIN')
  await cluster.service('new', { clusterIP: '10.43.0.99', ports: [{ port: 80, protocol: 'TCP' }] })
  await until(async () => dataOf(await ask(name)).join() === 'A 10.43.0.99')
  await cluster.client.delete(serviceKind, 'default', 'new')
  await until(async () => (await ask(name)).rcode === 'NXDOMAIN')
  assert.equal((await ask('99.0.43.10.in-addr.arpa', 'PTR')).rcode, 'NXDOMAIN')
})

test('a namespace that is gone is unknown', async () => {
  assert.equal((await ask('bare.svc.cluster.local')).rcode, 'NOERROR')
  await cluster.client.delete(namespaceKind, undefined, 'bare')
  await until(async () => (await ask('bare.svc.cluster.local')).rcode === 'NXDOMAIN')
})

test('upstream answers are kept for a while, and age', async () => {
  await ask('kept.example.com')
  const before = upstream.count('kept.example.com')
  const again = await ask('kept.example.com')
  assert.deepEqual([upstream.count('kept.example.com'), dataOf(again)], [before, ['A 192.0.2.80']])
  assert.ok((await server.statistics()).cacheHits > 0)
})

test('what upstream truncates is truncated here, and asked over TCP complete', async () => {
  assert.equal((await ask('large.example.com')).flag_tc, true)
  assert.equal((await askTcp('large.example.com', 'A')).answers?.length, 60)
})

test('messages that are none harm nobody', async () => {
  const formatError = async (message: Buffer) => (await askRaw(message)).readUInt16BE(2) & 15
  const two = Buffer.from(encode(queryOf('web.default.svc.cluster.local', 'A')))
  two.writeUInt16BE(2, 4)
  assert.equal(await formatError(two), 1)
  assert.equal(await formatError(Buffer.from('000101000001000000000000ff', 'hex')), 1)
  assert.equal(await formatError(Buffer.from('000129000000000000000000', 'hex')), 4)
  const endless = createSocket('udp4')
  for (let length = 0; length < 12; length++) endless.send(Buffer.alloc(length), server.port, '127.0.0.1')
  assert.deepEqual(dataOf(await ask('web.default.svc.cluster.local')), ['A 10.43.0.20'])
  endless.close()
})

test('transfers of the zone are refused', async () => {
  const message = Buffer.from(encode(queryOf('cluster.local', 'A')))
  message.writeUInt16BE(252, message.length - 4)
  assert.equal((await askRaw(message)).readUInt16BE(2) & 15, 5)
})

/** What happens soon, but not at once. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let left = 1000; !(await holds()); left--) assert.ok(left > 0, 'it did not come to hold')
}
