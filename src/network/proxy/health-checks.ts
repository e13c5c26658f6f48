import { createServer, type Server } from 'node:http'
import type { Service } from '../../apis/core/service.ts'
import type { EndpointSlice } from '../../apis/discovery/endpoint-slice.ts'
import type { Logger } from '../../base/index.ts'
import { isIgnored, targetsOf } from './endpoints.ts'

/** What load balancers are told at a service's health check node port. */
export interface HealthCheck {
  readonly port: number
  readonly namespace: string
  readonly name: string
  readonly localEndpoints: number
}

export function healthCheckOf(
  service: Service,
  slices: readonly EndpointSlice[],
  node: { readonly name: string; readonly zone?: string },
): HealthCheck | undefined {
  const { metadata, spec } = service
  if (isIgnored(service) || spec?.type !== 'LoadBalancer' || spec.externalTrafficPolicy !== 'Local' || !spec.healthCheckNodePort)
    return undefined
  const addresses = (spec.ports ?? []).flatMap(port =>
    ([4, 6] as const).flatMap(family => targetsOf(port, slices, family, node).local.map(({ address }) => address)),
  )
  return {
    port: spec.healthCheckNodePort,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    localEndpoints: new Set(addresses).size,
  }
}

export interface HealthChecks {
  set(owner: string, check: HealthCheck | undefined): void
  close(): Promise<void>
}

interface Running {
  check: HealthCheck
  readonly servers: Server[]
}

/** One small HTTP server for each service that has a health check node port, on the node's addresses. */
export function createHealthChecks(addresses: readonly string[], logger: Logger): HealthChecks {
  const running = new Map<string, Running>()
  return {
    set(owner, check) {
      const known = running.get(owner)
      if (known && known.check.port === check?.port) {
        known.check = check
        return
      }
      if (known) {
        running.delete(owner)
        for (const server of known.servers) closeServer(server)
      }
      if (!check) return
      const entry: Running = { check, servers: [] }
      for (const address of addresses) entry.servers.push(listen(address, check, logger, () => entry.check))
      running.set(owner, entry)
    },
    async close() {
      for (const { servers } of running.values()) for (const server of servers) closeServer(server)
      running.clear()
    },
  }
}

function closeServer(server: Server): void {
  server.close()
  server.closeAllConnections()
}

function listen(address: string, { namespace, name, port }: HealthCheck, logger: Logger, current: () => HealthCheck): Server {
  const server = createServer((_request, response) => {
    const { localEndpoints } = current()
    response.writeHead(localEndpoints > 0 ? 200 : 503, {
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'x-load-balancing-endpoint-weight': String(localEndpoints),
    })
    response.end(JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy: true }))
  })
  server.on('error', error =>
    logger.error(
      `listen on ${address}:${port} for health checks of service ${namespace}/${name}: ${error.message}; load balancers get no answer`,
    ),
  )
  server.listen(port, address)
  // Answering alone is no reason to stay alive.
  server.unref()
  return server
}
