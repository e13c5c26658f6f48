import { formatIp, parseIp } from '../../apimachinery/ip.ts'
import type { DnsEndpoint, DnsPort, ServiceRecords } from './messages.ts'
import { type Reply, type ResourceRecord, responseCodes, types } from './wire.ts'

/**
 * The cluster's zone: answers names by the Kubernetes DNS specification, from services and namespaces. Pure but for its state.
 */
export interface Zone {
  setService(key: string, records: ServiceRecords | undefined): void
  setNamespace(name: string, exists: boolean): void
  /** Undefined where the name is not the cluster's; an external name where the client must be led out of the cluster. */
  answer(name: string, type: number): Reply | ExternalAnswer | undefined
}

export interface ExternalAnswer {
  /** The CNAME record. */
  readonly alias: ResourceRecord
  readonly target: string
}

/** As CoreDNS' default: long enough to matter under load, short enough that nobody waits for a change. */
export const ttl_s = 5

const schemaVersion = '1.1.0'

export function createZone(domain: string): Zone {
  const zone = domain.toLowerCase().replace(/\.$/, '')
  const services = new Map<string, ServiceRecords>()
  const namespaces = new Set<string>()
  /** Service or endpoint name of an address. */
  const addresses = new Map<string, Map<string, readonly string[]>>()

  const nameOf = ({ name, namespace }: ServiceRecords) => `${name}.${namespace}.svc.${zone}`
  const found = (answers: readonly ResourceRecord[], additionals?: readonly ResourceRecord[]): Reply => ({
    code: responseCodes.NOERROR,
    authoritative: true,
    answers,
    ...(answers.length === 0 && { authorities: [startOfAuthority(zone)] }),
    ...(additionals?.length && { additionals }),
  })
  const unknown: Reply = { code: responseCodes.NXDOMAIN, authoritative: true, answers: [], authorities: [startOfAuthority(zone)] }

  function pointers(records: ServiceRecords): [string, string][] {
    const name = nameOf(records)
    return [
      ...records.clusterIps.map(address => [address, name] as [string, string]),
      ...records.endpoints.map(({ address, hostname }) => [address, `${hostname}.${name}`] as [string, string]),
    ]
  }

  function setPointers(key: string, old: ServiceRecords | undefined, current: ServiceRecords | undefined): void {
    for (const [address] of old ? pointers(old) : []) {
      const owners = addresses.get(address)
      owners?.delete(key)
      if (owners?.size === 0) addresses.delete(address)
    }
    for (const [address, name] of current ? pointers(current) : []) {
      const owners = addresses.get(address) ?? new Map<string, readonly string[]>()
      owners.set(key, [...(owners.get(key) ?? []), name])
      addresses.set(address, owners)
    }
  }

  function answerZone(labels: readonly string[], name: string, type: number): Reply | ExternalAnswer {
    const kind = labels.at(-1)
    if (kind === undefined) return answerApex(type)
    if (kind === 'dns-version' && labels.length === 1)
      return found(type === types.TXT ? [{ name, type, ttl: ttl_s, data: { text: schemaVersion } }] : [])
    if (name === `ns.dns.${zone}` || name === `dns.${zone}`) return found([])
    if (kind === 'svc') return answerServices(labels.slice(0, -1), name, type)
    if (kind === 'pod') return answerPod(labels.slice(0, -1), name, type)
    return unknown
  }

  function answerApex(type: number): Reply {
    if (type === types.SOA) return found([startOfAuthority(zone)])
    if (type === types.NS) return found([{ name: zone, type, ttl: ttl_s, data: { target: `ns.dns.${zone}` } }])
    return found([])
  }

  function answerServices(labels: readonly string[], name: string, type: number): Reply | ExternalAnswer {
    const namespace = labels.at(-1)
    if (namespace === undefined) return found([])
    const service = labels.at(-2)
    if (service === undefined) return namespaces.has(namespace) ? found([]) : unknown
    const records = services.get(`${namespace}/${service}`)
    if (!records) return unknown
    if (records.externalName !== undefined) {
      if (labels.length > 2) return unknown
      if (!isEncodable(records.externalName)) return { code: responseCodes.SERVFAIL, authoritative: true, answers: [] }
      const alias = { name, type: types.CNAME, ttl: ttl_s, data: { target: records.externalName.toLowerCase().replace(/\.$/, '') } }
      return type === types.CNAME ? found([alias]) : { alias, target: alias.data.target }
    }
    return answerService(records, labels.slice(0, -2), name, type)
  }

  function answerService(records: ServiceRecords, labels: readonly string[], name: string, type: number): Reply {
    if (labels.length === 0) {
      const isHeadless = records.clusterIps.length === 0
      // The specification has NXDOMAIN for headless services without ready endpoints.
      if (isHeadless && records.endpoints.length === 0) return unknown
      if (type === types.SRV) return answerPorts(records, name, undefined)
      return found(addressRecords(name, type, isHeadless ? records.endpoints.map(one => one.address) : records.clusterIps))
    }
    const [first = '', second] = labels
    if (labels.length === 1) {
      const endpoints = records.endpoints.filter(one => one.hostname === first)
      const addresses = endpoints.map(one => one.address)
      if (endpoints.length) return found(type === types.SRV ? [] : addressRecords(name, type, addresses))
      return isProtocolLabel(first) && portsOf(records).some(port => `_${port.protocol}` === first) ? found([]) : unknown
    }
    if (labels.length > 2 || !first.startsWith('_') || !second?.startsWith('_')) return unknown
    const wanted = (port: DnsPort) => port.name.toLowerCase() === first.slice(1) && port.protocol === second.slice(1)
    if (!portsOf(records).some(wanted)) return unknown
    return type === types.SRV ? answerPorts(records, name, wanted) : found([])
  }

  function answerPorts(records: ServiceRecords, name: string, wanted: ((port: DnsPort) => boolean) | undefined): Reply {
    const own = nameOf(records)
    const hosts =
      records.clusterIps.length > 0
        ? [{ target: own, addresses: records.clusterIps, ports: records.ports }]
        : records.endpoints.map(one => ({ target: `${one.hostname}.${own}`, addresses: [one.address], ports: one.ports }))
    const entries = hosts.flatMap(({ target, ports }) => ports.filter(port => !wanted || wanted(port)).map(port => ({ target, port })))
    const weight = Math.max(1, Math.floor(100 / Math.max(1, entries.length)))
    const distinct = new Map(
      entries.map(({ target, port }) => [
        `${target} ${port.port}`,
        { name, type: types.SRV, ttl: ttl_s, data: { priority: 0, weight, port: port.port, target } },
      ]),
    )
    const additionals = hosts.flatMap(({ target, addresses: own }) => [
      ...addressRecords(target, types.A, own),
      ...addressRecords(target, types.AAAA, own),
    ])
    return found([...distinct.values()], distinct.size ? additionals : [])
  }

  /** `a-b-c-d.namespace.pod`: the address is in the name, and only the namespace must be there. */
  function answerPod(labels: readonly string[], name: string, type: number): Reply {
    const namespace = labels.at(-1)
    if (namespace === undefined) return found([])
    if (!namespaces.has(namespace)) return unknown
    if (labels.length === 1) return found([])
    const address = labels.length === 2 ? addressOfDashes(labels[0] ?? '') : undefined
    return address === undefined ? unknown : found(addressRecords(name, type, [address]))
  }

  function answerPointer(name: string, type: number): Reply | undefined {
    const address = addressOfPointer(name)
    const owners = address === undefined ? undefined : addresses.get(address)
    if (!owners) return undefined
    const names = [...new Set([...owners.values()].flat())]
    return found(type === types.PTR ? names.map(target => ({ name, type, ttl: ttl_s, data: { target } })) : [])
  }

  return {
    setService(key, records) {
      setPointers(key, services.get(key), records)
      if (records) services.set(key, records)
      else services.delete(key)
    },
    setNamespace(name, exists) {
      if (exists) namespaces.add(name)
      else namespaces.delete(name)
    },
    answer(name, type) {
      if (name === zone) return answerZone([], name, type)
      if (name.endsWith(`.${zone}`)) return answerZone(name.slice(0, -zone.length - 1).split('.'), name, type)
      return name.endsWith('.arpa') ? answerPointer(name, type) : undefined
    },
  }
}

