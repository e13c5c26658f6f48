import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, type Infer, int32, object, optional, required, text } from '../../apimachinery/schema.ts'
import { ObjectReference } from './references.ts'

export const EndpointAddress = object(
  'io.k8s.api.core.v1.EndpointAddress',
  '',
  {
    ip: required(1, text, ''),
    targetRef: optional(2, ObjectReference, ''),
    hostname: optional(3, text, ''),
    nodeName: optional(4, text, ''),
  },
  { mapType: 'atomic' },
)
export interface EndpointAddress extends Infer<typeof EndpointAddress> {}

export const EndpointPort = object(
  'io.k8s.api.core.v1.EndpointPort',
  '',
  {
    name: optional(1, text, ''),
    port: required(2, int32, '', { default: 0 }),
    protocol: optional(3, text, '', { enum: ['SCTP', 'TCP', 'UDP'] }),
    appProtocol: optional(4, text, ''),
  },
  { mapType: 'atomic' },
)
export interface EndpointPort extends Infer<typeof EndpointPort> {}

export const EndpointSubset = object('io.k8s.api.core.v1.EndpointSubset', '', {
  addresses: optional(1, atomicList(EndpointAddress), ''),
  notReadyAddresses: optional(2, atomicList(EndpointAddress), ''),
  ports: optional(3, atomicList(EndpointPort), ''),
})
export interface EndpointSubset extends Infer<typeof EndpointSubset> {}

export const Endpoints = topLevel('io.k8s.api.core.v1.Endpoints', '', {
  subsets: optional(2, atomicList(EndpointSubset), ''),
})
export interface Endpoints extends Infer<typeof Endpoints> {}

export const endpointsKind: Kind<Endpoints> = defineKind({
  kind: 'Endpoints',
  resource: 'endpoints',
  group: '',
  version: 'v1',
  schema: Endpoints,
  scope: 'Namespaced',
  shortNames: ['ep'],
  singular: 'endpoints',
  strategy: { validate: () => [] },
})
