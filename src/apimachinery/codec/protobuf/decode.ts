import { type ObjectNode, resolveSchema, type ScalarType, type Schema, type UnionNode } from '../../schema.ts'
import { DecodeError } from '../decode-error.ts'
import { decodeScalar, zeroOfScalar } from '../decode-scalar.ts'
import { isEmptyTextPresence, isZeroAbsence } from '../go-zero-values.ts'
import { parseJson } from '../json.ts'
import { setOwn } from '../plain-value.ts'
import { formatDuration, formatMicroTime, formatTime } from '../time.ts'
import { type FieldEntry, layoutOf, type MessageLayout } from './message-layout.ts'
import { type Reader, readBytes, readDouble, readEnd, readMessage, readText, readVarint, skipField } from './reader.ts'

type Target = Record<string, unknown>

/** Reads the message that fills the reader. Unknown fields are skipped, as protobuf has it. */
export function readObject(reader: Reader, schema: Schema): Target {
  const node = resolveSchema(schema)
  if (node.type !== 'object') throw new Error(`decode protobuf: a ${node.type} has no message of its own`)
  const target: Target = {}
  messageReaderOf(node)(reader, target)
  return target
}

/** Reads fields up to `reader.end` into the target. */
type MessageReader = (reader: Reader, target: Target) => void
/** Reads one occurrence of a field into the target. */
type FieldReader = (reader: Reader, target: Target, wireType: number) => void
/** Reads one value; undefined counts as absent. */
type ValueReader = (reader: Reader) => unknown

const messageReaders = new WeakMap<Schema, MessageReader>()

function messageReaderOf(schema: ObjectNode): MessageReader {
  const known = messageReaders.get(schema)
  if (known) return known
  let read: MessageReader | undefined
  const reader: MessageReader = (source, target) => {
    read ??= compileLayout(layoutOf(schema), schema)
    read(source, target)
  }
  messageReaders.set(schema, reader)
  return reader
}

function compileLayout(layout: MessageLayout, owner: ObjectNode): MessageReader {
  const fields = new Map<number, FieldReader>()
  for (const entry of layout.entries) {
    fields.set(entry.number, 'embedded' in entry ? embeddedReader(compileLayout(entry.embedded, owner)) : compileField(entry, owner))
  }
  return (reader, target) => {
    while (reader.position < reader.end) {
      const tag = readVarint(reader)
      const wireType = tag % 8
      const field = fields.get(Math.floor(tag / 8))
      if (field) field(reader, target, wireType)
      else if (tag < 8) throw new DecodeError(`proto: illegal tag 0 (wire type ${wireType})`)
      else skipField(reader, wireType)
    }
  }
}

function embeddedReader(read: MessageReader): FieldReader {
  return (reader, target, wireType) => {
    expectWireType(wireType, 2)
    within(reader, () => read(reader, target))
  }
}

function compileField({ name, field }: FieldEntry, owner: ObjectNode): FieldReader {
  const node = resolveSchema(field.schema)
  if (node.type === 'list' && !node.wrapped) return repeatedReader(name, node.items)
  if (node.type === 'map') return mapReader(name, node.values)
  const read = valueReaderOf(node)
  const wanted = wireTypeOf(node)
  // Go's clients write every field that is no pointer, so that an empty string says nothing.
  const isText = node.type === 'scalar' && (node.scalar === 'string' || node.scalar === 'bytes')
  const dropsEmpty = isText && !field.required && !isEmptyTextPresence(name)
  const dropsZero = isZeroAbsence(owner.name, name)
  return (reader, target, wireType) => {
    expectWireType(wireType, wanted)
    const value = read(reader)
    if (value === undefined || (value === '' && dropsEmpty) || (dropsZero && !value)) return
    target[name] = value
  }
}

function repeatedReader(name: string, items: Schema): FieldReader {
  const read = valueReaderOf(items)
  const wanted = wireTypeOf(items)
  return (reader, target, wireType) => {
    const existing = target[name] as unknown[] | undefined
    const list = existing ?? []
    if (!existing) target[name] = list
    if (wireType === 2 && wanted !== 2) {
      // Packed: many numbers behind one header.
      within(reader, () => {
        while (reader.position < reader.end) list.push(read(reader))
      })
      return
    }
    expectWireType(wireType, wanted)
    list.push(read(reader) ?? null)
  }
}

function mapReader(name: string, values: Schema): FieldReader {
  const read = valueReaderOf(values)
  const wanted = wireTypeOf(values)
  return (reader, target, wireType) => {
    expectWireType(wireType, 2)
    let key = ''
    let value: unknown
    readMessage(reader, (number, type) => {
      if (number === 1) key = readText(reader)
      else if (number === 2) {
        expectWireType(type, wanted)
        value = read(reader)
      } else skipField(reader, type)
    })
    const existing = target[name] as Target | undefined
    const map = existing ?? {}
    if (!existing) target[name] = map
    setOwn(map, key, value ?? zeroOf(values))
  }
}

