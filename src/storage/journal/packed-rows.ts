import type { JournalRow, LoadedRow } from './journal.ts'

/**
 * Rows on their way between threads: numbers, texts and values in one block of memory each, so that nothing is cloned row
 * by row. The values stand alone, since those that are loaded stay where they are.
 */
export interface PackedRows {
  readonly numbers: Float64Array
  /** Key, user and user agent of each row, one behind the other; the latter two are empty when they are not needed. */
  readonly texts: Uint8Array
  readonly values: Uint8Array
}

/** Where rows are packed: memory for so many numbers, and for so many bytes of texts and of values. */
export type Allocate = (numbers: number, texts: number, values: number) => PackedRows

export interface PackedSize {
  readonly numbers: number
  readonly texts: number
  readonly values: number
}

const numbersPerRow = 9
const deleted = -1

/** Memory of their own, whose every byte is written, so that it need not be cleared first. */
const allocateApart: Allocate = (numbers, texts, values) => ({
  numbers: new Float64Array(numbers),
  texts: Buffer.allocUnsafeSlow(texts),
  values: Buffer.allocUnsafeSlow(values),
})

export const transferables = ({ numbers, texts, values }: PackedRows): ArrayBuffer[] =>
  [numbers.buffer, texts.buffer, values.buffer] as ArrayBuffer[]

type Row = LoadedRow & Partial<Pick<JournalRow, 'user' | 'userAgent'>>

export function sizeOfRows(rows: readonly Row[]): PackedSize {
  let texts = 0
  let values = 0
  for (const { key, user = '', userAgent = '', value } of rows) {
    texts += Buffer.byteLength(key) + Buffer.byteLength(user) + Buffer.byteLength(userAgent)
    values += value?.byteLength ?? 0
  }
  return { numbers: rows.length * numbersPerRow, texts, values }
}

export function packRows(rows: readonly Row[], size = sizeOfRows(rows), allocate = allocateApart): PackedRows {
  const packed = allocate(size.numbers, size.texts, size.values)
  const { numbers, values } = packed
  const texts = asBuffer(packed.texts)
  let number = 0
  let text = 0
  let offset = 0
  const write = (string: string) => {
    const length = texts.write(string, text)
    text += length
    return length
  }
  for (const row of rows) {
    numbers[number++] = row.revision
    numbers[number++] = row.createRevision
    numbers[number++] = row.previousRevision
    numbers[number++] = row.time_ms
    numbers[number++] = row.expires_ms
    numbers[number++] = row.value ? row.value.byteLength : deleted
    numbers[number++] = write(row.key)
    numbers[number++] = write(row.user ?? '')
    numbers[number++] = write(row.userAgent ?? '')
    if (row.value) values.set(row.value, offset)
    offset += row.value?.byteLength ?? 0
  }
  return packed
}

/** The values of the rows are views of the packed ones. */
export function unpackRows({ numbers, texts: packedTexts, values }: PackedRows): JournalRow[] {
  const texts = asBuffer(packedTexts)
  const rows: JournalRow[] = []
  let text = 0
  let offset = 0
  const read = (length: number) => {
    const from = text
    text += length
    return texts.toString('utf8', from, text)
  }
  for (let first = 0; first < numbers.length; first += numbersPerRow) {
    const number = (field: number) => numbers[first + field] as number
    const length = number(5)
    rows.push({
      revision: number(0),
      createRevision: number(1),
      previousRevision: number(2),
      time_ms: number(3),
      expires_ms: number(4),
      value: length === deleted ? undefined : values.subarray(offset, offset + length),
      key: read(number(6)),
      user: read(number(7)),
      userAgent: read(number(8)),
    })
    offset += Math.max(0, length)
  }
  return rows
}

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
