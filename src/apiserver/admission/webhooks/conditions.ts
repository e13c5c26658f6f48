import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import type { AdmissionRequest } from '../../types.ts'
import { whenAnswered } from '../expressions/ask-authorizer.ts'
import { admissionBindings } from '../expressions/bindings.ts'
import { refuse } from '../refuse.ts'
import { formOf } from './form.ts'
import type { Candidate } from './hook-table.ts'
import type { WebhookRoom } from './room.ts'

/** Is the hook to be asked, as far as its match conditions go? Throws a refusal where they fail and its policy is to fail. */
export async function matchesConditions(room: WebhookRoom, request: AdmissionRequest, { hook, served }: Candidate): Promise<boolean> {
  const { conditions } = hook
  if (!conditions) return true
  const form = formOf(request, served)
  const show = async (object: KubernetesObject | undefined) => object && (await form.show(object))
  const [object, old] = [await show(request.object), await show(request.old)]
  const resource = { group: served.group, version: served.version, resource: request.kind.resource }
  const bindings = admissionBindings({ request, kind: form.kind, resource, object, old }, room.authorizer)
  const { matches, error } = await whenAnswered(() => conditions.evaluate(bindings))
  if (error === undefined) return matches
  if (!hook.ignoresFailure) throw refuse(request, error)
  room.logger.warn(`ask webhook ${hook.name} of ${hook.configuration}: its match conditions failed: ${error}; it is not asked`)
  return false
}
