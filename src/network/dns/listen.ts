import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { createServer, isIPv6, type Server, type Socket } from 'node:net'
import type { Answerer } from './answer.ts'
import { framed } from './forward.ts'

export interface Listeners {
  readonly port: number
  close(): Promise<void>
}

export interface ListenOptions {
  readonly addresses: readonly string[]
  readonly port: number
  readonly answerer: Answerer
  /** The response code of each answer. */
  readonly onAnswer: (code: number) => void
  readonly onError: (message: string) => void
}

const idleConnection_ms = 10_000
const maximumConnections = 1000
const portTries = 20

/** Listens on the same port over UDP and TCP on each address; with port 0, on one that is free for all of them. */
export async function listen(options: ListenOptions): Promise<Listeners> {
  if (options.port !== 0) return listenOn(options, options.port)
  for (let left = portTries; ; left--) {
    const port = await freePort(options.addresses[0] ?? '127.0.0.1')
    try {
      return await listenOn(options, port)
    } catch (error) {
      if (left === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
}

async function freePort(address: string): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, address, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

async function listenOn(options: ListenOptions, port: number): Promise<Listeners> {
  const open: { close(): Promise<void> }[] = []
  const close = async () => {
    await Promise.all(open.map(one => one.close()))
  }
  try {
    for (const address of options.addresses) {
      open.push(await listenUdp(options, address, port))
      open.push(await listenTcp(options, address, port))
    }
  } catch (error) {
    await close()
    throw error
  }
  return { port, close }
}

async function listenUdp(options: ListenOptions, address: string, port: number): Promise<{ close(): Promise<void> }> {
  const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', recvBufferSize: 1 << 20 })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, address, () => {
      socket.off('error', reject)
      resolve()
    })
  })
  socket.on('error', error => options.onError(`serve DNS over UDP on ${address}:${port}: ${error.message}`))
  let closed = false
  const send = (reply: Buffer, toPort: number, toAddress: string) => {
    if (closed) return
    options.onAnswer((reply[3] ?? 0) & 15)
    // A client that is gone needs no answer.
    socket.send(reply, toPort, toAddress, () => {})
  }
  socket.on('message', (message, { address: from, port: fromPort }) => {
    const reply = options.answerer.answer(message, 'udp')
    if (reply instanceof Promise)
      reply.then(
        ready => send(ready, fromPort, from),
        error => options.onError(`answer a query from ${from}: ${(error as Error).message}`),
      )
    else if (reply) send(reply, fromPort, from)
  })
  return {
    close: () => {
      closed = true
      return closeSocket(socket)
    },
  }
}

const closeSocket = (socket: UdpSocket): Promise<void> => new Promise(resolve => socket.close(() => resolve()))

async function listenTcp(options: ListenOptions, address: string, port: number): Promise<{ close(): Promise<void> }> {
  const connections = new Set<Socket>()
  const server: Server = createServer(socket => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    serveConnection(socket, options)
  })
  server.maxConnections = maximumConnections
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', error => options.onError(`serve DNS over TCP on ${address}:${port}: ${error.message}`))
  return {
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of connections) socket.destroy()
      }),
  }
}

/** Several queries may come over one connection; each is answered when its answer is there. */
function serveConnection(socket: Socket, options: ListenOptions): void {
  let received: Buffer = Buffer.alloc(0)
  socket.setTimeout(idleConnection_ms, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  const send = (reply: Buffer) => {
    options.onAnswer((reply[3] ?? 0) & 15)
    if (!socket.destroyed) socket.write(framed(reply))
  }
  socket.on('data', (chunk: Buffer) => {
    received = received.length ? Buffer.concat([received, chunk]) : chunk
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0)
      const reply = options.answerer.answer(received.subarray(2, end), 'tcp')
      received = received.subarray(end)
      if (reply instanceof Promise)
        reply.then(send, error => options.onError(`answer a query from ${socket.remoteAddress}: ${(error as Error).message}`))
      else if (reply) send(reply)
      else socket.destroy()
    }
  })
}
