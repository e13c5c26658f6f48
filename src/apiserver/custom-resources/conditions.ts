import { type ConditionType, type CustomResourceDefinition, conditionOf } from '../../apis/index.ts'

export interface ConditionChange {
  readonly type: ConditionType
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
}

/** The definition with these conditions; the same where they are there already. */
export function withConditions(
  definition: CustomResourceDefinition,
  changes: readonly ConditionChange[],
  now: string,
): CustomResourceDefinition {
  let conditions = definition.status?.conditions ?? []
  for (const change of changes) {
    const known = conditionOf(definition, change.type)
    if (known && known.status === change.status && known.reason === change.reason && known.message === change.message) continue
    const lastTransitionTime = known?.status === change.status ? known.lastTransitionTime : now
    const condition = { ...known, ...change, lastTransitionTime }
    conditions = known ? conditions.map(one => (one === known ? condition : one)) : [...conditions, condition]
  }
  if (conditions === definition.status?.conditions) return definition
  return { ...definition, status: { ...definition.status, conditions } }
}
