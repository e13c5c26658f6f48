import { type FieldError, forbiddenField, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import type { LabelSelector } from '../../../apimachinery/meta.ts'
import { validateDnsLabel, validateDnsSubdomain, validateLabelValue, validateQualifiedName } from '../../../apimachinery/names.ts'
import { validateLabelSelector } from '../../../apimachinery/object-meta-validation.ts'
import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from '../scheduling-terms.ts'
import { each, invalid } from './rules.ts'

export function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {}
  const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const preferred = nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution
  const nodePath = `${path}.nodeAffinity`
  return [
    ...(required ? validateNodeSelector(required, `${nodePath}.requiredDuringSchedulingIgnoredDuringExecution`) : []),
    ...each(preferred, `${nodePath}.preferredDuringSchedulingIgnoredDuringExecution`, ({ weight, preference }, at) => [
      ...validateWeight(weight, `${at}.weight`),
      // Preferences that match nothing do no harm, so label values are not looked at.
      ...validateNodeSelectorTerm(preference ?? {}, `${at}.preference`, true),
    ]),
    ...(podAffinity ? validatePodAffinity(podAffinity, `${path}.podAffinity`) : []),
    ...(podAntiAffinity ? validatePodAffinity(podAntiAffinity, `${path}.podAntiAffinity`) : []),
  ]
}

export function validateNodeSelector(selector: NodeSelector, path: string): FieldError[] {
  const at = `${path}.nodeSelectorTerms`
  if (!selector.nodeSelectorTerms?.length) return [requiredField(at, 'must have at least one node selector term')]
  return each(selector.nodeSelectorTerms, at, (term, termAt) => validateNodeSelectorTerm(term, termAt, false))
}

const validateNodeSelectorTerm = (term: NodeSelectorTerm, path: string, anyValue: boolean): FieldError[] => [
  ...each(term.matchExpressions, `${path}.matchExpressions`, (one, at) => validateExpression(one, at, anyValue)),
  ...each(term.matchFields, `${path}.matchFields`, validateFieldMatch),
]

function validateExpression(
  { key = '', operator = '', values = [] }: NodeSelectorRequirement,
  path: string,
  anyValue: boolean,
): FieldError[] {
  const errors: FieldError[] = []
  const at = `${path}.values`
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.push(requiredField(at, "must be specified when `operator` is 'In' or 'NotIn'"))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) errors.push(forbiddenField(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) errors.push(requiredField(at, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
  } else errors.push(invalidField(`${path}.operator`, operator, 'not a valid selector operator'))
  errors.push(...invalid(`${path}.key`, key, validateQualifiedName(key)))
  return anyValue ? errors : [...errors, ...each(values, at, (value, valueAt) => invalid(valueAt, value, validateLabelValue(value)))]
}

function validateFieldMatch({ key = '', operator = '', values = [] }: NodeSelectorRequirement, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (operator !== 'In' && operator !== 'NotIn') errors.push(invalidField(`${path}.operator`, operator, 'not a valid selector operator'))
  else if (values.length !== 1) {
    errors.push(requiredField(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"))
  }
  if (key !== 'metadata.name') return [...errors, invalidField(`${path}.key`, key, 'not a valid field selector key')]
  return [...errors, ...each(values, `${path}.values`, (value, at) => invalid(at, value, validateDnsSubdomain(value)))]
}

const validateWeight = (weight: number | undefined, path: string): FieldError[] =>
  weight === undefined || weight < 1 || weight > 100 ? [invalidField(path, weight ?? 0, 'must be in the range 1-100')] : []

const validatePodAffinity = (affinity: PodAffinity, path: string): FieldError[] => [
  ...each(affinity.requiredDuringSchedulingIgnoredDuringExecution, `${path}.requiredDuringSchedulingIgnoredDuringExecution`, validateTerm),
  ...each(
    affinity.preferredDuringSchedulingIgnoredDuringExecution,
    `${path}.preferredDuringSchedulingIgnoredDuringExecution`,
    ({ weight, podAffinityTerm }, at) => [
      ...validateWeight(weight, `${at}.weight`),
      ...validateTerm(podAffinityTerm ?? { topologyKey: '' }, `${at}.podAffinityTerm`),
    ],
  ),
]

function validateTerm(term: PodAffinityTerm, path: string): FieldError[] {
  const { labelSelector, namespaceSelector, topologyKey = '' } = term
  return [
    ...(labelSelector ? validateLabelSelector(labelSelector, `${path}.labelSelector`) : []),
    ...(namespaceSelector ? validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`) : []),
    ...(term.namespaces ?? []).flatMap(name => invalid(`${path}.namespace`, name, validateDnsLabel(name))),
    ...validateLabelKeys(term.matchLabelKeys, labelSelector, `${path}.matchLabelKeys`),
    ...validateLabelKeys(term.mismatchLabelKeys, labelSelector, `${path}.mismatchLabelKeys`),
    ...validateKeyOverlaps(term, path),
    ...(topologyKey ? [] : [requiredField(`${path}.topologyKey`, 'can not be empty')]),
    ...invalid(`${path}.topologyKey`, topologyKey, validateQualifiedName(topologyKey)),
  ]
}

function validateLabelKeys(keys: readonly string[] | undefined, selector: LabelSelector | undefined, path: string): FieldError[] {
  if (!keys?.length) return []
  if (selector === undefined) return [forbiddenField(path, 'must not be specified when labelSelector is not set')]
  return each(keys, path, (key, at) => invalid(at, key, validateQualifiedName(key)))
}

/**
 * By now the pod's own values of matchLabelKeys stand at the end of the selector (creation puts them there), so a key
 * counts as doubled only where it occurs a second time.
 */
function validateKeyOverlaps({ labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: PodAffinityTerm, path: string): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set(Object.keys(labelSelector?.matchLabels ?? {}))
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const index = matchLabelKeys.indexOf(key)
    if (index >= 0 && seen.has(key)) errors.push(invalidField(`${path}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector'))
    seen.add(key)
  }
  for (const [index, key] of matchLabelKeys.entries()) {
    if (!mismatchLabelKeys.includes(key)) continue
    errors.push(invalidField(`${path}.matchLabelKeys[${index}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'))
  }
  return errors
}
