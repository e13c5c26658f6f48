import type { JournalRow, LoadedRow } from './journal.ts'

/** Rows on their way between threads: numbers and values in two transferable buffers, so that nothing is cloned row by row. */
export interface PackedRows {
  readonly numbers: Float64Array<ArrayBuffer>
  readonly values: Uint8Array<ArrayBuffer>
  readonly keys: readonly string[]
  /** User and user agent of each row; empty when they are not needed. */
  readonly actors: readonly string[]
}

const numbersPerRow = 6
const deleted = -1

export const transferables = (rows: PackedRows): ArrayBuffer[] => [rows.numbers.buffer, rows.values.buffer]

export function packRows(rows: readonly (LoadedRow | JournalRow)[]): PackedRows {
  const numbers = new Float64Array(rows.length * numbersPerRow)
  // Every byte is written below, so that it need not be cleared first.
  const values = Buffer.allocUnsafeSlow(rows.reduce((sum, row) => sum + (row.value?.byteLength ?? 0), 0))
  const keys: string[] = []
  const actors: string[] = []
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
    keys.push(row.key)
    if ('user' in row) actors.push(row.user, row.userAgent)
  }
  return { numbers, values, keys, actors }
}

/** The values of the rows are views of the packed buffer. */
export function unpackRows({ numbers, values, keys, actors }: PackedRows): JournalRow[] {
  const rows: JournalRow[] = []
  let offset = 0
  for (let index = 0; index * numbersPerRow < numbers.length; index++) {
    const number = (field: number) => numbers[index * numbersPerRow + field] as number
    const length = number(5)
    rows.push({
      revision: number(0),
      createRevision: number(1),
      previousRevision: number(2),
      time_ms: number(3),
      expires_ms: number(4),
      value: length === deleted ? undefined : values.subarray(offset, offset + length),
      key: keys[index] as string,
      user: actors[index * 2] ?? '',
      userAgent: actors[index * 2 + 1] ?? '',
    })
    offset += Math.max(0, length)
  }
  return rows
}
