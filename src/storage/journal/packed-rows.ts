import type { JournalRow } from './journal.ts'

/** Rows on their way between threads: numbers and values in two transferable buffers, so that nothing is cloned row by row. */
export interface PackedRows {
  readonly numbers: Float64Array<ArrayBuffer>
  readonly values: Uint8Array<ArrayBuffer>
  /** Key, user and user agent of each row. */
  readonly texts: readonly string[]
}

const numbersPerRow = 6
const textsPerRow = 3
const deleted = -1

export const transferables = (rows: PackedRows): ArrayBuffer[] => [rows.numbers.buffer, rows.values.buffer]

export function packRows(rows: readonly JournalRow[]): PackedRows {
  const numbers = new Float64Array(rows.length * numbersPerRow)
  const values = new Uint8Array(rows.reduce((sum, row) => sum + (row.value?.byteLength ?? 0), 0))
  const texts: string[] = []
  let number = 0
  let offset = 0
  for (const row of rows) {
    numbers[number++] = row.revision
    numbers[number++] = row.createRevision
    numbers[number++] = row.previousRevision
    numbers[number++] = row.time_ms
    numbers[number++] = row.expires_ms
    numbers[number++] = row.value ? row.value.byteLength : deleted
    if (row.value) values.set(row.value, offset)
    offset += row.value?.byteLength ?? 0
    texts.push(row.key, row.user, row.userAgent)
  }
  return { numbers, values, texts }
}

/** The values of the rows are views of the packed buffer. */
export function unpackRows({ numbers, values, texts }: PackedRows): JournalRow[] {
  const rows: JournalRow[] = []
  let offset = 0
  for (let index = 0; index * numbersPerRow < numbers.length; index++) {
    const number = (field: number) => numbers[index * numbersPerRow + field] as number
    const text = (field: number) => texts[index * textsPerRow + field] as string
    const length = number(5)
    rows.push({
      revision: number(0),
      createRevision: number(1),
      previousRevision: number(2),
      time_ms: number(3),
      expires_ms: number(4),
      value: length === deleted ? undefined : values.subarray(offset, offset + length),
      key: text(0),
      user: text(1),
      userAgent: text(2),
    })
    offset += Math.max(0, length)
  }
  return rows
}
