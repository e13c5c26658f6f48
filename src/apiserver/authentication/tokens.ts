import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'

/** Service-account tokens: JWTs signed with the cluster's EC key, bound to objects, an audience and a time. */
export interface TokenIssuer {
  readonly issuer: string
  readonly audiences: readonly string[]
  issue(request: TokenContent): { readonly token: string; readonly expiresAt_ms: number }
  /** A token without an end, kept in a Secret: the old form. */
  issueForSecret(content: SecretTokenContent): string
  /** The claims of a token of the old form that this issuer signed. */
  verifyOfSecret(token: string): SecretTokenClaims | undefined
  /** The claims of a token that this issuer signed, or undefined. Says nothing about time, audience or bound objects. */
  verify(token: string): TokenClaims | undefined
  /** The public key as a JSON Web Key Set, and the discovery document that points at it. */
  readonly keySet: { readonly keys: readonly Readonly<Record<string, unknown>>[] }
}

export interface TokenContent {
  readonly namespace: string
  readonly serviceAccount: { readonly name: string; readonly uid: string }
  readonly audiences: readonly string[]
  readonly lifetime_s: number
  readonly boundTo?: { readonly kind: 'Pod' | 'Secret' | 'Node'; readonly name: string; readonly uid: string }
  /** Of a token bound to a pod: where that pod runs. */
  readonly node?: { readonly name: string; readonly uid?: string }
  /** After this many seconds its user should have renewed it. */
  readonly warnAfter_s?: number
}

export interface SecretTokenContent {
  readonly namespace: string
  readonly serviceAccount: { readonly name: string; readonly uid: string }
  readonly secretName: string
}

export interface SecretTokenClaims {
  readonly iss: typeof secretIssuer
  readonly sub: string
  readonly 'kubernetes.io/serviceaccount/namespace': string
  readonly 'kubernetes.io/serviceaccount/secret.name': string
  readonly 'kubernetes.io/serviceaccount/service-account.name': string
  readonly 'kubernetes.io/serviceaccount/service-account.uid': string
}

const secretIssuer = 'kubernetes/serviceaccount'

export interface TokenClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: readonly string[]
  readonly iat: number
  readonly nbf: number
  readonly exp: number
  readonly jti: string
  readonly 'kubernetes.io': {
    readonly namespace: string
    readonly serviceaccount: Reference
    readonly pod?: Reference
    readonly secret?: Reference
    readonly node?: { readonly name: string; readonly uid?: string }
    readonly warnafter?: number
  }
}

interface Reference {
  readonly name: string
  readonly uid: string
}

export interface TokenIssuerOptions {
  /** PEM */
  readonly privateKey: string
  readonly issuer: string
  /** What tokens are good for when nobody asks for another audience. */
  readonly audiences: readonly string[]
  readonly clock: Clock
  readonly random: Random
}

/** Verified signatures that are remembered; a client sends the same token thousands of times. */
const remembered = 1024

export function createTokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  const { issuer, audiences, clock, random } = options
  const privateKey = createPrivateKey(options.privateKey)
  const publicKey = createPublicKey(privateKey)
  const jwk = publicKey.export({ format: 'jwk' })
  const keyId = createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('base64url')
  const verified = new Map<string, TokenClaims | SecretTokenClaims>()
  const verify = (token: string): TokenClaims | SecretTokenClaims | undefined => {
    const known = verified.get(token)
    if (known) return known
    const claims = readToken(token, publicKey)
    if (!claims || (claims.iss !== issuer && claims.iss !== secretIssuer)) return undefined
    if (verified.size >= remembered) verified.delete(verified.keys().next().value as string)
    verified.set(token, claims)
    return claims
  }
  return {
    issuer,
    audiences,
    keySet: { keys: [{ ...jwk, use: 'sig', alg: 'ES256', kid: keyId }] },
    issue(content) {
      const now_s = Math.floor(clock.now() / 1000)
      const claims = claimsOf(content, issuer, now_s, random.uuid())
      return { token: signToken(claims, privateKey, keyId), expiresAt_ms: claims.exp * 1000 }
    },
    issueForSecret({ namespace, serviceAccount, secretName }) {
      const claims: SecretTokenClaims = {
        iss: secretIssuer,
        'kubernetes.io/serviceaccount/namespace': namespace,
        'kubernetes.io/serviceaccount/secret.name': secretName,
        'kubernetes.io/serviceaccount/service-account.name': serviceAccount.name,
        'kubernetes.io/serviceaccount/service-account.uid': serviceAccount.uid,
        sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
      }
      return signToken(claims, privateKey, keyId)
    },
    verify(token) {
      const claims = verify(token)
      return claims && isOfSecret(claims) ? undefined : claims
    },
    verifyOfSecret(token) {
      const claims = verify(token)
      return claims && isOfSecret(claims) ? claims : undefined
    },
  }
}

function claimsOf(content: TokenContent, issuer: string, now_s: number, id: string): TokenClaims {
  const { namespace, serviceAccount, boundTo, node } = content
  const bound = boundTo && { [boundTo.kind.toLowerCase()]: { name: boundTo.name, uid: boundTo.uid } }
  return {
    aud: content.audiences,
    exp: now_s + content.lifetime_s,
    iat: now_s,
    iss: issuer,
    jti: id,
    'kubernetes.io': {
      namespace,
      ...(node && { node }),
      ...bound,
      serviceaccount: serviceAccount,
      ...(content.warnAfter_s !== undefined && { warnafter: now_s + content.warnAfter_s }),
    },
    nbf: now_s,
    sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
  }
}

const isOfSecret = (claims: TokenClaims | SecretTokenClaims): claims is SecretTokenClaims => claims.iss === secretIssuer

const encodePart = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

// JWS wants the two numbers of an ECDSA signature side by side, not in DER.
const encoding = 'ieee-p1363'

function signToken(claims: TokenClaims | SecretTokenClaims, key: KeyObject, keyId: string): string {
  const text = `${encodePart({ alg: 'ES256', kid: keyId })}.${encodePart(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: encoding }).toString('base64url')}`
}

function readToken(token: string, key: KeyObject): TokenClaims | SecretTokenClaims | undefined {
  const [header, payload, signature, ...rest] = token.split('.')
  if (!header || !payload || !signature || rest.length) return undefined
  // Only our own algorithm: a header that names another one, or none, is not ours.
  if ((parsePart(header) as { alg?: unknown } | undefined)?.alg !== 'ES256') return undefined
  const genuine = verify('sha256', Buffer.from(`${header}.${payload}`), { key, dsaEncoding: encoding }, Buffer.from(signature, 'base64url'))
  return genuine ? (parsePart(payload) as TokenClaims | SecretTokenClaims | undefined) : undefined
}

function parsePart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  } catch {
    // Not a token at all.
    return undefined
  }
}
