import { tolerates } from '../../apis/core/scheduling-rules.ts'
import type { FilterPlugin } from '../framework.ts'
import { hostPortsConflict } from '../pod-info.ts'

const never = () => false
const always = () => true

/** The pod names its node. */
export const nodeName: FilterPlugin = {
  name: 'NodeName',
  helpedBy: ['nodeAdded'],
  prepare(pod, { table }) {
    const wanted = pod.pod.spec?.nodeName
    if (!wanted) return undefined
    return {
      allows: slot => table.names[slot] === wanted,
      reasons: () => ["node(s) didn't match the requested node name"],
      unresolvable: always,
    }
  },
}

/** Cordoned nodes take only pods that tolerate it. */
export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  helpedBy: ['nodeAdded', 'nodeTaintsChanged'],
  prepare(pod, { table }) {
    const taint = { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' }
    if (tolerates(pod.tolerations, taint)) return undefined
    return { allows: slot => !table.unschedulable(slot), reasons: () => ['node(s) were unschedulable'], unresolvable: always }
  },
}

/** Two pods can't have the same host port. */
export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  helpedBy: ['nodeAdded', 'podRemoved'],
  prepare(pod, { table }) {
    if (pod.hostPorts.length === 0) return undefined
    return {
      allows(slot) {
        for (const other of table.podsOn(slot).values())
          for (const taken of other.hostPorts) if (pod.hostPorts.some(wanted => hostPortsConflict(wanted, taken))) return false
        return true
      },
      reasons: () => ["node(s) didn't have free ports for the requested pod ports"],
      unresolvable: never,
    }
  },
}
