import { createHash } from 'node:crypto'
import type { UserInfo } from '../../apimachinery/request.ts'
import type { TokenReview } from '../../apis/authentication/token-review.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { createExpiringCache } from '../expiring-cache.ts'
import type { Authenticator } from '../types.ts'
import type { WebhookClient } from '../webhook-client.ts'
import { bearerTokenOf } from './bearer.ts'

export interface AuthenticationWebhookOptions {
  readonly client: WebhookClient
  /** Upstream's default is v1beta1, whose form is the same. */
  readonly version: 'v1' | 'v1beta1'
  /** The API server's own; a token must be good for one of them. */
  readonly audiences: readonly string[]
  readonly cacheTtl_ms: number
  readonly clock: Clock
  readonly logger: Logger
}

const remembered = 4096

/** Asks a server outside whose token this is. Answers are kept for a while under the token's digest, never the token. */
export function webhookTokenAuthenticator(options: AuthenticationWebhookOptions): Authenticator {
  const { client, version, audiences, cacheTtl_ms, clock, logger } = options
  const cache = createExpiringCache<UserInfo | null>(remembered, clock)
  const asked = new Map<string, Promise<UserInfo | null>>()

  const ask = async (token: string, key: string): Promise<UserInfo | null> => {
    const review = { apiVersion: `authentication.k8s.io/${version}`, kind: 'TokenReview', metadata: {}, spec: { token, audiences } }
    const { status } = (await client.post(JSON.stringify(review))) as TokenReview
    const { authenticated = false, user, audiences: good } = status ?? {}
    // An answer without audiences comes from a server that knows none: it is about this one.
    const isForUs = !good?.length || good.some(audience => audiences.includes(audience))
    const found = authenticated && isForUs && user?.username ? userOf(user) : null
    if (cacheTtl_ms > 0) cache.set(key, found, cacheTtl_ms)
    return found
  }
  return {
    async authenticate(credentials) {
      const token = bearerTokenOf(credentials)
      if (token === undefined) return undefined
      const key = createHash('sha256').update(token).digest('base64')
      const known = cache.get(key)
      if (known !== undefined) return known ?? undefined
      const pending = asked.get(key) ?? ask(token, key).finally(() => asked.delete(key))
      asked.set(key, pending)
      try {
        return (await pending) ?? undefined
      } catch (error) {
        logger.error(`ask authentication webhook ${client.url} about a token: failed; the token counts as unknown`, { error })
        return undefined
      }
    },
  }
}

const userOf = ({ username = '', uid, groups = [], extra }: NonNullable<NonNullable<TokenReview['status']>['user']>): UserInfo => ({
  name: username,
  groups,
  ...(uid && { uid }),
  ...(extra && { extra }),
})
