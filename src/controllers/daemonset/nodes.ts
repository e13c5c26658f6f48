import type { DaemonSet } from '../../apis/apps/daemon-set.ts'
import type { Node } from '../../apis/core/node.ts'
import type { PodSpec } from '../../apis/core/pod-spec.ts'
import { matchesTerm, tolerates } from '../../apis/core/scheduling-rules.ts'
import type { Toleration } from '../../apis/core/scheduling-terms.ts'

/** On which nodes the pods of a daemon set belong: pure, and of one mind with the scheduler, which has the last word. */

export interface Verdict {
  /** A pod is to be made where there is none. */
  readonly run: boolean
  /** A pod that is there may stay. */
  readonly stay: boolean
}

const nowhere: Verdict = { run: false, stay: false }

const everywhere: Verdict = { run: true, stay: true }

/** What is the same for all nodes is worked out once: sets are looked at often, and there may be thousands of nodes. */
export function verdictsOf({ spec }: DaemonSet): (node: Node) => Verdict {
  const pod = spec?.template?.spec
  if (pod === undefined) return () => nowhere
  const tolerations = daemonTolerations(pod)
  const labels = Object.entries(pod.nodeSelector ?? {})
  return node => {
    if ((pod.nodeName && pod.nodeName !== node.metadata.name) || !selects(pod, labels, node)) return nowhere
    if (!node.spec?.taints?.length) return everywhere
    const untolerated = node.spec.taints.filter(taint => !tolerates(tolerations, taint))
    const stay = !untolerated.some(({ effect }) => effect === 'NoExecute')
    return { run: stay && !untolerated.some(({ effect }) => effect === 'NoSchedule'), stay }
  }
}

function selects({ affinity }: PodSpec, labels: readonly (readonly [string, string])[], node: Node): boolean {
  if (!labels.every(([label, value]) => node.metadata.labels?.[label] === value)) return false
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return terms === undefined || terms.some(term => matchesTerm(term, node))
}

const exists = (key: string, effect: string): Toleration => ({ key, operator: 'Exists', effect })

const always: readonly Toleration[] = [
  exists('node.kubernetes.io/not-ready', 'NoExecute'),
  exists('node.kubernetes.io/unreachable', 'NoExecute'),
  exists('node.kubernetes.io/disk-pressure', 'NoSchedule'),
  exists('node.kubernetes.io/memory-pressure', 'NoSchedule'),
  exists('node.kubernetes.io/pid-pressure', 'NoSchedule'),
  exists('node.kubernetes.io/unschedulable', 'NoSchedule'),
]

/** Daemons run on nodes that others leave; those with the network of the node also where there is no other. */
export function daemonTolerations({ tolerations = [], hostNetwork }: PodSpec): readonly Toleration[] {
  const added = hostNetwork ? [...always, exists('node.kubernetes.io/network-unavailable', 'NoSchedule')] : always
  const isAdded = (given: Toleration): boolean => added.some(one => one.key === given.key && one.effect === given.effect)
  return [...tolerations.filter(given => !isAdded(given)), ...added]
}
