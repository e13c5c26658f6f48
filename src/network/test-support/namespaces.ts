import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { accessSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { PeerRequest } from './peer.ts'

/** A node with two pods and somebody outside, each a network namespace, wired as ptp does it. */
export interface TestNetwork {
  readonly pods: readonly Peer[]
  readonly node: Peer
  readonly outside: Peer
  /** What runs a command in the node's namespace. */
  readonly enterNode: readonly string[]
  close(): Promise<void>
}

export interface Peer {
  readonly address: string
  listen(port: number): Promise<void>
  /** `NAME CLIENT` of who answered and whom it saw, or an error code, or `timeout`. */
  connect(host: string, port: number, timeout_ms?: number): Promise<string>
  send(host: string, port: number, from: number): Promise<string>
  close(): Promise<void>
}

/** Why such networks can't be made here; undefined where they can. */
export function cannotMakeNetworks(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'network namespaces need root on Linux'
  for (const program of ['/usr/sbin/nft', '/usr/bin/nsenter']) {
    try {
      accessSync(program)
    } catch {
      return `${program} is missing`
    }
  }
  return undefined
}

export async function createTestNetwork(purpose: string): Promise<TestNetwork> {
  const prefix = `proa-${purpose}-${process.pid}`
  const names = ['node', 'outside', 'pod-a', 'pod-b'].map(name => `${prefix}-${name}`)
  const [node = '', outside = '', podA = '', podB = ''] = names
  const run = (commands: string) => execFileSync('sh', ['-ec', commands], { stdio: ['ignore', 'pipe', 'pipe'] })
  run(names.map(name => `ip netns add ${name}; ip -n ${name} link set lo up`).join('\n'))
  run(
    `${inNamespace(node).join(' ')} sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'`,
  )
  run(`ip -n ${node} link add uplink type veth peer name eth0 netns ${outside}
ip -n ${node} addr add 198.51.100.1/24 dev uplink; ip -n ${node} link set uplink up
ip -n ${outside} addr add 198.51.100.9/24 dev eth0; ip -n ${outside} link set eth0 up
ip -n ${node} route add default via 198.51.100.9
ip -n ${node} addr add fd51::1/64 dev uplink nodad; ip -n ${outside} addr add fd51::9/64 dev eth0 nodad
ip -n ${node} route add default via fd51::9`)
  for (const [index, pod] of [podA, podB].entries())
    run(`ip -n ${node} link add veth${index} type veth peer name eth0 netns ${pod}
ip -n ${node} addr add 10.88.0.1/32 dev veth${index}; ip -n ${node} link set veth${index} up
ip -n ${pod} addr add 10.88.0.${index + 2}/32 dev eth0; ip -n ${pod} link set eth0 up
ip -n ${pod} route add 10.88.0.1 dev eth0; ip -n ${pod} route add default via 10.88.0.1
ip -n ${node} route add 10.88.0.${index + 2}/32 dev veth${index}
ip -n ${node} addr add fd88::1/128 dev veth${index} nodad; ip -n ${pod} addr add fd88::${index + 2}/128 dev eth0 nodad
ip -n ${pod} route add fd88::1 dev eth0; ip -n ${pod} route add default via fd88::1
ip -n ${node} route add fd88::${index + 2}/128 dev veth${index}`)
  const peers = await Promise.all([
    startPeer(node, 'node', '198.51.100.1'),
    startPeer(outside, 'outside', '198.51.100.9'),
    startPeer(podA, 'a', '10.88.0.2'),
    startPeer(podB, 'b', '10.88.0.3'),
  ])
  return {
    node: peers[0],
    outside: peers[1],
    pods: [peers[2], peers[3]],
    enterNode: inNamespace(node),
    async close() {
      await Promise.all(peers.map(peer => peer.close()))
      run(names.map(name => `ip netns delete ${name}`).join('\n'))
    },
  }
}

const inNamespace = (name: string): string[] => ['nsenter', `--net=/run/netns/${name}`]

async function startPeer(namespace: string, name: string, address: string): Promise<Peer> {
  const [program = '', ...args] = inNamespace(namespace)
  const child: ChildProcess = spawn(program, [...args, process.execPath, new URL('./peer.ts', import.meta.url).pathname], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting = new Map<number, (result: string) => void>()
  let next = 0
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', line => {
      const { id, result } = JSON.parse(line) as { id: number; result: string }
      waiting.get(id)?.(result)
      waiting.delete(id)
    })
  const ask = (request: PeerRequest): Promise<string> =>
    new Promise(resolve => {
      const id = next++
      waiting.set(id, resolve)
      child.stdin?.write(`${JSON.stringify({ id, ...request })}\n`)
    })
  return {
    address,
    listen: async port => void (await ask({ type: 'listen', port, name })),
    connect: (host, port, timeout_ms = 3000) => ask({ type: 'connect', host, port, timeout_ms }),
    send: (host, port, from) => ask({ type: 'send', host, port, from, timeout_ms: 1000 }),
    async close() {
      child.kill()
      await ended
    },
  }
}
