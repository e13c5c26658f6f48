import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, optional, required } from '../../apimachinery/schema.ts'
import { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from './subject-access-review.ts'

export const LocalSubjectAccessReview = topLevel('io.k8s.api.authorization.v1.LocalSubjectAccessReview', '', {
  spec: required(2, SubjectAccessReviewSpec, ''),
  status: optional(3, SubjectAccessReviewStatus, ''),
})
export interface LocalSubjectAccessReview extends Infer<typeof LocalSubjectAccessReview> {}

export const localSubjectAccessReviewKind: Kind<LocalSubjectAccessReview> = defineKind({
  kind: 'LocalSubjectAccessReview',
  resource: 'localsubjectaccessreviews',
  group: 'authorization.k8s.io',
  version: 'v1',
  schema: LocalSubjectAccessReview,
  scope: 'Namespaced',
  verbs: ['create'],
  strategy: { validate: () => [] },
})
