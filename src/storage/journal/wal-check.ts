import { existsSync, readFileSync } from 'node:fs'
import { JournalDamaged } from '../types.ts'

/**
 * SQLite takes a WAL up to its first invalid frame and silently forgets the rest: right for a transaction that a crash cut
 * off, and wrong when something in the middle was damaged. Each of our transactions is synced before the next begins, so that
 * a crash leaves at most one behind the first invalid frame; two or more mean that acknowledged ones would be lost.
 */
export function checkWal(path: string): void {
  if (!existsSync(path)) return
  const wal = readFileSync(path)
  if (wal.length <= headerBytes) return
  const header = readHeader(wal)
  if (!header) {
    // A header of zeros was never synced, and nothing that follows was acknowledged.
    if (wal.subarray(0, headerBytes).every(byte => byte === 0)) return
    throw new JournalDamaged('the header of its write-ahead log is invalid')
  }
  const lost = countCommits(wal, header, firstInvalidFrame(wal, header))
  if (lost > 1) throw new JournalDamaged(`its write-ahead log has an invalid page before ${lost} complete transactions`)
}

interface Header {
  readonly frame_bytes: number
  readonly littleEndian: boolean
  readonly checksum: Checksum
}

interface Checksum {
  readonly first: number
  readonly second: number
}

const headerBytes = 32
const frameHeaderBytes = 24
const magic = 0x377f0682

function readHeader(wal: Buffer): Header | undefined {
  const found = wal.readUInt32BE(0)
  if (found !== magic && found !== magic + 1) return undefined
  const littleEndian = found === magic
  const checksum = addTo({ first: 0, second: 0 }, wal, 0, 24, littleEndian)
  if (checksum.first !== wal.readUInt32BE(24) || checksum.second !== wal.readUInt32BE(28)) return undefined
  return { frame_bytes: frameHeaderBytes + wal.readUInt32BE(8), littleEndian, checksum }
}

/** The offset of the first frame whose salts or running checksum don't fit. */
function firstInvalidFrame(wal: Buffer, { frame_bytes, littleEndian, checksum: start }: Header): number {
  let checksum = start
  let offset = headerBytes
  for (; offset + frame_bytes <= wal.length; offset += frame_bytes) {
    if (!hasSalts(wal, offset)) return offset
    checksum = addTo(checksum, wal, offset, offset + 8, littleEndian)
    checksum = addTo(checksum, wal, offset + frameHeaderBytes, offset + frame_bytes, littleEndian)
    if (checksum.first !== wal.readUInt32BE(offset + 16) || checksum.second !== wal.readUInt32BE(offset + 20)) return offset
  }
  return offset
}

/** Frames of this WAL that end a transaction (they carry the size of the database), from an offset on. */
function countCommits(wal: Buffer, { frame_bytes }: Header, from: number): number {
  let commits = 0
  for (let offset = from; offset + frame_bytes <= wal.length; offset += frame_bytes) {
    if (hasSalts(wal, offset) && wal.readUInt32BE(offset + 4) !== 0) commits++
  }
  return commits
}

/** What an earlier use of the file left has other salts. */
const hasSalts = (wal: Buffer, offset: number): boolean =>
  wal.readUInt32BE(offset + 8) === wal.readUInt32BE(16) && wal.readUInt32BE(offset + 12) === wal.readUInt32BE(20)

function addTo(checksum: Checksum, bytes: Buffer, from: number, to: number, littleEndian: boolean): Checksum {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let { first, second } = checksum
  for (let offset = from; offset < to; offset += 8) {
    first = (first + view.getUint32(offset, littleEndian) + second) >>> 0
    second = (second + view.getUint32(offset + 4, littleEndian) + first) >>> 0
  }
  return { first, second }
}
