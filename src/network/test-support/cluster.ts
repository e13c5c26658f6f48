import type { Service } from '../../apis/core/service.ts'
import { serviceKind } from '../../apis/core/service.ts'
import type { Endpoint } from '../../apis/discovery/endpoint-slice.ts'
import { endpointSliceKind } from '../../apis/discovery/endpoint-slice.ts'
import { createLogger, type Logger, systemClock, systemRandom } from '../../base/index.ts'
import { createClient } from '../../client/index.ts'
import { createFakeApi, type FakeApi } from '../../client/testing/fake-api.ts'
import type { Client } from '../../client/types.ts'

/** A small API to hang services and endpoints on, and everything that the code under test logs. */
export interface TestCluster {
  readonly api: FakeApi
  readonly client: Client
  readonly logger: Logger
  readonly lines: string[]
  service(name: string, spec: Partial<NonNullable<Service['spec']>>, rest?: Partial<Service>): Promise<Service>
  slice(service: string, ports: readonly TestPort[], endpoints: readonly Endpoint[], rest?: { readonly name?: string }): Promise<void>
}

export type TestPort = { readonly name?: string; readonly port: number; readonly protocol?: string }

export function createTestCluster(): TestCluster {
  const clock = systemClock()
  const lines: string[] = []
  const logger = createLogger({ clock, write: line => void lines.push(line) })
  const api = createFakeApi()
  const client = createClient({ connection: api.connect({ views: false }), clock, random: systemRandom(), logger })
  return {
    api,
    client,
    logger,
    lines,
    service: (name, spec, rest = {}) =>
      client.create(serviceKind, {
        ...rest,
        metadata: { name, namespace: 'default', ...rest.metadata },
        spec: { ...(spec.clusterIP && { clusterIPs: [spec.clusterIP] }), type: 'ClusterIP', ...spec },
      }),
    async slice(service, ports, endpoints, rest = {}) {
      const name = rest.name ?? `${service}-1`
      const slice = {
        metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': service } },
        addressType: endpoints.some(one => one.addresses[0]?.includes(':')) ? 'IPv6' : 'IPv4',
        ports: ports.map(port => ({ name: '', protocol: 'TCP', ...port })),
        endpoints,
      }
      const existing = await client.get(endpointSliceKind, 'default', name).catch(() => undefined)
      if (existing) await client.update(endpointSliceKind, slice)
      else await client.create(endpointSliceKind, slice)
    },
  }
}
