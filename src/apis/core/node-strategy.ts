import type { Node, NodeSpec } from './node.ts'
import { withField, without } from './sharing.ts'

export function applyNodeDefaults(node: Node): Node {
  const withSpec = node.spec ? withField(node, 'spec', applySpecDefaults(node.spec)) : node
  const { status } = withSpec
  if (!status?.capacity || status.allocatable) return withSpec
  // Everything that a node has may be used unless it says otherwise.
  return { ...withSpec, status: { ...status, allocatable: status.capacity } }
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
