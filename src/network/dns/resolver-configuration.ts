import { readFileSync, statSync } from 'node:fs'
import type { Clock } from '../../base/clock.ts'

export interface Upstream {
  readonly address: string
  readonly port: number
}

const recheck_ms = 5000

/** The servers to ask about names that are not the cluster's, read again when the file has changed; never ourselves. */
export function upstreamsOf(
  source: string | readonly string[],
  own: { readonly addresses: readonly string[]; readonly port: number },
  clock: Clock,
  onError: (message: string) => void,
): () => readonly Upstream[] {
  const others = (servers: readonly Upstream[]) => servers.filter(one => one.port !== own.port || !own.addresses.includes(one.address))
  if (typeof source !== 'string') {
    const fixed = others(source.map(parseUpstream))
    return () => fixed
  }
  let upstreams: readonly Upstream[] = []
  let changed_ms: number | undefined
  let checked_ms = Number.NEGATIVE_INFINITY
  return () => {
    if (clock.monotonic() - checked_ms < recheck_ms) return upstreams
    checked_ms = clock.monotonic()
    try {
      const { mtimeMs } = statSync(source)
      if (mtimeMs === changed_ms) return upstreams
      changed_ms = mtimeMs
      upstreams = others(parseResolverConfiguration(readFileSync(source, 'utf8')))
    } catch (error) {
      if (changed_ms !== -1)
        onError(`read upstream servers from ${source}: ${(error as Error).message}; going on with ${upstreams.length} known`)
      changed_ms = -1
    }
    return upstreams
  }
}

export const parseResolverConfiguration = (text: string): Upstream[] =>
  text
    .split('\n')
    .map(line => /^\s*nameserver\s+([^\s#;]+)/.exec(line)?.[1])
    .flatMap(address => (address === undefined ? [] : { address, port: 53 }))

/** `address`, `address:port` or `[address]:port`. */
export function parseUpstream(text: string): Upstream {
  const match = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(text)
  return match ? { address: match[1] ?? match[2] ?? '', port: Number(match[3]) } : { address: text.replace(/^\[(.+)\]$/, '$1'), port: 53 }
}
