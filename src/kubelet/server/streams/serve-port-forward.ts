import { createWebSocketStream } from 'ws'
import type { Clock, Logger } from '../../../base/index.ts'
import { NodeRequestError } from '../containers.ts'
import { type SpdyConnection, type SpdyStream, spdyConnection } from '../spdy/index.ts'
import { channelSocket } from './channels.ts'
import { createPairing, forwardPort, type OpenPort, parsePort, spdyForwardedPort } from './port-forward.ts'
import { acceptSpdy, acceptWebSocket, negotiate, offeredProtocols, type UpgradeRequest, upgradeKind } from './upgrade.ts'

export interface PortForwardContext {
  readonly open: OpenPort
  readonly clock: Clock
  readonly logger: Logger
}

const tunnelled = 'SPDY/3.1+portforward.k8s.io'
const channelProtocols = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', '']
const normalClosure = 1000

/** Port forwarding in its three forms: SPDY, SPDY within a WebSocket, and a WebSocket with two channels for each port. */
export async function servePortForward(upgrade: UpgradeRequest, ports: readonly string[], context: PortForwardContext): Promise<void> {
  if (upgradeKind(upgrade.request) === 'spdy') {
    const protocol = negotiate(offeredProtocols(upgrade.request, 'x-stream-protocol-version'), ['portforward.k8s.io', ''])
    return serveConnection(accept => acceptSpdy(upgrade, protocol, accept), context)
  }
  const protocol = negotiate(offeredProtocols(upgrade.request, 'sec-websocket-protocol'), [tunnelled, ...channelProtocols])
  if (protocol !== tunnelled) return serveChannels(upgrade, protocol, ports.map(parsePort), context)
  const socket = await acceptWebSocket(upgrade, protocol)
  return serveConnection(accept => spdyConnection(createWebSocketStream(socket), { role: 'server', accept }), context)
}

async function serveConnection(
  start: (accept: (stream: SpdyStream) => void) => SpdyConnection,
  { open, clock, logger }: PortForwardContext,
): Promise<void> {
  const connection = start(
    createPairing(clock, (data, error) => {
      forwardPort(spdyForwardedPort(data, error, connection), open, logger).catch(reason => {
        logger.debug('forward a port: the client went away', { error: reason })
        data.reset()
        error.reset()
      })
    }),
  )
  await connection.closed
}

/** Channel 2n carries the data of the n-th port, 2n+1 its errors; each begins with the port, in two bytes. */
async function serveChannels(
  upgrade: UpgradeRequest,
  protocol: string,
  ports: readonly number[],
  { open, logger }: PortForwardContext,
): Promise<void> {
  if (!ports.length) throw new NodeRequestError(400, 'query parameter "port" is required')
  const socket = channelSocket(await acceptWebSocket(upgrade, protocol), {
    base64: protocol.includes('base64'),
    closeSignal: false,
    inputs: ports.flatMap((_, index) => [2 * index, 2 * index + 1]),
  })
  await Promise.all(
    ports.map(async (port, index) => {
      const [data, error] = [2 * index, 2 * index + 1]
      const name = Buffer.alloc(2)
      name.writeUInt16LE(port)
      await socket.send(data, name)
      await socket.send(error, name)
      const forwarded = { port, input: socket.input(data), output: socket.output(data), error: socket.output(error), closed: socket.closed }
      await forwardPort(forwarded, open, logger)
    }),
  )
  socket.close(normalClosure, '')
}
