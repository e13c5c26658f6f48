import type { RequestAttributes } from '../../apimachinery/request.ts'
import type { AuditRecord } from '../audit/index.ts'
import type { Flow } from '../fairness/index.ts'
import { limits } from '../limits.ts'
import type { ServerRoom } from '../server-room.ts'
import type { HttpRequest } from '../types.ts'
import { headerOf } from './authenticate.ts'
import { isCollectionVerb, nameInFieldSelector } from './name-in-field-selector.ts'
import { type PathTarget, parsePath } from './path.ts'

/** A request with everything that its head says, before anybody was asked about it. */
export interface Arrived {
  readonly request: Omit<HttpRequest, 'body'>
  readonly target: PathTarget
  readonly query: URLSearchParams
  readonly attributes: RequestAttributes
  readonly warnings: string[]
  readonly auditId: string
  readonly receivedAt_ms: number
  /** Once it is known who sends it, and only where the audit policy wants it. */
  audit?: AuditRecord
  /** Once it is known who sends it. */
  flow?: Flow
}

const noQuery = new URLSearchParams()

export function arrive(room: ServerRoom, request: Omit<HttpRequest, 'body'>): Arrived {
  const { url } = request
  const mark = url.indexOf('?')
  const target = parsePath(mark < 0 ? url : url.slice(0, mark))
  const query = mark < 0 ? noQuery : new URLSearchParams(url.slice(mark + 1))
  const auditId = headerOf(request, 'audit-id')?.slice(0, limits.auditIdLength) ?? room.random.uuid()
  return {
    request,
    target,
    query,
    attributes: attributesOf(request.method, target, query),
    warnings: [],
    auditId,
    receivedAt_ms: room.clock.now(),
  }
}

function attributesOf(method: string, target: PathTarget, query: URLSearchParams): RequestAttributes {
  const { path, isResourceRequest, group, version, namespace, resource, subresource } = target
  const verb = isResourceRequest ? verbOf(method, target, query) : method.toLowerCase()
  const attributes = { verb, path, isResourceRequest, group, version, resource, subresource, namespace, name: target.name }
  if (target.name !== '' || query.size === 0 || !isCollectionVerb(verb)) return attributes
  const fieldSelector = query.get('fieldSelector') || undefined
  const labelSelector = query.get('labelSelector') || undefined
  return { ...attributes, name: nameInFieldSelector(fieldSelector), fieldSelector, labelSelector }
}

function verbOf(method: string, { name, watchPrefix }: PathTarget, query: URLSearchParams): string {
  switch (method) {
    case 'GET':
    case 'HEAD': {
      const watch = query.get('watch')
      if (watchPrefix || (name === '' && watch !== null && watch !== 'false' && watch !== '0')) return 'watch'
      return name === '' ? 'list' : 'get'
    }
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete'
    // Of resources, other methods mean nothing, and must not be taken for the verbs that they may be called like.
    default:
      return ''
  }
}