function zeroOf(schema: Schema): unknown {
  const node = resolveSchema(schema)
  if (node.type === 'scalar') return zeroOfScalar[node.scalar]
  return node.type === 'list' ? [] : {}
}

function valueReaderOf(schema: Schema): ValueReader {
  const node = resolveSchema(schema)
  switch (node.type) {
    case 'scalar':
      return scalarReaders[node.scalar]
    case 'any':
      return readRawJson
    case 'object':
      return objectReader(messageReaderOf(node))
    case 'list':
      return wrappedListReader(node.items)
    case 'union':
      return unionReader(node)
    case 'map':
      throw new Error('decode protobuf: a map has no value of its own')
  }
}

function unionReader({ object, other, proto }: UnionNode): ValueReader {
  const readObject = valueReaderOf(object)
  const otherNode = resolveSchema(other)
  const readOther = otherNode.type === 'list' ? repeatedReader('other', otherNode.items) : undefined
  const readFlag = readOther ? undefined : valueReaderOf(other)
  return reader => {
    const target: Target = {}
    readMessage(reader, (number, wireType) => {
      if (number === proto.object) target.object = readObject(reader)
      else if (number !== proto.other) skipField(reader, wireType)
      else if (readFlag) target.other = readFlag(reader)
      else readOther?.(reader, target, wireType)
    })
    return target.object ?? target.other ?? (readFlag ? false : [])
  }
}

function objectReader(read: MessageReader): ValueReader {
  return reader => {
    const target: Target = {}
    within(reader, () => read(reader, target))
    return target
  }
}

function wrappedListReader(items: Schema): ValueReader {
  const read = repeatedReader('items', items)
  return reader => {
    const target: Target = { items: [] }
    readMessage(reader, (number, wireType) => (number === 1 ? read(reader, target, wireType) : skipField(reader, wireType)))
    return target.items
  }
}

function wireTypeOf(schema: Schema): number {
  const node = resolveSchema(schema)
  if (node.type !== 'scalar') return 2
  if (node.scalar === 'double') return 1
  return node.scalar === 'boolean' || node.scalar === 'int32' || node.scalar === 'int64' ? 0 : 2
}

function expectWireType(found: number, wanted: number): void {
  if (found !== wanted) throw new DecodeError(`proto: wrong wireType = ${found}, want ${wanted}`)
}

/** Runs `read` on the embedded message that starts here with its length. */
function within(reader: Reader, read: () => void): void {
  const outerEnd = reader.end
  reader.end = readEnd(reader)
  read()
  reader.end = outerEnd
}

const scalarReaders: Readonly<Record<ScalarType, ValueReader>> = {
  string: readText,
  boolean: reader => readVarint(reader) !== 0,
  int32: reader => readVarint(reader) | 0,
  int64: readVarint,
  double: readDouble,
  bytes: reader => readBytes(reader).toString('base64'),
  time: reader => readInstant(reader, formatTime),
  microTime: reader => readInstant(reader, formatMicroTime),
  duration: readDuration,
  quantity: reader => decodeScalar.quantity(readOnlyText(reader) || '0'),
  intOrString: readIntOrString,
}

/** An empty message is Go's zero time, which stands for absence. */
function readInstant(reader: Reader, format: (instant: { seconds: number; nanos: number }) => string): string | undefined {
  let seconds = 0
  let nanos = 0
  let empty = true
  readMessage(reader, (number, wireType) => {
    empty = false
    if (number === 1) seconds = readVarint(reader)
    else if (number === 2) nanos = readVarint(reader)
    else skipField(reader, wireType)
  })
  if (empty) return undefined
  if (Math.abs(seconds) > 253402300799 || nanos < 0 || nanos >= 1e9)
    throw new DecodeError(`proto: time ${seconds}.${nanos} is out of range`)
  return format({ seconds, nanos })
}

function readDuration(reader: Reader): string {
  let nanos = 0
  readMessage(reader, (number, wireType) => {
    if (number === 1) nanos = readVarint(reader)
    else skipField(reader, wireType)
  })
  return formatDuration(BigInt(nanos))
}

function readIntOrString(reader: Reader): number | string {
  let isText = false
  let integer = 0
  let string = ''
  readMessage(reader, (number, wireType) => {
    if (number === 1) isText = readVarint(reader) === 1
    else if (number === 2) integer = readVarint(reader) | 0
    else if (number === 3) string = readText(reader)
    else skipField(reader, wireType)
  })
  return isText ? string : integer
}

/** A message whose only field is text. */
function readOnlyText(reader: Reader): string {
  let value = ''
  readMessage(reader, (number, wireType) => {
    if (number === 1) value = readText(reader)
    else skipField(reader, wireType)
  })
  return value
}

/** RawExtension, FieldsV1 and JSON hold JSON text. */
function readRawJson(reader: Reader): unknown {
  let value: unknown
  readMessage(reader, (number, wireType) => {
    if (number !== 1) return skipField(reader, wireType)
    const bytes = readBytes(reader)
    value = bytes.length ? (parseJson(bytes) ?? undefined) : undefined
  })
  return value
}
