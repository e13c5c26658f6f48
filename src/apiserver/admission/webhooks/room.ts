import type { Logger } from '../../../base/logger.ts'
import type { Authorizer } from '../../types.ts'
import type { HookCaller } from './call-hook.ts'
import type { HookTable } from './hook-table.ts'
import type { WebhookMetrics } from './metrics.ts'

/** What the webhooks of one type share. */
export interface WebhookRoom extends HookCaller {
  /** As the configurations are now. */
  readonly table: HookTable
  readonly metrics: WebhookMetrics
  /** Whom match conditions ask. */
  readonly authorizer: Authorizer
  readonly logger: Logger
}
