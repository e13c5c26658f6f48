import type { RequestAttributes, UserInfo } from '../../apimachinery/request.ts'
import type { SubjectAccessReview } from '../../apis/authorization/subject-access-review.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { MetricsRegistry } from '../../base/metrics.ts'
import { createExpiringCache } from '../expiring-cache.ts'
import type { Authorization, Authorizer } from '../types.ts'
import type { WebhookClient } from '../webhook-client.ts'
import { fieldRequirements, labelRequirements } from './selector-attributes.ts'

export interface AuthorizationWebhookOptions {
  readonly name: string
  readonly client: WebhookClient
  /** How long answers are believed; 0 asks each time. */
  readonly authorizedTtl_ms: number
  readonly unauthorizedTtl_ms: number
  /** What an unreachable webhook means: nobody decided, or refused. */
  readonly failurePolicy: 'NoOpinion' | 'Deny'
  /** Asked first, with the review; only where all of them hold the webhook is called. */
  readonly matches?: (review: SubjectAccessReview) => boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsRegistry
}

const remembered = 8192
/** Reviews longer than this are asked each time, so that the cache stays small. */
const longestKey = 10_000

/** Asks a server outside, with a SubjectAccessReview. */
export function webhookAuthorizer(options: AuthorizationWebhookOptions): Authorizer {
  const { name, client, authorizedTtl_ms, unauthorizedTtl_ms, failurePolicy, matches, clock, logger, metrics } = options
  const cache = createExpiringCache<Authorization>(remembered, clock)
  const calls = metrics.counter('apiserver_authorization_webhook_evaluations_total', 'Round-trips to authorization webhooks.')
  const asked = new Map<string, Promise<Authorization>>()

  const ask = async (key: string): Promise<Authorization> => {
    try {
      const { status } = (await client.post(key)) as SubjectAccessReview
      if (typeof status?.allowed !== 'boolean') throw new Error('the answer has no status')
      calls.add({ name, result: 'success' })
      const { allowed, denied = false, reason = '' } = status
      if (allowed && denied) throw new Error('the answer is both allowed and denied')
      const decision = { allowed, ...(denied && { denied }), reason }
      const ttl_ms = allowed ? authorizedTtl_ms : unauthorizedTtl_ms
      if (ttl_ms > 0 && key.length <= longestKey) cache.set(key, decision, ttl_ms)
      return decision
    } catch (error) {
      calls.add({ name, result: 'fail' })
      logger.error(`ask authorization webhook ${name}: failed; ${failurePolicy === 'Deny' ? 'refused' : 'the next authorizer decides'}`, {
        error,
      })
      const text = error instanceof Error ? error.message : String(error)
      return { allowed: false, ...(failurePolicy === 'Deny' && { denied: true }), reason: '', error: text }
    }
  }
  return {
    authorize(user, attributes) {
      const review = reviewOf(user, attributes)
      try {
        if (matches && !matches(review)) return { allowed: false, reason: '' }
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error)
        return { allowed: false, ...(failurePolicy === 'Deny' && { denied: true }), reason: '', error: text }
      }
      const key = JSON.stringify(review)
      const known = cache.get(key)
      if (known) return known
      // The same question that is being asked already is asked once.
      const pending = asked.get(key) ?? ask(key).finally(() => asked.delete(key))
      asked.set(key, pending)
      return pending
    },
  }
}

function reviewOf(user: UserInfo, attributes: RequestAttributes): SubjectAccessReview {
  const { isResourceRequest, verb, path, namespace, group, version, resource, subresource, name } = attributes
  const fields = fieldRequirements(attributes.fieldSelector)
  const labels = labelRequirements(attributes.labelSelector)
  const what = isResourceRequest
    ? {
        resourceAttributes: {
          ...(namespace && { namespace }),
          verb,
          ...(group && { group }),
          version,
          resource,
          ...(subresource && { subresource }),
          ...(name && { name }),
          ...(fields?.length && { fieldSelector: { requirements: fields } }),
          ...(labels?.length && { labelSelector: { requirements: labels } }),
        },
      }
    : { nonResourceAttributes: { path, verb } }
  const { uid, groups, extra } = user
  return {
    kind: 'SubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec: { ...what, user: user.name, groups, ...(extra && { extra }), ...(uid && { uid }) },
  } as SubjectAccessReview
}
