import { createHash, timingSafeEqual } from 'node:crypto'
import type { UserInfo } from '../../apimachinery/request.ts'
import type { Authenticator } from '../types.ts'
import { bearerTokenOf } from './bearer.ts'

/** Tokens fixed at start, for clusters inside tests. */
export function staticTokenAuthenticator(tokens: Readonly<Record<string, UserInfo>>): Authenticator {
  const known = Object.entries(tokens).map(([token, user]) => ({ digest: digestOf(token), user }))
  return {
    async authenticate(credentials) {
      const token = bearerTokenOf(credentials)
      if (token === undefined) return undefined
      const digest = digestOf(token)
      // Digests of equal length, so that the time taken says nothing about the tokens.
      return known.find(one => timingSafeEqual(one.digest, digest))?.user
    },
  }
}

const digestOf = (token: string) => createHash('sha256').update(token).digest()
