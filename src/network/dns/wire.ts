/**
 * DNS messages of the server: reads the one question of a query, writes answers with compressed names (a plain library
 * writes every name in full, and UDP's 512 bytes would hold half as many addresses). Pure.
 */
export const types = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, OPT: 41, ANY: 255 } as const
export const responseCodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const

export interface Query {
  readonly id: number
  readonly opcode: number
  readonly recursionDesired: boolean
  /** In lower case, without the last dot; the root is empty. */
  readonly name: string
  readonly type: number
  readonly class: number
  /** The question as it was asked, in the client's own upper and lower case. */
  readonly question: Buffer
  /** How many bytes the client takes over UDP; undefined without EDNS. */
  readonly ednsSize: number | undefined
}

export interface ResourceRecord {
  /** In lower case, without the last dot. */
  readonly name: string
  readonly type: number
  readonly ttl: number
  readonly data: RecordData
}

export type RecordData =
  | { readonly address: string }
  | { readonly target: string }
  | { readonly priority: number; readonly weight: number; readonly port: number; readonly target: string }
  | { readonly text: string }
  | { readonly primary: string; readonly mailbox: string; readonly serial: number; readonly minimum: number }

export interface Reply {
  readonly code: number
  readonly authoritative: boolean
  readonly answers: readonly ResourceRecord[]
  readonly authorities?: readonly ResourceRecord[]
  readonly additionals?: readonly ResourceRecord[]
}

const headerLength = 12
const ourEdnsSize = 1232

/** Undefined where the message is too short to be answered or is itself an answer; 'malformed' where it deserves FORMERR. */
export function readQuery(message: Buffer): Query | 'malformed' | undefined {
  if (message.length < headerLength) return undefined
  const flags = message.readUInt16BE(2)
  if (flags & 0x8000) return undefined
  const opcode = (flags >> 11) & 15
  const base = { id: message.readUInt16BE(0), opcode, recursionDesired: (flags & 0x0100) !== 0 }
  if (opcode !== 0)
    return { ...base, name: '', type: 0, class: 1, question: message.subarray(headerLength, headerLength), ednsSize: undefined }
  if (message.readUInt16BE(4) !== 1) return 'malformed'
  const name = readPlainName(message, headerLength)
  if (!name || name.end + 4 > message.length) return 'malformed'
  const end = name.end + 4
  const ednsSize = readEdnsSize(message, end)
  if (ednsSize === 'malformed') return 'malformed'
  return {
    ...base,
    name: name.text,
    type: message.readUInt16BE(name.end),
    class: message.readUInt16BE(name.end + 2),
    question: message.subarray(headerLength, end),
    ednsSize,
  }
}

/** A name without compression, as questions have it. A dot inside a label is kept apart as an escape. */
function readPlainName(message: Buffer, start: number): { readonly text: string; readonly end: number } | undefined {
  let offset = start
  let text = ''
  for (;;) {
    const length = message[offset]
    if (length === undefined || length > 63 || offset - start > 254) return undefined
    offset++
    if (length === 0) return { text: text.toLowerCase(), end: offset }
    if (offset + length > message.length) return undefined
    const label = message.toString('latin1', offset, offset + length)
    text += (text ? '.' : '') + (label.includes('.') ? label.replaceAll('.', '\\046') : label)
    offset += length
  }
}

function readEdnsSize(message: Buffer, start: number): number | undefined | 'malformed' {
  let offset = start
  const skipped = message.readUInt16BE(6) + message.readUInt16BE(8)
  const count = skipped + message.readUInt16BE(10)
  for (let index = 0; index < count; index++) {
    const end = skipName(message, offset)
    if (end === undefined || end + 10 > message.length) return 'malformed'
    if (index >= skipped && message.readUInt16BE(end) === types.OPT) return Math.max(512, message.readUInt16BE(end + 2))
    offset = end + 10 + message.readUInt16BE(end + 8)
  }
  return undefined
}

/** The offset behind a name that may be compressed. */
export function skipName(message: Buffer, start: number): number | undefined {
  let offset = start
  for (;;) {
    const length = message[offset]
    if (length === undefined) return undefined
    if (length === 0) return offset + 1
    if ((length & 0xc0) === 0xc0) return offset + 2
    offset += length + 1
  }
}

/** The size that an answer over UDP may have. More than the usual path holds would be lost in fragments. */
export const udpLimit = (query: Query): number => Math.min(query.ednsSize ?? 512, ourEdnsSize)

/** Writes an answer; beyond `limit` bytes it has no records and is marked truncated, and the client asks again over TCP. */
export function writeReply(query: Query, reply: Reply, limit: number): Buffer {
  const writer = createWriter(query)
  for (const section of [reply.answers, reply.authorities ?? []]) for (const record of section) writer.record(record)
  const required = writer.length()
  for (const record of reply.additionals ?? []) writer.record(record)
  const opt = query.ednsSize === undefined ? 0 : 11
  const counts = [reply.answers.length, reply.authorities?.length ?? 0, reply.additionals?.length ?? 0] as const
  if (writer.length() + opt <= limit) return finish(query, reply, writer, counts, false)
  // Additional records are a courtesy and go first.
  if (required + opt <= limit) {
    writer.cut(required)
    return finish(query, reply, writer, [counts[0], counts[1], 0], false)
  }
  return finish(query, reply, createWriter(query), [0, 0, 0], true)
}

