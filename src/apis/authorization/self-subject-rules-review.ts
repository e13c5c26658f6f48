import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, boolean, type Infer, object, optional, required, text } from '../../apimachinery/schema.ts'

export const NonResourceRule = object('io.k8s.api.authorization.v1.NonResourceRule', 'Something that is allowed on paths.', {
  verbs: required(1, atomicList(text), 'HTTP verbs in lower case; * for all.'),
  nonResourceURLs: optional(2, atomicList(text), 'Paths, with * at the end for all below.'),
})
export interface NonResourceRule extends Infer<typeof NonResourceRule> {}

export const ResourceRule = object('io.k8s.api.authorization.v1.ResourceRule', 'Something that is allowed on resources.', {
  verbs: required(1, atomicList(text), 'What may be done; * for everything.'),
  apiGroups: optional(2, atomicList(text), 'Groups of the resources; * for all.'),
  resources: optional(3, atomicList(text), 'Resources; * for all.'),
  resourceNames: optional(4, atomicList(text), 'Names of the objects; any if left out.'),
})
export interface ResourceRule extends Infer<typeof ResourceRule> {}

export const SelfSubjectRulesReviewSpec = object(
  'io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec',
  'Where the caller wants to do something.',
  {
    namespace: optional(1, text, 'Namespace that is asked about.'),
  },
)
export interface SelfSubjectRulesReviewSpec extends Infer<typeof SelfSubjectRulesReviewSpec> {}

export const SubjectRulesReviewStatus = object('io.k8s.api.authorization.v1.SubjectRulesReviewStatus', 'What the caller may do there.', {
  resourceRules: required(1, atomicList(ResourceRule), 'What is allowed on resources, in no particular order.'),
  nonResourceRules: required(2, atomicList(NonResourceRule), 'What is allowed on paths, in no particular order.'),
  incomplete: required(3, boolean, 'Whether there may be more, since not every authorizer can list its rules.'),
  evaluationError: optional(4, text, 'What went wrong while listing them.'),
})
export interface SubjectRulesReviewStatus extends Infer<typeof SubjectRulesReviewStatus> {}

export const SelfSubjectRulesReview = topLevel(
  'io.k8s.api.authorization.v1.SelfSubjectRulesReview',
  'Asks what the caller may do in a namespace.',
  {
    spec: required(2, SelfSubjectRulesReviewSpec, 'Where the caller wants to do something.'),
    status: optional(3, SubjectRulesReviewStatus, 'The answer; written by the system.'),
  },
)
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
