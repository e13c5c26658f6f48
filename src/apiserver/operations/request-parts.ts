import { methodNotAllowed, pathNotFound } from '../../apimachinery/api-errors.ts'
import type { Subresource } from '../../apimachinery/kind.ts'
import type { WriteRequest } from '../registry/registry.ts'
import { type RequestBody, targetOf } from '../request/body.ts'
import type { Operation } from './operation.ts'

/** What several operations take out of a request. */
export function checkSupported(operation: Operation, definition: Subresource | undefined): void {
  const { resource, subresource, verb } = operation
  if (subresource && !definition) throw pathNotFound()
  const verbs: readonly string[] = definition?.verbs ?? resource.kind.verbs
  const isAnyMethod = definition !== undefined && isWhole(definition)
  if (!(verbs.includes(verb) || isAnyMethod) || !hasRoute(operation))
    throw methodNotAllowed(resource.groupResource, verb || (operation.http?.method.toLowerCase() ?? ''))
}

/** The subresource takes requests as they are: whatever their method, their body and the path behind it. */
export const isWhole = ({ action }: Subresource): boolean => action.type === 'handler' && action.whole === true

/** Which verbs a collection has, in a namespace and across all, and which an object. */
function hasRoute({ verb, resource, subresource, namespace, name }: Operation): boolean {
  const reads = verb === 'list' || verb === 'watch'
  if (resource.namespaced && namespace === '' && !reads) return false
  if (reads || verb === 'deletecollection') return true
  return verb === 'create' && subresource === '' ? name === '' : name !== ''
}

export async function requiredBody(operation: Operation): Promise<RequestBody> {
  const body = (await operation.body()) ?? { value: undefined, duplicates: [] }
  for (const loss of body.losses ?? []) operation.context.warn(loss)
  return body
}

export const decodeTarget = ({ resource, options, context }: Operation) =>
  targetOf(resource, options.fieldValidation ?? 'Warn', context.warn)

export const writeRequest = ({ context, resource, namespace, name, subresource, options }: Operation): WriteRequest => ({
  context,
  resource,
  namespace,
  name,
  subresource,
  fieldManager: options.fieldManager || managerOfUserAgent(context.userAgent),
  options,
})

// Without a manager of its own, a client is known by the first word of its user agent.
const managerOfUserAgent = (userAgent: string): string => userAgent.split('/', 1)[0]?.slice(0, 128) || 'unknown'
