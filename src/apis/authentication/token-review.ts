import { requiredField } from '../../apimachinery/field-error.ts'
import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, boolean, type Infer, list, map, object, optional, required, text } from '../../apimachinery/schema.ts'

export const TokenReviewSpec = object('io.k8s.api.authentication.v1.TokenReviewSpec', 'What is asked about a token.', {
  token: required(1, text, 'The token itself.'),
  audiences: optional(2, atomicList(text), 'For whom the token should be meant; the API server if left out.'),
})
export interface TokenReviewSpec extends Infer<typeof TokenReviewSpec> {}

export const UserInfo = object('io.k8s.api.authentication.v1.UserInfo', 'Who somebody is.', {
  username: optional(1, text, 'Name, unique among all users.'),
  uid: optional(2, text, 'An id that outlives the name.'),
  groups: optional(3, atomicList(text), 'Groups to which the user belongs.'),
  extra: optional(4, map(list(text, { wrapped: true })), 'Further data from the authenticator.'),
})
export interface UserInfo extends Infer<typeof UserInfo> {}

export const TokenReviewStatus = object('io.k8s.api.authentication.v1.TokenReviewStatus', 'Whose token it is.', {
  authenticated: optional(1, boolean, 'Whether the token is valid.'),
  user: optional(2, UserInfo, 'Whose token it is.'),
  error: optional(3, text, 'Why it could not be checked.'),
  audiences: optional(4, atomicList(text), 'Those of the audiences asked about for which the token is meant.'),
})
export interface TokenReviewStatus extends Infer<typeof TokenReviewStatus> {}

export const TokenReview = topLevel('io.k8s.api.authentication.v1.TokenReview', 'Asks whose token this is.', {
  spec: required(2, TokenReviewSpec, 'What is asked.'),
  status: optional(3, TokenReviewStatus, 'The answer; written by the system.'),
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
