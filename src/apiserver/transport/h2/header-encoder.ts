import { staticTable } from './header-table.ts'
import { frameHead_bytes } from './protocol.ts'

/** Every name of the static table with its first index. */
const nameIndexes: ReadonlyMap<string, number> = new Map(staticTable.map(({ name }, index) => [name, index + 1] as const).reverse())
/** `:status` values that are one byte. */
const statusIndexes: ReadonlyMap<string, number> = new Map(
  staticTable.flatMap(({ name, value }, index) => (name === ':status' ? [[value, index + 1] as const] : [])),
)

export type HeaderValues = Readonly<Record<string, string | number | readonly string[]>>

/**
 * The header block of an answer (RFC 7541). No table and no Huffman code: the few bytes that they would save on a local
 * network cost more than they weigh, and a block that depends on no other needs no order. Before it there is room for the
 * head of a frame. A client that has limited the table is to be told that this was seen (section 4.2).
 */
export function encodeHeaders(status: number, headers: HeaderValues, tellsTableSize = false): Buffer {
  const lines: (readonly [name: string, value: string])[] = []
  let most = frameHead_bytes + 9
  const add = (name: string, value: string) => {
    lines.push([name, value])
    most += name.length + value.length + 2 * longestInteger
  }
  for (const name in headers) {
    const value = headers[name] as HeaderValues[string]
    if (typeof value === 'string') add(name, value)
    else if (typeof value === 'number') add(name, String(value))
    else for (const one of value) add(name, one)
  }
  const block = Buffer.allocUnsafe(most)
  let at = frameHead_bytes
  if (tellsTableSize) block[at++] = tableOfNothing
  at = writeStatus(block, at, String(status))
  for (const [name, value] of lines) {
    const index = nameIndexes.get(name)
    if (index === undefined) {
      block[at++] = 0
      at = writeText(block, at, name)
    } else at = writeInteger(block, at, index, 4)
    at = writeText(block, at, value)
  }
  return block.subarray(0, at)
}

const longestInteger = 5
/** A dynamic table size update (section 6.3), to zero. */
const tableOfNothing = 0x20

function writeStatus(block: Buffer, at: number, status: string): number {
  const index = statusIndexes.get(status)
  if (index === undefined) return writeText(block, writeInteger(block, at, nameIndexes.get(':status') as number, 4), status)
  block[at] = 0x80 | index
  return at + 1
}

function writeText(block: Buffer, start: number, text: string): number {
  const at = writeInteger(block, start, text.length, 7)
  return at + block.write(text, at, 'latin1')
}

/** Into the low bits of a byte whose other bits are zero. */
function writeInteger(block: Buffer, start: number, value: number, bits: number): number {
  const most = (1 << bits) - 1
  let at = start
  if (value < most) {
    block[at++] = value
    return at
  }
  block[at++] = most
  let rest = value - most
  for (; rest >= 0x80; rest >>>= 7) block[at++] = 0x80 | (rest & 0x7f)
  block[at++] = rest
  return at
}
