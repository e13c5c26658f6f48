import { badRequest, conflict } from '../../apimachinery/api-errors.ts'
import { finalizeNamespace, type Namespace } from '../../apis/core/namespace.ts'
import type { SubresourceHandler } from '../types.ts'

/** Takes the finalizers of a namespace's spec; when the last is gone from a leaving namespace, it is removed. */
export const finalizeHandler: SubresourceHandler = {
  async handle(request) {
    const wanted = request.body as Namespace | undefined
    if (!wanted) throw badRequest('finalize a namespace: the request has no Namespace')
    if (wanted.metadata.name && wanted.metadata.name !== request.name) {
      throw badRequest(`the name of the object (${wanted.metadata.name}) does not match the name on the URL (${request.name})`)
    }
    const object = await request.objects.change({
      ...request,
      change(current) {
        const { uid, resourceVersion } = wanted.metadata
        if (uid && uid !== current.metadata.uid) {
          throw conflict(
            { group: '', resource: 'namespaces' },
            request.name,
            `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`,
          )
        }
        const spec = { ...(current as Namespace).spec, finalizers: wanted.spec?.finalizers ?? [] }
        const changed = finalizeNamespace({ ...(current as Namespace), spec }, current as Namespace)
        return { ...changed, metadata: { ...current.metadata, resourceVersion: resourceVersion || current.metadata.resourceVersion } }
      },
    })
    return { object, code: 200 }
  },
}
