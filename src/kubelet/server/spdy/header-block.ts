import zlib from 'node:zlib'
import { headerDictionary } from './dictionary.ts'

export type SpdyHeaders = Readonly<Record<string, string>>

/** Far above what a stream of Kubernetes carries, far below what would hurt. */
const maxBlock_bytes = 64 * 1024
const window_bytes = 32 * 1024
const maxStored_bytes = 65_535

/**
 * Reads the header blocks of one direction. They share one zlib stream, whose parts end at byte boundaries (SPDY/3,
 * section 2.6.10.1), so that each part can be inflated by itself, with the 32 KiB of text before it as its dictionary.
 */
export function createHeaderReader(): (compressed: Buffer) => SpdyHeaders {
  let window: Buffer | undefined
  return compressed => {
    const body = window ? compressed : compressed.subarray(streamHeaderLength(compressed))
    window ??= compressed.length > 1 && usesDictionary(compressed) ? headerDictionary() : Buffer.alloc(0)
    const text = zlib.inflateRawSync(body, {
      finishFlush: zlib.constants.Z_SYNC_FLUSH,
      maxOutputLength: maxBlock_bytes,
      ...(window.length && { dictionary: window }),
    })
    window = Buffer.concat([window, text])
    if (window.length > window_bytes) window = window.subarray(window.length - window_bytes)
    return parseHeaders(text)
  }
}

const usesDictionary = (compressed: Buffer): boolean => ((compressed[1] as number) & 0x20) !== 0

/** Two bytes, and four more that name the dictionary where there is one. */
const streamHeaderLength = (compressed: Buffer): number => (usesDictionary(compressed) ? 6 : 2)

/** An empty stored block: inflaters hand out what they have when they meet it. */
const flush = Buffer.from([0, 0, 0, 0xff, 0xff])

/**
 * Writes header blocks as stored, not compressed, parts of a zlib stream: they are a few dozen bytes once per stream,
 * and every inflater reads them.
 */
export function createHeaderWriter(): (headers: SpdyHeaders) => Buffer {
  let first = true
  return headers => {
    const text = formatHeaders(headers)
    if (text.length > maxStored_bytes) throw new Error(`a SPDY header block of ${text.length} bytes is over the limit`)
    const part = Buffer.alloc(5)
    part.writeUInt16LE(text.length, 1)
    part.writeUInt16LE(~text.length & 0xffff, 3)
    const start = first ? Buffer.from([0x78, 0x01]) : Buffer.alloc(0)
    first = false
    return Buffer.concat([start, part, text, flush])
  }
}

function parseHeaders(text: Buffer): SpdyHeaders {
  const headers: Record<string, string> = {}
  let offset = 4
  const next = (): string => {
    const length = text.readUInt32BE(offset)
    const end = offset + 4 + length
    if (end > text.length) throw new Error('a SPDY header block ends within a header')
    const value = text.toString('latin1', offset + 4, end)
    offset = end
    return value
  }
  for (let count = text.readUInt32BE(0); count > 0; count--) headers[next().toLowerCase()] = next()
  return headers
}

function formatHeaders(headers: SpdyHeaders): Buffer {
  const words = Object.entries(headers).flat()
  const length = words.reduce((sum, word) => sum + 4 + Buffer.byteLength(word, 'latin1'), 4)
  const text = Buffer.allocUnsafe(length)
  let offset = text.writeUInt32BE(words.length / 2, 0)
  for (const word of words) {
    offset = text.writeUInt32BE(Buffer.byteLength(word, 'latin1'), offset)
    offset += text.write(word, offset, 'latin1')
  }
  return text
}
