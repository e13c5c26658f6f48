import type { Node, NodeSpec, NodeStatus } from './node.ts'
import { roundQuantities } from './pod/resource-defaults.ts'
import { withField, without } from './sharing.ts'

export function applyNodeDefaults(given: Node): Node {
  const node = given.spec ? withField(given, 'spec', applySpecDefaults(given.spec)) : given
  return node.status ? withField(node, 'status', applyStatusDefaults(node.status)) : node
}

/** Everything that a node has may be used unless it says otherwise. */
function applyStatusDefaults(status: NodeStatus): NodeStatus {
  if (!status.capacity) return status
  const capacity = roundQuantities(status.capacity)
  return withField(withField(status, 'capacity', capacity), 'allocatable', roundQuantities(status.allocatable ?? capacity))
}

/** `podCIDR` is the first of `podCIDRs`; whoever writes one of them means both. */
function applySpecDefaults(spec: NodeSpec): NodeSpec {
  const first = spec.podCIDRs?.[0]
  if (spec.podCIDR && first === undefined) return { ...spec, podCIDRs: [spec.podCIDR] }
  return !spec.podCIDR && first ? { ...spec, podCIDR: first } : spec
}

/** The kubelet registers with a status, so a create keeps it; an update of the node leaves it alone. */
export const prepareNodeForUpdate = (node: Node, old: Node): Node =>
  old.status === undefined ? without(node, 'status') : { ...node, status: old.status }

export const prepareNodeStatusUpdate = (node: Node, old: Node): Node =>
  old.spec === undefined ? without(node, 'spec') : { ...node, spec: old.spec }
