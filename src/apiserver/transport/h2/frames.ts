import { ConnectionError, clientPreface, defaultFrame_bytes, errorCodes, frameFlags, frameHead_bytes, frameTypes } from './protocol.ts'

/** `payload` is a view that is good during the call only, unless the callee wants to keep all of what arrived with it. */
export type FrameListener = (type: number, flags: number, stream: number, payload: Buffer) => void

/** Cuts what arrives into frames: the preface first, then whole frames, however the bytes came. Throws ConnectionErrors. */
export function createFrameReader(onFrame: FrameListener): (bytes: Buffer) => void {
  let kept: Buffer | undefined
  let begun = false
  return arrived => {
    const bytes = kept ? Buffer.concat([kept, arrived]) : arrived
    kept = undefined
    let offset = 0
    if (!begun) {
      checkPreface(bytes)
      if (bytes.length < clientPreface.length) {
        kept = bytes
        return
      }
      begun = true
      offset = clientPreface.length
    }
    while (bytes.length - offset >= frameHead_bytes) {
      const length = ((bytes[offset] as number) << 16) | ((bytes[offset + 1] as number) << 8) | (bytes[offset + 2] as number)
      if (length > defaultFrame_bytes) throw new ConnectionError(errorCodes.frameSize, `a frame of ${length} bytes`)
      const end = offset + frameHead_bytes + length
      if (end > bytes.length) break
      const stream = bytes.readUInt32BE(offset + 5) & 0x7fffffff
      onFrame(bytes[offset + 3] as number, bytes[offset + 4] as number, stream, bytes.subarray(offset + frameHead_bytes, end))
      offset = end
    }
    if (offset < bytes.length) kept = bytes.subarray(offset)
  }
}

function checkPreface(bytes: Buffer): void {
  const length = Math.min(bytes.length, clientPreface.length)
  if (bytes.compare(clientPreface, 0, length, 0, length) !== 0) throw new ConnectionError(errorCodes.protocol, 'no HTTP/2 preface')
}

/** The payload without its padding. */
export function unpadded(flags: number, payload: Buffer): Buffer {
  if ((flags & frameFlags.padded) === 0) return payload
  const padding = payload[0]
  if (padding === undefined || padding >= payload.length) throw new ConnectionError(errorCodes.protocol, 'more padding than frame')
  return payload.subarray(1, payload.length - padding)
}

/** Byte by byte: heads are many, and a call on a buffer costs more than nine bytes. */
export function writeFrameHead(into: Uint8Array, at: number, length: number, type: number, flags: number, stream: number): void {
  into[at] = length >>> 16
  into[at + 1] = length >>> 8
  into[at + 2] = length
  into[at + 3] = type
  into[at + 4] = flags
  into[at + 5] = stream >>> 24
  into[at + 6] = stream >>> 16
  into[at + 7] = stream >>> 8
  into[at + 8] = stream
}

function frameOf(type: number, flags: number, stream: number, payload_bytes: number): Buffer {
  const frame = Buffer.alloc(frameHead_bytes + payload_bytes)
  writeFrameHead(frame, 0, payload_bytes, type, flags, stream)
  return frame
}

/**
 * HEADERS, going on in CONTINUATION frames where the block is larger than a frame. `block` has room for a frame's head
 * before it.
 */
export function headerFrames(stream: number, block: Buffer, endsStream: boolean): Buffer[] {
  const endStream = endsStream ? frameFlags.endStream : 0
  const length = block.length - frameHead_bytes
  const first = Math.min(length, defaultFrame_bytes)
  writeFrameHead(block, 0, first, frameTypes.headers, endStream | (first === length ? frameFlags.endHeaders : 0), stream)
  const frames = [block.subarray(0, frameHead_bytes + first)]
  for (let start = first; start < length; start += defaultFrame_bytes) {
    const part = block.subarray(frameHead_bytes + start, frameHead_bytes + start + defaultFrame_bytes)
    const flags = start + part.length === length ? frameFlags.endHeaders : 0
    const frame = frameOf(frameTypes.continuation, flags, stream, part.length)
    part.copy(frame, frameHead_bytes)
    frames.push(frame)
  }
  return frames
}

export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const frame = frameOf(frameTypes.settings, 0, 0, settings.length * 6)
  for (const [index, [id, value]] of settings.entries()) {
    frame.writeUInt16BE(id, frameHead_bytes + index * 6)
    frame.writeUInt32BE(value, frameHead_bytes + index * 6 + 2)
  }
  return frame
}

export const settingsAcknowledgement = (): Buffer => frameOf(frameTypes.settings, frameFlags.acknowledge, 0, 0)

export function pingAnswer(payload: Buffer): Buffer {
  const frame = frameOf(frameTypes.ping, frameFlags.acknowledge, 0, payload.length)
  payload.copy(frame, frameHead_bytes)
  return frame
}

export function windowUpdateFrame(stream: number, increment: number): Buffer {
  const frame = frameOf(frameTypes.windowUpdate, 0, stream, 4)
  frame.writeUInt32BE(increment, frameHead_bytes)
  return frame
}

export function resetFrame(stream: number, code: number): Buffer {
  const frame = frameOf(frameTypes.resetStream, 0, stream, 4)
  frame.writeUInt32BE(code, frameHead_bytes)
  return frame
}

export function goAwayFrame(lastStream: number, code: number): Buffer {
  const frame = frameOf(frameTypes.goAway, 0, 0, 8)
  frame.writeUInt32BE(lastStream, frameHead_bytes)
  frame.writeUInt32BE(code, frameHead_bytes + 4)
  return frame
}
