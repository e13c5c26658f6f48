import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectH2 } from 'node:http2'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { after, afterEach, before, describe, it } from 'node:test'
import { systemClock } from '../../../base/clock.ts'
import { createManualClock } from '../../../client/testing/manual-clock.ts'
import { createEndOfTurn } from '../end-of-turn.ts'
import { createFrameReader, settingsFrame, windowUpdateFrame } from './frames.ts'
import { clientPreface, errorCodes, frameFlags, frameTypes, settingIds } from './protocol.ts'
import { type ServerSession, type SessionLimits, serveSession } from './session.ts'
import type { ServerStream } from './stream.ts'
import { createWriteBuffers } from './write-buffers.ts'

const limits: SessionLimits = {
  streams: 20,
  streamWindow_bytes: 128 * 1024,
  sessionWindow_bytes: 512 * 1024,
  header_bytes: 16 * 1024,
  heads_bytes: 40 * 1024,
  ahead_bytes: 256 * 1024,
  unread_bytes: 256 * 1024,
  resets: [50, 1],
  idleFrames: [100, 1],
  unused_ms: 60_000,
  linger_ms: 1000,
  body_ms: 5000,
}

const buffers = createWriteBuffers(limits.ahead_bytes + 64 * 1024, 2)
/** Its timers stand still. */
const time = createManualClock()
const clock = { ...time, yield: systemClock().yield }
const soon = createEndOfTurn(clock)
let server: Server
let serve: (stream: ServerStream) => void = () => {}
let refused: string[] = []
let sessions: ServerSession[] = []
const ends: (() => void)[] = []

