import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { Upstream } from './resolver-configuration.ts'

/** Asks the world's servers. */
export interface Forwarder {
  /** The answer with the query's own id; undefined where no server gave one in time. */
  forward(query: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer | undefined>
  close(): void
}

export interface ForwarderOptions {
  readonly upstreams: () => readonly Upstream[]
  readonly clock: Clock
  readonly random: Random
}

/** Resolvers of C libraries give up after 5 s, so two tries must fit in. */
const try_ms = 2000
const maximumTries = 2
/** Beyond this, answers would come too late for anybody. */
const maximumConcurrent = 1000

export function createForwarder({ upstreams, clock, random }: ForwarderOptions): Forwarder {
  let concurrent = 0
  /** Who did not answer lately is asked last. */
  const failures = new Map<string, number>()
  const stop = new AbortController()
  const keyOf = ({ address, port }: Upstream) => `${address} ${port}`
  const failedAt = (upstream: Upstream) => failures.get(keyOf(upstream)) ?? Number.NEGATIVE_INFINITY

  async function tryAll(query: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer | undefined> {
    const servers = [...upstreams()].sort((one, other) => failedAt(one) - failedAt(other))
    if (servers.length === 0) return undefined
    const first = servers[0] as Upstream
    const order = servers.length === 1 ? Array<Upstream>(maximumTries).fill(first) : servers.slice(0, maximumTries + 1)
    const limit_ms = clock.monotonic() + try_ms * maximumTries
    for (const upstream of order) {
      const left_ms = Math.min(try_ms, limit_ms - clock.monotonic())
      if (left_ms <= 0 || stop.signal.aborted) return undefined
      try {
        const id = Math.floor(random.next() * 65536)
        const answer = await ask(upstream, withId(query, id), transport, left_ms)
        failures.delete(keyOf(upstream))
        return withId(answer, query.readUInt16BE(0))
      } catch {
        // Whatever was wrong with this one, the next may know; when all have failed the client hears SERVFAIL.
        failures.set(keyOf(upstream), clock.monotonic())
      }
    }
    return undefined
  }

  function ask(upstream: Upstream, query: Buffer, transport: 'udp' | 'tcp', limit_ms: number): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    const end = (transport === 'udp' ? askUdp : askTcp)(upstream, query, resolve, reject)
    const timer = clock.setTimer(limit_ms, () => reject(new Error(`${upstream.address} did not answer in ${limit_ms} ms`)))
    const abort = () => reject(stop.signal.reason)
    stop.signal.addEventListener('abort', abort, { once: true })
    return promise.finally(() => {
      timer.cancel()
      stop.signal.removeEventListener('abort', abort)
      end()
    })
  }

  return {
    async forward(query, transport) {
      if (concurrent >= maximumConcurrent || stop.signal.aborted) return undefined
      concurrent++
      try {
        return await tryAll(query, transport)
      } finally {
        concurrent--
      }
    },
    close: () => stop.abort(new Error('the DNS server was closed')),
  }
}

/** A socket of its own for each query, so that its port can't be guessed either. */
function askUdp({ address, port }: Upstream, query: Buffer, resolve: (answer: Buffer) => void, reject: (error: Error) => void): () => void {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  socket.on('error', reject)
  socket.on('message', message => {
    if (isAnswerTo(query, message)) resolve(message)
  })
  socket.on('connect', () => {
    socket.send(query, error => {
      if (error) reject(error)
    })
  })
  // Without a callback, a failure comes as an error event.
  socket.connect(port, address)
  let ended = false
  return () => {
    if (ended) return
    ended = true
    socket.close()
  }
}

function askTcp({ address, port }: Upstream, query: Buffer, resolve: (answer: Buffer) => void, reject: (error: Error) => void): () => void {
  const socket = connect({ host: address, port })
  let received = Buffer.alloc(0)
  socket.on('error', reject)
  socket.on('end', () => reject(new Error(`${address} closed the connection without an answer`)))
  socket.on('connect', () => socket.write(framed(query)))
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
    const message = received.subarray(2, 2 + received.readUInt16BE(0))
    if (isAnswerTo(query, message)) resolve(message)
    else reject(new Error(`${address} answered another question`))
  })
  return () => socket.destroy()
}

/** The length that goes before each message over TCP. */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

function isAnswerTo(query: Buffer, answer: Buffer): boolean {
  if (answer.length < 12 || answer.readUInt16BE(0) !== query.readUInt16BE(0) || !((answer[2] ?? 0) & 0x80)) return false
  // Servers that refuse may leave the question out.
  if (answer.readUInt16BE(4) === 0) return true
  const end = questionEnd(query)
  return answer.length >= end && answer.toString('latin1', 12, end).toLowerCase() === query.toString('latin1', 12, end).toLowerCase()
}

function questionEnd(query: Buffer): number {
  let offset = 12
  while ((query[offset] ?? 0) > 0) offset += (query[offset] ?? 0) + 1
  return offset + 5
}

function withId(message: Buffer, id: number): Buffer {
  const copy = Buffer.from(message)
  copy.writeUInt16BE(id, 0)
  return copy
}
