import { type FieldError, invalidField, requiredField } from '../../apimachinery/field-error.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { semanticEqual } from '../core/sharing.ts'
import type { NonResourceAttributes, ResourceAttributes, SubjectAccessReviewSpec } from './subject-access-review.ts'

/** What the access reviews have in common: a question about resources or about a path, never both. */
interface Question {
  readonly resourceAttributes?: ResourceAttributes
  readonly nonResourceAttributes?: NonResourceAttributes
}

export function validateQuestion({ resourceAttributes, nonResourceAttributes }: Question): FieldError[] {
  if (resourceAttributes && nonResourceAttributes) {
    return [invalidField('spec.nonResourceAttributes', nonResourceAttributes, 'cannot be specified in combination with resourceAttributes')]
  }
  if (resourceAttributes) return validateSelectors(resourceAttributes)
  if (nonResourceAttributes) return []
  return [invalidField('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified')]
}

export const validateSubject = ({ user, groups }: SubjectAccessReviewSpec): FieldError[] =>
  user || groups?.length ? [] : [invalidField('spec.user', user ?? '', 'at least one of user or group must be specified')]

/** Reviews are questions, not objects: nothing of them is kept, so nothing may be said of them. */
export function validateNoMeta({ metadata }: KubernetesObject, allowed: readonly string[] = []): FieldError[] {
  // The creation time is set by the server on every object that is created.
  const ignored = new Set(['creationTimestamp', 'managedFields', 'uid', ...allowed])
  const given = Object.entries(metadata).filter(([field, value]) => !ignored.has(field) && !semanticEqual(value, undefined) && value !== '')
  return given.length ? [invalidField('metadata', metadata, 'must be empty')] : []
}

const validateSelectors = (attributes: ResourceAttributes): FieldError[] => [
  ...validateSelector(attributes.fieldSelector, 'spec.resourceAttributes.fieldSelector'),
  ...validateSelector(attributes.labelSelector, 'spec.resourceAttributes.labelSelector'),
]

interface Selector {
  readonly rawSelector?: string
  readonly requirements?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[]
}

function validateSelector(selector: Selector | undefined, path: string): FieldError[] {
  if (selector === undefined) return []
  const { rawSelector = '', requirements = [] } = selector
  if (rawSelector && requirements.length) {
    return [invalidField(`${path}.rawSelector`, rawSelector, 'may not specified at the same time as requirements')]
  }
  if (!rawSelector && !requirements.length) {
    return [requiredField(`${path}.requirements`, `when ${path} is specified, requirements or rawSelector is required`)]
  }
  return requirements.flatMap((requirement, index) => validateRequirement(requirement, `${path}.requirements[${index}]`))
}

function validateRequirement({ key, operator, values = [] }: NonNullable<Selector['requirements']>[number], path: string): FieldError[] {
  const errors = key ? [] : [requiredField(`${path}.key`, 'must be specified')]
  const takesValues = operator === 'In' || operator === 'NotIn'
  if (takesValues && values.length === 0) {
    errors.push(requiredField(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
  }
  if (!takesValues && operator !== 'Exists' && operator !== 'DoesNotExist') {
    errors.push(invalidField(`${path}.operator`, operator, 'not a valid selector operator'))
  } else if (!takesValues && values.length) {
    errors.push({
      type: 'FieldValueForbidden',
      field: `${path}.values`,
      message: "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    })
  }
  return errors
}
