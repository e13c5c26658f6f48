import { type Cidr, formatCidr, parseCidr } from '../../apimachinery/ip.ts'
import type { IPAddress } from '../../apis/networking/ip-address.ts'
import type { ServiceCIDR } from '../../apis/networking/service-cidr.ts'
import type { Storage } from '../../storage/storage.ts'
import type { StoredVersion } from '../../storage/types.ts'
import { bufferOf } from './stored-object.ts'

/** What users' ServiceCIDRs and IPAddresses mean for the addresses of services, as head has them. */

const rangesPrefix = '/registry/networking.k8s.io/servicecidrs/'
const addressesPrefix = '/registry/networking.k8s.io/ipaddresses/'

/** Ranges that were added at run time: those that are ready and stay. */
export function furtherRanges(storage: Storage, configured: readonly Cidr[]): readonly Cidr[] {
  const known = new Set(configured.map(formatCidr))
  return storage.head
    .list(rangesPrefix)
    .map(version => parse(version) as ServiceCIDR)
    .filter(isUsable)
    .flatMap(({ spec }) => spec?.cidrs ?? [])
    .filter(cidr => !known.has(cidr))
    .flatMap(cidr => parseCidr(cidr) ?? [])
}

const isUsable = ({ metadata, status }: ServiceCIDR): boolean =>
  metadata.deletionTimestamp === undefined &&
  (status?.conditions ?? []).some(condition => condition.type === 'Ready' && condition.status === 'True')

/** Addresses whose object the cluster keeps itself follow the services; they say nothing that the services don't. */
export const managedByLabel = 'ipaddress.kubernetes.io/managed-by'

/** Has somebody taken this address by an object of their own? */
export function addressIsOthers(storage: Storage, ip: string, owner: { readonly namespace: string; readonly name: string }): boolean {
  const version = storage.head.get(addressesPrefix + ip)
  if (!version) return false
  const { metadata, spec } = parse(version) as IPAddress
  if (metadata.labels?.[managedByLabel] !== undefined) return false
  const { group, resource, namespace, name } = spec?.parentRef ?? {}
  return (group ?? '') !== '' || resource !== 'services' || namespace !== owner.namespace || name !== owner.name
}

const parse = (version: StoredVersion): unknown => JSON.parse(bufferOf(version).toString())
