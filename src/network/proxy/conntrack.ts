import type { Logger } from '../../base/index.ts'
import { runCommand } from './nft.ts'

/** The kernel's memory of flows. UDP has no end, so a flow to an endpoint that is gone would be sent there for ever. */
export interface Conntrack {
  forgetUdpTo(addresses: readonly string[]): Promise<void>
}

export function systemConntrack(logger: Logger, command: readonly string[] = ['conntrack']): Conntrack {
  let missing = false
  return {
    async forgetUdpTo(addresses) {
      if (missing) return
      for (const address of addresses) {
        const family = address.includes(':') ? 'ipv6' : 'ipv4'
        try {
          const { code, stderr } = await runCommand([...command, '-D', '-f', family, '-p', 'udp', '--dst-nat', address], '')
          // It also fails where there was nothing to forget.
          if (code !== 0 && !stderr.includes('0 flow entries'))
            logger.warn(`forget UDP flows to ${address}: ${stderr.trim()}; clients may go on sending there until they pause for 30 s`)
        } catch (error) {
          missing = true
          logger.warn(
            'forget UDP flows to endpoints that are gone: the conntrack tool is missing; such flows end when they pause for 30 s',
            {
              error,
            },
          )
          return
        }
      }
    },
  }
}
