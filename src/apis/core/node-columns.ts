import { ageColumn, type Column, nameColumn } from '../../apimachinery/kind.ts'
import type { Node } from './node.ts'

const text = (name: string, description: string, priority: number, cell: (node: Node) => string): Column => ({
  name,
  type: 'string',
  description,
  priority,
  cell,
})

export const nodeColumns: readonly Column[] = [
  nameColumn,
  text('Status', 'Whether the node is ready and takes pods.', 0, statusCell),
  text('Roles', 'Roles of the node, from its labels.', 0, rolesCell),
  ageColumn,
  text('Version', 'Version of the kubelet.', 0, node => node.status?.nodeInfo?.kubeletVersion ?? ''),
  text('Internal-IP', 'Address of the node inside the cluster.', 1, node => addressOf(node, 'InternalIP')),
  text('External-IP', 'Address of the node from outside.', 1, node => addressOf(node, 'ExternalIP')),
  text('OS-Image', 'Operating system.', 1, node => node.status?.nodeInfo?.osImage || '<unknown>'),
  text('Kernel-Version', 'Version of the kernel.', 1, node => node.status?.nodeInfo?.kernelVersion || '<unknown>'),
  text('Container-Runtime', 'Runtime that runs the containers, with its version.', 1, runtimeCell),
]

function statusCell(node: Node): string {
  const ready = node.status?.conditions?.find(condition => condition.type === 'Ready')
  const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return node.spec?.unschedulable ? `${state},SchedulingDisabled` : state
}

function rolesCell(node: Node): string {
  const roles = new Set<string>()
  for (const [label, value] of Object.entries(node.metadata.labels ?? {})) {
    if (label.startsWith('node-role.kubernetes.io/')) roles.add(label.slice('node-role.kubernetes.io/'.length))
    else if (label === 'kubernetes.io/role') roles.add(value)
  }
  roles.delete('')
  return roles.size === 0 ? '<none>' : [...roles].sort().join(',')
}

function runtimeCell(node: Node): string {
  return node.status?.nodeInfo?.containerRuntimeVersion || '<unknown>'
}

const addressOf = (node: Node, type: string): string => node.status?.addresses?.find(one => one.type === type)?.address || '<none>'
