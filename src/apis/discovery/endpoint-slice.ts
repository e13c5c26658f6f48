import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, boolean, type Infer, int32, map, object, optional, required, setList, text } from '../../apimachinery/schema.ts'
import { ObjectReference } from '../core/references.ts'

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
  strategy: { validate: () => [] },
})
