import { type FieldError, requiredField } from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { validateDnsLabel, validateDnsSubdomain, validatePortNumber, validateQualifiedName } from '../../apimachinery/names.ts'
import { atomicList, type Infer, int32, object, optional, required, text } from '../../apimachinery/schema.ts'
import { validateIp, validateNonSpecialIp } from '../address-rules.ts'
import { firstThree, joinHostPort, none } from '../columns.ts'
import { ObjectReference } from './references.ts'
import { mapShared, withDefault, withField } from './sharing.ts'
import { each, invalid, oneOf, optionalName, requiredName } from './validation/rules.ts'

export const EndpointAddress = object(
  'io.k8s.api.core.v1.EndpointAddress',
  'One address behind a service.',
  {
    ip: required(1, text, 'The address; loopback and link-local ones are refused.'),
    targetRef: optional(2, ObjectReference, 'The object that has the address, usually a pod.'),
    hostname: optional(3, text, 'Host name of the endpoint.'),
    nodeName: optional(4, text, 'Node on which it runs.'),
  },
  { mapType: 'atomic' },
)
export interface EndpointAddress extends Infer<typeof EndpointAddress> {}

export const EndpointPort = object(
  'io.k8s.api.core.v1.EndpointPort',
  'One port of the addresses.',
  {
    name: optional(1, text, "Name of the service's port; may be left out if there is only one."),
    port: required(2, int32, 'Number of the port.', { default: 0 }),
    protocol: optional(3, text, 'TCP (the default), UDP or SCTP.', { enum: ['SCTP', 'TCP', 'UDP'] }),
    appProtocol: optional(4, text, 'What is spoken on the port, as a hint for proxies.'),
  },
  { mapType: 'atomic' },
)
export interface EndpointPort extends Infer<typeof EndpointPort> {}

export const EndpointSubset = object('io.k8s.api.core.v1.EndpointSubset', 'Addresses that have the same ports.', {
  addresses: optional(1, atomicList(EndpointAddress), 'Addresses that are ready for traffic.'),
  notReadyAddresses: optional(2, atomicList(EndpointAddress), 'Addresses that are not ready, or no longer.'),
  ports: optional(3, atomicList(EndpointPort), 'Ports of each address.'),
})
export interface EndpointSubset extends Infer<typeof EndpointSubset> {}

export const Endpoints = topLevel(
  'io.k8s.api.core.v1.Endpoints',
  'The addresses behind a service. Deprecated: EndpointSlices say more and grow further.',
  {
    subsets: optional(2, atomicList(EndpointSubset), 'Groups of addresses with the same ports.'),
  },
)
export interface Endpoints extends Infer<typeof Endpoints> {}

export const endpointsKind: Kind<Endpoints> = defineKind({
  kind: 'Endpoints',
  resource: 'endpoints',
  group: '',
  version: 'v1',
  schema: Endpoints,
  scope: 'Namespaced',
  singular: 'endpoints',
  shortNames: ['ep'],
  deprecationWarning: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  columns: [
    nameColumn,
    {
      name: 'Endpoints',
      type: 'string',
      description: 'Ready addresses with their ports.',
      priority: 0,
      cell: (endpoints: Endpoints) => (endpoints.subsets?.length ? firstThree(endpoints.subsets.flatMap(readyAddresses), '') : none),
    },
    ageColumn,
  ],
  strategy: {
    applyDefaults: endpoints => withField(endpoints, 'subsets', mapShared(endpoints.subsets, withProtocols)),
    validate: endpoints => validateSubsets(endpoints, []),
    validateUpdate: (endpoints, old) => validateSubsets(endpoints, addressesOf(old)),
    ratchets: true,
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
  },
})

const withProtocols = (subset: EndpointSubset): EndpointSubset =>
  withField(
    subset,
    'ports',
    mapShared(subset.ports, port => withDefault(port, 'protocol', 'TCP')),
  )

/** Headless services may have addresses without ports. */
function readyAddresses({ addresses = [], ports = [] }: EndpointSubset): string[] {
  if (ports.length === 0) return addresses.map(({ ip }) => ip)
  return ports.flatMap(({ port }) => addresses.map(({ ip }) => joinHostPort(ip, port)))
}

/** Addresses that were there `before` may stay as they are written. */
const validateSubsets = ({ subsets }: Endpoints, before: readonly string[]): FieldError[] =>
  each(subsets, 'subsets', (subset, path) => validateSubset(subset, path, before))

const addressesOf = ({ subsets = [] }: Endpoints): readonly string[] =>
  subsets.flatMap(({ addresses = [], notReadyAddresses = [] }) => [...addresses, ...notReadyAddresses].map(({ ip }) => ip))

function validateSubset(subset: EndpointSubset, path: string, before: readonly string[]): FieldError[] {
  const checkAddress = (address: EndpointAddress, at: string) => validateAddress(address, at, before)
  const ports = subset.ports ?? []
  const isEmpty = !subset.addresses?.length && !subset.notReadyAddresses?.length
  return [
    ...(isEmpty ? [requiredField(path, 'must specify `addresses` or `notReadyAddresses`')] : []),
    ...each(subset.addresses, `${path}.addresses`, checkAddress),
    ...each(subset.notReadyAddresses, `${path}.notReadyAddresses`, checkAddress),
    ...each(ports, `${path}.ports`, (port, at) => validatePort(port, ports.length > 1, at)),
  ]
}

const validateAddress = (address: EndpointAddress, path: string, before: readonly string[]): FieldError[] => [
  ...validateIp(address.ip, `${path}.ip`, before),
  ...optionalName(address.hostname, `${path}.hostname`, validateDnsLabel),
  ...optionalName(address.nodeName, `${path}.nodeName`, validateDnsSubdomain),
  ...validateNonSpecialIp(address.ip, `${path}.ip`),
]

const validatePort = (port: EndpointPort, requireName: boolean, path: string): FieldError[] => [
  ...(requireName ? requiredName(port.name, `${path}.name`, validateDnsLabel) : optionalName(port.name, `${path}.name`, validateDnsLabel)),
  ...invalid(`${path}.port`, port.port, validatePortNumber(port.port)),
  ...oneOf(port.protocol, `${path}.protocol`, ['SCTP', 'TCP', 'UDP']),
  ...optionalName(port.appProtocol, `${path}.appProtocol`, validateQualifiedName),
]
