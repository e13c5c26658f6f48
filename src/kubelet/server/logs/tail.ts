import type { FileHandle } from 'node:fs/promises'
import { parseLogLine } from './cri-log.ts'

const block_bytes = 64 * 1024
const newline = 0x0a

/** The offset at which a container's last `lines` lines begin; its parts (P lines) belong to the line they make up. */
export async function tailOffset(file: FileHandle, size: number, lines: number): Promise<number> {
  if (lines === 0) return size
  let found = 0
  let later = Buffer.alloc(0)
  let end = size
  let isLast = true
  // Backwards, block by block; `later` is the beginning of the line that the block before it ends with.
  while (end > 0) {
    const start = Math.max(0, end - block_bytes)
    const block = Buffer.concat([await readExactly(file, start, end - start), later])
    let lineEnd = block.at(-1) === newline ? block.length - 1 : block.length
    while (true) {
      const before = lineEnd > 0 ? block.lastIndexOf(newline, lineEnd - 1) : -1
      if (before < 0 && start > 0) break
      const line = parseLogLine(block.subarray(before + 1, lineEnd))
      if (line && (line.full || isLast)) {
        if (found === lines) return start + lineEnd + 1
        found++
      }
      if (line) isLast = false
      if (before < 0) return start
      lineEnd = before
    }
    later = block.subarray(0, Math.min(block.length, lineEnd + 1))
    end = start
  }
  return 0
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, position)
  return buffer.subarray(0, bytesRead)
}
