import { badRequest, StatusError } from '../../apimachinery/api-errors.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { UserInfo } from '../../apimachinery/request.ts'
import type { TokenReview } from '../../apis/authentication/token-review.ts'
import type { Authenticator, ReviewHandler } from '../types.ts'
import type { ServiceAccountAuthenticator } from './service-account.ts'
import type { TokenIssuer } from './tokens.ts'

export interface AuthenticationReviewOptions {
  readonly issuer: TokenIssuer
  readonly serviceAccounts: ServiceAccountAuthenticator
  /** Asked where the token is no service account's. */
  readonly others: readonly Authenticator[]
}

/** "Whose token is this?" and "who am I?" */
export function authenticationReviews(options: AuthenticationReviewOptions): Readonly<Record<string, ReviewHandler>> {
  return {
    TokenReview: async ({ body }) => {
      const { spec } = body as TokenReview
      if (!spec?.token) throw badRequest('token is required for TokenReview in authentication')
      return { ...body, status: await reviewToken(spec.token, spec.audiences ?? [], options) } as KubernetesObject
    },
    SelfSubjectReview: async ({ body, context }) => ({ ...body, status: { userInfo: formatUser(context.user) } }) as KubernetesObject,
  }
}

async function reviewToken(token: string, asked: readonly string[], { issuer, serviceAccounts, others }: AuthenticationReviewOptions) {
  const audiences = asked.length ? asked : issuer.audiences
  if (issuer.verify(token)) {
    const review = serviceAccounts.review(token, audiences)
    if ('error' in review) return { authenticated: false, error: review.error, user: {} }
    return { authenticated: true, user: formatUser(withAuthenticated(review.user)), audiences: review.audiences }
  }
  // Tokens of others say nothing of audiences: they are for this API server.
  const shared = audiences.filter(audience => issuer.audiences.includes(audience))
  const user = shared.length > 0 ? await ask(others, token) : undefined
  if (user) return { authenticated: true, user: formatUser(withAuthenticated(user)), audiences: shared }
  return { authenticated: false, error: 'invalid bearer token', user: {} }
}

async function ask(others: readonly Authenticator[], token: string): Promise<UserInfo | undefined> {
  for (const other of others) {
    try {
      const user = await other.authenticate({ authorization: `Bearer ${token}`, clientCertificate: undefined, headers: {} })
      if (user) return user
    } catch (error) {
      // Known, and not good any more.
      if (error instanceof StatusError) return undefined
      throw error
    }
  }
  return undefined
}

const withAuthenticated = (user: UserInfo): UserInfo => ({ ...user, groups: [...new Set([...user.groups, 'system:authenticated'])] })

const formatUser = ({ name, uid, groups, extra }: UserInfo) => ({ username: name, ...(uid && { uid }), groups, ...(extra && { extra }) })
