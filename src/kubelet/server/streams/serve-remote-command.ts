import type { Clock, Logger } from '../../../base/index.ts'
import type { RuntimeStream } from '../../runtime/types.ts'
import { NodeRequestError } from '../containers.ts'
import { joinRemoteCommand } from './remote-command.ts'
import { acceptSpdyRemoteCommand, type WantedStreams } from './spdy-remote-command.ts'
import { afterUpgrade, type UpgradeRequest, upgradeKind } from './upgrade.ts'
import { acceptWebSocketRemoteCommand } from './websocket-remote-command.ts'

/** Exec and attach: the runtime's stream first, since what it refuses is still a plain HTTP answer; then the client's. */
export async function serveRemoteCommand(
  upgrade: UpgradeRequest,
  wanted: WantedStreams,
  open: () => Promise<RuntimeStream>,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<void> {
  const kind = upgradeKind(upgrade.request)
  const stream = await open()
  try {
    const client =
      kind === 'spdy' ? await acceptSpdyRemoteCommand(upgrade, wanted, clock) : await acceptWebSocketRemoteCommand(upgrade, wanted)
    await afterUpgrade('exec or attach', () => joinRemoteCommand(client, stream, logger))
  } finally {
    stream.close()
  }
}

/** The kubelet's own names of the query (`input`), and the API server's (`stdin`). */
export function parseWantedStreams(query: URLSearchParams): WantedStreams {
  const asked = (...names: readonly string[]) => names.some(name => ['1', 'true'].includes(query.get(name) ?? ''))
  const tty = asked('tty')
  const wanted = {
    stdin: asked('input', 'stdin'),
    stdout: asked('output', 'stdout'),
    // A terminal has one output.
    stderr: asked('error', 'stderr') && !tty,
    tty,
  }
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr)
    throw new NodeRequestError(400, 'you must specify at least 1 of stdin, stdout, stderr')
  return wanted
}
