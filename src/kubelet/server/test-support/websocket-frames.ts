import { Duplex } from 'node:stream'

/** Binary messages of a WebSocket's client over a socket whose handshake is done, as one stream of bytes. */
export function clientFrames(socket: Duplex, head: Buffer): Duplex {
  let pending: Buffer = head
  const duplex = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => void socket.write(clientFrame(0x82, chunk), done),
    final: done => void socket.write(clientFrame(0x88, Buffer.alloc(0)), done),
  })
  const receive = (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    for (let frame = serverFrame(pending); frame; frame = serverFrame(pending)) {
      pending = pending.subarray(frame.length)
      if (frame.opcode === 8) duplex.push(null)
      else if (!duplex.push(frame.payload)) socket.pause()
    }
  }
  socket.on('data', receive)
  socket.on('close', () => duplex.destroy())
  if (head.length) receive(Buffer.alloc(0))
  return duplex
}

/** Masked, as a client's must be; a mask of zeros leaves the bytes as they are. */
function clientFrame(start: number, payload: Buffer): Buffer {
  const header = payload.length < 126 ? Buffer.from([start, 0x80 | payload.length]) : Buffer.from([start, 0x80 | 126, 0, 0])
  if (payload.length >= 126) header.writeUInt16BE(payload.length, 2)
  return Buffer.concat([header, Buffer.alloc(4), payload])
}

function serverFrame(bytes: Buffer): { readonly opcode: number; readonly payload: Buffer; readonly length: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = (bytes[1] as number) & 0x7f
  const start = short < 126 ? 2 : 4
  if (bytes.length < start) return undefined
  const size = short < 126 ? short : bytes.readUInt16BE(2)
  if (bytes.length < start + size) return undefined
  return { opcode: (bytes[0] as number) & 0x0f, payload: bytes.subarray(start, start + size), length: start + size }
}
