import { createSocket } from 'node:dgram'
import { type AddressInfo, createServer } from 'node:net'
import { decode, encode, type Packet, streamDecode, streamEncode } from 'dns-packet'

/** A server of the wide world: knows names below example.com that are not missing. */
export interface TestUpstream {
  readonly port: number
  /** How often it was asked about a name. */
  count(name: string): number
  close(): Promise<void>
}

export async function startUpstream(): Promise<TestUpstream> {
  const counts = new Map<string, number>()
  const answer = (query: Packet, overTcp: boolean): Packet => {
    const { name = '', type = 'A' } = query.questions?.[0] ?? {}
    counts.set(name, (counts.get(name) ?? 0) + 1)
    const base: Packet = { type: 'response', id: query.id ?? 0, flags: 0x0180, questions: query.questions ?? [] }
    const isKnown = name.endsWith('.example.com') && !name.startsWith('missing.') && type === 'A'
    if (!isKnown) return { ...base, flags: 0x0183 }
    if (!name.startsWith('large.')) return { ...base, answers: [{ type: 'A', name, ttl: 300, data: '192.0.2.80' }] }
    if (!overTcp) return { ...base, flags: 0x0380 }
    return { ...base, answers: Array.from({ length: 60 }, (_, index) => ({ type: 'A', name, ttl: 300, data: `192.0.2.${index + 1}` })) }
  }
  const tcp = createServer(socket => {
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => socket.end(streamEncode(answer(streamDecode(chunk), true))))
  })
  await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve))
  const { port } = tcp.address() as AddressInfo
  const udp = createSocket('udp4')
  udp.on('message', (message, from) => udp.send(encode(answer(decode(message), false)), from.port, from.address))
  await new Promise<void>(resolve => udp.bind(port, '127.0.0.1', resolve))
  return {
    port,
    count: name => counts.get(name) ?? 0,
    async close() {
      await Promise.all([new Promise<void>(resolve => udp.close(resolve)), new Promise(resolve => tcp.close(resolve))])
    },
  }
}
