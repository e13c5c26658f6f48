import { duplicateField, type FieldError, requiredField, tooManyField } from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { validateDnsLabel, validateDnsSubdomain, validateLabelValue, validateQualifiedName } from '../../apimachinery/names.ts'
import { validateLabels } from '../../apimachinery/object-meta-validation.ts'
import { atomicList, boolean, type Infer, int32, map, object, optional, required, setList, text } from '../../apimachinery/schema.ts'
import { validateFullyQualifiedName, validateIpOfFamily, validateNonSpecialIp } from '../address-rules.ts'
import { firstThree } from '../columns.ts'
import { ObjectReference } from '../core/references.ts'
import { mapShared, semanticEqual, withDefault, withField, without } from '../core/sharing.ts'
import { each, oneOf, optionalName, requiredName } from '../core/validation/rules.ts'
import { immutable } from '../field-rules.ts'
import { countGeneration, withGeneration } from '../strategy.ts'

export const EndpointConditions = object('io.k8s.api.discovery.v1.EndpointConditions', 'State of an endpoint.', {
  ready: optional(
    1,
    boolean,
    'Whether it takes traffic; unknown counts as true. Never true while terminating, unless the service publishes unready addresses.',
  ),
  serving: optional(2, boolean, 'Like ready, but also said of terminating endpoints.'),
  terminating: optional(3, boolean, 'Whether the endpoint is going away.'),
})
export interface EndpointConditions extends Infer<typeof EndpointConditions> {}

export const ForNode = object('io.k8s.api.discovery.v1.ForNode', 'A node for which an endpoint is meant.', {
  name: required(1, text, 'Name of the node.'),
})
export interface ForNode extends Infer<typeof ForNode> {}

export const ForZone = object('io.k8s.api.discovery.v1.ForZone', 'A zone for which an endpoint is meant.', {
  name: required(1, text, 'Name of the zone.'),
})
export interface ForZone extends Infer<typeof ForZone> {}

export const EndpointHints = object('io.k8s.api.discovery.v1.EndpointHints', 'For whom an endpoint is meant.', {
  forZones: optional(1, atomicList(ForZone), 'Zones whose clients should use it; at most 8.'),
  forNodes: optional(2, atomicList(ForNode), 'Nodes whose clients should use it; at most 8.'),
})
export interface EndpointHints extends Infer<typeof EndpointHints> {}

export const Endpoint = object('io.k8s.api.discovery.v1.Endpoint', 'One backend of a service.', {
  addresses: required(1, setList(text), "Its addresses, all of the slice's type and equivalent; clients use the first."),
  conditions: optional(2, EndpointConditions, 'Its state.'),
  hostname: optional(3, text, 'Its host name, unique among the endpoints that have one.'),
  targetRef: optional(4, ObjectReference, 'The object behind it, usually a pod.'),
  deprecatedTopology: optional(5, map(text), 'Labels of where it runs, from the v1beta1 API; shown but never written.'),
  nodeName: optional(6, text, 'Node on which it runs.'),
  zone: optional(7, text, 'Zone in which it runs.'),
  hints: optional(8, EndpointHints, 'For whom it is meant.'),
})
export interface Endpoint extends Infer<typeof Endpoint> {}

export const EndpointPort = object(
  'io.k8s.api.discovery.v1.EndpointPort',
  'One port of the endpoints.',
  {
    name: optional(1, text, "Name of the service's port; unique in the slice."),
    protocol: optional(2, text, 'TCP (the default), UDP or SCTP.', { enum: ['SCTP', 'TCP', 'UDP'] }),
    port: optional(3, int32, 'Number of the port.'),
    appProtocol: optional(4, text, 'What is spoken on the port, as a hint for proxies.'),
  },
  { mapType: 'atomic' },
)
export interface EndpointPort extends Infer<typeof EndpointPort> {}

export const EndpointSlice = topLevel(
  'io.k8s.api.discovery.v1.EndpointSlice',
  'Part of the backends of a service; all slices of one service together are its endpoints.',
  {
    endpoints: optional(2, atomicList(Endpoint), 'Backends in this slice; at most 1000.'),
    ports: optional(3, atomicList(EndpointPort), 'Ports of each backend.'),
    addressType: required(4, text, "IPv4, IPv6 or FQDN; can't be changed."),
  },
)
export interface EndpointSlice extends Infer<typeof EndpointSlice> {}

export const endpointSliceKind: Kind<EndpointSlice> = defineKind({
  kind: 'EndpointSlice',
  resource: 'endpointslices',
  group: 'discovery.k8s.io',
  version: 'v1',
  schema: EndpointSlice,
  scope: 'Namespaced',
  columns: [
    nameColumn,
    {
      name: 'AddressType',
      type: 'string',
      description: 'Kind of the addresses in this slice: IPv4, IPv6 or FQDN.',
      priority: 0,
      cell: (slice: EndpointSlice) => slice.addressType,
    },
    {
      name: 'Ports',
      type: 'string',
      description: 'Ports of every endpoint in this slice.',
      priority: 0,
      cell: (slice: EndpointSlice) => firstThree((slice.ports ?? []).map(portText), '<unset>'),
    },
    {
      name: 'Endpoints',
      type: 'string',
      description: 'Addresses of the endpoints.',
      priority: 0,
      cell: (slice: EndpointSlice) =>
        firstThree(
          (slice.endpoints ?? []).flatMap(endpoint => endpoint.addresses ?? []),
          '<unset>',
        ),
    },
    ageColumn,
  ],
  strategy: {
    applyDefaults: slice => withField(slice, 'ports', mapShared(slice.ports, withPortDefaults)),
    prepareForCreate: slice => withGeneration(withoutTopology(slice), 1),
    prepareForUpdate: (slice, old) => {
      const usedTopology = old.endpoints?.some(endpoint => endpoint.deprecatedTopology !== undefined)
      return countGeneration(usedTopology ? slice : withoutTopology(slice), old, hasChanged(slice, old))
    },
    validate: validateEndpointSlice,
    validateUpdate: (slice, old) => immutable(slice.addressType, old.addressType, 'addressType'),
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
  },
})

