/** Where things lie inside the metadata of an encoded object, in bytes of its buffer. */
export interface MetadataLayout {
  /** Behind the closing brace of metadata. */
  readonly end: number
  /** The text of `managedFields` without its key; both 0 where there are none. */
  readonly managedFieldsStart: number
  readonly managedFieldsEnd: number
  /** Where metadata can be cut to leave managedFields out: from the comma before its key. */
  readonly cutStart: number
}

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c

const managedFieldsKey = Buffer.from('"managedFields":')

/**
 * Finds the end of metadata and managedFields in compact JSON, from behind metadata's opening brace.
 * Reading positions instead of parsing lets metadata be sent, and managedFields be left alone, without decoding anything.
 */
export function findMetadataLayout(bytes: Buffer, start: number): MetadataLayout {
  let managedFieldsStart = 0
  let managedFieldsEnd = 0
  let cutStart = 0
  let depth = 0
  let memberStart = start
  for (let index = start; index < bytes.length; index++) {
    const byte = bytes[index]
    if (byte === quote) {
      index = endOfString(bytes, index)
    } else if (byte === openBrace || byte === openBracket) {
      depth++
    } else if (depth === 0 && (byte === comma || byte === closeBrace)) {
      if (startsWithKey(bytes, memberStart)) {
        managedFieldsStart = memberStart + managedFieldsKey.length
        managedFieldsEnd = index
        cutStart = memberStart > start ? memberStart - 1 : memberStart
      }
      if (byte === closeBrace) return { end: index + 1, managedFieldsStart, managedFieldsEnd, cutStart }
      memberStart = index + 1
    } else if (byte === closeBrace || byte === closeBracket) {
      depth--
    }
  }
  throw new Error('read metadata of a stored object: its JSON ends early')
}

function endOfString(bytes: Buffer, opening: number): number {
  let closing = bytes.indexOf(quote, opening + 1)
  while (closing >= 0 && isEscaped(bytes, closing)) closing = bytes.indexOf(quote, closing + 1)
  if (closing < 0) throw new Error('read metadata of a stored object: a string does not end')
  return closing
}

function isEscaped(bytes: Buffer, position: number): boolean {
  let slashes = 0
  while (bytes[position - 1 - slashes] === backslash) slashes++
  return slashes % 2 === 1
}

const startsWithKey = (bytes: Buffer, position: number): boolean =>
  bytes[position + 1] === managedFieldsKey[1] &&
  bytes.compare(managedFieldsKey, 0, managedFieldsKey.length, position, position + managedFieldsKey.length) === 0
