import { type FieldError, invalidField } from '../../apimachinery/field-error.ts'
import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, optional, required } from '../../apimachinery/schema.ts'
import { validateNoMeta, validateQuestion, validateSubject } from './review-rules.ts'
import { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from './subject-access-review.ts'

export const LocalSubjectAccessReview = topLevel(
  'io.k8s.api.authorization.v1.LocalSubjectAccessReview',
  'Asks whether somebody may do something in one namespace.',
  {
    spec: required(2, SubjectAccessReviewSpec, 'Who wants to do what.'),
    status: optional(3, SubjectAccessReviewStatus, 'The answer; written by the system.'),
  },
)
export interface LocalSubjectAccessReview extends Infer<typeof LocalSubjectAccessReview> {}

export const localSubjectAccessReviewKind: Kind<LocalSubjectAccessReview> = defineKind({
  kind: 'LocalSubjectAccessReview',
  resource: 'localsubjectaccessreviews',
  group: 'authorization.k8s.io',
  version: 'v1',
  schema: LocalSubjectAccessReview,
  scope: 'Namespaced',
  verbs: ['create'],
  strategy: { validate: validateLocalReview },
})

function validateLocalReview(review: LocalSubjectAccessReview): FieldError[] {
  const spec = review.spec ?? {}
  return [...validateQuestion(spec), ...validateSubject(spec), ...validateNoMeta(review, ['namespace']), ...validateIsLocal(review)]
}

/** It asks about its own namespace only. */
function validateIsLocal({ metadata, spec }: LocalSubjectAccessReview): FieldError[] {
  const namespace = spec?.resourceAttributes?.namespace ?? ''
  const errors: FieldError[] = []
  if (spec?.resourceAttributes && namespace !== (metadata.namespace ?? '')) {
    errors.push(invalidField('spec.resourceAttributes.namespace', namespace, 'must match metadata.namespace'))
  }
  if (spec?.nonResourceAttributes) {
    errors.push(invalidField('spec.nonResourceAttributes', spec.nonResourceAttributes, 'disallowed on this kind of request'))
  }
  return errors
}
