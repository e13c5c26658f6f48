import { runCommand } from '../proxy/nft.ts'

export interface Route {
  /** A range of pods in canonical form. */
  readonly destination: string
  readonly gateway: string
}

/** The part of the kernel's routing table that is ours: routes of our own protocol number. */
export interface RoutingTable {
  list(): Promise<readonly Route[]>
  /** Adds it, or replaces what led to the same destination. */
  set(route: Route): Promise<void>
  remove(route: Route): Promise<void>
}

/** So that our routes are known from everybody else's. */
const protocol = '80'

export function systemRoutingTable(command: readonly string[] = ['ip']): RoutingTable {
  const run = async (attempt: string, args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCommand([...command, ...args], '')
    if (code !== 0) throw new Error(`${attempt}: ${stderr.trim()}`)
    return stdout
  }
  const family = (address: string) => (address.includes(':') ? '-6' : '-4')
  return {
    async list() {
      const outputs = await Promise.all(
        ['-4', '-6'].map(one => run('list routes to the pods of other nodes', [one, '-o', 'route', 'show', 'proto', protocol])),
      )
      return outputs.flatMap(parseRoutes)
    },
    async set({ destination, gateway }) {
      await run(`route ${destination} by ${gateway}`, [family(gateway), 'route', 'replace', destination, 'via', gateway, 'proto', protocol])
    },
    async remove({ destination, gateway }) {
      await run(`remove the route to ${destination}`, [family(gateway), 'route', 'del', destination, 'via', gateway, 'proto', protocol])
    },
  }
}

export const parseRoutes = (output: string): Route[] =>
  output.split('\n').flatMap(line => {
    const match = /^(\S+) via (\S+) /.exec(line)
    return match ? { destination: match[1] as string, gateway: match[2] as string } : []
  })
