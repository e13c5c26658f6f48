import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import http2 from 'node:http2'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { systemClock } from '../../../base/index.ts'
import { connectGrpc, type GrpcClient } from './grpc.ts'
import { GrpcError, statusCode } from './grpc-status.ts'

type Handler = (stream: http2.ServerHttp2Stream, request: Buffer) => void

describe('the gRPC client', () => {
  let folder: string
  let socket: string
  let handler: Handler
  let server: http2.Http2Server
  let client: GrpcClient
  const sessions = new Set<http2.ServerHttp2Session>()

  const listen = async () => {
    server = http2.createServer()
    server.on('session', session => {
      sessions.add(session)
      session.on('error', () => {}).on('close', () => sessions.delete(session))
    })
    server.on('stream', (stream: http2.ServerHttp2Stream) => {
      const parts: Buffer[] = []
      stream.on('error', () => {})
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => handler(stream, Buffer.concat(parts).subarray(5)))
    })
    await new Promise<void>(resolve => server.listen(socket, resolve))
  }
  const stop = async () => {
    for (const session of sessions) session.destroy()
    await new Promise(resolve => server.close(resolve))
  }
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'proa-grpc-'))
    socket = path.join(folder, 'socket')
    await listen()
    client = connectGrpc(socket, systemClock())
  })
  afterEach(async () => {
    client.close()
    await stop()
    rmSync(folder, { recursive: true })
  })

  const message = (body: Uint8Array) => Buffer.concat([Buffer.from([0, 0, 0, 0, body.length]), body])
  const respond = (stream: http2.ServerHttp2Stream, chunks: readonly Uint8Array[], trailers: Record<string, string>) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers(trailers))
    for (const chunk of chunks) stream.write(chunk)
    stream.end()
  }
  const failure = (code: number, text: RegExp) => (error: unknown) =>
    error instanceof GrpcError && error.code === code && text.test(error.message)

  it('sends and receives one message', async () => {
    handler = (stream, request) => respond(stream, [message(request)], { 'grpc-status': '0' })
    assert.equal(Buffer.from(await client.unary('/a/B', Buffer.from('ping'))).toString(), 'ping')
  })

  it('puts a message together however it was cut', async () => {
    const body = Buffer.from('a longer answer')
    const cut = [...message(body)].map(byte => Uint8Array.of(byte))
    handler = stream => respond(stream, cut, { 'grpc-status': '0' })
    assert.equal(Buffer.from(await client.unary('/a/B', new Uint8Array(0))).toString(), 'a longer answer')
  })

  it('reports the status of trailers and of an answer without a body', async () => {
    handler = stream => respond(stream, [], { 'grpc-status': '5', 'grpc-message': 'no such%20thing' })
    await assert.rejects(client.unary('/a/B', new Uint8Array(0)), failure(statusCode.notFound, /^no such thing$/))
    handler = stream =>
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12', 'grpc-message': 'unknown method' },
        { endStream: true },
      )
    await assert.rejects(client.unary('/a/B', new Uint8Array(0)), failure(statusCode.unimplemented, /unknown method/))
  })

  it('ends a call by its deadline and by its signal', async () => {
    handler = () => {}
    await assert.rejects(client.unary('/a/B', new Uint8Array(0), { deadline_ms: 5 }), failure(statusCode.deadlineExceeded, /within 5 ms/))
    await assert.rejects(
      client.unary('/a/B', new Uint8Array(0), { signal: AbortSignal.abort('enough') }),
      failure(statusCode.cancelled, /cancelled/),
    )
  })

  it('fails calls in flight when the connection breaks, and connects again for the next', async () => {
    handler = () => {
      for (const session of sessions) session.destroy()
    }
    await assert.rejects(client.unary('/a/B', new Uint8Array(0)), failure(statusCode.unavailable, /a\/B/))
    handler = (stream, request) => respond(stream, [message(request)], { 'grpc-status': '0' })
    assert.equal((await client.unary('/a/B', Buffer.from('again'))).length, 5)
  })

  it('is unavailable while nobody listens', async () => {
    const alone = connectGrpc(path.join(folder, 'nobody'), systemClock())
    await assert.rejects(alone.unary('/a/B', new Uint8Array(0)), failure(statusCode.unavailable, /ENOENT/))
    alone.close()
    await assert.rejects(alone.unary('/a/B', new Uint8Array(0)), failure(statusCode.unavailable, /closed/))
  })

  it('streams until the server ends, fails, or the reader has enough', async () => {
    const read = async (signal: AbortSignal) => {
      const received: string[] = []
      for await (const part of client.serverStream('/a/S', new Uint8Array(0), signal)) received.push(Buffer.from(part).toString())
      return received
    }
    const open = new AbortController().signal
    handler = stream => respond(stream, [Buffer.concat([message(Buffer.from('a')), message(Buffer.from('b'))])], { 'grpc-status': '0' })
    assert.deepEqual(await read(open), ['a', 'b'])
    handler = stream => respond(stream, [message(Buffer.from('a'))], { 'grpc-status': '14', 'grpc-message': 'going away' })
    await assert.rejects(read(open), failure(statusCode.unavailable, /going away/))
    const enough = new AbortController()
    handler = stream => {
      stream.respond({ ':status': 200 })
      stream.on('close', () => {})
      enough.abort()
    }
    assert.deepEqual(await read(enough.signal), [])
  })
})
