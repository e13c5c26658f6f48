import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { beforeEach, describe, it } from 'node:test'
import { systemClock } from '../../../base/clock.ts'
import { createFrameReader, pingAnswer } from './frames.ts'
import { Outgoing } from './outgoing.ts'
import { clientPreface, defaultFrame_bytes, defaultWindow_bytes, frameFlags, frameTypes } from './protocol.ts'
import { createSender, type Sender } from './sender.ts'
import { createWriteBuffers } from './write-buffers.ts'

interface Frame {
  readonly type: number
  readonly stream: number
  readonly text: string
  readonly ends: boolean
}

/** Takes what is written only when it is told to. */
class SlowSocket extends Writable {
  readonly writes: Buffer[] = []
  isSlow = false
  take: () => void = () => {}

  override _write(chunk: Buffer, _: BufferEncoding, taken: () => void): void {
    this.writes.push(Buffer.from(chunk))
    if (!this.isSlow) return taken()
    this.take = () => {
      this.take = () => {}
      taken()
    }
  }

  frames(): Frame[] {
    const frames: Frame[] = []
    const read = createFrameReader((type, flags, stream, payload) => {
      frames.push({ type, stream, text: payload.toString('latin1'), ends: (flags & frameFlags.endStream) !== 0 })
    })
    read(clientPreface)
    for (const bytes of this.writes) read(bytes)
    return frames
  }

  textOf(stream: number): string {
    return this.frames().reduce((text, frame) => (frame.stream === stream ? text + frame.text : text), '')
  }
}

