/**
 * A protobuf message written from its end to its start, so that the length of every embedded message is known when
 * its header is written and nothing is measured twice.
 */
export interface Writer {
  buffer: Buffer
  /** Start of what is written so far; it reaches to the buffer's end. */
  position: number
  /** Fields that are still to be written, of the message that is being written and of those around it. */
  readonly fields: unknown[]
}

export const createWriter = (size = 2048): Writer => ({ buffer: Buffer.allocUnsafe(size), position: size, fields: [] })

/** Begins anew in the same buffer. */
export function rewind(writer: Writer): void {
  writer.position = writer.buffer.length
  writer.fields.length = 0
}

export const writtenBytes = (writer: Writer): Uint8Array => writer.buffer.subarray(writer.position)

/** How much is written; the difference to a later call is the length of what was written between. */
export const writtenLength = (writer: Writer): number => writer.buffer.length - writer.position

function reserve(writer: Writer, size: number): void {
  if (writer.position >= size) return
  const used = writtenLength(writer)
  const larger = Buffer.allocUnsafe(Math.max(writer.buffer.length * 2, used + size + 1024))
  writer.buffer.copy(larger, larger.length - used, writer.position)
  writer.buffer = larger
  writer.position = larger.length - used
}

/** The field's number and wire type, and before it the length of an embedded value. */
export const writeTag = (writer: Writer, field: number, wireType: 0 | 1 | 2): void => writeVarint(writer, field * 8 + wireType)

export function writeVarint(writer: Writer, value: number): void {
  if (value < 0) {
    writeNegative(writer, value)
    return
  }
  if (value < 128) {
    if (writer.position === 0) reserve(writer, 1)
    writer.buffer[--writer.position] = value
    return
  }
  let size = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++
  reserve(writer, size)
  writer.position -= size
  let at = writer.position
  let rest = value
  while (rest >= 128) {
    writer.buffer[at++] = (rest % 128) + 128
    rest = Math.floor(rest / 128)
  }
  writer.buffer[at] = rest
}

// Negative numbers are two's complement of 64 bits, ten bytes.
function writeNegative(writer: Writer, value: number): void {
  reserve(writer, 10)
  writer.position -= 10
  let rest = BigInt.asUintN(64, BigInt(value))
  for (let index = 0; index < 9; index++) {
    writer.buffer[writer.position + index] = Number(rest & 127n) + 128
    rest >>= 7n
  }
  writer.buffer[writer.position + 9] = Number(rest)
}

export function writeDouble(writer: Writer, value: number): void {
  reserve(writer, 8)
  writer.position -= 8
  writer.buffer.writeDoubleLE(value, writer.position)
}

export function writeBytes(writer: Writer, bytes: Uint8Array): void {
  reserve(writer, bytes.length)
  writer.position -= bytes.length
  writer.buffer.set(bytes, writer.position)
}

export function writeText(writer: Writer, text: string): void {
  // Most strings are short and ASCII; a loop is cheaper than a call into the runtime.
  if (text.length <= 48 && writeAscii(writer, text)) return
  const size = Buffer.byteLength(text)
  reserve(writer, size)
  writer.position -= size
  writer.buffer.write(text, writer.position, 'utf8')
}

function writeAscii(writer: Writer, text: string): boolean {
  reserve(writer, text.length)
  const { buffer } = writer
  const start = writer.position - text.length
  let all = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    all |= code
    buffer[start + index] = code
  }
  if (all > 127) return false
  writer.position = start
  return true
}
