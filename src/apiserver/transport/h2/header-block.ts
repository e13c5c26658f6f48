import { unpadded } from './frames.ts'
import { ConnectionError, errorCodes, frameFlags } from './protocol.ts'

/** A head or trailers, still encoded. */
export interface HeaderBlock {
  readonly stream: number
  readonly endsStream: boolean
  readonly bytes: Buffer
}

/** Puts header blocks together that go on in CONTINUATION frames. */
export interface HeaderBlocks {
  /** The stream of the block that has begun and not ended: nothing but its continuation may come. */
  readonly open: number | undefined
  /** Both give the block once it is whole. */
  begin(flags: number, stream: number, payload: Buffer): HeaderBlock | undefined
  continue(flags: number, payload: Buffer): HeaderBlock | undefined
}

export function createHeaderBlocks(maximum_bytes: number): HeaderBlocks {
  let begun: { readonly stream: number; readonly endsStream: boolean; bytes: Buffer; length: number } | undefined
  return {
    get open() {
      return begun?.stream
    },
    begin(flags, stream, payload) {
      if (stream === 0 || stream % 2 === 0) throw new ConnectionError(errorCodes.protocol, `HEADERS on stream ${stream}`)
      const content = unpadded(flags, payload)
      const start = (flags & frameFlags.priority) === 0 ? 0 : 5
      if (start > content.length) throw new ConnectionError(errorCodes.frameSize, 'HEADERS without their priority')
      const block = { stream, endsStream: (flags & frameFlags.endStream) !== 0, bytes: content.subarray(start) }
      if (flags & frameFlags.endHeaders) return block
      begun = { ...block, bytes: grown(block.bytes, block.bytes.length), length: block.bytes.length }
    },
    continue(flags, payload) {
      if (!begun) throw new ConnectionError(errorCodes.protocol, 'CONTINUATION of nothing')
      const length = begun.length + payload.length
      // Decoding needs it as a whole: one without end must not fill the memory.
      if (length > maximum_bytes) throw new ConnectionError(errorCodes.enhanceYourCalm, 'a header block without end')
      if (length > begun.bytes.length) begun.bytes = grown(begun.bytes.subarray(0, begun.length), payload.length)
      payload.copy(begun.bytes, begun.length)
      begun.length = length
      if ((flags & frameFlags.endHeaders) === 0) return
      const { stream, endsStream, bytes } = begun
      begun = undefined
      return { stream, endsStream, bytes: bytes.subarray(0, length) }
    },
  }
}

/** A copy with room: frames of a byte each, kept one by one, would hold a hundred times what they bring. */
function grown(bytes: Buffer, length: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(2 * (bytes.length + length))
  bytes.copy(larger)
  return larger
}
