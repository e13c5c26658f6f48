import { type FieldError, invalidField } from '../../apimachinery/field-error.ts'
import { topLevel } from '../../apimachinery/kind.ts'
import { atomicList, type Infer, int64, object, optional, text, time } from '../../apimachinery/schema.ts'
import { withField } from '../core/sharing.ts'

export const BoundObjectReference = object('io.k8s.api.authentication.v1.BoundObjectReference', 'An object with which a token ends.', {
  kind: optional(1, text, 'Kind of the object: Pod, Secret or Node.'),
  apiVersion: optional(2, text, 'API version of the object.'),
  name: optional(3, text, 'Name of the object.'),
  uid: optional(4, text, 'UID of the object.'),
})
export interface BoundObjectReference extends Infer<typeof BoundObjectReference> {}

export const TokenRequestSpec = object('io.k8s.api.authentication.v1.TokenRequestSpec', 'What token is asked for.', {
  audiences: optional(1, atomicList(text), 'For whom the token is meant; the API server if left out.'),
  boundObjectRef: optional(3, BoundObjectReference, 'Object with which the token ends.'),
  expirationSeconds: optional(4, int64, 'How long it should be valid; 3600 by default, at least 600. The answer may differ.'),
})
export interface TokenRequestSpec extends Infer<typeof TokenRequestSpec> {}

export const TokenRequestStatus = object('io.k8s.api.authentication.v1.TokenRequestStatus', 'The token.', {
  token: optional(1, text, 'The token itself.'),
  expirationTimestamp: optional(2, time, 'When it ends.'),
})
export interface TokenRequestStatus extends Infer<typeof TokenRequestStatus> {}

export const TokenRequest = topLevel('io.k8s.api.authentication.v1.TokenRequest', 'Asks for a token of a service account.', {
  spec: optional(2, TokenRequestSpec, 'What token is asked for.'),
  status: optional(3, TokenRequestStatus, 'The token; written by the system.'),
})
export interface TokenRequest extends Infer<typeof TokenRequest> {}

export const applyTokenRequestDefaults = (request: TokenRequest): TokenRequest =>
  withField(request, 'spec', withField(request.spec ?? {}, 'expirationSeconds', request.spec?.expirationSeconds ?? 60 * 60))

export function validateTokenRequest({ spec }: TokenRequest): FieldError[] {
  const seconds = spec?.expirationSeconds ?? 0
  const path = 'spec.expirationSeconds'
  if (seconds < 10 * 60) return [invalidField(path, seconds, 'may not specify a duration less than 10 minutes')]
  return seconds > 2 ** 32 ? [invalidField(path, seconds, 'may not specify a duration larger than 2^32 seconds')] : []
}
