import type { Kind } from '../../apimachinery/kind.ts'
import type { AdmissionRequest, StoredObjects } from '../types.ts'

/** Is the request about this resource itself, not about one of its subresources? */
export const isAbout = ({ kind, subresource }: AdmissionRequest, group: string, resource: string): boolean =>
  subresource === '' && kind.resource === resource && kind.group === group

export const isPod = (request: AdmissionRequest): boolean => isAbout(request, '', 'pods')

/** A kind that every API server has. */
export function kindOf(objects: StoredObjects, group: string, resource: string): Kind {
  const kind = objects.kind(group, resource)
  if (!kind) throw new Error(`admit a request: the resource ${resource} of group ${JSON.stringify(group)} is not served`)
  return kind
}
