import { type FieldError, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import { atomicList, type Infer, object, optional, text } from '../../apimachinery/schema.ts'
import { withDefault } from '../core/sharing.ts'
import { each, optionalOneOf } from '../core/validation/rules.ts'

/** What webhooks and policies are asked about: one shape for both. */

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const scopes = ['*', 'Cluster', 'Namespaced']

/** The fields of a rule; in protobuf, all but the operations lie in a message of their own. */
export const ruleFields = {
  operations: optional(1, atomicList(text), 'CREATE, UPDATE, DELETE, CONNECT, or * for all of them.', { enum: operations }),
  apiGroups: optional([2, 1], atomicList(text), 'API groups; empty for the core group, * for all.'),
  apiVersions: optional([2, 2], atomicList(text), 'Versions of these groups; * for all.'),
  resources: optional([2, 3], atomicList(text), 'Resources such as pods, subresources such as pods/log, or either with * for all.'),
  scope: optional([2, 4], text, 'Cluster, Namespaced, or * (the default) for both; namespaces themselves count as Cluster.', {
    enum: scopes,
  }),
} as const

export const RuleWithOperations = object(
  'io.k8s.api.admissionregistration.v1.RuleWithOperations',
  'Operations and resources that are asked about.',
  ruleFields,
)
export interface RuleWithOperations extends Infer<typeof RuleWithOperations> {}

export const withRuleDefaults = <R extends RuleWithOperations>(rule: R): R => withDefault(rule, 'scope', '*' as NonNullable<R['scope']>)

export function validateRule(rule: RuleWithOperations, path: string, resources = validateResources): FieldError[] {
  return [
    ...validateNames(rule.apiGroups, `${path}.apiGroups`, 'API groups', false),
    ...validateNames(rule.apiVersions, `${path}.apiVersions`, 'API versions', true),
    ...resources(rule.resources ?? [], `${path}.resources`),
    ...optionalOneOf(rule.scope, `${path}.scope`, scopes),
    ...validateOperations(rule.operations ?? [], `${path}.operations`),
  ]
}

function validateNames(names: readonly string[] = [], path: string, what: string, mustBeNamed: boolean): FieldError[] {
  if (names.length === 0) return [requiredField(path)]
  const alone = names.length > 1 && names.includes('*')
  return [
    ...(alone ? [invalidField(path, names, `if '*' is present, must not specify other ${what}`)] : []),
    ...(mustBeNamed ? each(names, path, (name, at) => (name === '' ? [requiredField(at)] : [])) : []),
  ]
}

function validateOperations(given: readonly string[], path: string): FieldError[] {
  if (given.length === 0) return [requiredField(path)]
  const alone = given.length > 1 && given.includes('*')
  return [
    ...(alone ? [invalidField(path, given, "if '*' is present, must not specify other operations")] : []),
    ...each(given, path, (one, at) => (operations.includes(one) ? [] : [unsupportedField(at, one, operations)])),
  ]
}

function validateResources(resources: readonly string[], path: string): FieldError[] {
  if (resources.length === 0) return [requiredField(path)]
  const anySubresource = new Set<string>()
  const anyResource = new Set<string>()
  const errors = each(resources, path, (one, at) => {
    if (one === '') return [requiredField(at)]
    const slash = one.indexOf('/')
    if (slash < 0) return []
    const [resource, subresource] = [one.slice(0, slash), one.slice(slash + 1)]
    const covered = [
      ...(anySubresource.has(resource) ? [`${resource}/*`] : []),
      ...(anyResource.has(subresource) ? [`*/${subresource}`] : []),
    ]
    if (subresource === '*') anySubresource.add(resource)
    if (resource === '*') anyResource.add(subresource)
    return covered.map(by => invalidField(at, one, `if '${by}' is present, must not specify ${one}`))
  })
  if (resources.length > 1 && resources.includes('*/*'))
    errors.push(invalidField(path, resources, "if '*/*' is present, must not specify other resources"))
  if (resources.includes('*') && resources.some(one => one !== '*' && !one.includes('/')))
    errors.push(invalidField(path, resources, "if '*' is present, must not specify other resources without subresources"))
  return errors
}
