/** Frames of SPDY/3.1 on the wire. */
export const frameType = { synStream: 1, synReply: 2, rstStream: 3, settings: 4, ping: 6, goAway: 7, headers: 8, windowUpdate: 9 } as const
export const flagFin = 1
export const resetStatus = { protocolError: 1, refusedStream: 3, cancel: 5 } as const

/** No control frame that means something here comes near it. */
const maxControl_bytes = 256 * 1024

export interface FrameHandlers {
  control(type: number, flags: number, payload: Buffer): void
  /** Called with each piece as it arrives; `fin` with the last one. */
  data(streamId: number, piece: Buffer, fin: boolean): void
}

/** Takes bytes as they come. Throws where the peer breaks the protocol. */
export function createFrameReader(handlers: FrameHandlers): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0)
  let inData: { readonly streamId: number; readonly fin: boolean; left: number } | undefined

  const readData = (bytes: Buffer): Buffer => {
    if (!inData) return bytes
    const piece = bytes.subarray(0, inData.left)
    inData.left -= piece.length
    const { streamId, fin, left } = inData
    if (!left) inData = undefined
    handlers.data(streamId, piece, fin && !left)
    return bytes.subarray(piece.length)
  }

  return chunk => {
    let bytes = pending.length ? Buffer.concat([pending, chunk]) : chunk
    bytes = readData(bytes)
    while (bytes.length >= 8) {
      const flags = bytes[4] as number
      const length = bytes.readUInt32BE(4) & 0xffffff
      if ((bytes[0] as number) & 0x80) {
        if (length > maxControl_bytes) throw new Error(`a SPDY control frame of ${length} bytes is over the limit`)
        if (bytes.length < 8 + length) break
        handlers.control(bytes.readUInt16BE(2), flags, bytes.subarray(8, 8 + length))
        bytes = bytes.subarray(8 + length)
      } else {
        inData = { streamId: bytes.readUInt32BE(0) & 0x7fffffff, fin: (flags & flagFin) !== 0, left: length }
        bytes = readData(bytes.subarray(8))
      }
    }
    pending = bytes
  }
}

export function controlFrame(type: number, flags: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(8 + payload.length)
  frame.writeUInt16BE(0x8003, 0)
  frame.writeUInt16BE(type, 2)
  frame.writeUInt32BE(payload.length, 4)
  frame[4] = flags
  payload.copy(frame, 8)
  return frame
}

export function dataHeader(streamId: number, flags: number, length: number): Buffer {
  const header = Buffer.allocUnsafe(8)
  header.writeUInt32BE(streamId, 0)
  header.writeUInt32BE(length, 4)
  header[4] = flags
  return header
}

export function synStream(streamId: number, flags: number, headerBlock: Buffer): Buffer {
  const payload = Buffer.alloc(10 + headerBlock.length)
  payload.writeUInt32BE(streamId, 0)
  headerBlock.copy(payload, 10)
  return controlFrame(frameType.synStream, flags, payload)
}

export function synReply(streamId: number, headerBlock: Buffer): Buffer {
  const payload = Buffer.alloc(4 + headerBlock.length)
  payload.writeUInt32BE(streamId, 0)
  headerBlock.copy(payload, 4)
  return controlFrame(frameType.synReply, 0, payload)
}

export function rstStream(streamId: number, status: number): Buffer {
  const payload = Buffer.alloc(8)
  payload.writeUInt32BE(streamId, 0)
  payload.writeUInt32BE(status, 4)
  return controlFrame(frameType.rstStream, 0, payload)
}