const maximumEndpoints = 1000
const maximumAddresses = 100
const maximumPorts = 20000
const maximumTopologyLabels = 16
const maximumHints = 8

const portText = (port: EndpointPort): string => (port.port === undefined ? (port.name ?? '*') : String(port.port))

const withPortDefaults = (port: EndpointPort): EndpointPort =>
  withDefault(port.name === undefined ? { ...port, name: '' } : port, 'protocol', 'TCP')

/** The v1 API shows the topology labels of v1beta1 on objects that have them and takes no new ones. */
const withoutTopology = (slice: EndpointSlice): EndpointSlice =>
  withField(
    slice,
    'endpoints',
    mapShared(slice.endpoints, endpoint => without(endpoint, 'deprecatedTopology')),
  )

const hasChanged = (slice: EndpointSlice, old: EndpointSlice): boolean =>
  slice.addressType !== old.addressType ||
  !semanticEqual(slice.endpoints, old.endpoints) ||
  !semanticEqual(slice.ports, old.ports) ||
  !semanticEqual(slice.metadata.labels, old.metadata.labels)

function validateEndpointSlice(slice: EndpointSlice): FieldError[] {
  return [
    ...oneOf(slice.addressType, 'addressType', ['FQDN', 'IPv4', 'IPv6']),
    ...validateEndpoints(slice.endpoints ?? [], slice.addressType),
    ...validatePorts(slice.ports ?? []),
  ]
}

function validateEndpoints(endpoints: readonly Endpoint[], addressType: string): FieldError[] {
  if (endpoints.length > maximumEndpoints) return [tooManyField('endpoints', endpoints.length, maximumEndpoints)]
  return each(endpoints, 'endpoints', (endpoint, path) => [
    ...validateAddresses(endpoint.addresses ?? [], addressType, `${path}.addresses`),
    ...optionalName(endpoint.nodeName, `${path}.nodeName`, validateDnsSubdomain),
    ...validateTopology(endpoint.deprecatedTopology, `${path}.deprecatedTopology`),
    ...optionalName(endpoint.hostname, `${path}.hostname`, validateDnsLabel),
    ...(endpoint.hints ? validateHints(endpoint.hints, `${path}.hints`) : []),
  ])
}

function validateAddresses(addresses: readonly string[], addressType: string, path: string): FieldError[] {
  if (addresses.length === 0) return [requiredField(path, 'must contain at least 1 address')]
  if (addresses.length > maximumAddresses) return [tooManyField(path, addresses.length, maximumAddresses)]
  return each(addresses, path, (address, at) => {
    if (addressType === 'FQDN') return validateFullyQualifiedName(address, at)
    if (addressType !== 'IPv4' && addressType !== 'IPv6') return []
    return [...validateIpOfFamily(address, addressType, at), ...validateNonSpecialIp(address, at)]
  })
}

function validateTopology(topology: Endpoint['deprecatedTopology'], path: string): FieldError[] {
  const count = Object.keys(topology ?? {}).length
  if (count > maximumTopologyLabels) return [tooManyField(path, count, maximumTopologyLabels)]
  return validateLabels(topology, path)
}

const validateHints = (hints: EndpointHints, path: string): FieldError[] => [
  ...validateHintNames(hints.forZones, `${path}.forZones`, validateLabelValue),
  ...validateHintNames(hints.forNodes, `${path}.forNodes`, validateDnsSubdomain),
]

function validateHintNames(
  hints: readonly { readonly name: string }[] | undefined,
  path: string,
  rule: (name: string) => string[],
): FieldError[] {
  if (hints && hints.length > maximumHints) return [tooManyField(path, hints.length, maximumHints)]
  const seen = new Set<string>()
  return each(hints, path, ({ name }, at) => {
    if (seen.has(name)) return [duplicateField(`${at}.name`, name)]
    seen.add(name)
    return requiredName(name, `${at}.name`, rule)
  })
}

function validatePorts(ports: readonly EndpointPort[]): FieldError[] {
  if (ports.length > maximumPorts) return [tooManyField('ports', ports.length, maximumPorts)]
  const names = new Set<string>()
  return each(ports, 'ports', (port, path) => {
    const name = port.name ?? ''
    const errors = names.has(name) ? [duplicateField(`${path}.name`, name)] : optionalName(name, `${path}.name`, validateDnsLabel)
    names.add(name)
    return [
      ...errors,
      ...oneOf(port.protocol, `${path}.protocol`, ['SCTP', 'TCP', 'UDP']),
      ...optionalName(port.appProtocol, `${path}.appProtocol`, validateQualifiedName),
    ]
  })
}
