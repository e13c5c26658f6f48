import type { Kind } from '../../apimachinery/kind.ts'
import { templateGeneration } from '../../apis/apps/daemon-set/template-generation.ts'
import { type DaemonSet, daemonSetKind } from '../../apis/apps/daemon-set.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { NodeSelectorTerm } from '../../apis/core/scheduling-terms.ts'
import { podFromTemplate } from '../pod-control.ts'
import { daemonTolerations } from './nodes.ts'

export const setKind = daemonSetKind as unknown as Kind

export const hashLabel = 'controller-revision-hash'
const generationLabel = 'pod-template-generation'

/** A pod for one node: the scheduler may choose no other. */
export function podForNode(set: DaemonSet, node: string, hash: string): Pod {
  const draft = podFromTemplate(set.spec?.template, set, setKind)
  const labels = { ...draft.metadata.labels, [hashLabel]: hash, [generationLabel]: String(templateGeneration(set)) }
  const spec = draft.spec && {
    ...draft.spec,
    tolerations: daemonTolerations(draft.spec),
    affinity: {
      ...draft.spec.affinity,
      nodeAffinity: {
        ...draft.spec.affinity?.nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [onlyOn(node)] },
      },
    },
  }
  return { ...draft, metadata: { ...draft.metadata, labels }, ...(spec && { spec }) }
}

// The set's own terms were asked already, and might admit other nodes.
const onlyOn = (node: string): NodeSelectorTerm => ({ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] })

/** The node that a pod runs on, or is meant for. */
export function nodeOfPod({ spec }: Pod): string | undefined {
  if (spec?.nodeName) return spec.nodeName
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const fields = terms.flatMap(({ matchFields }) => matchFields ?? [])
  return fields.find(({ key, operator, values }) => key === 'metadata.name' && operator === 'In' && values?.length === 1)?.values?.[0]
}

/** Oldest first. */
export const byAge = ({ metadata: left }: Pod, { metadata: right }: Pod): number =>
  compareText(left.creationTimestamp ?? '', right.creationTimestamp ?? '') || compareText(left.name ?? '', right.name ?? '')

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
