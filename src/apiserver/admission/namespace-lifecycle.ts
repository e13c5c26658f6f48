import { notFound, StatusError } from '../../apimachinery/api-errors.ts'
import type { Namespace } from '../../apis/core/namespace.ts'
import type { AdmissionRequest, AdmissionStep } from '../types.ts'
import { refuse } from './refuse.ts'
import { isAbout, kindOf } from './requests.ts'

/**
 * Nothing new is put into a namespace that doesn't exist or is on its way out, and the namespaces that the system
 * itself lives in stay. Upstream creates kube-node-lease anew when it is gone; here it stays, since nodes would be lost.
 */
export const namespaceLifecycle: AdmissionStep = {
  name: 'NamespaceLifecycle',
  handles: request =>
    request.operation === 'CREATE' ? isNewContent(request) : request.operation === 'DELETE' && isAbout(request, '', 'namespaces'),
  mutate(request) {
    if (request.operation === 'CREATE') checkNamespace(request)
    else if (immortal.has(request.name)) throw refuse(request, 'this namespace may not be deleted')
    return request.object
  },
}

const immortal = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease'])

// Whether one may do something can also be asked about namespaces that are not there.
const isNewContent = ({ kind, namespace }: AdmissionRequest): boolean =>
  namespace !== '' && kind.scope === 'Namespaced' && kind.group !== 'authorization.k8s.io'

function checkNamespace(request: AdmissionRequest): void {
  const { namespace, objects } = request
  const found = objects.get(kindOf(objects, '', 'namespaces'), '', namespace) as Namespace | undefined
  if (!found) throw notFound({ group: '', resource: 'namespaces' }, namespace)
  if (found.status?.phase === 'Terminating') throw terminating(request)
}

/** Controllers know by the cause that there is no use in trying again. */
function terminating(request: AdmissionRequest): StatusError {
  const { namespace } = request
  const { status } = refuse(request, `unable to create new content in namespace ${namespace} because it is being terminated`)
  const cause = { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }
  return new StatusError({ ...status, details: { ...status.details, causes: [cause] } })
}
