import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { FieldSelectorRequirement, LabelSelectorRequirement } from '../../apimachinery/meta.ts'
import { atomicList, boolean, type Infer, list, map, object, optional, required, text } from '../../apimachinery/schema.ts'
import { validateNoMeta, validateQuestion, validateSubject } from './review-rules.ts'

export const FieldSelectorAttributes = object('io.k8s.api.authorization.v1.FieldSelectorAttributes', '', {
  rawSelector: optional(1, text, ''),
  requirements: optional(2, atomicList(FieldSelectorRequirement), ''),
})
export interface FieldSelectorAttributes extends Infer<typeof FieldSelectorAttributes> {}

export const LabelSelectorAttributes = object('io.k8s.api.authorization.v1.LabelSelectorAttributes', '', {
  rawSelector: optional(1, text, ''),
  requirements: optional(2, atomicList(LabelSelectorRequirement), ''),
})
export interface LabelSelectorAttributes extends Infer<typeof LabelSelectorAttributes> {}

export const NonResourceAttributes = object('io.k8s.api.authorization.v1.NonResourceAttributes', '', {
  path: optional(1, text, ''),
  verb: optional(2, text, ''),
})
export interface NonResourceAttributes extends Infer<typeof NonResourceAttributes> {}

export const ResourceAttributes = object('io.k8s.api.authorization.v1.ResourceAttributes', '', {
  namespace: optional(1, text, ''),
  verb: optional(2, text, ''),
  group: optional(3, text, ''),
  version: optional(4, text, ''),
  resource: optional(5, text, ''),
  subresource: optional(6, text, ''),
  name: optional(7, text, ''),
  fieldSelector: optional(8, FieldSelectorAttributes, ''),
  labelSelector: optional(9, LabelSelectorAttributes, ''),
})
export interface ResourceAttributes extends Infer<typeof ResourceAttributes> {}

export const SubjectAccessReviewSpec = object('io.k8s.api.authorization.v1.SubjectAccessReviewSpec', '', {
  resourceAttributes: optional(1, ResourceAttributes, ''),
  nonResourceAttributes: optional(2, NonResourceAttributes, ''),
  user: optional(3, text, ''),
  groups: optional(4, atomicList(text), ''),
  extra: optional(5, map(list(text, { wrapped: true })), ''),
  uid: optional(6, text, ''),
})
export interface SubjectAccessReviewSpec extends Infer<typeof SubjectAccessReviewSpec> {}

export const SubjectAccessReviewStatus = object('io.k8s.api.authorization.v1.SubjectAccessReviewStatus', '', {
  allowed: required(1, boolean, ''),
  reason: optional(2, text, ''),
  evaluationError: optional(3, text, ''),
  denied: optional(4, boolean, ''),
})
export interface SubjectAccessReviewStatus extends Infer<typeof SubjectAccessReviewStatus> {}

export const SubjectAccessReview = topLevel('io.k8s.api.authorization.v1.SubjectAccessReview', '', {
  spec: required(2, SubjectAccessReviewSpec, ''),
  status: optional(3, SubjectAccessReviewStatus, ''),
})
export interface SubjectAccessReview extends Infer<typeof SubjectAccessReview> {}

export const subjectAccessReviewKind: Kind<SubjectAccessReview> = defineKind({
  kind: 'SubjectAccessReview',
  resource: 'subjectaccessreviews',
  group: 'authorization.k8s.io',
  version: 'v1',
  schema: SubjectAccessReview,
  scope: 'Cluster',
  verbs: ['create'],
  strategy: {
    validate: review => [...validateQuestion(review.spec ?? {}), ...validateSubject(review.spec ?? {}), ...validateNoMeta(review)],
  },
})
