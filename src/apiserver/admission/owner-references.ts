import type { KubernetesObject, OwnerReference } from '../../apimachinery/meta.ts'
import { parseGroupVersion } from '../../apimachinery/meta.ts'
import { semanticEqual } from '../../apis/core/sharing.ts'
import type { AdmissionRequest, AdmissionStep, Authorizer } from '../types.ts'
import { refuse } from './refuse.ts'

/**
 * Owners decide when an object goes, and dependents can hold back an owner's end: only whoever may delete the object
 * gives it other owners, and only whoever may set an owner's finalizers holds it back. Off unless asked for.
 */
export const ownerReferences = (authorizer: Authorizer): AdmissionStep => ({
  name: 'OwnerReferencesPermissionEnforcement',
  handles: ({ operation, kind, subresource, object, old }) =>
    (operation === 'CREATE' || operation === 'UPDATE') &&
    !(kind.group === '' && kind.resource === 'pods' && subresource === 'status') &&
    !semanticEqual(ownersOf(object), ownersOf(old)),
  async validate(request) {
    if (request.operation === 'UPDATE') await checkDelete(authorizer, request)
    for (const owner of newlyBlocked(request)) await checkFinalizers(authorizer, request, owner)
  },
})

const ownersOf = (object: KubernetesObject | undefined): readonly OwnerReference[] => object?.metadata.ownerReferences ?? []

async function checkDelete(authorizer: Authorizer, request: AdmissionRequest): Promise<void> {
  const { context, kind, served, subresource, namespace, name } = request
  const { group, version } = served
  const about = { path: '', isResourceRequest: true, group, version, resource: kind.resource, subresource, namespace, name }
  const { allowed, reason } = await authorizer.authorize(context.user, { ...about, verb: 'delete' })
  if (!allowed) throw refuse(request, `cannot set an ownerRef on a resource you can't delete: ${reason}, <nil>`)
}

/** Owners that this write begins to hold back. */
function newlyBlocked({ object, old }: AdmissionRequest): readonly OwnerReference[] {
  const before = new Set(ownersOf(old).flatMap(owner => (owner.blockOwnerDeletion ? [owner.uid] : [])))
  return ownersOf(object).filter(owner => owner.blockOwnerDeletion === true && !before.has(owner.uid))
}

async function checkFinalizers(authorizer: Authorizer, request: AdmissionRequest, owner: OwnerReference): Promise<void> {
  const { group, version } = parseGroupVersion(owner.apiVersion)
  const kind = request.objects
    .kinds()
    .find(one => one.kind === owner.kind && one.served.some(served => served.group === group && served.version === version))
  if (!kind)
    throw refuse(
      request,
      `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${owner.apiVersion} Kind ${owner.kind}: no matches for kind ${JSON.stringify(owner.kind)} in version ${JSON.stringify(owner.apiVersion)}`,
    )
  const { allowed, reason } = await authorizer.authorize(request.context.user, {
    verb: 'update',
    path: '',
    isResourceRequest: true,
    group,
    version,
    resource: kind.resource,
    subresource: 'finalizers',
    namespace: kind.scope === 'Namespaced' ? request.namespace : '',
    name: owner.name,
  })
  if (!allowed)
    throw refuse(
      request,
      `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${reason}, <nil>`,
    )
}