/** The API takes external names with longer parts than DNS has. */
const isEncodable = (name: string): boolean =>
  name !== '' && name.split('.').every((label, index, all) => label.length <= 63 && (label !== '' || index === all.length - 1))

const isProtocolLabel = (label: string): boolean => label === '_tcp' || label === '_udp' || label === '_sctp'

const portsOf = ({ clusterIps, endpoints, ports }: ServiceRecords): readonly DnsPort[] =>
  clusterIps.length ? ports : endpoints.flatMap((one: DnsEndpoint) => one.ports)

function addressRecords(name: string, type: number, addresses: readonly string[]): ResourceRecord[] {
  if (type !== types.A && type !== types.AAAA) return []
  return addresses
    .filter(address => address.includes(':') === (type === types.AAAA))
    .map(address => ({ name, type, ttl: ttl_s, data: { address } }))
}

/** What tells a client how long it may remember that there is nothing. */
function startOfAuthority(zone: string): ResourceRecord {
  return {
    name: zone,
    type: types.SOA,
    ttl: ttl_s,
    data: { primary: `ns.dns.${zone}`, mailbox: `hostmaster.${zone}`, serial: 1, minimum: ttl_s },
  }
}

function addressOfDashes(label: string): string | undefined {
  if (/^\d{1,3}(-\d{1,3}){3}$/.test(label)) {
    const parts = label.split('-').map(Number)
    return parts.every(part => part <= 255) ? parts.join('.') : undefined
  }
  const text = label.replaceAll('-', ':')
  return isIpv6(text) ? text : undefined
}

function isIpv6(text: string): boolean {
  const halves = text.split('::')
  const groups = text.split(':').filter(group => group !== '')
  if (halves.length > 2 || !groups.every(group => /^[0-9a-f]{1,4}$/.test(group))) return false
  return halves.length === 2 ? groups.length < 8 && !/^:[^:]|[^:]:$/.test(text) : groups.length === 8 && text.split(':').length === 8
}

/** The address in a name below in-addr.arpa or ip6.arpa, in canonical form. */
function addressOfPointer(name: string): string | undefined {
  if (name.endsWith('.in-addr.arpa')) {
    const parts = name.slice(0, -'.in-addr.arpa'.length).split('.')
    return parts.length === 4 && parts.every(part => /^\d{1,3}$/.test(part)) ? parts.reverse().join('.') : undefined
  }
  if (!name.endsWith('.ip6.arpa')) return undefined
  const nibbles = name.slice(0, -'.ip6.arpa'.length).split('.')
  if (nibbles.length !== 32 || !nibbles.every(nibble => /^[0-9a-f]$/.test(nibble))) return undefined
  const digits = nibbles.reverse().join('')
  const address = parseIp(digits.match(/.{4}/g)?.join(':') ?? '')
  return address && formatIp(address)
}
