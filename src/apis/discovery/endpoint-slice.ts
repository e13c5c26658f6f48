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

export const EndpointConditions = object('io.k8s.api.discovery.v1.EndpointConditions', '', {
  ready: optional(1, boolean, ''),
  serving: optional(2, boolean, ''),
  terminating: optional(3, boolean, ''),
})
export interface EndpointConditions extends Infer<typeof EndpointConditions> {}

export const ForNode = object('io.k8s.api.discovery.v1.ForNode', '', {
  name: required(1, text, ''),
})
export interface ForNode extends Infer<typeof ForNode> {}

export const ForZone = object('io.k8s.api.discovery.v1.ForZone', '', {
  name: required(1, text, ''),
})
export interface ForZone extends Infer<typeof ForZone> {}

export const EndpointHints = object('io.k8s.api.discovery.v1.EndpointHints', '', {
  forZones: optional(1, atomicList(ForZone), ''),
  forNodes: optional(2, atomicList(ForNode), ''),
})
export interface EndpointHints extends Infer<typeof EndpointHints> {}

export const Endpoint = object('io.k8s.api.discovery.v1.Endpoint', '', {
  addresses: required(1, setList(text), ''),
  conditions: optional(2, EndpointConditions, ''),
  hostname: optional(3, text, ''),
  targetRef: optional(4, ObjectReference, ''),
  deprecatedTopology: optional(5, map(text), ''),
  nodeName: optional(6, text, ''),
  zone: optional(7, text, ''),
  hints: optional(8, EndpointHints, ''),
})
export interface Endpoint extends Infer<typeof Endpoint> {}

export const EndpointPort = object(
  'io.k8s.api.discovery.v1.EndpointPort',
  '',
  {
    name: optional(1, text, ''),
    protocol: optional(2, text, '', { enum: ['SCTP', 'TCP', 'UDP'] }),
    port: optional(3, int32, ''),
    appProtocol: optional(4, text, ''),
  },
  { mapType: 'atomic' },
)
export interface EndpointPort extends Infer<typeof EndpointPort> {}

export const EndpointSlice = topLevel('io.k8s.api.discovery.v1.EndpointSlice', '', {
  endpoints: optional(2, atomicList(Endpoint), ''),
  ports: optional(3, atomicList(EndpointPort), ''),
  addressType: required(4, text, ''),
})
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
