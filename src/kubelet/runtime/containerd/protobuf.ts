import { BinaryReader, BinaryWriter, type WireType } from '@bufbuild/protobuf/wire'

/**
 * Protobuf messages from a table of their fields: `{ podSandboxId: [1, 'string'], labels: [5, 'map'] }`.
 * What is decoded has every scalar, list and map (proto3's defaults) and a message only where one was sent;
 * what is encoded may leave out anything. 64-bit integers are numbers: the nanoseconds of a date lose their last
 * few hundred, which nobody here reads.
 */
export interface Message<Input, Output> {
  encode(value: Input): Uint8Array<ArrayBuffer>
  decode(bytes: Uint8Array): Output
  write(writer: BinaryWriter, value: Input): void
  read(reader: BinaryReader, end: number): Output
}

interface Scalars {
  string: string
  bytes: Uint8Array
  bool: boolean
  int32: number
  uint32: number
  int64: number
  uint64: number
}

type Scalar = keyof Scalars
// biome-ignore lint/suspicious/noExplicitAny: any message may stand in a field; its types are inferred below.
type AnyMessage = Message<any, any>
type Type = Scalar | AnyMessage
type Field = readonly [number: number, type: Type | 'map'] | readonly [number: number, type: Type, repeated: 'repeated']
type Fields = Readonly<Record<string, Field>>

type InputOfType<T> = T extends Scalar ? Scalars[T] : T extends Message<infer Input, unknown> ? Input : never
type OutputOfType<T> = T extends Scalar ? Scalars[T] : T extends Message<infer _, infer Output> ? Output : never
type StringMap = Readonly<Record<string, string>>

type InputOf<F extends Fields> = {
  readonly [K in keyof F]?:
    | (F[K][1] extends 'map'
        ? StringMap
        : F[K] extends readonly [number, infer T, 'repeated']
          ? readonly InputOfType<T>[]
          : InputOfType<F[K][1]>)
    | undefined
}
type OutputOf<F extends Fields> = {
  readonly [K in keyof F]: F[K][1] extends 'map'
    ? StringMap
    : F[K] extends readonly [number, infer T, 'repeated']
      ? readonly OutputOfType<T>[]
      : F[K][1] extends Scalar
        ? OutputOfType<F[K][1]>
        : OutputOfType<F[K][1]> | undefined
}

export type Decoded<M> = M extends Message<infer _, infer Output> ? Output : never
export type Encodable<M> = M extends Message<infer Input, infer _> ? Input : never

export function message<const F extends Fields>(fields: F): Message<InputOf<F>, OutputOf<F>> {
  const table = Object.entries(fields)
  const byNumber = new Map(table.map(([name, field]) => [field[0], { name, field }]))
  const defaults = Object.fromEntries(table.map(([name, field]) => [name, defaultOf(field)]))

  const self: Message<InputOf<F>, OutputOf<F>> = {
    encode(value) {
      const writer = new BinaryWriter()
      self.write(writer, value)
      return writer.finish()
    },
    decode(bytes) {
      return self.read(new BinaryReader(bytes), bytes.length)
    },
    write(writer, value) {
      for (const [name, field] of table) {
        const part = (value as Readonly<Record<string, unknown>>)[name]
        if (part !== undefined) writeField(writer, field, part)
      }
    },
    read(reader, end) {
      const value: Record<string, unknown> = { ...defaults }
      while (reader.pos < end) {
        const [number, wireType] = reader.tag()
        const known = byNumber.get(number)
        if (known) value[known.name] = readField(reader, known.field, wireType, value[known.name])
        else reader.skip(wireType, number)
      }
      return value as OutputOf<F>
    },
  }
  return self
}

const varint = 0 as WireType
const lengthDelimited = 2 as WireType
const emptyList: readonly never[] = Object.freeze([])
const emptyMap: StringMap = Object.freeze({})
const scalarDefaults: Scalars = { string: '', bytes: new Uint8Array(0), bool: false, int32: 0, uint32: 0, int64: 0, uint64: 0 }

