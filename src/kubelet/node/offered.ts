import type { NodeStatus } from '../../apis/core/node.ts'
import type { NodeDescription } from '../options.ts'

type Amounts = Readonly<Record<string, string>>

/**
 * What the node has and what pods can have of it. Resources that somebody added to its capacity (`example.com/dongle`) are none
 * that the kubelet could measure; pods can have all of them.
 */
export function offered(description: NodeDescription, told: NodeStatus | undefined): { capacity: Amounts; allocatable: Amounts } {
  const { capacity, allocatable = capacity } = description
  const added = Object.fromEntries(Object.entries(told?.capacity ?? {}).filter(([name]) => !(name in capacity)))
  return { capacity: { ...added, ...capacity }, allocatable: { ...added, ...allocatable } }
}

/** As a patch of what was told before: what nobody adds any more is taken away. */
export function patchOf(before: Amounts = {}, after: Amounts): Readonly<Record<string, string | null>> {
  const gone = Object.keys(before).filter(name => !(name in after))
  return { ...after, ...Object.fromEntries(gone.map(name => [name, null])) }
}
