interface Condition {
  readonly type: string
  readonly status: string
  readonly lastTransitionTime?: string
  readonly reason?: string
  readonly message?: string
}

/** The conditions with this one in place of the one of its type; the time of transition moves only with the status. */
export function withCondition(conditions: readonly Condition[] | undefined, condition: Condition, now: string): readonly Condition[] {
  const before = conditions?.find(one => one.type === condition.type)
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : now
  const others = conditions?.filter(one => one.type !== condition.type) ?? []
  return [...others, { ...condition, lastTransitionTime }]
}
