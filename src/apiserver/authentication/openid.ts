import type { HttpAnswer } from '../types.ts'
import type { TokenIssuer } from './tokens.ts'

/** Where others (cloud providers, Vault) learn to check this cluster's tokens without asking it each time. */
export function openIdPaths({ issuer, keySet }: TokenIssuer): Readonly<Record<string, () => HttpAnswer>> {
  const configuration = {
    issuer,
    jwks_uri: `${issuer}${keysPath}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  }
  return {
    '/.well-known/openid-configuration': answer('application/json', configuration),
    [keysPath]: answer('application/jwk-set+json', keySet),
  }
}

const keysPath = '/openid/v1/jwks'

function answer(type: string, document: object): () => HttpAnswer {
  const body = JSON.stringify(document)
  return () => ({ status: 200, headers: { 'content-type': type, 'cache-control': 'public, max-age=3600' }, body })
}
