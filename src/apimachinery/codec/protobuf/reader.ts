import { DecodeError } from '../decode-error.ts'

/** Where reading of a message stands; `end` is where the message ends. */
export interface Reader {
  readonly buffer: Buffer
  position: number
  end: number
}

export const createReader = (bytes: Uint8Array): Reader => ({
  buffer: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  position: 0,
  end: bytes.byteLength,
})

const truncated = (): DecodeError => new DecodeError('proto: unexpected EOF')

/** Numbers beyond 2⁵³ lose precision. */
export function readVarint(reader: Reader): number {
  let result = 0
  let scale = 1
  for (let index = 0; index < 10; index++) {
    if (reader.position >= reader.end) throw truncated()
    const byte = reader.buffer[reader.position++] as number
    // The tenth byte is there for negative numbers only.
    if (index === 9) return readNegative(reader)
    result += (byte & 127) * scale
    if (byte < 128) return result
    scale *= 128
  }
  throw new DecodeError('proto: integer overflow')
}

function readNegative(reader: Reader): number {
  let bits = 0n
  for (let index = 9; index >= 0; index--) bits = (bits << 7n) | BigInt((reader.buffer[reader.position - 10 + index] as number) & 127)
  if ((reader.buffer[reader.position - 1] as number) > 1) throw new DecodeError('proto: integer overflow')
  return Number(BigInt.asIntN(64, bits))
}

/** The length of an embedded value, which must lie within the message; answers where it ends. */
export function readEnd(reader: Reader): number {
  const length = readVarint(reader)
  const end = reader.position + length
  if (length < 0 || end > reader.end) throw truncated()
  return end
}

export function readText(reader: Reader): string {
  const end = readEnd(reader)
  const text = reader.buffer.toString('utf8', reader.position, end)
  reader.position = end
  return text
}

/** A view on the bytes, not a copy. */
export function readBytes(reader: Reader): Buffer {
  const end = readEnd(reader)
  const bytes = reader.buffer.subarray(reader.position, end)
  reader.position = end
  return bytes
}

export function readDouble(reader: Reader): number {
  if (reader.position + 8 > reader.end) throw truncated()
  const value = reader.buffer.readDoubleLE(reader.position)
  reader.position += 8
  return value
}

/** Calls `read` with the field number and wire type of each field of the message that starts here with its length. */
export function readMessage(reader: Reader, read: (field: number, wireType: number) => void): void {
  const outerEnd = reader.end
  reader.end = readEnd(reader)
  readFields(reader, read)
  reader.end = outerEnd
}

export function readFields(reader: Reader, read: (field: number, wireType: number) => void): void {
  while (reader.position < reader.end) {
    const tag = readVarint(reader)
    const field = Math.floor(tag / 8)
    if (field <= 0) throw new DecodeError(`proto: illegal tag ${field} (wire type ${tag % 8})`)
    read(field, tag % 8)
  }
}

export function skipField(reader: Reader, wireType: number): void {
  if (wireType === 0) readVarint(reader)
  else if (wireType === 1) skipBytes(reader, 8)
  else if (wireType === 2) reader.position = readEnd(reader)
  else if (wireType === 5) skipBytes(reader, 4)
  else throw new DecodeError(`proto: illegal wireType ${wireType}`)
}

function skipBytes(reader: Reader, count: number): void {
  if (reader.position + count > reader.end) throw truncated()
  reader.position += count
}
