import type { Pod } from '../apis/core/pod.ts'

/** What a pod means to the scheduler at present. */
export const isTerminal = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'

export const isGated = (pod: Pod): boolean => (pod.spec?.schedulingGates?.length ?? 0) > 0

/** It takes room on a node. */
export const isPlaced = (pod: Pod): boolean => Boolean(pod.spec?.nodeName) && !isTerminal(pod)

/** It waits for this scheduler to find it a node. */
export const isWaitingFor = (schedulerName: string, pod: Pod): boolean =>
  !pod.spec?.nodeName &&
  !isTerminal(pod) &&
  !pod.metadata.deletionTimestamp &&
  (pod.spec?.schedulerName ?? 'default-scheduler') === schedulerName &&
  !isGated(pod)
