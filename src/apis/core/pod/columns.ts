import { timeSince } from '../../../apimachinery/cell.ts'
import { ageColumn, type Column, nameColumn } from '../../../apimachinery/kind.ts'
import type { Pod } from '../pod.ts'
import { summarizePod } from './status-text.ts'

export const podColumns: readonly Column[] = [
  nameColumn,
  {
    name: 'Ready',
    type: 'string',
    description: 'Containers that are ready, of all that should be.',
    priority: 0,
    cell: (pod: Pod) => {
      const { ready, total } = summarizePod(pod)
      return `${ready}/${total}`
    },
  },
  {
    name: 'Status',
    type: 'string',
    description: 'What the pod is doing, in one word.',
    priority: 0,
    cell: (pod: Pod) => summarizePod(pod).status,
  },
  {
    name: 'Restarts',
    type: 'string',
    description: 'How often containers were started again, and when last.',
    priority: 0,
    cell: (pod: Pod) => {
      const { restarts, lastRestart } = summarizePod(pod)
      return restarts > 0 && lastRestart !== undefined ? timeSince(lastRestart, `${restarts} (`, ' ago)') : String(restarts)
    },
  },
  ageColumn,
  {
    name: 'IP',
    type: 'string',
    description: 'First address of the pod.',
    priority: 1,
    cell: (pod: Pod) => pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || '<none>',
  },
  {
    name: 'Node',
    type: 'string',
    description: 'Node that the pod is bound to.',
    priority: 1,
    cell: (pod: Pod) => pod.spec?.nodeName || '<none>',
  },
  {
    name: 'Nominated Node',
    type: 'string',
    description: 'Node on which room is being made for the pod.',
    priority: 1,
    cell: (pod: Pod) => pod.status?.nominatedNodeName || '<none>',
  },
  {
    name: 'Readiness Gates',
    type: 'string',
    description: 'Readiness gates whose condition is true, of all.',
    priority: 1,
    cell: readinessGatesCell,
  },
]

function readinessGatesCell(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  const conditions = pod.status?.conditions ?? []
  const open = gates.filter(gate => conditions.some(one => one.type === gate.conditionType && one.status === 'True'))
  return `${open.length}/${gates.length}`
}
