import { costOf, createDynamicTable, type HeaderField } from './header-table.ts'
import { decodeHuffman } from './huffman.ts'
import { ConnectionError, errorCodes } from './protocol.ts'

/** What we let a client's encoder remember; HPACK's default. */
const table_bytes = 4096

/**
 * Decodes header blocks (RFC 7541). The table is the connection's: every block has to be decoded, in order, also those of
 * streams that are refused. Undefined: the block was decoded, and is larger than we take; what is twice as large ends the
 * connection, since a few bytes can stand for a lot of work.
 */
export type HeaderDecoder = (block: Buffer) => HeaderField[] | undefined

export function createHeaderDecoder(maximum_bytes: number): HeaderDecoder {
  const table = createDynamicTable(table_bytes)
  return block => {
    const reader: Reader = { block, at: 0 }
    const decoded: HeaderField[] = []
    let bytes = 0
    let resizes = 0
    while (reader.at < block.length) {
      const first = block[reader.at] as number
      if ((first & 0xe0) === 0x20) {
        if (decoded.length > 0) throw broken('a change of the table size behind fields')
        // The smallest size and the last one tell all (section 4.2).
        if (++resizes > 2) throw broken('too many changes of the table size')
        const size = readInteger(reader, 5)
        if (size > table_bytes) throw broken(`a table of ${size} bytes`)
        table.resize(size)
        continue
      }
      const field = first >= 0x80 ? fieldAt(table.get(readInteger(reader, 7))) : readLiteral(reader, first, table)
      bytes += costOf(field)
      if (bytes > 2 * maximum_bytes) throw new ConnectionError(errorCodes.enhanceYourCalm, 'a header list beyond all bounds')
      // Beyond the limit nothing is kept, but for what the table has to learn.
      if (bytes <= maximum_bytes) decoded.push(field)
    }
    return bytes <= maximum_bytes ? decoded : undefined
  }
}

interface Reader {
  readonly block: Buffer
  at: number
}

function readLiteral(reader: Reader, first: number, table: ReturnType<typeof createDynamicTable>): HeaderField {
  const isIndexed = first >= 0x40
  const index = readInteger(reader, isIndexed ? 6 : 4)
  const name = index === 0 ? readText(reader) : fieldAt(table.get(index)).name
  const field = { name, value: readText(reader) }
  if (isIndexed) table.add(field)
  return field
}

function fieldAt(field: HeaderField | undefined): HeaderField {
  if (!field) throw broken('an index beyond the table')
  return field
}

/** Section 5.1: what does not fit into the first byte's bits follows, seven bits a byte, least significant first. */
function readInteger(reader: Reader, bits: number): number {
  const { block } = reader
  const most = (1 << bits) - 1
  let value = (block[reader.at++] as number) & most
  if (value < most) return value
  // Four bytes reach beyond everything that can be meant.
  for (let shift = 0; shift <= 21; shift += 7) {
    const byte = block[reader.at++]
    if (byte === undefined) break
    value += (byte & 0x7f) << shift
    if (byte < 0x80) return value
  }
  throw broken('an integer that is too long')
}

function readText(reader: Reader): string {
  const { block } = reader
  if (reader.at >= block.length) throw broken('an end where a string should be')
  const isHuffman = (block[reader.at] as number) >= 0x80
  const length = readInteger(reader, 7)
  const start = reader.at
  const end = start + length
  if (end > block.length) throw broken('a string that does not end')
  reader.at = end
  if (!isHuffman) return block.toString('latin1', start, end)
  const text = decodeHuffman(block, start, end)
  if (text === undefined) throw broken('a string that is no Huffman code')
  return text
}

const broken = (what: string): ConnectionError => new ConnectionError(errorCodes.compression, `decode a header block: ${what}`)
