import { type Pod, podKind } from '../../apis/core/pod.ts'
import { type Service, serviceKind } from '../../apis/core/service.ts'
import { type EndpointSlice, endpointSliceKind } from '../../apis/discovery/endpoint-slice.ts'
import type { Client, Informer } from '../../client/types.ts'
import type { Claims } from './claims.ts'
import { serviceLabel } from './endpoints.ts'
import { type HealthCheck, healthCheckOf } from './health-checks.ts'
import { hostPortClaims } from './host-port-claims.ts'
import { type ProxyNode, serviceClaims } from './service-claims.ts'

/**
 * Who may want something in the table: services, and pods of this node with host ports. An owner is named
 * `service NAMESPACE/NAME` or `pod NAMESPACE/NAME`.
 */
export interface Owners {
  readonly synced: Promise<unknown>
  readonly slices: Informer<EndpointSlice>
  all(): string[]
  /** What an owner wants now; undefined once it is gone. */
  claims(owner: string): Claims | undefined
  healthCheck(owner: string): HealthCheck | undefined
  service(owner: string): Service | undefined
  /** Tells the names of owners that may want something else. */
  onChange(changed: (owner: string) => void): () => void
}

export function followOwners(client: Client, node: ProxyNode): Owners {
  const services = client.informer(serviceKind)
  const slices = client.informer(endpointSliceKind)
  const pods = client.informer(podKind, { fieldSelector: `spec.nodeName=${node.name}` })
  slices.addIndex('service', serviceKeyOf)

  const service = (owner: string): Service | undefined => {
    const { kind, namespace, name } = parseOwner(owner)
    return kind === 'service' ? services.get(namespace, name) : undefined
  }
  const slicesOf = (one: Service): EndpointSlice[] => slices.byIndex('service', keyOf(one)).filter(slice => !isHeadless(slice))

  return {
    synced: Promise.all([services.synced, slices.synced, pods.synced]),
    slices,
    all: () => [...services.list().map(one => `service ${keyOf(one)}`), ...pods.list().flatMap(podOwner)],
    claims(owner) {
      const { kind, namespace, name } = parseOwner(owner)
      const pod = kind === 'pod' ? pods.get(namespace, name) : undefined
      if (pod) return hostPortClaims(pod)
      const one = service(owner)
      return one && serviceClaims(one, slicesOf(one), node)
    },
    healthCheck(owner) {
      const one = service(owner)
      return one && healthCheckOf(one, slicesOf(one), node)
    },
    service,
    onChange(changed) {
      const ends = [
        services.onChange((old, current) => changed(`service ${keyOf((current ?? old) as Service)}`)),
        slices.onChange((old, current) => {
          for (const key of new Set([...serviceKeyOf(old), ...serviceKeyOf(current)])) changed(`service ${key}`)
        }),
        pods.onChange((old, current) => {
          for (const owner of new Set([...podOwner(old), ...podOwner(current)])) changed(owner)
        }),
      ]
      return () => {
        for (const end of ends) end()
      }
    },
  }
}

function parseOwner(owner: string): { readonly kind: string; readonly namespace: string; readonly name: string } {
  const [kind = '', key = ''] = owner.split(' ')
  const [namespace = '', name = ''] = key.split('/')
  return { kind, namespace, name }
}

const keyOf = ({ metadata }: Service | Pod): string => `${metadata.namespace}/${metadata.name}`

/** Pods without host ports, the most, are nobody here. */
function podOwner(pod: Pod | undefined): string[] {
  const containers = [...(pod?.spec?.containers ?? []), ...(pod?.spec?.initContainers ?? [])]
  return pod && containers.some(one => one.ports?.some(port => port.hostPort)) ? [`pod ${keyOf(pod)}`] : []
}

function serviceKeyOf(slice: EndpointSlice | undefined): string[] {
  const name = slice?.metadata.labels?.[serviceLabel]
  return name ? [`${slice?.metadata.namespace}/${name}`] : []
}

const isHeadless = ({ metadata }: EndpointSlice): boolean => metadata.labels?.['service.kubernetes.io/headless'] !== undefined