function defaultOf(field: Field): unknown {
  if (field[2]) return emptyList
  if (field[1] === 'map') return emptyMap
  return typeof field[1] === 'string' ? scalarDefaults[field[1]] : undefined
}

function writeField(writer: BinaryWriter, [number, type, repeated]: Field, value: unknown): void {
  if (type === 'map') {
    for (const [key, entry] of Object.entries(value as StringMap))
      writer.tag(number, lengthDelimited).fork().tag(1, lengthDelimited).string(key).tag(2, lengthDelimited).string(entry).join()
  } else if (!repeated) {
    if (typeof type !== 'string' || !isDefault(value)) writeValue(writer, number, type, value)
  } else if (typeof type === 'string' && type !== 'string' && type !== 'bytes') {
    const list = value as readonly unknown[]
    if (!list.length) return
    writer.tag(number, lengthDelimited).fork()
    for (const item of list) writeScalar(writer, type, item)
    writer.join()
  } else {
    for (const item of value as readonly unknown[]) writeValue(writer, number, type, item)
  }
}

const isDefault = (value: unknown): boolean =>
  value === '' || value === 0 || value === false || (value instanceof Uint8Array && !value.length)

function writeValue(writer: BinaryWriter, number: number, type: Type, value: unknown): void {
  if (typeof type !== 'string') {
    writer.tag(number, lengthDelimited).fork()
    type.write(writer, value)
    writer.join()
  } else {
    writer.tag(number, type === 'string' || type === 'bytes' ? lengthDelimited : varint)
    writeScalar(writer, type, value)
  }
}

function writeScalar(writer: BinaryWriter, type: Scalar, value: unknown): void {
  switch (type) {
    case 'string':
      writer.string(value as string)
      break
    case 'bytes':
      writer.bytes(value as Uint8Array)
      break
    case 'bool':
      writer.bool(value as boolean)
      break
    case 'int32':
      writer.int32(value as number)
      break
    case 'uint32':
      writer.uint32(value as number)
      break
    case 'int64':
      writer.int64(value as number)
      break
    case 'uint64':
      writer.uint64(value as number)
      break
  }
}

function readField(reader: BinaryReader, [, type, repeated]: Field, wireType: WireType, before: unknown): unknown {
  if (type === 'map') {
    const [key, value] = readMapEntry(reader)
    return { ...(before as StringMap), [key]: value }
  }
  if (!repeated) return readValue(reader, type)
  const list = before === emptyList ? [] : (before as unknown[])
  // Numbers in a list come packed or one by one; both must be read.
  if (typeof type === 'string' && type !== 'string' && type !== 'bytes' && wireType === lengthDelimited) {
    const length = reader.uint32()
    const end = reader.pos + length
    while (reader.pos < end) list.push(readScalar(reader, type))
  } else list.push(readValue(reader, type))
  return list
}

function readMapEntry(reader: BinaryReader): [key: string, value: string] {
  let key = ''
  let value = ''
  const length = reader.uint32()
  const end = reader.pos + length
  while (reader.pos < end) {
    const [number, wireType] = reader.tag()
    if (number === 1) key = reader.string()
    else if (number === 2) value = reader.string()
    else reader.skip(wireType, number)
  }
  return [key, value]
}

function readValue(reader: BinaryReader, type: Type): unknown {
  if (typeof type === 'string') return readScalar(reader, type)
  const length = reader.uint32()
  return type.read(reader, reader.pos + length)
}

function readScalar(reader: BinaryReader, type: Scalar): unknown {
  switch (type) {
    case 'string':
      return reader.string()
    case 'bytes':
      return reader.bytes()
    case 'bool':
      return reader.bool()
    case 'int32':
      return reader.int32()
    case 'uint32':
      return reader.uint32()
    case 'int64':
      return Number(reader.int64())
    case 'uint64':
      return Number(reader.uint64())
  }
}
