import { isAlreadyExists, isConflict, isNotFound } from '../apimachinery/api-errors.ts'
import { formatIp, parseIp } from '../apimachinery/ip.ts'
import { type Service, serviceKind } from '../apis/core/service.ts'
import { type IPAddress, ipAddressKind } from '../apis/networking/ip-address.ts'
import { runController, watchOf } from '../client/index.ts'
import { type Controller, ownKey } from './controller.ts'

const managed = { label: 'ipaddress.kubernetes.io/managed-by', by: 'ipallocator.k8s.io' } as const

/** Shows the addresses that services have as IPAddress objects. It acts as the API server, which is who gives addresses. */
export const ipAddressPublisher: Controller = {
  name: 'ip-address-publisher',
  start(context) {
    const { client } = context
    const services = client.informer(serviceKind)
    const addresses = client.informer(ipAddressKind)
    services.addIndex('ip', addressesOf)
    return runController({
      ...context,
      watches: [watchOf(services, (old, current) => [...addressesOf(old), ...addressesOf(current)]), watchOf(addresses, ownKey)],
      async reconcile(ip) {
        const service = services.byIndex('ip', ip)[0]
        const existing = addresses.get(undefined, ip)
        try {
          if (!existing) {
            if (service) await client.create(ipAddressKind, addressOf(ip, service))
          } else if (existing.metadata.labels?.[managed.label] === managed.by && !(service && isOf(existing, service))) {
            const { uid, resourceVersion } = existing.metadata
            await client.delete(ipAddressKind, undefined, ip, { preconditions: { uid, resourceVersion } })
          }
        } catch (error) {
          // Somebody else was faster: the event of that brings us back.
          if (!isAlreadyExists(error) && !isNotFound(error) && !isConflict(error)) throw error
        }
      },
    })
  },
}

/** In the one form that is a name. */
function addressesOf(service: Service | undefined): string[] {
  return (service?.spec?.clusterIPs ?? []).flatMap(text => {
    const parsed = parseIp(text)
    return parsed ? [formatIp(parsed)] : []
  })
}

const addressOf = (ip: string, { metadata }: Service): IPAddress => ({
  metadata: {
    name: ip,
    labels: { [managed.label]: managed.by, 'ipaddress.kubernetes.io/ip-family': ip.includes(':') ? 'IPv6' : 'IPv4' },
  },
  spec: { parentRef: { group: '', resource: 'services', namespace: metadata.namespace, name: metadata.name as string } },
})

function isOf({ spec }: IPAddress, { metadata }: Service): boolean {
  const { resource, namespace, name } = spec?.parentRef ?? {}
  return resource === 'services' && namespace === metadata.namespace && name === metadata.name
}
