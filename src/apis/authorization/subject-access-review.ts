import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { FieldSelectorRequirement, LabelSelectorRequirement } from '../../apimachinery/meta.ts'
import { atomicList, boolean, type Infer, list, map, object, optional, required, text } from '../../apimachinery/schema.ts'
import { validateNoMeta, validateQuestion, validateSubject } from './review-rules.ts'

export const FieldSelectorAttributes = object(
  'io.k8s.api.authorization.v1.FieldSelectorAttributes',
  'The field selector of a list request.',
  {
    rawSelector: optional(1, text, "The selector as text; left alone if it can't be parsed."),
    requirements: optional(2, atomicList(FieldSelectorRequirement), 'The selector, parsed; all of them apply.'),
  },
)
export interface FieldSelectorAttributes extends Infer<typeof FieldSelectorAttributes> {}

export const LabelSelectorAttributes = object(
  'io.k8s.api.authorization.v1.LabelSelectorAttributes',
  'The label selector of a list request.',
  {
    rawSelector: optional(1, text, "The selector as text; left alone if it can't be parsed."),
    requirements: optional(2, atomicList(LabelSelectorRequirement), 'The selector, parsed; all of them apply.'),
  },
)
export interface LabelSelectorAttributes extends Infer<typeof LabelSelectorAttributes> {}

export const NonResourceAttributes = object('io.k8s.api.authorization.v1.NonResourceAttributes', 'A request for a path.', {
  path: optional(1, text, 'The path.'),
  verb: optional(2, text, 'The HTTP verb in lower case.'),
})
export interface NonResourceAttributes extends Infer<typeof NonResourceAttributes> {}

export const ResourceAttributes = object('io.k8s.api.authorization.v1.ResourceAttributes', 'A request for a resource.', {
  namespace: optional(1, text, 'Namespace of the object; empty for things of the cluster, and for all namespaces.'),
  verb: optional(2, text, 'What is to be done: get, list, watch, create, update, patch, delete, deletecollection, or * for all.'),
  group: optional(3, text, 'API group; * for all.'),
  version: optional(4, text, 'API version; * for all.'),
  resource: optional(5, text, 'Resource; * for all.'),
  subresource: optional(6, text, 'Subresource; empty for none.'),
  name: optional(7, text, 'Name of the object; empty for all.'),
  fieldSelector: optional(8, FieldSelectorAttributes, 'Field selector that narrows a list.'),
  labelSelector: optional(9, LabelSelectorAttributes, 'Label selector that narrows a list.'),
})
export interface ResourceAttributes extends Infer<typeof ResourceAttributes> {}

export const SubjectAccessReviewSpec = object('io.k8s.api.authorization.v1.SubjectAccessReviewSpec', 'Who wants to do what.', {
  resourceAttributes: optional(1, ResourceAttributes, 'The request, if it is for a resource.'),
  nonResourceAttributes: optional(2, NonResourceAttributes, 'The request, if it is for a path.'),
  user: optional(3, text, 'Name of the user.'),
  groups: optional(4, atomicList(text), 'Groups of the user.'),
  extra: optional(5, map(list(text, { wrapped: true })), 'Further data about the user.'),
  uid: optional(6, text, 'UID of the user.'),
})
export interface SubjectAccessReviewSpec extends Infer<typeof SubjectAccessReviewSpec> {}

export const SubjectAccessReviewStatus = object('io.k8s.api.authorization.v1.SubjectAccessReviewStatus', 'Whether they may.', {
  allowed: required(1, boolean, 'Whether the request would be allowed.'),
  reason: optional(2, text, 'Why, for people.'),
  evaluationError: optional(3, text, 'What went wrong while finding out; the answer may be right all the same.'),
  denied: optional(4, boolean, 'Whether it was refused outright, so that no other authorizer is asked.'),
})
export interface SubjectAccessReviewStatus extends Infer<typeof SubjectAccessReviewStatus> {}

export const SubjectAccessReview = topLevel('io.k8s.api.authorization.v1.SubjectAccessReview', 'Asks whether somebody may do something.', {
  spec: required(2, SubjectAccessReviewSpec, 'Who wants to do what.'),
  status: optional(3, SubjectAccessReviewStatus, 'The answer; written by the system.'),
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
