import { timingSafeEqual } from 'node:crypto'
import { unauthorized } from '../../apimachinery/api-errors.ts'
import type { UserInfo } from '../../apimachinery/request.ts'
import type { Secret } from '../../apis/core/secret.ts'
import type { Clock } from '../../base/clock.ts'
import type { Authenticator } from '../types.ts'
import { bearerTokenOf } from './bearer.ts'
import type { TokenViews } from './service-account.ts'
import type { SecretTokenClaims, TokenIssuer } from './tokens.ts'

export interface SecretTokenOptions {
  readonly issuer: TokenIssuer
  readonly views: () => TokenViews | undefined
  /** Told once a day of each token that is used, so that those that nobody uses can be found. */
  readonly onUse: (secret: Secret, day: string) => void
  readonly clock: Clock
}

const lastUsed = 'kubernetes.io/legacy-token-last-used'
const invalidSince = 'kubernetes.io/legacy-token-invalid-since'

/** Tokens of the old form, which live in Secrets and last as long as these and their service accounts do. */
export function secretTokenAuthenticator({ issuer, views, onUse, clock }: SecretTokenOptions): Authenticator {
  return {
    async authenticate(credentials) {
      const token = bearerTokenOf(credentials)
      const claims = token === undefined ? undefined : issuer.verifyOfSecret(token)
      if (!claims || token === undefined) return undefined
      const secret = secretOf(claims, token, views())
      if (!secret) throw unauthorized()
      const day = new Date(clock.now()).toISOString().slice(0, 10)
      if (secret.metadata.labels?.[lastUsed] !== day) onUse(secret, day)
      return userOf(claims)
    },
  }
}

/** Undefined unless the Secret still holds this very token and the account is the one that it was made for. */
function secretOf(claims: SecretTokenClaims, token: string, views: TokenViews | undefined): Secret | undefined {
  const namespace = claims['kubernetes.io/serviceaccount/namespace']
  const secret = views?.secrets.get(namespace, claims['kubernetes.io/serviceaccount/secret.name']) as Secret | undefined
  const account = views?.serviceAccounts.get(namespace, claims['kubernetes.io/serviceaccount/service-account.name'])
  if (!secret || secret.metadata.deletionTimestamp !== undefined || secret.metadata.labels?.[invalidSince] !== undefined) return undefined
  if (!account || account.metadata.deletionTimestamp !== undefined) return undefined
  if (account.metadata.uid !== claims['kubernetes.io/serviceaccount/service-account.uid']) return undefined
  const [held, given] = [Buffer.from(secret.data?.token ?? '', 'base64'), Buffer.from(token)]
  return held.length === given.length && timingSafeEqual(held, given) ? secret : undefined
}

function userOf(claims: SecretTokenClaims): UserInfo {
  const namespace = claims['kubernetes.io/serviceaccount/namespace']
  return {
    name: claims.sub,
    uid: claims['kubernetes.io/serviceaccount/service-account.uid'],
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
  }
}
