import { forbidden, type StatusError } from '../../apimachinery/api-errors.ts'
import type { AdmissionRequest } from '../types.ts'

/** A refusal by an admission step: `pods "web" is forbidden: ...`. */
export const refuse = (request: AdmissionRequest, message: string): StatusError => forbidden(request.resource, nameOf(request), message)

// Names that are still to be generated are known by their beginning.
function nameOf({ name, object }: AdmissionRequest): string {
  return name || object?.metadata.name || object?.metadata.generateName || 'Unknown'
}
