/** Why a pod fits nowhere. */
export interface Diagnosis {
  readonly nodeCount: number
  /** For each reason, on how many nodes it was given. */
  readonly reasons: ReadonlyMap<string, number>
  /** Plugins that refused a node. */
  readonly plugins: ReadonlySet<string>
  /** Slots where removing pods might help. */
  readonly resolvable: readonly number[]
}

/**
 * The text that `kubectl describe pod` shows, in upstream's words. Where preemption did not help either, upstream says
 * first that there were no resource claims to give back.
 */
export function formatDiagnosis(diagnosis: Diagnosis, preemption: string | undefined): string {
  if (diagnosis.nodeCount === 0) return 'no nodes available to schedule pods'
  const nodes = formatReasons(diagnosis.nodeCount, diagnosis.reasons)
  return preemption === undefined ? nodes : `${nodes} no new claims to deallocate, preemption: ${preemption}`
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` */
export function formatReasons(nodeCount: number, reasons: ReadonlyMap<string, number>): string {
  const texts = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort(byBytes)
  return `0/${nodeCount} nodes are available:${texts.length > 0 ? ` ${texts.join(', ')}.` : ''}`
}

const byBytes = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)
