import type { Clock } from '../../../base/index.ts'
import type { SpdyStream } from '../spdy/index.ts'
import type { RemoteCommandClient } from './remote-command.ts'
import { statusText } from './status.ts'
import { acceptSpdy, negotiate, offeredProtocols, type UpgradeRequest } from './upgrade.ts'

export interface WantedStreams {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

const protocols = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io', '']
const creation_ms = 30_000

/** Waits for the streams that the request announced: the client opens them one by one after the upgrade. */
export async function acceptSpdyRemoteCommand(upgrade: UpgradeRequest, wanted: WantedStreams, clock: Clock): Promise<RemoteCommandClient> {
  const protocol = negotiate(offeredProtocols(upgrade.request, 'x-stream-protocol-version'), protocols)
  const resizable = wanted.tty && (protocol === 'v4.channel.k8s.io' || protocol === 'v3.channel.k8s.io')
  const expected = new Set([
    'error',
    ...(['stdin', 'stdout', 'stderr'] as const).filter(name => wanted[name]),
    ...(resizable ? ['resize'] : []),
  ])
  const streams = new Map<string, SpdyStream>()

  const complete = Promise.withResolvers<void>()
  const connection = acceptSpdy(upgrade, protocol, stream => {
    const type = stream.headers.streamtype ?? ''
    if (!expected.has(type) || streams.has(type)) return stream.reset()
    streams.set(type, stream)
    if (streams.size === expected.size) complete.resolve()
  })
  const timer = clock.setTimer(creation_ms, () => complete.reject(new Error('timed out waiting for client to create streams')))
  connection.closed.then(() => complete.reject(new Error('the client went away before it had created its streams')))
  try {
    await complete.promise
  } catch (error) {
    connection.destroy()
    throw error
  } finally {
    timer.cancel()
  }

  const error = streams.get('error') as SpdyStream
  return {
    stdin: streams.get('stdin')?.readable,
    stdout: streams.get('stdout')?.writable,
    stderr: streams.get('stderr')?.writable,
    resizes: streams.get('resize')?.readable,
    async finish(status) {
      const writer = error.writable.getWriter()
      const text = statusText(status, protocol === 'v4.channel.k8s.io')
      if (text) await writer.write(Buffer.from(text))
      await writer.close()
      connection.close()
    },
    closed: connection.closed,
  }
}
