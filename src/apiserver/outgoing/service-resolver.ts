import type { Kind } from '../../apimachinery/kind.ts'
import type { Endpoints } from '../../apis/core/endpoints.ts'
import type { Service } from '../../apis/core/service.ts'
import type { EndpointSlice } from '../../apis/discovery/endpoint-slice.ts'
import type { Random } from '../../base/random.ts'
import type { StoredObjects } from '../types.ts'
import { type Address, resolveService, type ServiceView } from './resolve-service.ts'
import type { ServiceReference } from './types.ts'

/** Finds an address of a service among the stored objects; of several, each is as likely. */
export const serviceResolver =
  (objects: () => StoredObjects, random: Random) =>
  ({ namespace, name, port }: ServiceReference): Address => {
    const addresses = resolveService(viewService(objects(), namespace, name), name, port)
    return addresses[addresses.length === 1 ? 0 : Math.floor(random.next() * addresses.length)] as Address
  }

export function viewService(objects: StoredObjects, namespace: string, name: string): ServiceView {
  const get = (resource: string) => objects.get(kindOf(objects, '', resource), namespace, name)
  const all = objects.list(kindOf(objects, 'discovery.k8s.io', 'endpointslices'), namespace) as readonly EndpointSlice[]
  return {
    service: get('services') as Service | undefined,
    slices: all.filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name),
    endpoints: get('endpoints') as Endpoints | undefined,
  }
}

function kindOf(objects: StoredObjects, group: string, resource: string): Kind {
  const kind = objects.kind(group, resource)
  if (!kind) throw new Error(`find the endpoints of a service: ${resource} of group ${JSON.stringify(group)} are not served`)
  return kind
}
