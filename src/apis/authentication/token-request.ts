import { type FieldError, invalidField } from '../../apimachinery/field-error.ts'
import { topLevel } from '../../apimachinery/kind.ts'
import { atomicList, type Infer, int64, object, optional, text, time } from '../../apimachinery/schema.ts'
import { withField } from '../core/sharing.ts'

export const BoundObjectReference = object('io.k8s.api.authentication.v1.BoundObjectReference', '', {
  kind: optional(1, text, ''),
  apiVersion: optional(2, text, ''),
  name: optional(3, text, ''),
  uid: optional(4, text, ''),
})
export interface BoundObjectReference extends Infer<typeof BoundObjectReference> {}

export const TokenRequestSpec = object('io.k8s.api.authentication.v1.TokenRequestSpec', '', {
  audiences: optional(1, atomicList(text), ''),
  boundObjectRef: optional(3, BoundObjectReference, ''),
  expirationSeconds: optional(4, int64, ''),
})
export interface TokenRequestSpec extends Infer<typeof TokenRequestSpec> {}

export const TokenRequestStatus = object('io.k8s.api.authentication.v1.TokenRequestStatus', '', {
  token: optional(1, text, ''),
  expirationTimestamp: optional(2, time, ''),
})
export interface TokenRequestStatus extends Infer<typeof TokenRequestStatus> {}

export const TokenRequest = topLevel('io.k8s.api.authentication.v1.TokenRequest', '', {
  spec: optional(2, TokenRequestSpec, ''),
  status: optional(3, TokenRequestStatus, ''),
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
