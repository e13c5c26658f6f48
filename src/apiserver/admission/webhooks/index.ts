/**
 * Admission webhooks: servers that are asked what to change in a request, and whether it may pass. In go requests and
 * the stored configurations, which act from the moment they are stored; out come changed objects or refusals. A request
 * that no rule is about costs one look into a table.
 */
import type { ResourceView } from '../../../apimachinery/connection.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/logger.ts'
import type { MetricsRegistry } from '../../../base/metrics.ts'
import type { Random } from '../../../base/random.ts'
import type { Outgoing } from '../../outgoing/index.ts'
import type { AdmissionStep, Authorizer } from '../../types.ts'
import { type FollowedTable, followedTable } from '../followed-table.ts'
import { createHookTable, type HookTable } from './hook-table.ts'
import { hooksOf } from './hooks.ts'
import { createWebhookMetrics } from './metrics.ts'
import { mutateByWebhooks, mutatingStepName } from './mutating.ts'
import type { WebhookRoom } from './room.ts'
import { validateByWebhooks, validatingStepName } from './validating.ts'

export interface WebhookOptions {
  readonly authorizer: Authorizer
  readonly outgoing: Outgoing
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: MetricsRegistry
}

export interface WebhookViews {
  readonly mutating: ResourceView
  readonly validating: ResourceView
}

export interface WebhookAdmission {
  readonly mutating: AdmissionStep
  readonly validating: AdmissionStep
  /** Follows the stored configurations from now on; before that, there are none. */
  attach(views: WebhookViews): void
  close(): void
}

export function createWebhookAdmission({ authorizer, outgoing, clock, random, logger, metrics }: WebhookOptions): WebhookAdmission {
  const followHooks = () => followedTable((configurations = []) => createHookTable(hooksOf(configurations)))
  const mutating = followHooks()
  const validating = followHooks()
  const roomOf = ({ table }: FollowedTable<HookTable>, type: 'admit' | 'validating'): WebhookRoom => ({
    authorizer,
    outgoing,
    random,
    logger,
    metrics: createWebhookMetrics(metrics, clock, type),
    get table() {
      return table()
    },
  })
  const mutatingRoom = roomOf(mutating, 'admit')
  const validatingRoom = roomOf(validating, 'validating')
  return {
    mutating: {
      name: mutatingStepName,
      handles: request => mutatingRoom.table.candidates(request).length > 0,
      mutate: request => mutateByWebhooks(mutatingRoom, request),
    },
    validating: {
      name: validatingStepName,
      handles: request => validatingRoom.table.candidates(request).length > 0,
      validate: request => validateByWebhooks(validatingRoom, request),
    },
    attach(views) {
      mutating.attach(views.mutating)
      validating.attach(views.validating)
    },
    close() {
      mutating.close()
      validating.close()
    },
  }
}
