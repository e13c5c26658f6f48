import { unauthorized } from '../../apimachinery/api-errors.ts'
import type { ResourceView } from '../../apimachinery/connection.ts'
import type { UserInfo } from '../../apimachinery/request.ts'
import type { Clock } from '../../base/clock.ts'
import type { Authenticator } from '../types.ts'
import { bearerTokenOf } from './bearer.ts'
import type { TokenClaims, TokenIssuer } from './tokens.ts'

/** What tokens may be bound to, from the committed state. */
export interface TokenViews {
  readonly serviceAccounts: ResourceView
  readonly pods: ResourceView
  readonly secrets: ResourceView
  readonly nodes: ResourceView
}

export interface ServiceAccountAuthenticator extends Authenticator {
  attach(views: TokenViews): void
  /** The user of a token for one of these audiences, with the audiences that it and the token share. */
  review(
    token: string,
    audiences: readonly string[],
  ): { readonly user: UserInfo; readonly audiences: readonly string[] } | { readonly error: string }
}

/** Tokens that this cluster issued, for as long as what they are bound to exists. */
export function serviceAccountAuthenticator(issuer: TokenIssuer, clock: Clock): ServiceAccountAuthenticator {
  let views: TokenViews | undefined
  const check = (claims: TokenClaims): string | undefined => {
    const now_s = clock.now() / 1000
    if (now_s >= claims.exp) return 'service account token has expired'
    // A minute of grace, since the clocks of masters differ.
    if (now_s < claims.nbf - 60) return 'service account token is not valid yet'
    return views ? checkBindings(claims, views) : 'service accounts are not known yet'
  }
  return {
    attach: given => {
      views = given
    },
    async authenticate(credentials) {
      const token = bearerTokenOf(credentials)
      const claims = token === undefined ? undefined : issuer.verify(token)
      if (!claims) return undefined
      if (check(claims) !== undefined || !claims.aud.some(audience => issuer.audiences.includes(audience))) throw unauthorized()
      return userOf(claims)
    },
    review(token, audiences) {
      const claims = issuer.verify(token)
      if (!claims) return { error: 'invalid bearer token' }
      const error = check(claims)
      if (error) return { error: `[invalid bearer token, ${error}]` }
      const shared = claims.aud.filter(audience => audiences.includes(audience))
      if (shared.length === 0)
        return {
          error: `[invalid bearer token, token audiences ${JSON.stringify(claims.aud)} is invalid for the target audiences ${JSON.stringify(audiences)}]`,
        }
      return { user: userOf(claims), audiences: shared }
    },
  }
}

function checkBindings(claims: TokenClaims, views: TokenViews): string | undefined {
  const { namespace, serviceaccount, pod, secret, node } = claims['kubernetes.io']
  if (!isAlive(views.serviceAccounts, namespace, serviceaccount)) return 'service account UID does not match claim'
  if (pod && !isAlive(views.pods, namespace, pod)) return 'pod UID does not match claim'
  if (secret && !isAlive(views.secrets, namespace, secret)) return 'secret UID does not match claim'
  // For a token bound to a pod its node is only a note.
  if (node?.uid && !pod && !isAlive(views.nodes, undefined, { name: node.name, uid: node.uid })) return 'node UID does not match claim'
  return undefined
}

const isAlive = (view: ResourceView, namespace: string | undefined, { name, uid }: { name: string; uid: string }): boolean =>
  view.get(namespace, name)?.metadata.uid === uid

function userOf(claims: TokenClaims): UserInfo {
  const { namespace, serviceaccount, pod, node } = claims['kubernetes.io']
  return {
    name: claims.sub,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra: {
      'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`],
      ...(pod && { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] }),
      ...(node && { 'authentication.kubernetes.io/node-name': [node.name] }),
      ...(node?.uid && { 'authentication.kubernetes.io/node-uid': [node.uid] }),
    },
  }
}
