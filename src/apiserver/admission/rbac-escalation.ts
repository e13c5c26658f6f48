import { notFound } from '../../apimachinery/api-errors.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { semanticEqual } from '../../apis/core/sharing.ts'
import type { ClusterRole } from '../../apis/rbac/cluster-role.ts'
import type { PolicyRule } from '../../apis/rbac/role.ts'
import type { RoleBinding, RoleRef } from '../../apis/rbac/role-binding.ts'
import { type Policy, storedPolicy } from '../authorization/policy.ts'
import { compactRules, formatRule, ruleAllows, uncoveredRules } from '../authorization/rules.ts'
import type { AdmissionRequest, AdmissionStep } from '../types.ts'
import { refuse } from './refuse.ts'

/**
 * Nobody grants rights that they don't have themselves, by writing roles or bindings, unless they may `escalate` that
 * role or `bind` it. Members of system:masters may do everything.
 */
export const rbacEscalation: AdmissionStep = {
  name: 'RBACEscalation',
  handles: ({ kind, operation, subresource, context }) =>
    kind.group === rbacGroup &&
    subresource === '' &&
    (operation === 'CREATE' || operation === 'UPDATE') &&
    !context.user.groups.includes('system:masters'),
  validate(request) {
    if (onlyCollectedFieldsDiffer(request)) return
    if (request.kind.resource.endsWith('bindings')) checkBinding(request)
    else checkRole(request)
  },
}

const rbacGroup = 'rbac.authorization.k8s.io'

/** The garbage collector must get at objects that it could not write itself. */
function onlyCollectedFieldsDiffer({ object, old }: AdmissionRequest): boolean {
  if (!old || !object) return false
  const strip = (one: KubernetesObject) => {
    const {
      ownerReferences: _owners,
      finalizers: _finalizers,
      managedFields: _fields,
      resourceVersion: _version,
      ...metadata
    } = one.metadata
    return { ...one, metadata }
  }
  return semanticEqual(strip(object), strip(old))
}

function checkRole(request: AdmissionRequest): void {
  const role = request.object as ClusterRole
  const old = request.old as ClusterRole | undefined
  if (old && semanticEqual(role.rules, old.rules) && semanticEqual(role.aggregationRule, old.aggregationRule)) return
  const policy = storedPolicy(request.objects)
  if (mayDo(request, policy, 'escalate', request.kind.resource, role.metadata.name ?? '')) return
  // Whoever gathers rules by labels grants what others will write.
  const gathers = role.aggregationRule !== undefined || old?.aggregationRule !== undefined
  if (gathers && uncoveredRules(policy.rulesOf(request.context.user, request.namespace), everything).length > 0)
    throw refuse(request, 'must have cluster-admin privileges to use the aggregationRule')
  checkHeld(request, policy, role.rules ?? [])
}

function checkBinding(request: AdmissionRequest): void {
  const { roleRef } = request.object as RoleBinding
  const policy = storedPolicy(request.objects)
  if (mayDo(request, policy, 'bind', resourceOf(roleRef), roleRef.name)) return
  const rules = policy.rulesOfRole(roleRef, request.namespace)
  if (!rules) throw notFound({ group: rbacGroup, resource: resourceOf(roleRef) }, roleRef.name)
  checkHeld(request, policy, rules)
}

const resourceOf = ({ kind }: RoleRef): string => (kind === 'ClusterRole' ? 'clusterroles' : 'roles')

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

function mayDo({ context, namespace }: AdmissionRequest, policy: Policy, verb: string, resource: string, name: string): boolean {
  const attributes = {
    isResourceRequest: true,
    path: '',
    verb,
    group: rbacGroup,
    version: 'v1',
    resource,
    subresource: '',
    namespace,
    name,
  }
  return policy.rulesOf(context.user, namespace).some(rule => ruleAllows(rule, attributes))
}

function checkHeld(request: AdmissionRequest, policy: Policy, wanted: readonly PolicyRule[]): void {
  const { user } = request.context
  const missing = uncoveredRules(policy.rulesOf(user, request.namespace), wanted)
  if (missing.length === 0) return
  const lines = new Set(compactRules(missing).map(formatRule))
  const groups = `[${user.groups.map(group => JSON.stringify(group)).join(' ')}]`
  throw refuse(
    request,
    `user ${JSON.stringify(user.name)} (groups=${groups}) is attempting to grant RBAC permissions not currently held:\n${[...lines].sort().join('\n')}`,
  )
}