function finish(query: Query, reply: Reply, writer: Writer, counts: readonly [number, number, number], truncated: boolean): Buffer {
  if (query.ednsSize !== undefined) writer.opt()
  const message = writer.take()
  message.writeUInt16BE(query.id, 0)
  const recursion = query.recursionDesired ? 0x0100 : 0
  message.writeUInt16BE(
    0x8080 | (query.opcode << 11) | (reply.authoritative ? 0x0400 : 0) | (truncated ? 0x0200 : 0) | recursion | reply.code,
    2,
  )
  message.writeUInt16BE(query.question.length ? 1 : 0, 4)
  message.writeUInt16BE(counts[0], 6)
  message.writeUInt16BE(counts[1], 8)
  message.writeUInt16BE(counts[2] + (query.ednsSize === undefined ? 0 : 1), 10)
  return message
}

/** FORMERR for a query of which nothing but the id can be trusted. */
export function writeFormatError(message: Buffer): Buffer {
  const answer = Buffer.alloc(headerLength)
  answer.writeUInt16BE(message.readUInt16BE(0), 0)
  answer.writeUInt16BE(0x8000 | (message.readUInt16BE(2) & 0x7900) | responseCodes.FORMERR, 2)
  return answer
}

interface Writer {
  length(): number
  record(record: ResourceRecord): void
  opt(): void
  cut(length: number): void
  take(): Buffer
}

function createWriter(query: Query): Writer {
  let buffer = Buffer.allocUnsafe(1024)
  let length = headerLength
  /** Where names begin that later ones can point to. */
  const offsets = new Map<string, number>()

  const reserve = (bytes: number) => {
    if (length + bytes <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + bytes))
    buffer.copy(larger, 0, 0, length)
    buffer = larger
  }
  const u16 = (value: number) => {
    length = buffer.writeUInt16BE(value, length)
  }
  const u32 = (value: number) => {
    length = buffer.writeUInt32BE(value >>> 0, length)
  }

  function noteQuestion() {
    query.question.copy(buffer, headerLength)
    let rest = query.name
    let offset = headerLength
    while (rest) {
      offsets.set(rest, offset)
      offset += 1 + (query.question[offset - headerLength] ?? 0)
      rest = afterFirstLabel(rest)
    }
    length += query.question.length
  }

  function name(text: string, compress: boolean) {
    let rest = text
    while (rest) {
      const known = compress ? offsets.get(rest) : undefined
      if (known !== undefined) return u16(0xc000 | known)
      if (length < 0x4000 && !offsets.has(rest)) offsets.set(rest, length)
      const tail = afterFirstLabel(rest)
      const label = (tail ? rest.slice(0, rest.length - tail.length - 1) : rest).replaceAll('\\046', '.')
      buffer[length] = label.length
      length += 1 + buffer.write(label, length + 1, 'latin1')
      rest = tail
    }
    buffer[length++] = 0
  }

  function data(type: number, value: RecordData) {
    if ('address' in value) return writeAddress(type, value.address)
    if ('port' in value) {
      u16(value.priority)
      u16(value.weight)
      u16(value.port)
      // The target of SRV must not be compressed (RFC 2782).
      return name(value.target, false)
    }
    if ('target' in value) return name(value.target, true)
    if ('text' in value) {
      buffer[length] = value.text.length
      length += 1 + buffer.write(value.text, length + 1, 'latin1')
      return
    }
    name(value.primary, true)
    name(value.mailbox, true)
    for (const number of [value.serial, 7200, 1800, 86400, value.minimum]) u32(number)
  }

  function writeAddress(type: number, address: string) {
    if (type === types.A) {
      for (const part of address.split('.')) buffer[length++] = Number(part)
      return
    }
    for (const group of ipv6Groups(address)) u16(group)
  }

  noteQuestion()
  return {
    length: () => length,
    record(record) {
      reserve(600)
      name(record.name, true)
      u16(record.type)
      u16(1)
      u32(record.ttl)
      const at = length
      length += 2
      data(record.type, record.data)
      buffer.writeUInt16BE(length - at - 2, at)
    },
    opt() {
      reserve(11)
      buffer[length++] = 0
      u16(types.OPT)
      u16(ourEdnsSize)
      u32(0)
      u16(0)
    },
    cut(to) {
      length = to
    },
    take: () => buffer.subarray(0, length),
  }
}

function afterFirstLabel(name: string): string {
  const dot = name.indexOf('.')
  return dot < 0 ? '' : name.slice(dot + 1)
}

export function ipv6Groups(address: string): number[] {
  const tail = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  const plain = tail
    ? `${tail[1]}${((Number(tail[2]) << 8) | Number(tail[3])).toString(16)}:${((Number(tail[4]) << 8) | Number(tail[5])).toString(16)}`
    : address
  const [head = '', rest] = plain.split('::')
  const groups = (text: string) => (text ? text.split(':').map(group => Number.parseInt(group, 16)) : [])
  const first = groups(head)
  if (rest === undefined) return first
  const last = groups(rest)
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
}
