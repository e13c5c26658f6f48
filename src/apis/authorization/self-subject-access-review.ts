import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, object, optional, required } from '../../apimachinery/schema.ts'
import { validateNoMeta, validateQuestion } from './review-rules.ts'
import { NonResourceAttributes, ResourceAttributes, SubjectAccessReviewStatus } from './subject-access-review.ts'

export const SelfSubjectAccessReviewSpec = object('io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec', '', {
  resourceAttributes: optional(1, ResourceAttributes, ''),
  nonResourceAttributes: optional(2, NonResourceAttributes, ''),
})
export interface SelfSubjectAccessReviewSpec extends Infer<typeof SelfSubjectAccessReviewSpec> {}

export const SelfSubjectAccessReview = topLevel('io.k8s.api.authorization.v1.SelfSubjectAccessReview', '', {
  spec: required(2, SelfSubjectAccessReviewSpec, ''),
  status: optional(3, SubjectAccessReviewStatus, ''),
})
export interface SelfSubjectAccessReview extends Infer<typeof SelfSubjectAccessReview> {}

export const selfSubjectAccessReviewKind: Kind<SelfSubjectAccessReview> = defineKind({
  kind: 'SelfSubjectAccessReview',
  resource: 'selfsubjectaccessreviews',
  group: 'authorization.k8s.io',
  version: 'v1',
  schema: SelfSubjectAccessReview,
  scope: 'Cluster',
  verbs: ['create'],
  strategy: { validate: review => [...validateQuestion(review.spec ?? {}), ...validateNoMeta(review)] },
})
