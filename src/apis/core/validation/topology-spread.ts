import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  requiredField,
  unsupportedField,
} from '../../../apimachinery/field-error.ts'
import { validateQualifiedName } from '../../../apimachinery/names.ts'
import { validateLabelSelector } from '../../../apimachinery/object-meta-validation.ts'
import type { TopologySpreadConstraint } from '../scheduling-terms.ts'
import { each, invalid, optionalOneOf } from './rules.ts'

const notPositive = 'must be greater than zero'
const inclusionPolicies = ['Honor', 'Ignore']

export function validateTopologySpread(constraints: readonly TopologySpreadConstraint[] | undefined, path: string): FieldError[] {
  return each(constraints, path, (constraint, at, index) => {
    const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '' } = constraint
    const errors: FieldError[] = []
    if (maxSkew <= 0) errors.push(invalidField(`${at}.maxSkew`, maxSkew, notPositive))
    if (!topologyKey) errors.push(requiredField(`${at}.topologyKey`, 'can not be empty'))
    const actions = ['DoNotSchedule', 'ScheduleAnyway']
    if (!actions.includes(whenUnsatisfiable)) errors.push(unsupportedField(`${at}.whenUnsatisfiable`, whenUnsatisfiable, actions))
    const repeats = (other: TopologySpreadConstraint) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable
    if (constraints?.slice(index + 1).some(repeats)) {
      errors.push(duplicateField(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`))
    }
    return [
      ...errors,
      ...validateMinDomains(constraint, `${at}.minDomains`),
      ...optionalOneOf(constraint.nodeAffinityPolicy, `${at}.nodeAffinityPolicy`, inclusionPolicies),
      ...optionalOneOf(constraint.nodeTaintsPolicy, `${at}.nodeTaintsPolicy`, inclusionPolicies),
      ...validateMatchLabelKeys(constraint, `${at}.matchLabelKeys`),
      ...(constraint.labelSelector ? validateLabelSelector(constraint.labelSelector, `${at}.labelSelector`) : []),
    ]
  })
}

function validateMinDomains({ minDomains, whenUnsatisfiable }: TopologySpreadConstraint, path: string): FieldError[] {
  if (minDomains === undefined) return []
  const errors = minDomains <= 0 ? [invalidField(path, minDomains, notPositive)] : []
  if (whenUnsatisfiable === 'DoNotSchedule') return errors
  const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`
  return [...errors, invalidField(path, minDomains, why)]
}

// Creation has put the pod's values of these keys into the selector, so only a second mention is a mistake.
function validateMatchLabelKeys({ matchLabelKeys, labelSelector }: TopologySpreadConstraint, path: string): FieldError[] {
  if (!matchLabelKeys?.length) return []
  const errors = labelSelector ? [] : [forbiddenField(path, 'must not be specified when labelSelector is not set')]
  const expressions = labelSelector?.matchExpressions ?? []
  return [
    ...errors,
    ...each(matchLabelKeys, path, (key, at) => {
      const found = invalid(at, key, validateQualifiedName(key))
      const mentions = expressions.filter(one => one.key === key).length + (labelSelector?.matchLabels?.[key] === undefined ? 0 : 1)
      if (mentions > 1) found.push(invalidField(at, key, 'exists in both matchLabelKeys and labelSelector'))
      return found
    }),
  ]
}
