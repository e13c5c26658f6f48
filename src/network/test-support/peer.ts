/**
 * A process in a network namespace of a test: listens, connects and sends as its standard input says, a JSON object a line,
 * and tells the outcome on its standard output. This file is an entry of its own; nothing imports it.
 */
import { createSocket } from 'node:dgram'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { systemClock } from '../../base/clock.ts'

const clock = systemClock()

export type PeerRequest =
  | { readonly type: 'listen'; readonly port: number; readonly name: string }
  | { readonly type: 'connect'; readonly host: string; readonly port: number; readonly timeout_ms: number }
  | { readonly type: 'send'; readonly host: string; readonly port: number; readonly from: number; readonly timeout_ms: number }

const answer = (id: number, result: string) => process.stdout.write(`${JSON.stringify({ id, result })}\n`)
const plain = (address: string | undefined) => (address ?? '').replace('::ffff:', '')

createInterface({ input: process.stdin }).on('line', line => {
  const { id, ...request } = JSON.parse(line) as PeerRequest & { readonly id: number }
  if (request.type === 'listen') listen(id, request)
  else if (request.type === 'connect') dial(id, request)
  else send(id, request)
})

/** Answers with its name and whom it sees, over TCP and UDP. */
function listen(id: number, { port, name }: PeerRequest & { readonly type: 'listen' }) {
  const udp = createSocket('udp4')
  udp.on('message', (_message, from) => udp.send(`${name} ${from.address}`, from.port, from.address))
  udp.bind(port, () => {
    createServer(socket => {
      socket.on('error', () => {})
      socket.end(`${name} ${plain(socket.remoteAddress)}`)
    }).listen(port, () => answer(id, 'listening'))
  })
}

function dial(id: number, { host, port, timeout_ms }: PeerRequest & { readonly type: 'connect' }) {
  const socket = connect({ host, port, timeout: timeout_ms })
  let received = ''
  let told = false
  const tell = (result: string) => {
    if (told) return
    told = true
    answer(id, result)
    socket.destroy()
  }
  socket.on('data', chunk => {
    received += chunk
  })
  socket.on('end', () => tell(received))
  socket.on('timeout', () => tell('timeout'))
  socket.on('error', (error: NodeJS.ErrnoException) => tell(error.code ?? error.message))
}

function send(id: number, { host, port, from, timeout_ms }: PeerRequest & { readonly type: 'send' }) {
  const socket = createSocket('udp4')
  const timer = clock.setTimer(timeout_ms, () => tell('timeout'))
  const tell = (result: string) => {
    timer.cancel()
    socket.close()
    answer(id, result)
  }
  socket.once('message', message => tell(String(message)))
  socket.once('error', (error: NodeJS.ErrnoException) => tell(error.code ?? error.message))
  socket.bind(from, () => socket.send('hello', port, host))
}
