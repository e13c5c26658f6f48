import { type FieldError, formatFieldError, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import type { RequestAttributes, UserInfo } from '../../apimachinery/request.ts'
import { boolean, type Infer, list, object, optional, text } from '../../apimachinery/schema.ts'
import { readConfigurationFile } from '../configuration-file.ts'

/** What of a request is written down: nothing, who did what, the request's body too, or the answer's too. */
export type AuditLevel = 'None' | 'Metadata' | 'Request' | 'RequestResponse'
export type AuditStage = 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic'

const levels: readonly AuditLevel[] = ['None', 'Metadata', 'Request', 'RequestResponse']
const stages: readonly AuditStage[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic']

export const isAtLeast = (level: AuditLevel, wanted: AuditLevel): boolean => levels.indexOf(level) >= levels.indexOf(wanted)

const texts = list(text)
const GroupResources = object('io.k8s.audit.v1.GroupResources', 'Resources of one API group.', {
  group: optional(1, text, 'The API group; empty for the core group.'),
  resources: optional(2, texts, 'Names such as pods, pods/log, pods/*, */status or *; all of them when empty.'),
  resourceNames: optional(3, texts, 'Names of objects; all of them when empty.'),
})
interface GroupResources extends Infer<typeof GroupResources> {}

const PolicyRule = object('io.k8s.audit.v1.PolicyRule', 'Which requests are written down at which level.', {
  level: optional(1, text, 'None, Metadata, Request or RequestResponse.'),
  users: optional(2, texts, 'Names of users; all of them when empty.'),
  userGroups: optional(3, texts, 'Groups of which the user must be in one; all users when empty.'),
  verbs: optional(4, texts, 'Verbs; all of them when empty.'),
  resources: optional(5, list(GroupResources), 'Resources; all of them when empty.'),
  namespaces: optional(6, texts, 'Namespaces, the empty name for objects of the cluster; all of them when empty.'),
  nonResourceURLs: optional(7, texts, 'Paths that are not about resources; a last * stands for any rest.'),
  omitStages: optional(8, texts, 'Stages that are not written down, beside those of the policy.'),
  omitManagedFields: optional(9, boolean, 'Leaves managedFields out of bodies; overrides the policy.'),
})
interface PolicyRule extends Infer<typeof PolicyRule> {}

const Policy = object('io.k8s.audit.v1.Policy', 'What the audit log holds; the first rule that fits a request decides.', {
  apiVersion: optional(0, text, 'audit.k8s.io/v1'),
  kind: optional(0, text, 'Policy'),
  metadata: optional(1, object('io.k8s.audit.v1.PolicyMeta', 'Free to use.', {}, { preserveUnknown: true }), 'Free to use.'),
  rules: optional(2, list(PolicyRule), 'Asked in order.'),
  omitStages: optional(3, texts, 'Stages that are never written down.'),
  omitManagedFields: optional(4, boolean, 'Leaves managedFields out of bodies.'),
})
export interface AuditPolicy extends Infer<typeof Policy> {}

/** What the policy says about one request. */
export interface AuditDecision {
  readonly level: AuditLevel
  readonly omitStages: readonly string[]
  readonly omitManagedFields: boolean
}

/** Reads a policy file; fields that nobody knows are reported, as upstream reports them, and left out. */
export function parseAuditPolicy(content: string, source: string, warn: (message: string) => void): AuditPolicy {
  const policy = readConfigurationFile(content, { source, schema: Policy, apiVersions: ['audit.k8s.io/v1'], kind: 'Policy', warn })
  if (!policy.rules?.length) throw new Error(`read the audit policy ${source}: loaded illegal policy with 0 rules`)
  const errors = validatePolicy(policy)
  if (errors.length > 0) throw new Error(`read the audit policy ${source}: ${errors.map(formatFieldError).join('; ')}`)
  return policy
}

function validatePolicy({ rules = [], omitStages = [] }: AuditPolicy): FieldError[] {
  return [...validateStages(omitStages, 'omitStages'), ...rules.flatMap((rule, index) => validateRule(rule, `rules[${index}]`))]
}

const validateStages = (given: readonly string[], path: string): FieldError[] =>
  given.flatMap((stage, index) =>
    (stages as readonly string[]).includes(stage)
      ? []
      : [invalidField(`${path}[${index}]`, stage, `allowed stages are ${stages.join(',')}`)],
  )

function validateRule(rule: PolicyRule, path: string): FieldError[] {
  const errors = validateStages(rule.omitStages ?? [], `${path}.omitStages`)
  if (!rule.level) errors.push(requiredField(`${path}.level`))
  else if (!(levels as readonly string[]).includes(rule.level)) errors.push(unsupportedField(`${path}.level`, rule.level, levels))
  errors.push(...validatePaths(rule.nonResourceURLs ?? [], `${path}.nonResourceURLs`))
  for (const [index, { resources, resourceNames = [] }] of (rule.resources ?? []).entries()) {
    if (resourceNames.length > 0 && !resources?.length)
      errors.push(
        invalidField(`${path}.resources[${index}].resourceNames`, resourceNames, 'using resourceNames requires at least one resource'),
      )
  }
  if (rule.nonResourceURLs?.length && (rule.resources?.length || rule.namespaces?.length))
    errors.push(
      invalidField(`${path}.nonResourceURLs`, rule.nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'),
    )
  return errors
}

function validatePaths(paths: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, one] of paths.entries()) {
    if (one === '*') continue
    const field = `${path}[${index}]`
    if (!one.startsWith('/')) errors.push(invalidField(field, one, "non-resource URL rules must begin with a '/' character"))
    if (one.slice(0, -1).includes('*'))
      errors.push(invalidField(field, one, "non-resource URL wildcards '*' must be the final character of the rule"))
  }
  return errors
}

const nothing: AuditDecision = { level: 'None', omitStages: [], omitManagedFields: false }

/** The first rule that fits decides. A request whose sender is unknown fits no rule that names users or groups. */
export function decideAudit(policy: AuditPolicy, user: UserInfo | undefined, attributes: RequestAttributes): AuditDecision {
  for (const rule of policy.rules ?? []) {
    if (!matchesRule(rule, user, attributes)) continue
    return {
      level: rule.level as AuditLevel,
      omitStages: [...(policy.omitStages ?? []), ...(rule.omitStages ?? [])],
      omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
    }
  }
  return nothing
}

function matchesRule(rule: PolicyRule, user: UserInfo | undefined, attributes: RequestAttributes): boolean {
  if (rule.users?.length && !(user && rule.users.includes(user.name))) return false
  if (rule.userGroups?.length && !user?.groups.some(group => rule.userGroups?.includes(group))) return false
  if (rule.verbs?.length && !rule.verbs.includes(attributes.verb)) return false
  if (rule.namespaces?.length || rule.resources?.length) return matchesResource(rule, attributes)
  if (rule.nonResourceURLs?.length)
    return !attributes.isResourceRequest && rule.nonResourceURLs.some(pattern => matchesPath(pattern, attributes.path))
  return true
}

function matchesResource({ namespaces, resources }: PolicyRule, attributes: RequestAttributes): boolean {
  if (!attributes.isResourceRequest) return false
  if (namespaces?.length && !namespaces.includes(attributes.namespace)) return false
  return !resources?.length || resources.some(one => matchesGroup(one, attributes))
}

function matchesGroup({ group = '', resources, resourceNames }: GroupResources, attributes: RequestAttributes): boolean {
  if (group !== attributes.group) return false
  if (!resources?.length) return true
  if (resourceNames?.length && !resourceNames.includes(attributes.name)) return false
  const { resource, subresource } = attributes
  const whole = subresource ? `${resource}/${subresource}` : resource
  return resources.some(
    one => one === '*' || one === whole || one === `${resource}/*` || (subresource !== '' && one === `*/${subresource}`),
  )
}

const matchesPath = (pattern: string, path: string): boolean =>
  pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)))
