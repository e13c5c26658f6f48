import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, object, optional } from '../../apimachinery/schema.ts'
import { UserInfo } from './token-review.ts'

export const SelfSubjectReviewStatus = object('io.k8s.api.authentication.v1.SelfSubjectReviewStatus', 'Who the caller is.', {
  userInfo: optional(1, UserInfo, 'The caller, as the API server sees them.'),
})
export interface SelfSubjectReviewStatus extends Infer<typeof SelfSubjectReviewStatus> {}

export const SelfSubjectReview = topLevel('io.k8s.api.authentication.v1.SelfSubjectReview', 'Asks who the caller is.', {
  status: optional(2, SelfSubjectReviewStatus, 'The answer; written by the system.'),
})
export interface SelfSubjectReview extends Infer<typeof SelfSubjectReview> {}

export const selfSubjectReviewKind: Kind<SelfSubjectReview> = defineKind({
  kind: 'SelfSubjectReview',
  resource: 'selfsubjectreviews',
  group: 'authentication.k8s.io',
  version: 'v1',
  schema: SelfSubjectReview,
  scope: 'Cluster',
  verbs: ['create'],
  strategy: { validate: () => [] },
})