before(async () => {
  server = createServer(socket => {
    const options = { socket, buffers, limits, clock, soon, onRefused: (error: Error) => void refused.push(error.message) }
    sessions.push(serveSession({ ...options, onRequest: stream => serve(stream) }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
after(() => server.close())
afterEach(() => {
  for (const end of ends.splice(0)) end()
  refused = []
  sessions = []
})

const port = () => (server.address() as AddressInfo).port

function client(): ClientHttp2Session {
  const session = connectH2(`http://127.0.0.1:${port()}`)
  session.on('error', () => {})
  ends.push(() => session.destroy())
  return session
}

async function answerOf(stream: ClientHttp2Stream): Promise<{ status: number; body: Buffer }> {
  const chunks: Buffer[] = []
  let status = 0
  stream.on('response', headers => {
    status = Number(headers[':status'])
  })
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(stream, 'end')
  return { status, body: Buffer.concat(chunks) }
}

const reply = (stream: ServerStream, body: Uint8Array | string, status = 200) => {
  stream.respond(status, { 'content-type': 'text/plain' }, false)
  stream.write(Buffer.from(body as string))
  stream.end()
}

describe('an h2 session with a client of Node', () => {
  it('answers many requests at once, with bodies of all sizes both ways', async () => {
    serve = async stream => reply(stream, await stream.body(10 << 20))
    const session = client()
    const sizes = [0, 1, 100, 16_383, 16_384, 16_385, 65_535, 65_536, 200_000, 1_000_000]
    const answers = sizes.map(size => {
      const stream = session.request({ ':method': 'POST', ':path': `/${size}` })
      stream.end(Buffer.alloc(size, String(size)))
      return answerOf(stream)
    })
    for (const [index, answer] of (await Promise.all(answers)).entries()) {
      const size = sizes[index] as number
      assert.equal(answer.status, 200)
      assert.ok(answer.body.equals(Buffer.alloc(size, String(size))), `${size} bytes came back as ${answer.body.length}`)
    }
  })

  it('tells the head as it was sent', async () => {
    serve = stream => reply(stream, JSON.stringify([stream.head.method, stream.head.url, { ...stream.head.headers }]))
    const long = 'ä{}~"'.repeat(50)
    const { body } = await answerOf(
      client().request({ ':path': '/a?b=%20', 'x-long': Buffer.from(long).toString('latin1'), accept: ['x', 'y'] }),
    )
    const [method, url, headers] = JSON.parse(body.toString())
    assert.deepEqual([method, url, headers.accept, headers.host], ['GET', '/a?b=%20', 'x, y', `127.0.0.1:${port()}`])
    assert.equal(Buffer.from(headers['x-long'], 'latin1').toString(), long)
  })

  it('follows clients that keep no table of headers, or stop to', async () => {
    serve = stream => reply(stream, stream.head.url)
    const ask = async (session: ClientHttp2Session, path: string) => String((await answerOf(session.request({ ':path': path }))).body)
    const session = connectH2(`http://127.0.0.1:${port()}`, { settings: { headerTableSize: 0 } })
    ends.push(() => session.destroy())
    assert.deepEqual([await ask(session, '/a'), await ask(session, '/b')], ['/a', '/b'])
    for (const headerTableSize of [8192, 100]) {
      await new Promise(resolve => session.settings({ headerTableSize }, resolve))
      assert.equal(await ask(session, `/${headerTableSize}`), `/${headerTableSize}`)
    }
  })

  it('sends heads that are larger than a frame', async () => {
    const value = 'w'.repeat(40_000)
    serve = stream => stream.respond(200, { warning: value }, true)
    const session = connectH2(`http://127.0.0.1:${port()}`, { settings: { maxHeaderListSize: 100_000 } })
    ends.push(() => session.destroy())
    const stream = session.request({ ':path': '/' })
    const [headers] = await once(stream.resume(), 'response')
    assert.equal(headers.warning, value)
  })

  it('refuses bodies beyond the limit while others are served', async () => {
    serve = stream => {
      stream.body(1000).then(
        body => reply(stream, String(body.length)),
        () => reply(stream, 'too large', 413),
      )
    }
    const session = client()
    const declared = session.request({ ':method': 'POST', ':path': '/', 'content-length': 300_000 })
    declared.end(Buffer.alloc(300_000))
    const undeclared = session.request({ ':method': 'POST', ':path': '/' })
    undeclared.end(Buffer.alloc(300_000))
    const small = session.request({ ':method': 'POST', ':path': '/' })
    small.end('hello')
    assert.deepEqual(
      (await Promise.all([declared, undeclared, small].map(answerOf))).map(({ status }) => status),
      [413, 413, 200],
    )
  })

  it('holds back what is not read, and lets other streams pass', async () => {
    let slow: ServerStream | undefined
    let drains = 0
    serve = stream => {
      if (stream.head.url !== '/slow') return reply(stream, 'quick')
      slow = stream
      stream.onDrain(() => drains++)
      stream.respond(200, {}, false)
      stream.write(Buffer.alloc(300_000))
    }
    const session = client()
    const waiting = session.request({ ':path': '/slow' })
    await once(waiting, 'response')
    assert.equal((await answerOf(session.request({ ':path': '/quick' }))).body.toString(), 'quick')
    assert.ok(slow && slow.unsent > 0, 'everything was sent to a client that reads nothing')
    assert.equal(drains, 0)
    let received = 0
    for await (const chunk of waiting) {
      received += chunk.length
      if (received === 300_000) slow?.end()
    }
    assert.equal(received, 300_000)
    assert.equal(drains, 1)
  })

  it('tells who answers that the client went away', async () => {
    const gone: boolean[] = []
    serve = stream => {
      stream.onClose(complete => gone.push(complete))
      if (stream.head.url === '/whole') reply(stream, 'x')
      else stream.respond(200, {}, false)
    }
    const session = client()
    await answerOf(session.request({ ':path': '/whole' }))
    const cut = session.request({ ':path': '/part' })
    await once(cut, 'response')
    cut.close(errorCodes.cancel)
    await once(cut, 'close')
    const last = session.request({ ':path': '/part' })
    await once(last, 'response')
    session.destroy()
    while (gone.length < 3) await systemClock().yield()
    assert.deepEqual(gone, [true, false, false])
  })

  it('passes bodies on as they are taken', async () => {
    let taken = 0
    let held: ServerStream | undefined
    serve = stream => {
      if (stream.head.url === '/held') held = stream
      else reply(stream, 'quick')
    }
    const session = client()
    const sending = session.request({ ':method': 'POST', ':path': '/held' })
    sending.end(Buffer.alloc(400_000, 'b'))
    await answerOf(session.request({ ':path': '/quick' }))
    for await (const chunk of held?.bodyStream() ?? []) taken += chunk.length
    assert.equal(taken, 400_000)
    if (held) reply(held, 'thanks')
    assert.equal((await answerOf(sending)).body.toString(), 'thanks')
  })

  it('resets the stream of an answer that breaks off', async () => {
    serve = stream => {
      stream.respond(200, {}, false)
      stream.write(Buffer.from('part'))
      stream.onDrain(() => stream.cut())
    }
    const stream = client().request({ ':path': '/' })
    stream.resume()
    const [error] = await once(stream, 'error')
    assert.match(String(error), /NGHTTP2_INTERNAL_ERROR/)
  })

  it('rejects the body of a request that ends early', async () => {
    let failure: unknown
    serve = stream => void stream.body(1000).catch(error => (failure = error))
    const stream = client().request({ ':method': 'POST', ':path': '/' })
    stream.write('half')
    stream.on('error', () => {})
    stream.close(errorCodes.cancel)
    await once(stream, 'close')
    while (!failure) await systemClock().yield()
    assert.match(String(failure), /the client went away/)
  })

  it('ends when it is closed, once what is under way is answered', async () => {
    let late: ServerStream | undefined
    serve = stream => {
      late = stream
      stream.respond(200, {}, false)
    }
    const session = client()
    const stream = session.request({ ':path': '/' })
    await once(stream, 'response')
    for (const one of sessions) one.close()
    await once(session, 'goaway')
    late?.write(Buffer.from('last words'))
    late?.end()
    assert.equal((await answerOf(stream)).body.toString(), 'last words')
    if (!session.destroyed) await once(session, 'close')
  })
})

interface Frame {
  readonly type: number
  readonly stream: number
  readonly payload: Buffer
}

/** A client that sends what it likes. */
async function rawClient(): Promise<{ socket: Socket; frames: Frame[]; until: (found: (frame: Frame) => boolean) => Promise<Frame> }> {
  const socket = connect(port(), '127.0.0.1')
  ends.push(() => socket.destroy())
  const frames: Frame[] = []
  let wake = () => {}
  const read = createFrameReader((type, _flags, stream, payload) => {
    frames.push({ type, stream, payload })
    wake()
  })
  // What a server sends has no preface.
  read(clientPreface)
  socket.on('data', read)
  socket.on('error', () => {})
  socket.on('close', () => wake())
  await once(socket, 'connect')
  const until = async (found: (frame: Frame) => boolean) => {
    for (;;) {
      const frame = frames.find(found)
      if (frame) return frame
      assert.ok(!socket.destroyed, 'the connection ended before what was waited for')
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
  return { socket, frames, until }
}

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

const start = Buffer.concat([clientPreface, settingsFrame([])])
// GET, https, /, authority x
const getBlock = Buffer.from([0x82, 0x87, 0x84, 0x41, 0x01, 0x78])
const postBlock = Buffer.from([0x83, 0x87, 0x84, 0x41, 0x01, 0x78])
const ended = frameFlags.endStream | frameFlags.endHeaders
const get = (stream: number) => frame(frameTypes.headers, ended, stream, getBlock)
const post = (stream: number, more: Buffer = Buffer.alloc(0)) =>
  frame(frameTypes.headers, frameFlags.endHeaders, stream, Buffer.concat([postBlock, more]))
const contentLength = (text: string) => Buffer.concat([Buffer.from([0x0f, 0x0d, text.length]), Buffer.from(text)])
const repeat = (count: number, part: Buffer) => Buffer.concat(Array.from({ length: count }, () => part))

describe('an h2 session with a client that breaks the rules', () => {
  const connectionErrors: [what: string, bytes: Buffer, code: number][] = [
    ['no preface', Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'), errorCodes.protocol],
    ['no settings', Buffer.concat([clientPreface, get(1)]), errorCodes.protocol],
    ['an even stream', Buffer.concat([start, get(2)]), errorCodes.protocol],
    ['DATA on an idle stream', Buffer.concat([start, frame(frameTypes.data, 0, 1)]), errorCodes.protocol],
    ['DATA on no stream', Buffer.concat([start, frame(frameTypes.data, 0, 0)]), errorCodes.protocol],
    ['a frame that is too long', Buffer.concat([start, frame(frameTypes.data, 0, 1, Buffer.alloc(16_385))]), errorCodes.frameSize],
    ['a frame inside a header block', Buffer.concat([start, frame(frameTypes.headers, 0, 1, getBlock), get(3)]), errorCodes.protocol],
    ['CONTINUATION of nothing', Buffer.concat([start, frame(frameTypes.continuation, 0, 1)]), errorCodes.protocol],
    [
      'a header block without end',
      Buffer.concat([
        start,
        frame(frameTypes.headers, 0, 1, getBlock),
        repeat(20, frame(frameTypes.continuation, 0, 1, Buffer.alloc(1000, 0x82))),
      ]),
      errorCodes.enhanceYourCalm,
    ],
    [
      'empty CONTINUATION frames',
      Buffer.concat([start, frame(frameTypes.headers, 0, 1, getBlock), repeat(150, frame(frameTypes.continuation, 0, 1))]),
      errorCodes.enhanceYourCalm,
    ],
    [
      'a header block that stands for a lot',
      Buffer.concat([start, frame(frameTypes.headers, ended, 1, Buffer.concat([getBlock, Buffer.alloc(5000, 0x90)]))]),
      errorCodes.enhanceYourCalm,
    ],
    [
      'a table that changes its size all the time',
      Buffer.concat([start, frame(frameTypes.headers, ended, 1, Buffer.alloc(9, 0x20))]),
      errorCodes.compression,
    ],
    ['a broken header block', Buffer.concat([start, frame(frameTypes.headers, ended, 1, Buffer.from([0x80]))]), errorCodes.compression],
    ['PUSH_PROMISE', Buffer.concat([start, frame(frameTypes.pushPromise, 4, 1, Buffer.alloc(4))]), errorCodes.protocol],
    ['a short PING', Buffer.concat([start, frame(frameTypes.ping, 0, 0, Buffer.alloc(7))]), errorCodes.frameSize],
    ['a flood of PING', Buffer.concat([start, repeat(150, frame(frameTypes.ping, 0, 0, Buffer.alloc(8)))]), errorCodes.enhanceYourCalm],
    ['a flood of SETTINGS', Buffer.concat([start, repeat(150, settingsFrame([]))]), errorCodes.enhanceYourCalm],
    ['a flood of empty DATA', Buffer.concat([start, post(1), repeat(150, frame(frameTypes.data, 0, 1))]), errorCodes.enhanceYourCalm],
    [
      'a flood of PRIORITY',
      Buffer.concat([start, repeat(150, frame(frameTypes.priority, 0, 1, Buffer.alloc(5)))]),
      errorCodes.enhanceYourCalm,
    ],
    [
      'more padding than frame',
      Buffer.concat([start, post(1), frame(frameTypes.data, frameFlags.padded, 1, Buffer.from([9, 1]))]),
      errorCodes.protocol,
    ],
    ['WINDOW_UPDATE by nothing', Buffer.concat([start, windowUpdateFrame(0, 0)]), errorCodes.protocol],
    ['a window beyond all bounds', Buffer.concat([start, windowUpdateFrame(0, 2 ** 31 - 1)]), errorCodes.flowControl],
    [
      'an initial window beyond all bounds',
      Buffer.concat([start, settingsFrame([[settingIds.initialWindowSize, 2 ** 31]])]),
      errorCodes.flowControl,
    ],
    [
      'more than the window of the connection',
      Buffer.concat([start, ...[1, 3, 5, 7, 9].flatMap(id => [post(id), repeat(8, frame(frameTypes.data, 0, id, Buffer.alloc(16_000)))])]),
      errorCodes.flowControl,
    ],
    [
      'requests taken back at once',
      Buffer.concat([
        start,
        ...Array.from({ length: 60 }, (_, index) => [
          get(index * 2 + 1),
          frame(frameTypes.resetStream, 0, index * 2 + 1, Buffer.alloc(4)),
        ]).flat(),
      ]),
      errorCodes.enhanceYourCalm,
    ],
    [
      'resets that we are made to send',
      Buffer.concat([start, ...Array.from({ length: 60 }, (_, index) => [get(index * 2 + 1), windowUpdateFrame(index * 2 + 1, 0)]).flat()]),
      errorCodes.enhanceYourCalm,
    ],
  ]
  for (const [what, bytes, code] of connectionErrors) {
    it(`gives the connection up: ${what}`, async () => {
      serve = () => {}
      const { socket, until } = await rawClient()
      socket.write(bytes)
      const goAway = await until(({ type }) => type === frameTypes.goAway)
      assert.equal(goAway.payload.readUInt32BE(4), code, refused.join())
      if (!socket.destroyed) await once(socket, 'close')
    })
  }

  const streamErrors: [what: string, bytes: Buffer, code: number][] = [
    ['a malformed head', frame(frameTypes.headers, ended, 1, getBlock.subarray(1)), errorCodes.protocol],
    [
      'a head that is too large',
      frame(frameTypes.headers, ended, 1, Buffer.concat([getBlock, repeat(400, Buffer.from([0x90]))])),
      errorCodes.enhanceYourCalm,
    ],
    [
      'a body longer than said',
      Buffer.concat([post(1, contentLength('3')), frame(frameTypes.data, 0, 1, Buffer.from('four'))]),
      errorCodes.protocol,
    ],
    [
      'a body shorter than said',
      Buffer.concat([post(1, contentLength('3')), frame(frameTypes.data, 1, 1, Buffer.from('no'))]),
      errorCodes.protocol,
    ],
    [
      'more than the window of the stream',
      Buffer.concat([post(1), repeat(9, frame(frameTypes.data, 0, 1, Buffer.alloc(16_000)))]),
      errorCodes.flowControl,
    ],
    ['DATA behind the end', Buffer.concat([get(1), frame(frameTypes.data, 0, 1, Buffer.from('x'))]), errorCodes.streamClosed],
    ['trailers without end', Buffer.concat([post(1), frame(frameTypes.headers, frameFlags.endHeaders, 1, getBlock)]), errorCodes.protocol],
    ['a window update by nothing', Buffer.concat([get(1), windowUpdateFrame(1, 0)]), errorCodes.protocol],
  ]
  for (const [what, bytes, code] of streamErrors) {
    it(`resets the stream and serves the others: ${what}`, async () => {
      serve = stream => {
        if (stream.head.method === 'GET' && stream.head.headers.accept !== undefined) reply(stream, 'served')
      }
      const { socket, until } = await rawClient()
      socket.write(Buffer.concat([start, bytes]))
      const reset = await until(({ type, stream }) => type === frameTypes.resetStream && stream === 1)
      assert.equal(reset.payload.readUInt32BE(0), code, refused.join())
      socket.write(frame(frameTypes.headers, ended, 99, Buffer.concat([getBlock, Buffer.from([0x0f, 0x04, 0x01, 0x78])])))
      assert.equal((await until(({ type, stream }) => type === frameTypes.data && stream === 99)).payload.toString(), 'served')
    })
  }

  it('refuses heads that are too much together, and takes them again when others are answered', async () => {
    const open: ServerStream[] = []
    serve = stream => void open.push(stream)
    const { socket, until } = await rawClient()
    const large = (id: number) => frame(frameTypes.headers, ended, id, Buffer.concat([getBlock, repeat(200, Buffer.from([0x90]))]))
    socket.write(Buffer.concat([start, ...[1, 3, 5, 7].map(large)]))
    const reset = await until(({ type }) => type === frameTypes.resetStream)
    assert.deepEqual([reset.stream, reset.payload.readUInt32BE(0), open.length], [7, errorCodes.refusedStream, 3])
    for (const stream of open) reply(stream, 'served')
    await until(({ type, stream }) => type === frameTypes.data && stream === 5)
    socket.write(large(9))
    while (open.length < 4) await systemClock().yield()
  })

  it('puts a head together that comes byte by byte', async () => {
    serve = stream => reply(stream, stream.head.url)
    const { socket, until } = await rawClient()
    const path = Buffer.concat([Buffer.from([0x82, 0x87, 0x04, 0x7f, 0x91, 0x4d]), Buffer.from(`/${'p'.repeat(9999)}`)])
    const bytes = [...path].map((byte, index) =>
      frame(index === 0 ? frameTypes.headers : frameTypes.continuation, index === 0 ? frameFlags.endStream : 0, 1, Buffer.of(byte)),
    )
    socket.write(Buffer.concat([start, ...bytes, frame(frameTypes.continuation, frameFlags.endHeaders, 1)]))
    assert.equal((await until(({ type }) => type === frameTypes.data)).payload.length, 10_000)
  })

  it('refuses one stream too many', async () => {
    serve = () => {}
    const { socket, until } = await rawClient()
    socket.write(Buffer.concat([start, ...Array.from({ length: 21 }, (_, index) => get(index * 2 + 1))]))
    const reset = await until(({ type }) => type === frameTypes.resetStream)
    assert.deepEqual([reset.stream, reset.payload.readUInt32BE(0)], [41, errorCodes.refusedStream])
  })

  it('takes frames cut anywhere, padded, with priority and trailers, and ignores what it does not know', async () => {
    serve = async stream => reply(stream, await stream.body(1000))
    const { socket, until } = await rawClient()
    const bytes = Buffer.concat([
      start,
      frame(0x77, 0xff, 1234, Buffer.from('future')),
      frame(
        frameTypes.headers,
        frameFlags.padded | frameFlags.priority,
        1,
        Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 9]), postBlock, Buffer.alloc(2)]),
      ),
      frame(frameTypes.continuation, frameFlags.endHeaders, 1, contentLength('5')),
      frame(frameTypes.data, frameFlags.padded, 1, Buffer.concat([Buffer.from([3]), Buffer.from('hel'), Buffer.alloc(3)])),
      frame(frameTypes.data, 0, 1, Buffer.from('lo')),
      frame(frameTypes.headers, ended, 1, Buffer.from([0x0f, 0x0d, 0x01, 0x35])),
    ])
    for (const byte of bytes) {
      socket.write(Buffer.of(byte))
      await systemClock().yield()
    }
    assert.equal((await until(({ type }) => type === frameTypes.data)).payload.toString(), 'hello')
  })

  it('reads no further from a client that reads no answers', async () => {
    let asked = 0
    serve = stream => {
      asked++
      reply(stream, Buffer.alloc(60_000))
    }
    const { socket } = await rawClient()
    socket.pause()
    socket.write(Buffer.concat([start, settingsFrame([[settingIds.initialWindowSize, 2 ** 30]]), windowUpdateFrame(0, 2 ** 30)]))
    // Pings are answered, and the answers wait with the bodies; once the server reads no more, writing stops to get through.
    const round = Buffer.concat([repeat(2000, windowUpdateFrame(0, 1)), frame(frameTypes.ping, 0, 0, Buffer.alloc(8))])
    let sent_bytes = 0
    let turnsWithoutProgress = 0
    for (let id = 1; turnsWithoutProgress < 300; id += 2) {
      assert.ok(sent_bytes < 200 * 1024 * 1024, 'the server reads on and on')
      turnsWithoutProgress = socket.writableLength === 0 ? 0 : turnsWithoutProgress + 1
      if (turnsWithoutProgress > 0) {
        await systemClock().yield()
        continue
      }
      sent_bytes += round.length
      socket.write(Buffer.concat([get(id), round]))
      await systemClock().yield()
    }
    assert.ok(asked <= limits.streams * 10, `${asked} requests were taken`)
  })

  it('goes on when much is sent to streams that are over', async () => {
    serve = stream => {
      if (stream.head.headers.accept !== undefined) reply(stream, 'served')
    }
    const { socket, until } = await rawClient()
    // More than the window of the connection.
    const late = Array.from({ length: 40 }, (_, index) =>
      Buffer.concat([get(index * 2 + 1), frame(frameTypes.data, 0, index * 2 + 1, Buffer.alloc(16_000))]),
    )
    socket.write(start)
    for (const [index, bytes] of late.entries()) {
      socket.write(bytes)
      await until(({ type, stream }) => type === frameTypes.resetStream && stream === index * 2 + 1)
    }
    socket.write(frame(frameTypes.headers, ended, 99, Buffer.concat([getBlock, Buffer.from([0x0f, 0x04, 0x01, 0x78])])))
    await until(({ type, stream }) => type === frameTypes.data && stream === 99)
  })

  it('follows the last of many settings in one frame', async () => {
    serve = stream => reply(stream, 'answer')
    const { socket, frames, until } = await rawClient()
    const many = Array.from({ length: 2000 }, (_, index) => [settingIds.initialWindowSize, index] as const)
    socket.write(Buffer.concat([start, settingsFrame([...many, [settingIds.initialWindowSize, 3]]), get(1)]))
    await until(({ type, stream }) => type === frameTypes.data && stream === 1)
    assert.deepEqual(
      frames.filter(({ type }) => type === frameTypes.data).map(({ payload }) => payload.toString()),
      ['ans'],
    )
  })
})

describe('an h2 session with a client that lets time pass', () => {
  it('ends when nothing is asked, and not while something is', async () => {
    const answers: ServerStream[] = []
    serve = stream => void answers.push(stream)
    const { socket, frames, until } = await rawClient()
    const isOver = ({ type }: Frame) => type === frameTypes.goAway
    socket.write(Buffer.concat([start, get(1)]))
    while (answers.length === 0) await clock.yield()
    await time.advance(limits.unused_ms * 3)
    assert.ok(!frames.some(isOver))
    reply(answers[0] as ServerStream, 'late')
    await until(({ type }) => type === frameTypes.data)
    await time.advance(limits.unused_ms - 1)
    assert.ok(!frames.some(isOver))
    await time.advance(1)
    assert.equal((await until(isOver)).payload.readUInt32BE(4), errorCodes.none)
    if (!socket.destroyed) await once(socket, 'close')
  })

  it('does not wait for a body for ever', async () => {
    const failures: unknown[] = []
    serve = async stream => {
      if (stream.head.method === 'GET') return reply(stream, 'served')
      await stream.body(1000).catch(error => failures.push(error))
      reply(stream, 'too slow', 504)
    }
    const { socket, until } = await rawClient()
    socket.write(Buffer.concat([start, post(1), frame(frameTypes.data, 0, 1, Buffer.from('a')), post(3), get(5)]))
    await until(({ type, stream }) => type === frameTypes.data && stream === 5)
    await time.advance(limits.body_ms - 1)
    socket.write(frame(frameTypes.data, frameFlags.endStream, 3, Buffer.from('in time')))
    await until(({ type, stream }) => type === frameTypes.data && stream === 3)
    assert.deepEqual(failures, [])
    await time.advance(1)
    await until(({ type, stream }) => type === frameTypes.data && stream === 1)
    assert.match(String(failures[0]), /request did not complete within the allotted timeout/)
  })
})