describe('what goes out on an h2 connection', () => {
  let socket: SlowSocket
  let sender: Sender
  let turn: (() => void)[]
  let ended: number[]

  beforeEach(() => {
    socket = new SlowSocket({ highWaterMark: 16 * 1024 })
    turn = []
    ended = []
    const buffers = createWriteBuffers(320 * 1024, 2)
    sender = createSender({ socket, buffers, soon: run => void turn.push(run), ahead_bytes: 256 * 1024 })
  })

  const open = (id: number, window = 1 << 20) => {
    const outgoing: Outgoing = new Outgoing(id, window, () => {
      outgoing.drop()
      ended.push(id)
    })
    return outgoing
  }
  const endTurn = () => {
    for (const run of turn.splice(0)) run()
  }
  const ids = () => socket.frames().map(({ stream }) => stream)

  it('is one write a turn, however many streams have something to send', () => {
    const event = Buffer.alloc(1500, 'e')
    const streams = Array.from({ length: 25 }, (_, index) => open(2 * index + 1))
    for (const stream of streams) sender.write(stream, event)
    assert.deepEqual([socket.writes.length, turn.length], [0, 1])
    endTurn()
    assert.equal(socket.writes.length, 1)
    assert.equal(socket.frames().length, 25)
    for (const { id, unsent } of streams) assert.deepEqual([socket.textOf(id), unsent], [event.toString(), 0])
  })

  it('is everything a stream was given, in order and cut into frames', () => {
    sender.widen(1 << 20)
    const stream = open(1)
    const chunks = [1, 20_000, 3, defaultFrame_bytes, 40_000, 5].map((length, index) => Buffer.alloc(length, String(index)))
    for (const chunk of chunks) sender.write(stream, chunk)
    sender.end(stream)
    endTurn()
    assert.equal(socket.textOf(1), Buffer.concat(chunks).toString())
    assert.ok(
      socket.frames().every(({ text, ends }, index, all) => text.length <= defaultFrame_bytes && ends === (index === all.length - 1)),
    )
    assert.deepEqual(ended, [1])
  })

  it('stops where the window of the connection ends in the middle of a batch, and goes on there', () => {
    const streams = [1, 3, 5, 7].map(id => open(id))
    for (const stream of streams) sender.write(stream, Buffer.alloc(defaultFrame_bytes, String(stream.id)))
    sender.write(streams[0] as Outgoing, Buffer.from('more'))
    endTurn()
    assert.equal(
      socket.frames().reduce((sum, { text }) => sum + text.length, 0),
      defaultWindow_bytes,
    )
    assert.deepEqual(
      streams.map(({ unsent }) => unsent),
      [4, 0, 0, 1],
    )
    endTurn()
    assert.equal(socket.writes.length, 1, 'written without a window')
    sender.widen(3)
    endTurn()
    sender.widen(100)
    endTurn()
    assert.deepEqual(
      streams.map(({ unsent }) => unsent),
      [0, 0, 0, 0],
    )
    assert.equal(socket.textOf(1), `${'1'.repeat(defaultFrame_bytes)}more`)
    assert.equal(socket.textOf(7), '7'.repeat(defaultFrame_bytes))
  })

  it('does not wait for a stream whose client takes nothing', () => {
    const [stuck, half, quick] = [open(1, 0), open(3, 10), open(5)]
    for (const stream of [stuck, half, quick]) sender.write(stream, Buffer.alloc(30, 'x'))
    for (const stream of [stuck, half, quick]) sender.end(stream)
    endTurn()
    assert.deepEqual([stuck.unsent, half.unsent, quick.unsent], [30, 20, 0])
    assert.deepEqual(ended, [5])
    sender.widenStream(stuck, 100)
    sender.widenStream(half, 100)
    endTurn()
    assert.deepEqual(ended, [5, 1, 3])
    assert.deepEqual([socket.textOf(1).length, socket.textOf(3).length], [30, 30])
  })

  it('lets small streams pass between the frames of a large one', () => {
    sender.widen(1 << 20)
    const [large, small] = [open(1), open(3)]
    sender.write(large, Buffer.alloc(3 * defaultFrame_bytes))
    sender.write(small, Buffer.from('small'))
    endTurn()
    assert.deepEqual(ids(), [1, 3, 1, 1])
  })

  it('is held back while the socket has not taken what was given ahead', async () => {
    sender.widen(1 << 20)
    socket.isSlow = true
    const stream = open(1)
    let drains = 0
    stream.drainListener = () => drains++
    sender.write(stream, Buffer.alloc(600_000))
    endTurn()
    assert.ok(stream.unsent > 300_000, `${stream.unsent} bytes unsent`)
    endTurn()
    assert.equal(socket.writes.length, 1)
    for (let round = 0; round < 4; round++) {
      socket.take()
      await systemClock().yield()
    }
    assert.deepEqual([stream.unsent, drains, socket.textOf(1).length], [0, 1, 600_000])
  })

  it('is nothing of a stream that was dropped, and its end only once', () => {
    const [dropped, other] = [open(1), open(3)]
    for (const stream of [dropped, other]) {
      sender.write(stream, Buffer.from('data'))
      sender.end(stream)
    }
    dropped.drop()
    sender.write(dropped, Buffer.from('late'))
    sender.end(dropped)
    endTurn()
    endTurn()
    assert.deepEqual([ids(), ended], [[3], [3]])
  })

  it('is told to who waits once it has gone, who may write on at once', () => {
    const [first, second] = [open(1), open(3)]
    first.drainListener = () => {
      first.drainListener = undefined
      second.drop()
      sender.write(first, Buffer.from(' and on'))
    }
    second.drainListener = () => assert.fail('told of a stream that was dropped')
    for (const stream of [first, second]) sender.write(stream, Buffer.from('once'))
    endTurn()
    endTurn()
    assert.deepEqual([socket.textOf(1), socket.writes.length], ['once and on', 2])
  })

  it('begins with what is not data, which needs no window', () => {
    const stream = open(1, 0)
    sender.write(stream, Buffer.from('data'))
    sender.control(pingAnswer(Buffer.alloc(8)))
    endTurn()
    assert.deepEqual(
      socket.frames().map(({ type }) => type),
      [frameTypes.ping],
    )
    sender.setInitialWindow(sender.initialWindow + 4, [stream])
    sender.control(pingAnswer(Buffer.alloc(8)))
    endTurn()
    assert.deepEqual(
      socket.frames().map(({ type }) => type),
      [frameTypes.ping, frameTypes.ping, frameTypes.data],
    )
  })
})
