import { duplicateField, type FieldError, requiredField } from '../../apimachinery/field-error.ts'
import { LabelSelector } from '../../apimachinery/meta.ts'
import { validatePathSegmentName } from '../../apimachinery/names.ts'
import { validateLabelSelector } from '../../apimachinery/object-meta-validation.ts'
import { atomicList, type Infer, object, optional, text } from '../../apimachinery/schema.ts'
import { mapShared, withDefault, withField } from '../core/sharing.ts'
import { each, invalid, oneOf } from '../core/validation/rules.ts'
import { ruleFields, validateRule, withRuleDefaults } from './rule.ts'
import { matchPolicies } from './webhook.ts'

export const NamedRuleWithOperations = object(
  'io.k8s.api.admissionregistration.v1.NamedRuleWithOperations',
  'Operations and resources, maybe of certain names only.',
  {
    resourceNames: optional(1, atomicList(text), 'Names of the objects; any by default.'),
    operations: { ...ruleFields.operations, proto: [2, 1] as const },
    apiGroups: { ...ruleFields.apiGroups, proto: [2, 2, 1] as const },
    apiVersions: { ...ruleFields.apiVersions, proto: [2, 2, 2] as const },
    resources: { ...ruleFields.resources, proto: [2, 2, 3] as const },
    scope: { ...ruleFields.scope, proto: [2, 2, 4] as const },
  },
  { mapType: 'atomic' },
)
export interface NamedRuleWithOperations extends Infer<typeof NamedRuleWithOperations> {}

export const MatchResources = object(
  'io.k8s.api.admissionregistration.v1.MatchResources',
  'Which requests a policy or its binding is about.',
  {
    namespaceSelector: optional(1, LabelSelector, 'Labels of the namespaces that count; all by default.'),
    objectSelector: optional(2, LabelSelector, 'Labels of the objects that count, before or after the change; all by default.'),
    resourceRules: optional(3, atomicList(NamedRuleWithOperations), 'What counts; one rule that fits is enough.'),
    excludeResourceRules: optional(4, atomicList(NamedRuleWithOperations), 'What does not count, even if another rule fits.'),
    matchPolicy: optional(7, text, 'Exact, or Equivalent (the default): whether requests for other versions of a resource count.', {
      enum: matchPolicies,
    }),
  },
  { mapType: 'atomic' },
)
export interface MatchResources extends Infer<typeof MatchResources> {}

export function withMatchDefaults(given: MatchResources | undefined): MatchResources | undefined {
  if (!given) return undefined
  let match = withDefault(given, 'matchPolicy', 'Equivalent')
  match = withDefault(match, 'namespaceSelector', {})
  match = withDefault(match, 'objectSelector', {})
  match = withField(match, 'resourceRules', mapShared(match.resourceRules, withRuleDefaults))
  return withField(match, 'excludeResourceRules', mapShared(match.excludeResourceRules, withRuleDefaults))
}

export function validateMatchResources(match: MatchResources | undefined, path: string): FieldError[] {
  if (!match) return []
  return [
    ...oneOf(match.matchPolicy, `${path}.matchPolicy`, matchPolicies),
    ...validateLabelSelector(match.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(match.objectSelector, `${path}.objectSelector`),
    ...each(match.resourceRules, `${path}.resourceRules`, validateNamedRule),
    ...each(match.excludeResourceRules, `${path}.excludeResourceRules`, validateNamedRule),
  ]
}

/** A policy says what it is about: at least one rule, which also tells the types of its objects. */
export const validateConstraints = (match: MatchResources | undefined, path: string): FieldError[] =>
  match
    ? [...validateMatchResources(match, path), ...(match.resourceRules?.length ? [] : [requiredField(`${path}.resourceRules`)])]
    : [requiredField(path)]

function validateNamedRule(rule: NamedRuleWithOperations, path: string): FieldError[] {
  const names = new Set<string>()
  const nameErrors = each(rule.resourceNames, `${path}.resourceNames`, (name, at) => {
    const repeated = names.has(name)
    names.add(name)
    return [...invalid(at, name, validatePathSegmentName(name)), ...(repeated ? [duplicateField(at, name)] : [])]
  })
  return [...nameErrors, ...validateRule(rule, path)]
}
