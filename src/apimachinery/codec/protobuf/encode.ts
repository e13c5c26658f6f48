import { type ObjectNode, resolveSchema, type ScalarType, type Schema, type UnionNode } from '../../schema.ts'
import { parseDuration, parseTime } from '../time.ts'
import { layoutOf, type MessageLayout } from './message-layout.ts'
import { type Writer, writeBytes, writeDouble, writeTag, writeText, writeVarint, writtenLength } from './writer.ts'

type Json = Readonly<Record<string, unknown>>

/** Writes an object's message without header. Fields come in the order of their numbers, maps in the order of their keys. */
export function writeMessage(writer: Writer, schema: Schema, object: unknown): void {
  messageWriterOf(schema)(writer, object)
}

/** Writes the value without header. Everything is written backwards: what comes last in the message is written first. */
type ValueWriter = (writer: Writer, value: unknown) => void
/** Writes header and value of a field, or of each item of a repeated one. */
type FieldWriter = (writer: Writer, value: unknown) => void

const messageWriters = new WeakMap<Schema, ValueWriter>()

function messageWriterOf(schema: Schema): ValueWriter {
  const known = messageWriters.get(schema)
  if (known) return known
  const node = resolveSchema(schema)
  if (node.type !== 'object') throw new Error(`encode protobuf: a ${node.type} has no message of its own`)
  const writer = compileMessage(node)
  messageWriters.set(schema, writer)
  return writer
}

function compileMessage(schema: ObjectNode): ValueWriter {
  let write: ValueWriter | undefined
  // Compiled at first use: schemas are large, and recursive ones have no end.
  return (writer, value) => {
    write ??= compileLayout(layoutOf(schema))
    write(writer, value)
  }
}

interface CompiledEntry {
  /** Its place in the order of numbers. */
  readonly rank: number
  readonly write: FieldWriter
  /** Takes the whole object, of which its fields are a part. */
  readonly embedded: boolean
}

/**
 * Objects have few of the fields that they might have, so it is theirs that are looked up, not the schema's. They lie nearly
 * in the order of their numbers, in which they are put by insertion.
 */
function compileLayout(layout: MessageLayout): ValueWriter {
  const byName = new Map<string, CompiledEntry>()
  for (const [rank, entry] of layout.entries.entries()) {
    if ('embedded' in entry) {
      const compiled = { rank, write: embeddedWriter(entry.number, compileLayout(entry.embedded)), embedded: true }
      for (const name of namesOf(entry.embedded)) byName.set(name, compiled)
    } else byName.set(entry.name, { rank, write: compileField(entry.number, entry.field.schema), embedded: false })
  }
  return (writer, value) => {
    const object = value as Json
    const { fields } = writer
    const base = fields.length
    for (const name in object) {
      const child = object[name]
      if (child === undefined || child === null) continue
      const entry = byName.get(name)
      if (entry) insert(fields, base, entry, entry.embedded ? object : child)
    }
    // From the last to the first, each taken off: what a field holds puts its own on top.
    while (fields.length > base) {
      const child = fields.pop()
      const entry = fields.pop() as CompiledEntry
      entry.write(writer, child)
    }
  }
}

/** Puts an entry and its child in order among those from `base` on; an embedded message is there once for all its fields. */
function insert(fields: unknown[], base: number, entry: CompiledEntry, child: unknown): void {
  let at = fields.length
  while (at > base && (fields[at - 2] as CompiledEntry).rank > entry.rank) at -= 2
  if (at > base && fields[at - 2] === entry) return
  fields.push(entry, child)
  for (let index = fields.length - 1; index > at + 1; index--) fields[index] = fields[index - 2]
  fields[at] = entry
  fields[at + 1] = child
}

const namesOf = (layout: MessageLayout): readonly string[] =>
  layout.entries.flatMap(entry => ('embedded' in entry ? namesOf(entry.embedded) : entry.name))

/** A message that has no object of its own in JSON; left out when none of its fields is there. */
function embeddedWriter(number: number, write: ValueWriter): FieldWriter {
  return (writer, object) => {
    const before = writtenLength(writer)
    write(writer, object)
    const length = writtenLength(writer) - before
    if (length === 0) return
    writeVarint(writer, length)
    writeTag(writer, number, 2)
  }
}

function compileField(number: number, schema: Schema): FieldWriter {
  const node = resolveSchema(schema)
  if (node.type === 'scalar') return compileScalarField(number, node.scalar)
  if (node.type === 'map') return compileMapField(number, node.values)
  if (node.type === 'list' && !node.wrapped) return compileRepeatedField(number, node.items)
  return delimited(number, valueWriterOf(node))
}

