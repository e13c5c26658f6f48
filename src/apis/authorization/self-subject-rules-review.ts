import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, boolean, type Infer, object, optional, required, text } from '../../apimachinery/schema.ts'

export const NonResourceRule = object('io.k8s.api.authorization.v1.NonResourceRule', '', {
  verbs: required(1, atomicList(text), ''),
  nonResourceURLs: optional(2, atomicList(text), ''),
})
export interface NonResourceRule extends Infer<typeof NonResourceRule> {}

export const ResourceRule = object('io.k8s.api.authorization.v1.ResourceRule', '', {
  verbs: required(1, atomicList(text), ''),
  apiGroups: optional(2, atomicList(text), ''),
  resources: optional(3, atomicList(text), ''),
  resourceNames: optional(4, atomicList(text), ''),
})
export interface ResourceRule extends Infer<typeof ResourceRule> {}

export const SelfSubjectRulesReviewSpec = object('io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec', '', {
  namespace: optional(1, text, ''),
})
export interface SelfSubjectRulesReviewSpec extends Infer<typeof SelfSubjectRulesReviewSpec> {}

export const SubjectRulesReviewStatus = object('io.k8s.api.authorization.v1.SubjectRulesReviewStatus', '', {
  resourceRules: required(1, atomicList(ResourceRule), ''),
  nonResourceRules: required(2, atomicList(NonResourceRule), ''),
  incomplete: required(3, boolean, ''),
  evaluationError: optional(4, text, ''),
})
export interface SubjectRulesReviewStatus extends Infer<typeof SubjectRulesReviewStatus> {}

export const SelfSubjectRulesReview = topLevel('io.k8s.api.authorization.v1.SelfSubjectRulesReview', '', {
  spec: required(2, SelfSubjectRulesReviewSpec, ''),
  status: optional(3, SubjectRulesReviewStatus, ''),
})
export interface SelfSubjectRulesReview extends Infer<typeof SelfSubjectRulesReview> {}

export const selfSubjectRulesReviewKind: Kind<SelfSubjectRulesReview> = defineKind({
  kind: 'SelfSubjectRulesReview',
  resource: 'selfsubjectrulesreviews',
  group: 'authorization.k8s.io',
  version: 'v1',
  schema: SelfSubjectRulesReview,
  scope: 'Cluster',
  verbs: ['create'],
  strategy: { validate: () => [] },
})
