import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import { validateDnsLabel, validateDnsSubdomain, validatePathSegmentName } from '../../apimachinery/names.ts'
import { semanticEqual } from '../core/sharing.ts'
import { each, invalid } from '../core/validation/rules.ts'
import { mandatoryFlowSchemas } from './bootstrap.ts'
import type {
  FlowSchema,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from './flow-schema.ts'

export function validateFlowSchema({ metadata, spec }: FlowSchema): FieldError[] {
  if (!spec) return [requiredField('spec.priorityLevelConfiguration.name', 'must reference a priority level')]
  const errors = validateSpec(metadata.name ?? '', spec)
  const fixed = mandatoryFlowSchemas.find(one => one.metadata.name === metadata.name)
  if (fixed && !semanticEqual(spec, fixed.spec))
    errors.push(invalidField('spec', spec, `spec of '${metadata.name}' must equal the fixed value`))
  return errors
}

function validateSpec(name: string, spec: FlowSchemaSpec): FieldError[] {
  const { matchingPrecedence = 0, distinguisherMethod, priorityLevelConfiguration, rules } = spec
  const errors: FieldError[] = []
  const refuse = (detail: string) => void errors.push(invalidField('spec.matchingPrecedence', matchingPrecedence, detail))
  if (matchingPrecedence <= 0) refuse('must be a positive value')
  if (matchingPrecedence > 10_000) refuse('must not be greater than 10000')
  if (matchingPrecedence === 1 && name !== 'exempt') refuse("only the schema named 'exempt' may have matchingPrecedence 1")
  if (distinguisherMethod && !['ByNamespace', 'ByUser'].includes(distinguisherMethod.type))
    errors.push(unsupportedField('spec.distinguisherMethod.type', distinguisherMethod.type, ['ByNamespace', 'ByUser']))
  const level = priorityLevelConfiguration?.name
  const path = 'spec.priorityLevelConfiguration.name'
  if (level) errors.push(...invalid(path, level, validatePathSegmentName(level)))
  else errors.push(requiredField(path, 'must reference a priority level'))
  return [...errors, ...each(rules, 'spec.rules', validateRule)]
}

function validateRule({ subjects, resourceRules, nonResourceRules }: PolicyRulesWithSubjects, path: string): FieldError[] {
  const errors = subjects?.length
    ? each(subjects, `${path}.subjects`, validateSubject)
    : [requiredField(`${path}.subjects`, 'subjects must contain at least one value')]
  if (!resourceRules?.length && !nonResourceRules?.length)
    errors.push(requiredField(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'))
  return [
    ...errors,
    ...each(resourceRules, `${path}.resourceRules`, validateResourceRule),
    ...each(nonResourceRules, `${path}.nonResourceRules`, validateNonResourceRule),
  ]
}

const subjectFields = { User: 'user', Group: 'group', ServiceAccount: 'serviceAccount' } as const

function validateSubject(subject: Subject, path: string): FieldError[] {
  const { kind } = subject
  if (!Object.hasOwn(subjectFields, kind)) return [unsupportedField(`${path}.kind`, kind, Object.keys(subjectFields))]
  const errors: FieldError[] = []
  for (const [other, field] of Object.entries(subjectFields)) {
    const at = `${path}.${field}`
    if (other !== kind) {
      if (subject[field]) errors.push(forbiddenField(at, `${field} is forbidden when subject kind is not '${other}'`))
    } else if (!subject[field]) errors.push(requiredField(at, `${field} is required when subject kind is '${kind}'`))
    else if (!subject[field].name) errors.push(requiredField(`${at}.name`))
  }
  const { serviceAccount } = subject
  if (kind !== 'ServiceAccount' || !serviceAccount) return errors
  if (serviceAccount.name && serviceAccount.name !== '*')
    errors.push(...invalid(`${path}.serviceAccount.name`, serviceAccount.name, validateDnsSubdomain(serviceAccount.name)))
  if (!serviceAccount.namespace)
    errors.push(requiredField(`${path}.serviceAccount.namespace`, 'must specify namespace for service account'))
  return errors
}

const knownVerbs = ['get', 'list', 'create', 'update', 'patch', 'watch', 'proxy', 'delete', 'deletecollection', 'connect']
const knownPathVerbs = ['get', 'head', 'post', 'put', 'patch', 'options', 'delete', 'connect']

/** At least one value, and nothing beside `*`. */
function oneOrAll(values: readonly string[] | undefined, path: string, missing: string, what: string): FieldError[] {
  if (!values?.length) return [requiredField(path, missing)]
  return values.includes('*') && values.length > 1 ? [invalidField(path, values, `if '*' is present, must not specify other ${what}`)] : []
}

function validateVerbs(verbs: readonly string[] | undefined, known: readonly string[], path: string): FieldError[] {
  const errors = oneOrAll(verbs, path, 'verbs must contain at least one value', 'verbs')
  if (errors.length > 0 || verbs?.includes('*') || verbs?.every(verb => known.includes(verb))) return errors
  return [unsupportedField(path, verbs, known)]
}

function validateResourceRule(rule: ResourcePolicyRule, path: string): FieldError[] {
  const { verbs, apiGroups, resources, namespaces, clusterScope } = rule
  const errors = [
    ...validateVerbs(verbs, knownVerbs, `${path}.verbs`),
    ...oneOrAll(apiGroups, `${path}.apiGroups`, 'resource rules must supply at least one api group', 'api groups'),
    ...oneOrAll(resources, `${path}.resources`, 'resource rules must supply at least one resource', 'resources'),
  ]
  const at = `${path}.namespaces`
  if (!namespaces?.length) {
    if (!clusterScope) errors.push(requiredField(at, 'resource rules that are not cluster scoped must supply at least one namespace'))
    return errors
  }
  if (namespaces.includes('*')) return [...errors, ...oneOrAll(namespaces, at, '', 'namespaces')]
  return [...errors, ...each(namespaces, at, (name, one) => invalid(one, name, validateDnsLabel(name)))]
}

function validateNonResourceRule({ verbs, nonResourceURLs }: NonResourcePolicyRule, path: string): FieldError[] {
  const at = `${path}.nonResourceURLs`
  return [
    ...validateVerbs(verbs, knownPathVerbs, `${path}.verbs`),
    ...oneOrAll(nonResourceURLs, at, 'nonResourceURLs must contain at least one value', 'non-resource URLs'),
    ...each(nonResourceURLs, at, (url, one) => {
      const problem = urlProblem(url)
      return problem ? [invalidField(one, url, problem)] : []
    }),
  ]
}

function urlProblem(url: string): string | undefined {
  if (url === '*') return undefined
  if (url === '') return 'must not be empty'
  if (url === '/') return undefined
  if (!url.startsWith('/')) return 'must start with slash'
  if (url.includes(' ')) return 'must not contain white-space'
  if (url.includes('//')) return 'must not contain double slash'
  return url.slice(0, -1).includes('*') || (url.endsWith('*') && !url.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined
}