function compileRepeatedField(number: number, items: Schema): FieldWriter {
  const writeItem = compileField(number, items)
  return (writer, value) => {
    const list = value as readonly unknown[]
    for (let index = list.length - 1; index >= 0; index--) writeItem(writer, list[index])
  }
}

function compileMapField(number: number, values: Schema): FieldWriter {
  const writeValue = compileField(2, values)
  return (writer, value) => {
    const map = value as Json
    for (const key of Object.keys(map).sort().reverse()) {
      const before = writtenLength(writer)
      writeValue(writer, map[key])
      const start = writtenLength(writer)
      writeText(writer, key)
      writeVarint(writer, writtenLength(writer) - start)
      writeTag(writer, 1, 2)
      writeVarint(writer, writtenLength(writer) - before)
      writeTag(writer, number, 2)
    }
  }
}

function compileScalarField(number: number, scalar: ScalarType): FieldWriter {
  const write = scalarWriters[scalar]
  if (scalar === 'boolean' || scalar === 'int32' || scalar === 'int64') {
    return (writer, value) => {
      write(writer, value)
      writeTag(writer, number, 0)
    }
  }
  if (scalar === 'double') {
    return (writer, value) => {
      write(writer, value)
      writeTag(writer, number, 1)
    }
  }
  return delimited(number, write)
}

function delimited(number: number, write: ValueWriter): FieldWriter {
  return (writer, value) => {
    const before = writtenLength(writer)
    write(writer, value)
    writeVarint(writer, writtenLength(writer) - before)
    writeTag(writer, number, 2)
  }
}

/** For values that are messages: objects, wrapped lists, free-form JSON. */
function valueWriterOf(schema: Schema): ValueWriter {
  const node = resolveSchema(schema)
  if (node.type === 'list') return compileRepeatedField(1, node.items)
  if (node.type === 'any') return writeRawJson
  if (node.type === 'union') return writeUnion(node)
  return messageWriterOf(node)
}

function writeUnion({ object, other, proto }: UnionNode): ValueWriter {
  const writeOther = compileField(proto.other, other)
  const writeObject = compileField(proto.object, object)
  const marksObjects = resolveSchema(other).type === 'scalar'
  return (writer, value) => {
    if (typeof value !== 'object' || Array.isArray(value)) return writeOther(writer, value)
    writeObject(writer, value)
    if (marksObjects) writeOther(writer, true)
  }
}

const writeRawText = delimited(1, (writer, value) => writeText(writer, value as string))

/** RawExtension, FieldsV1 and JSON hold JSON text. */
const writeRawJson: ValueWriter = (writer, value) => writeRawText(writer, JSON.stringify(value))

const scalarWriters: Readonly<Record<ScalarType, ValueWriter>> = {
  string: (writer, value) => writeText(writer, value as string),
  boolean: (writer, value) => writeVarint(writer, value ? 1 : 0),
  int32: (writer, value) => writeVarint(writer, value as number),
  int64: (writer, value) => writeVarint(writer, value as number),
  double: (writer, value) => writeDouble(writer, value as number),
  bytes: (writer, value) => writeBytes(writer, Buffer.from(value as string, 'base64')),
  time: (writer, value) => writeInstant(writer, value as string | null),
  microTime: (writer, value) => writeInstant(writer, value as string | null),
  duration(writer, value) {
    writeVarint(writer, Number(parseDuration(value as string)))
    writeTag(writer, 1, 0)
  },
  quantity: (writer, value) => writeRawText(writer, value),
  intOrString: writeIntOrString,
}

/** Null, which only maps and lists hold, is Go's zero time: an empty message. */
function writeInstant(writer: Writer, text: string | null): void {
  if (text === null) return
  const { seconds, nanos } = parseTime(text)
  writeVarint(writer, nanos)
  writeTag(writer, 2, 0)
  writeVarint(writer, seconds)
  writeTag(writer, 1, 0)
}

function writeIntOrString(writer: Writer, value: unknown): void {
  const text = typeof value === 'string' ? value : ''
  writeText(writer, text)
  writeVarint(writer, Buffer.byteLength(text))
  writeTag(writer, 3, 2)
  writeVarint(writer, typeof value === 'number' ? value : 0)
  writeTag(writer, 2, 0)
  writeVarint(writer, typeof value === 'string' ? 1 : 0)
  writeTag(writer, 1, 0)
}
