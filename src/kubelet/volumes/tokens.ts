import type { TokenRequest as TokenRequestObject } from '../../apis/authentication/token-request.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { serviceAccountKind } from '../../apis/core/service-account.ts'
import type { Clock } from '../../base/index.ts'
import type { Client } from '../../client/types.ts'
import type { Token, TokenRequest } from './types.ts'

/** Tokens of service accounts, bound to a pod; kept until four fifths of their life are over. */
export interface ServiceAccountTokens {
  get(pod: Pod, request: TokenRequest): Promise<Token>
  forget(podUid: string): void
}

const longest_ms = 24 * 3600 * 1000

export function serviceAccountTokens({ client, clock }: { client: Client; clock: Clock }): ServiceAccountTokens {
  const kept = new Map<string, Map<string, Token>>()

  async function request(pod: Pod, { audience, expirationSeconds }: TokenRequest): Promise<Token> {
    const { name, namespace, uid } = pod.metadata
    const account = pod.spec?.serviceAccountName ?? 'default'
    const body: TokenRequestObject = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        audiences: audience === undefined ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    }
    const answer = await client.createSubresource<TokenRequestObject>(serviceAccountKind, namespace, account, 'token', body)
    const token = answer.status?.token
    if (!token) throw new Error(`request a token for service account ${namespace}/${account}: the answer carries none`)
    const now = clock.now()
    const life_ms = Date.parse(answer.status?.expirationTimestamp ?? '') - now
    const useful_ms = Number.isFinite(life_ms) ? life_ms * 0.8 : expirationSeconds * 800
    return { token, renew_ms: now + Math.min(useful_ms, longest_ms) }
  }

  return {
    async get(pod, wanted) {
      const uid = pod.metadata.uid ?? ''
      const ofPod = kept.get(uid) ?? new Map<string, Token>()
      kept.set(uid, ofPod)
      const key = `${wanted.audience ?? ''} ${wanted.expirationSeconds}`
      const known = ofPod.get(key)
      if (known && clock.now() < known.renew_ms) return known
      const fresh = await request(pod, wanted)
      ofPod.set(key, fresh)
      return fresh
    },
    forget: podUid => void kept.delete(podUid),
  }
}
