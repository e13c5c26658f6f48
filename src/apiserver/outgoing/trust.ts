import { Agent as PlainAgent } from 'node:http'
import { Agent } from 'node:https'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import { limits } from './limits.ts'
import type { Destination } from './types.ts'

/** The connections of one trust: who must be at the other end, and who we say we are. */
export interface Trust {
  readonly agent: Agent
  readonly secureContext: SecureContext
}

export interface TrustTable {
  of(destination: Destination): Trust
  /** For destinations that speak plain HTTP. */
  readonly plain: PlainAgent
  close(): void
}

const agentOptions = {
  keepAlive: true,
  maxSockets: limits.connectionsPerAddress,
  maxFreeSockets: limits.idlePerAddress,
  timeout: limits.idle_ms,
} as const

/** Equal trusts share their connections; connections never move from one trust to another. */
export function createTrustTable(): TrustTable {
  const byContent = new Map<string, Trust>()
  const byDestination = new WeakMap<
    Destination,
    { readonly key: string; readonly trust: Trust; readonly certificate: string | undefined }
  >()
  const plain = new PlainAgent(agentOptions)
  let systemAuthorities: string[] | undefined

  const makeTrust = ({ certificateAuthority, clientCertificate }: Destination): Trust => {
    // Node's own list of authorities is not what the machine's administrator chose.
    systemAuthorities ??= certificateAuthority ? undefined : getCACertificates('system')
    const ca = certificateAuthority ?? (systemAuthorities?.length ? systemAuthorities : undefined)
    const secureContext = createSecureContext({
      minVersion: 'TLSv1.2',
      ...(ca && { ca }),
      ...(clientCertificate && { cert: clientCertificate.certificate, key: clientCertificate.key }),
    })
    return { agent: new Agent(agentOptions), secureContext }
  }

  return {
    plain,
    of(destination) {
      const remembered = byDestination.get(destination)
      // A client certificate may be renewed while its destination stays the same object.
      const known = remembered?.certificate === destination.clientCertificate?.certificate ? remembered : undefined
      const key = known?.key ?? contentOf(destination)
      const trust = byContent.get(key) ?? known?.trust ?? makeTrust(destination)
      if (!known) byDestination.set(destination, { key, trust, certificate: destination.clientCertificate?.certificate })
      // The map's order is that of use.
      byContent.delete(key)
      byContent.set(key, trust)
      for (const [oldest, { agent }] of byContent) {
        if (byContent.size <= limits.trusts) break
        byContent.delete(oldest)
        agent.destroy()
      }
      return trust
    },
    close() {
      plain.destroy()
      for (const { agent } of byContent.values()) agent.destroy()
      byContent.clear()
    },
  }
}

const contentOf = ({ certificateAuthority = '', clientCertificate, skipVerification = false }: Destination): string =>
  JSON.stringify([certificateAuthority, skipVerification, clientCertificate?.certificate ?? '', clientCertificate?.key ?? ''])
