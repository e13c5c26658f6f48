import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import type { UserInfo } from '../../apimachinery/request.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Destination, Outgoing } from '../outgoing/index.ts'
import type { Authenticator } from '../types.ts'
import { bearerTokenOf } from './bearer.ts'

/** One issuer whose tokens count, and what they say about their bearer. */
export interface JwtIssuer {
  readonly url: string
  /** Where the discovery document is, if not below the issuer's URL. */
  readonly discoveryUrl?: string
  /** PEM; the system's authorities by default. */
  readonly certificateAuthority?: string
  /** A token must be for one of them. */
  readonly audiences: readonly string[]
  readonly algorithms: readonly string[]
  /** Throws with what is wrong with the claims; the token is refused then. */
  readonly userOf: (claims: Claims) => UserInfo
}

export type Claims = Readonly<Record<string, unknown>>

export interface OidcOptions {
  readonly issuers: readonly JwtIssuer[]
  readonly outgoing: Outgoing
  readonly clock: Clock
  readonly logger: Logger
}

/** Keys are asked for again after this time, and earlier when a token names one that is not there, but not more often than that. */
const keyLifetime_ms = 3_600_000
const keyPause_ms = 10_000
const discovery = '/.well-known/openid-configuration'

/** Tokens of OpenID Connect issuers: verified with the keys that these publish, never by asking them about a token. */
export function oidcAuthenticator({ issuers, outgoing, clock, logger }: OidcOptions): Authenticator {
  const known = new Map(issuers.map(issuer => [issuer.url, { issuer, keys: createKeySource(issuer, outgoing, clock) }]))
  return {
    async authenticate(credentials) {
      const token = bearerTokenOf(credentials)
      const found = token === undefined ? undefined : known.get(issuerOf(token) ?? '')
      if (!found || token === undefined) return undefined
      try {
        return found.issuer.userOf(await verifyToken(token, found.issuer, found.keys, clock))
      } catch (error) {
        // Of the token nothing but its issuer and what is wrong with it.
        logger.warn(`verify a token of ${found.issuer.url}: refused`, { error: error instanceof Error ? error.message : String(error) })
        return undefined
      }
    },
  }
}

/** Only to find who may have signed: nothing of it is believed. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    // No such token at all.
    return undefined
  }
}

async function verifyToken(token: string, issuer: JwtIssuer, keys: KeySource, clock: Clock): Promise<JWTPayload> {
  const options = {
    issuer: issuer.url,
    audience: [...issuer.audiences],
    algorithms: [...issuer.algorithms],
    currentDate: new Date(clock.now()),
    requiredClaims: ['exp'],
  }
  const attempt = async (set: KeySet) => (await jwtVerify(token, set, options)).payload
  try {
    return await attempt(await keys.get())
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
    const renewed = await keys.renew()
    if (!renewed) throw error
    return attempt(renewed)
  }
}

/** Keeps each key as it is used to verify, so that it is read once and not for each token. */
type KeySet = ReturnType<typeof createLocalJWKSet>

interface KeySource {
  get(): Promise<KeySet>
  /** Undefined where they were fetched a moment ago. */
  renew(): Promise<KeySet | undefined>
}

function createKeySource(issuer: JwtIssuer, outgoing: Outgoing, clock: Clock): KeySource {
  const { certificateAuthority } = issuer
  let held: { readonly set: KeySet; readonly at: number } | undefined
  let fetching: Promise<KeySet> | undefined
  const destinations = new Map<string, Destination>()
  const read = async (url: string): Promise<Record<string, unknown>> => {
    const destination = destinations.get(url) ?? { at: { url }, certificateAuthority }
    destinations.set(url, destination)
    const { status, body } = await outgoing.call(destination, {
      method: 'GET',
      headers: { accept: 'application/json' },
      timeout_ms: 10_000,
    })
    if (status !== 200) throw new Error(`Get ${JSON.stringify(url)}: the server answered ${status}`)
    return JSON.parse(body.toString())
  }
  const fetchSet = async () => {
    const document = await read(issuer.discoveryUrl ?? issuer.url.replace(/\/$/, '') + discovery)
    if (document.issuer !== issuer.url)
      throw new Error(`the discovery document names the issuer ${JSON.stringify(document.issuer)} instead of ${JSON.stringify(issuer.url)}`)
    const location = String(document.jwks_uri)
    if (!location.startsWith('https://'))
      throw new Error(`the discovery document names keys at ${JSON.stringify(location)}, which is not https`)
    const published = (await read(location)) as unknown as JSONWebKeySet
    if (!Array.isArray(published.keys)) throw new Error(`${location} has no keys`)
    const set = createLocalJWKSet(published)
    held = { set, at: clock.monotonic() }
    return set
  }
  // Whoever comes while they are being fetched waits for the same answer.
  const fetchOnce = () => {
    fetching ??= fetchSet().finally(() => {
      fetching = undefined
    })
    return fetching
  }
  return {
    async get() {
      if (held && clock.monotonic() - held.at < keyLifetime_ms) return held.set
      // Old keys are better than none while the issuer is away.
      return fetchOnce().catch(error => held?.set ?? Promise.reject(error))
    },
    async renew() {
      return held && clock.monotonic() - held.at < keyPause_ms ? undefined : fetchOnce()
    },
  }
}
