import { methodNotAllowed, pathNotFound } from '../../apimachinery/api-errors.ts'
import type { Subresource } from '../../apimachinery/kind.ts'
import type { WriteRequest } from '../registry/registry.ts'
import { targetOf } from '../request/body.ts'
import type { Operation } from './operation.ts'

/** What several operations take out of a request. */
export function checkSupported({ resource, subresource, verb }: Operation, definition: Subresource | undefined): void {
  if (subresource && !definition) throw pathNotFound()
  const verbs: readonly string[] = definition?.verbs ?? resource.kind.verbs
  if (!verbs.includes(verb)) throw methodNotAllowed(resource.groupResource, verb)
}

export async function requiredBody(operation: Operation) {
  return (await operation.body()) ?? { value: undefined, duplicates: [] }
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
