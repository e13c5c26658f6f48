import type { ServedVersion } from '../../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import type { AdmissionRequest, Authorizer } from '../../types.ts'
import { admissionBindings, type Bindings } from '../expressions/bindings.ts'
import { type Form, formOf } from '../webhooks/form.ts'

/** What the expressions of a policy see of a request, in the version that the policy is about. */
export async function bindingsFor(
  { authorizer }: { readonly authorizer: Authorizer },
  request: AdmissionRequest,
  served: ServedVersion,
  form: Form = formOf(request, served),
): Promise<Bindings> {
  const show = async (object: KubernetesObject | undefined) => object && (await form.show(object))
  const [object, old] = [await show(request.object), await show(request.old)]
  const resource = { group: served.group, version: served.version, resource: request.kind.resource }
  return admissionBindings({ request, kind: form.kind, resource, object, old }, authorizer)
}
