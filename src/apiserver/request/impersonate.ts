import { internalError } from '../../apimachinery/api-errors.ts'
import type { RequestAttributes, UserInfo } from '../../apimachinery/request.ts'
import type { Authorizer, HttpRequest } from '../types.ts'
import { headerOf } from './authenticate.ts'
import { authorize } from './authorize.ts'

/** The user as whom the sender wants to act (`kubectl --as`). Each name that is taken on needs the right to `impersonate` it. */
export async function impersonate(authorizer: Authorizer, sender: UserInfo, wanted: Impersonation): Promise<UserInfo> {
  for (const attributes of askedOf(wanted)) await authorize(authorizer, sender, attributes)
  const { name, uid, extra } = wanted
  return { name, groups: groupsOf(wanted), ...(uid !== undefined && { uid }), ...(Object.keys(extra).length > 0 && { extra }) }
}

export interface Impersonation {
  readonly name: string
  readonly groups: readonly string[]
  readonly uid: string | undefined
  readonly extra: Readonly<Record<string, readonly string[]>>
}

const extraPrefix = 'impersonate-extra-'

/** Undefined where no header asks for another user. */
export function readImpersonation(request: Pick<HttpRequest, 'headers'>): Impersonation | undefined {
  const name = headerOf(request, 'impersonate-user') ?? ''
  const groups = valuesOf(request, 'impersonate-group')
  const uid = headerOf(request, 'impersonate-uid')
  const extraNames = Object.keys(request.headers).filter(header => header.startsWith(extraPrefix))
  if (name === '') {
    if (groups.length === 0 && uid === undefined && extraNames.length === 0) return undefined
    throw internalError('requested groups, a UID or extra fields without impersonating a user')
  }
  const extra = Object.fromEntries(extraNames.map(header => [decodeKey(header.slice(extraPrefix.length)), valuesOf(request, header)]))
  return { name, groups, uid, extra }
}

function valuesOf(request: Pick<HttpRequest, 'headers'>, name: string): readonly string[] {
  const value = request.headers[name]
  return value === undefined ? [] : [value].flat()
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    // Not percent-encoded then: the key is what was sent.
    return key
  }
}

function askedOf({ name, groups, uid, extra }: Impersonation): RequestAttributes[] {
  const account = serviceAccountOf(name)
  const asked = [account ? right({ resource: 'serviceaccounts', ...account }) : right({ resource: 'users', name })]
  for (const group of groups) asked.push(right({ resource: 'groups', name: group }))
  const authentication = { group: 'authentication.k8s.io', version: 'v1' }
  if (uid !== undefined) asked.push(right({ ...authentication, resource: 'uids', name: uid }))
  for (const [key, values] of Object.entries(extra))
    for (const value of values) asked.push(right({ ...authentication, resource: 'userextras', subresource: key, name: value }))
  return asked
}

const right = (attributes: Partial<RequestAttributes>): RequestAttributes => ({
  verb: 'impersonate',
  path: '',
  isResourceRequest: true,
  group: '',
  version: 'v1',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  ...attributes,
})

function groupsOf({ name, groups }: Impersonation): readonly string[] {
  const account = serviceAccountOf(name)
  const own = groups.length === 0 && account ? ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`] : groups
  if (own.includes('system:authenticated') || own.includes('system:unauthenticated')) return own
  return [...own, name === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated']
}

function serviceAccountOf(user: string): { readonly namespace: string; readonly name: string } | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? []
  return namespace !== undefined && name !== undefined ? { namespace, name } : undefined
}
