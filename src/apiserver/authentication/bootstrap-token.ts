import { timingSafeEqual } from 'node:crypto'
import type { Secret } from '../../apis/core/secret.ts'
import type { Clock } from '../../base/clock.ts'
import type { Authenticator } from '../types.ts'
import { bearerTokenOf } from './bearer.ts'

export interface BootstrapTokenOptions {
  /** A Secret of kube-system, from the committed state. */
  readonly secret: (name: string) => Secret | undefined
  readonly clock: Clock
}

const groupPrefix = 'system:bootstrappers:'

/** Tokens with which new nodes join: `ID.SECRET`, kept as Secrets of kube-system until they expire. */
export function bootstrapTokenAuthenticator({ secret, clock }: BootstrapTokenOptions): Authenticator {
  return {
    async authenticate(credentials) {
      const [, id, value] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(bearerTokenOf(credentials) ?? '') ?? []
      if (id === undefined || value === undefined) return undefined
      const found = secret(`bootstrap-token-${id}`)
      if (!found || found.metadata.deletionTimestamp !== undefined || found.type !== 'bootstrap.kubernetes.io/token') return undefined
      const field = (name: string) => Buffer.from(found.data?.[name] ?? '', 'base64').toString()
      if (!equalTexts(field('token-secret'), value) || field('token-id') !== id) return undefined
      if (isExpired(field('expiration'), clock.now()) || field('usage-bootstrap-authentication') !== 'true') return undefined
      const groups = readGroups(field('auth-extra-groups'))
      return groups && { name: `system:bootstrap:${id}`, groups }
    },
  }
}

/** In the same time whatever is different. */
function equalTexts(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** What can't be read as a time is over, so that a slip of the pen lets nobody in for ever. */
export function isExpired(expiration: string, now_ms: number): boolean {
  if (expiration === '') return false
  const end_ms = Date.parse(expiration)
  return Number.isNaN(end_ms) || end_ms <= now_ms
}

/** Undefined where one of them is no group for such a token. */
function readGroups(text: string): string[] | undefined {
  const extra = text === '' ? [] : [...new Set(text.split(','))].sort()
  if (!extra.every(group => group.startsWith(groupPrefix) && /^[a-z0-9:-]{0,255}[a-z0-9]$/.test(group.slice(groupPrefix.length))))
    return undefined
  return ['system:bootstrappers', ...extra]
}
