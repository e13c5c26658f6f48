import assert from 'node:assert/strict'
import { once } from 'node:events'
import { duplexPair } from 'node:stream'
import { describe, it } from 'node:test'
import zlib from 'node:zlib'
import { headerDictionary } from './dictionary.ts'
import { createHeaderReader, createHeaderWriter } from './header-block.ts'
import { type SpdyHeaders, type SpdyStream, spdyConnection } from './index.ts'

const text = (stream: ReadableStream<Uint8Array>) => new Response(stream).text()

function connect(accept?: (stream: SpdyStream) => void) {
  const [near, far] = duplexPair()
  return {
    client: spdyConnection(near, { role: 'client' }),
    server: spdyConnection(far, { role: 'server', ...(accept && { accept }) }),
    near,
    far,
  }
}

describe('SPDY header blocks', () => {
  it('has the dictionary that its checksum names', () => {
    // 0x78 0xbb and this checksum begin each stream that was compressed with it.
    const compressed = zlib.deflateSync('x', { dictionary: headerDictionary() })
    assert.equal(compressed.readUInt32BE(2), 0xe3c6a7c2)
  })

  for (const [name, dictionary] of [['with the dictionary', headerDictionary()] as const, ['without one', undefined] as const])
    it(`reads a stream of blocks compressed ${name}`, async () => {
      const deflate = zlib.createDeflate(dictionary ? { dictionary } : {})
      const read = createHeaderReader()
      const blocks: readonly SpdyHeaders[] = [{ streamtype: 'error', port: '80' }, { streamtype: 'data', port: '80' }, {}]
      for (const headers of blocks) {
        const block = await new Promise<Buffer>(resolve => {
          const parts: Buffer[] = []
          const keep = (part: Buffer) => parts.push(part)
          deflate.on('data', keep)
          deflate.write(formatBlock(headers))
          deflate.flush(zlib.constants.Z_SYNC_FLUSH, () => {
            deflate.off('data', keep)
            resolve(Buffer.concat(parts))
          })
        })
        assert.deepEqual(read(block), headers)
      }
    })

  it('writes what any inflater reads', () => {
    const write = createHeaderWriter()
    const blocks = [write({ Port: '80' }), write({}), write({ streamtype: 'data' })]
    const all = zlib.inflateSync(Buffer.concat(blocks), { finishFlush: zlib.constants.Z_SYNC_FLUSH })
    assert.deepEqual(all, Buffer.concat([formatBlock({ Port: '80' }), formatBlock({}), formatBlock({ streamtype: 'data' })]))
    const read = createHeaderReader()
    assert.deepEqual(blocks.map(read), [{ port: '80' }, {}, { streamtype: 'data' }])
  })

  it('refuses a block that unpacks to too much, or lies about its lengths', () => {
    const huge = zlib.deflateSync(Buffer.alloc(1_000_000), { finishFlush: zlib.constants.Z_SYNC_FLUSH })
    assert.throws(() => createHeaderReader()(huge))
    const short = Buffer.from([0, 0, 0, 1, 0, 0, 0, 200, 1])
    assert.throws(() => createHeaderReader()(zlib.deflateSync(short)), /ends within a header/)
  })
})

function formatBlock(headers: Readonly<Record<string, string>>): Buffer {
  const words = Object.entries(headers).flat()
  const count = Buffer.alloc(4)
  count.writeUInt32BE(words.length / 2)
  return Buffer.concat([
    count,
    ...words.flatMap(word => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(word.length)
      return [length, Buffer.from(word)]
    }),
  ])
}

describe('SPDY connections', () => {
  it('carries streams both ways, each half closed by itself', async () => {
    const { client } = connect(async stream => {
      const said = await text(stream.readable)
      const writer = stream.writable.getWriter()
      await writer.write(Buffer.from(`${stream.headers.streamtype}: ${said}`))
      await writer.close()
    })
    const streams = ['a', 'b'].map(streamtype => client.open({ streamtype }))
    for (const stream of streams) {
      const writer = stream.writable.getWriter()
      await writer.write(Buffer.from('hel'))
      await writer.write(Buffer.from('lo'))
      await writer.close()
    }
    assert.deepEqual(await Promise.all(streams.map(({ readable }) => text(readable))), ['a: hello', 'b: hello'])
  })

  it('reads frames however they are cut', async () => {
    const [near, far] = duplexPair()
    const received = Promise.withResolvers<string>()
    const server = spdyConnection(far, { role: 'server', accept: stream => text(stream.readable).then(received.resolve) })
    const [toWire, wire] = duplexPair()
    const bytes: number[] = []
    wire.on('data', chunk => bytes.push(...chunk))
    const client = spdyConnection(toWire, { role: 'client' })
    const writer = client.open({ streamtype: 'data' }).writable.getWriter()
    await writer.write(Buffer.from('in pieces'))
    await writer.close()
    client.close()
    await once(wire, 'end')
    for (const byte of bytes) near.write(Uint8Array.of(byte))
    assert.equal(await received.promise, 'in pieces')
    server.destroy()
  })

  it('makes a fast writer wait for a slow reader', async () => {
    const accepted = Promise.withResolvers<SpdyStream>()
    const { client } = connect(accepted.resolve)
    const writer = client.open({ streamtype: 'data' }).writable.getWriter()
    let written = 0
    const total = 200
    const writing = (async () => {
      for (; written < total; written++) await writer.write(Buffer.alloc(16 * 1024))
      await writer.close()
    })()
    const { readable } = await accepted.promise
    const reader = readable.getReader()
    await reader.read()
    for (let turn = 0; turn < 50; turn++) await new Promise<void>(resolve => process.nextTick(resolve))
    assert.ok(written < total / 2, `${written} chunks were taken without a reader`)
    let read = 16 * 1024
    for (let part = await reader.read(); !part.done; part = await reader.read()) read += part.value.length
    await writing
    assert.equal(read, total * 16 * 1024)
  })

  it('ends reading and fails writing when the peer resets a stream', async () => {
    const { client } = connect(stream => stream.reset())
    const stream = client.open({ streamtype: 'data' })
    assert.equal(await text(stream.readable), '')
    await assert.rejects(stream.writable.getWriter().closed, /reset/)
  })

  it('refuses streams that nobody accepts', async () => {
    const { client } = connect()
    assert.equal(await text(client.open({ streamtype: 'data' }).readable), '')
  })

  it('answers pings of its peer', async () => {
    const { far } = (() => {
      const [near, far] = duplexPair()
      spdyConnection(near, { role: 'server' })
      return { far }
    })()
    const answer = new Promise(resolve => far.once('data', resolve))
    const ping = Buffer.from([0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1])
    far.write(ping)
    assert.deepEqual(await answer, ping)
  })

  it('fails what is open when the connection breaks', async () => {
    const { client, near } = connect(() => {})
    const stream = client.open({ streamtype: 'data' })
    near.destroy()
    await client.closed
    await assert.rejects(text(stream.readable), /closed/)
    await assert.rejects(stream.writable.getWriter().write(Buffer.from('late')), /closed/)
  })

  it('breaks a connection that speaks something else', async () => {
    const { server, near } = connect(() => {})
    near.write(Buffer.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff, 0, 0]))
    await server.closed
  })
})
