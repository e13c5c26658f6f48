import { requiredField } from '../../apimachinery/field-error.ts'
import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, boolean, type Infer, list, map, object, optional, required, text } from '../../apimachinery/schema.ts'

export const TokenReviewSpec = object('io.k8s.api.authentication.v1.TokenReviewSpec', '', {
  token: required(1, text, ''),
  audiences: optional(2, atomicList(text), ''),
})
export interface TokenReviewSpec extends Infer<typeof TokenReviewSpec> {}

export const UserInfo = object('io.k8s.api.authentication.v1.UserInfo', '', {
  username: optional(1, text, ''),
  uid: optional(2, text, ''),
  groups: optional(3, atomicList(text), ''),
  extra: optional(4, map(list(text, { wrapped: true })), ''),
})
export interface UserInfo extends Infer<typeof UserInfo> {}

export const TokenReviewStatus = object('io.k8s.api.authentication.v1.TokenReviewStatus', '', {
  authenticated: optional(1, boolean, ''),
  user: optional(2, UserInfo, ''),
  error: optional(3, text, ''),
  audiences: optional(4, atomicList(text), ''),
})
export interface TokenReviewStatus extends Infer<typeof TokenReviewStatus> {}

export const TokenReview = topLevel('io.k8s.api.authentication.v1.TokenReview', '', {
  spec: required(2, TokenReviewSpec, ''),
  status: optional(3, TokenReviewStatus, ''),
})
export interface TokenReview extends Infer<typeof TokenReview> {}

export const tokenReviewKind: Kind<TokenReview> = defineKind({
  kind: 'TokenReview',
  resource: 'tokenreviews',
  group: 'authentication.k8s.io',
  version: 'v1',
  schema: TokenReview,
  scope: 'Cluster',
  verbs: ['create'],
  strategy: { validate: review => (review.spec?.token ? [] : [requiredField('spec.token')]) },
})
