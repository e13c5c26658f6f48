import { decode, encode } from 'dns-packet'
import type { Random } from '../../base/random.ts'
import type { Forwarder } from './forward.ts'
import type { ForwardCache } from './forward-cache.ts'
import {
  type Query,
  type Reply,
  type ResourceRecord,
  readQuery,
  responseCodes,
  types,
  udpLimit,
  writeFormatError,
  writeReply,
} from './wire.ts'
import type { ExternalAnswer, Zone } from './zone.ts'

export type Transport = 'udp' | 'tcp'

export interface Answerer {
  /** Undefined for what deserves no answer. */
  answer(message: Buffer, transport: Transport): Buffer | Promise<Buffer> | undefined
  /** The zone has changed: prepared answers hold no longer. */
  changed(): void
  /** From now on unknown names are unknown; before, they may just not have been told yet. */
  synced(): void
  readonly forwarded: number
  readonly cacheHits: number
}

export interface AnswererOptions {
  readonly zone: Zone
  readonly forwarder: Forwarder
  readonly cache: ForwardCache
  readonly random: Random
}

const tcpLimit = 65535
/** The same questions come again and again; their answers are kept as bytes until the zone changes. */
const maximumPrepared = 4096

/** A query's way: read it, look in the zone, else ask upstream, write the answer. */
export function createAnswerer({ zone, forwarder, cache, random }: AnswererOptions): Answerer {
  const prepared = new Map<string, Buffer>()
  let isSynced = false
  let forwarded = 0
  let cacheHits = 0

  function answer(message: Buffer, transport: Transport): Buffer | Promise<Buffer> | undefined {
    const key = transport === 'udp' && message.length > 12 ? message.toString('latin1', 2) : undefined
    const known = key === undefined ? undefined : prepared.get(key)
    if (known) return withIdOf(known, message)
    const query = readQuery(message)
    if (query === undefined) return undefined
    if (query === 'malformed') return writeFormatError(message)
    const limit = transport === 'udp' ? udpLimit(query) : tcpLimit
    const refusal = refusalOf(query)
    if (refusal !== undefined) return writeReply(query, failed(refusal), limit)
    const found = zone.answer(query.name, query.type)
    if (!found) return forward(message, query, transport, limit)
    if (!isSynced) return writeReply(query, failed(responseCodes.SERVFAIL), limit)
    if ('alias' in found) return followAlias(found, query, limit)
    const bytes = writeReply(query, shuffled(found, random), limit)
    if (key !== undefined && found.answers.length < 2 && key.length < 300) prepare(key, bytes)
    return bytes
  }

  function prepare(key: string, bytes: Buffer): void {
    if (prepared.size >= maximumPrepared) prepared.clear()
    // The copy is what may be changed by whoever sends it.
    prepared.set(key, Buffer.from(bytes))
  }

  function forward(message: Buffer, query: Query, transport: Transport, limit: number): Buffer | Promise<Buffer> {
    const kept = cache.get(message)
    if (kept && kept.length <= limit) {
      cacheHits++
      return kept
    }
    return ask(message, transport).then(reply => reply ?? writeReply(query, failed(responseCodes.SERVFAIL), limit))
  }

  async function ask(message: Buffer, transport: Transport): Promise<Buffer | undefined> {
    forwarded++
    const reply = await forwarder.forward(message, transport)
    if (reply) cache.put(message, reply)
    return reply
  }

  /** Stub resolvers don't follow aliases themselves, so the target's addresses come along. */
  async function followAlias({ alias, target }: ExternalAnswer, query: Query, limit: number): Promise<Buffer> {
    const isAddress = query.type === types.A || query.type === types.AAAA
    const rest = isAddress ? await resolveTarget(target, query.type, 8) : []
    const code = rest ? responseCodes.NOERROR : responseCodes.SERVFAIL
    return writeReply(query, { code, authoritative: true, answers: [alias, ...(rest ?? [])] }, limit)
  }

  /** Undefined where upstream does not answer; an alias may lead back into the cluster, and from there on, but not for ever. */
  async function resolveTarget(name: string, type: number, steps: number): Promise<readonly ResourceRecord[] | undefined> {
    if (steps === 0) return undefined
    const found = zone.answer(name, type)
    if (found && !('alias' in found)) return found.answers
    if (found) {
      const rest = await resolveTarget(found.target, type, steps - 1)
      return rest && [found.alias, ...rest]
    }
    const id = Math.floor(random.next() * 65536)
    const question = { name, type: type === types.A ? ('A' as const) : ('AAAA' as const) }
    const message = Buffer.from(encode({ type: 'query', id, flags: 0x0100, questions: [question] }))
    const reply = cache.get(message) ?? (await ask(message, 'udp'))
    return reply && readAnswers(reply)
  }

  return {
    answer,
    changed: () => prepared.clear(),
    synced() {
      isSynced = true
    },
    get forwarded() {
      return forwarded
    },
    get cacheHits() {
      return cacheHits
    },
  }
}

const failed = (code: number): Reply => ({ code, authoritative: false, answers: [] })

function refusalOf(query: Query): number | undefined {
  if (query.opcode !== 0) return responseCodes.NOTIMP
  const isInternet = query.class === 1 || query.class === 255
  // Zone transfers (251, 252) are nobody's business.
  return isInternet && query.type !== 251 && query.type !== 252 ? undefined : responseCodes.REFUSED
}

/** Clients take the first address, so each gets another first. */
function shuffled(reply: Reply, random: Random): Reply {
  if (reply.answers.length < 2) return reply
  const answers = [...reply.answers]
  for (let index = answers.length - 1; index > 0; index--) {
    const other = Math.floor(random.next() * (index + 1))
    const moved = answers[index] as ResourceRecord
    answers[index] = answers[other] as ResourceRecord
    answers[other] = moved
  }
  return { ...reply, answers }
}

function withIdOf(answer: Buffer, query: Buffer): Buffer {
  const copy = Buffer.from(answer)
  copy[0] = query[0] as number
  copy[1] = query[1] as number
  return copy
}

/** The addresses and aliases of an upstream answer; undefined where it is none. */
function readAnswers(reply: Buffer): ResourceRecord[] | undefined {
  const code = (reply[3] ?? 0) & 15
  if (code !== responseCodes.NOERROR && code !== responseCodes.NXDOMAIN) return undefined
  try {
    return (decode(reply).answers ?? []).flatMap((answer): ResourceRecord[] => {
      if (answer.type === 'A' || answer.type === 'AAAA')
        return [{ name: answer.name.toLowerCase(), type: types[answer.type], ttl: answer.ttl ?? 0, data: { address: answer.data } }]
      if (answer.type === 'CNAME')
        return [{ name: answer.name.toLowerCase(), type: types.CNAME, ttl: answer.ttl ?? 0, data: { target: answer.data.toLowerCase() } }]
      return []
    })
  } catch {
    // Upstream sent no DNS message: as good as no answer.
    return undefined
  }
}
