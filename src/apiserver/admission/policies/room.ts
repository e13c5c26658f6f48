import type { Authorizer } from '../../types.ts'
import type { PolicyMetrics } from './metrics.ts'
import type { PolicyTable } from './policy-table.ts'

/** What the policies of one kind share. */
export interface PolicyRoom<Compiled> {
  /** As the policies and bindings are now. */
  readonly table: PolicyTable<Compiled>
  readonly authorizer: Authorizer
  readonly metrics: PolicyMetrics
}
