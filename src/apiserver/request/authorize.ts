import { forbidden, type StatusError } from '../../apimachinery/api-errors.ts'
import type { RequestAttributes, RequestContext, UserInfo } from '../../apimachinery/request.ts'
import type { Authorization, Authorizer } from '../types.ts'

/** Throws Forbidden, in upstream's words, unless this user may do this. Only where a webhook decides there is something to wait for. */
export function authorize(
  authorizer: Authorizer,
  user: UserInfo,
  attributes: RequestAttributes,
  annotate?: RequestContext['annotate'],
): Promise<void> | undefined {
  const decision = authorizer.authorize(user, attributes)
  if (decision instanceof Promise) return decision.then(settled => settle(settled, user, attributes, annotate))
  settle(decision, user, attributes, annotate)
  return undefined
}

function settle(
  { allowed, reason }: Authorization,
  user: UserInfo,
  attributes: RequestAttributes,
  annotate: RequestContext['annotate'] | undefined,
): void {
  annotate?.('authorization.k8s.io/decision', allowed ? 'allow' : 'forbid')
  annotate?.('authorization.k8s.io/reason', reason)
  if (!allowed) throw forbiddenBecause(user, attributes, reason)
}

function forbiddenBecause(user: UserInfo, attributes: RequestAttributes, reason: string): StatusError {
  const { verb, group, resource, subresource, namespace, name, path, isResourceRequest } = attributes
  const because = reason ? `: ${reason}` : ''
  const who = `User ${JSON.stringify(user.name)} cannot ${verb}`
  if (!isResourceRequest) return forbidden({ group: '', resource: '' }, '', `${who} path ${JSON.stringify(path)}${because}`)
  const what = subresource ? `${resource}/${subresource}` : resource
  const where = namespace ? ` in the namespace ${JSON.stringify(namespace)}` : ' at the cluster scope'
  const message = `${who} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)}${where}${because}`
  return forbidden({ group, resource }, name, message)
}
