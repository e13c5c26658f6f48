import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, object, optional, required } from '../../apimachinery/schema.ts'
import { validateNoMeta, validateQuestion } from './review-rules.ts'
import { NonResourceAttributes, ResourceAttributes, SubjectAccessReviewStatus } from './subject-access-review.ts'

export const SelfSubjectAccessReviewSpec = object(
  'io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec',
  'What the caller wants to do.',
  {
    resourceAttributes: optional(1, ResourceAttributes, 'The request, if it is for a resource.'),
    nonResourceAttributes: optional(2, NonResourceAttributes, 'The request, if it is for a path.'),
  },
)
export interface SelfSubjectAccessReviewSpec extends Infer<typeof SelfSubjectAccessReviewSpec> {}

export const SelfSubjectAccessReview = topLevel(
  'io.k8s.api.authorization.v1.SelfSubjectAccessReview',
  'Asks whether the caller may do something.',
  {
    spec: required(2, SelfSubjectAccessReviewSpec, 'What the caller wants to do.'),
    status: optional(3, SubjectAccessReviewStatus, 'The answer; written by the system.'),
  },
)
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
