import { channelSocket } from './channels.ts'
import type { RemoteCommandClient } from './remote-command.ts'
import type { WantedStreams } from './spdy-remote-command.ts'
import { statusText } from './status.ts'
import { acceptWebSocket, negotiate, offeredProtocols, type UpgradeRequest } from './upgrade.ts'

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io', 'channel.k8s.io', 'base64.channel.k8s.io', '']
const normalClosure = 1000

export async function acceptWebSocketRemoteCommand(upgrade: UpgradeRequest, wanted: WantedStreams): Promise<RemoteCommandClient> {
  const protocol = negotiate(offeredProtocols(upgrade.request, 'sec-websocket-protocol'), protocols)
  const socket = channelSocket(await acceptWebSocket(upgrade, protocol), {
    base64: protocol.includes('base64'),
    // Only v5 can close a channel; in the others that number would be the client's mistake.
    closeSignal: protocol.startsWith('v5'),
    inputs: [channel.stdin, channel.resize],
  })
  // An empty message tells clients that wait for it that the command has been reached.
  await socket.send(wanted.stdout ? channel.stdout : wanted.stderr ? channel.stderr : channel.error, new Uint8Array(0))
  return {
    stdin: wanted.stdin ? socket.input(channel.stdin) : undefined,
    stdout: wanted.stdout ? socket.output(channel.stdout) : undefined,
    stderr: wanted.stderr ? socket.output(channel.stderr) : undefined,
    resizes: wanted.tty ? socket.input(channel.resize) : undefined,
    async finish(status) {
      const text = statusText(status, protocol.startsWith('v'))
      if (text) await socket.send(channel.error, Buffer.from(text))
      socket.close(normalClosure, '')
    },
    closed: socket.closed,
  }
}
