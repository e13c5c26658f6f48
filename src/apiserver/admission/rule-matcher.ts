import type { Kind, ServedVersion } from '../../apimachinery/kind.ts'
import type { RuleWithOperations } from '../../apis/admissionregistration/rule.ts'
import type { AdmissionRequest, StoredObjects } from '../types.ts'

/** What of a request the rules of webhooks and policies are about. */
export interface RuleTarget {
  readonly operation: AdmissionRequest['operation']
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly namespaced: boolean
}

/** Whether a rule is about a request; a star without a slash stands for resources, not for their subresources. */
export function matchesRule(rule: RuleWithOperations, target: RuleTarget): boolean {
  return (
    includes(rule.operations, target.operation) &&
    includes(rule.apiGroups, target.group) &&
    includes(rule.apiVersions, target.version) &&
    matchesScope(rule.scope, target.namespaced) &&
    (rule.resources ?? []).some(resource => matchesResource(resource, target))
  )
}

const includes = (values: readonly string[] | undefined, value: string): boolean =>
  values !== undefined && (values.includes('*') || values.includes(value))

const matchesScope = (scope: string | undefined, namespaced: boolean): boolean =>
  !scope || scope === '*' || (scope === 'Namespaced') === namespaced

function matchesResource(pattern: string, { resource, subresource }: RuleTarget): boolean {
  const slash = pattern.indexOf('/')
  const [wanted, wantedSubresource] = slash < 0 ? [pattern, ''] : [pattern.slice(0, slash), pattern.slice(slash + 1)]
  return (wanted === '*' || wanted === resource) && (wantedSubresource === '*' || wantedSubresource === subresource)
}

type RuleRequest = Pick<AdmissionRequest, 'kind' | 'operation' | 'subresource'> & { readonly objects: Pick<StoredObjects, 'kinds'> }

/**
 * The version of the request's kind in which somebody with these rules wants to be asked: the one of the request if a
 * rule names it, else, with match policy Equivalent, the first that a rule names. Undefined where no rule is about it.
 */
export function matchRules(
  rules: readonly RuleWithOperations[],
  request: RuleRequest,
  requested: ServedVersion,
  matchPolicy: string | undefined,
): ServedVersion | undefined {
  if (rules.some(rule => matchesRule(rule, targetOf(request, requested)))) return requested
  if (matchPolicy === 'Exact') return undefined
  const versions = versionsOf(request)
  for (const rule of rules) {
    const equivalent = versions.find(served => matchesRule(rule, targetOf(request, served)))
    if (equivalent) return equivalent
  }
  return undefined
}

/** All versions in which the objects of a request can be seen: those of a custom resource are kinds of their own. */
const versionsOf = ({ kind, objects }: RuleRequest): readonly ServedVersion[] =>
  kind.custom ? objects.kinds().flatMap(one => (isSameResource(one, kind) ? one.served : [])) : kind.served

export const isSameResource = (one: Kind, other: Kind): boolean => one.group === other.group && one.resource === other.resource

const targetOf = ({ kind, operation, subresource }: RuleRequest, { group, version }: ServedVersion): RuleTarget => ({
  operation,
  group,
  version,
  resource: kind.resource,
  subresource,
  namespaced: kind.scope === 'Namespaced',
})

const exemptKinds = new Set([
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
])

/** Nobody is asked about these: who locked themselves out must be able to take it back. */
export const isExempt = ({ group, kind }: Kind): boolean => group === 'admissionregistration.k8s.io' && exemptKinds.has(kind)

/** What a subresource such as binding was created for was asked about when it was created; the change that follows is its own. */
export function isInternal({ kind, operation, subresource }: Pick<AdmissionRequest, 'kind' | 'operation' | 'subresource'>): boolean {
  const definition = kind.subresources[subresource]
  return operation === 'UPDATE' && definition?.action.type === 'handler' && definition.kind !== kind.kind
}
