import { isAlreadyExists, isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import type { ApiConnection, ResourceName } from '../../apimachinery/connection.ts'
import type { KubernetesList, KubernetesObject } from '../../apimachinery/meta.ts'
import { bootstrapClusterRoleBindings, bootstrapClusterRoles, bootstrapRoleBindings, bootstrapRoles } from '../../apis/rbac/bootstrap.ts'
import { reconciledBinding, reconciledRole } from './reconciled.ts'

/**
 * Brings the roles and bindings that every cluster has up to date: what is missing is created, what lacks something
 * gets it, and what somebody added stays. Objects whose autoupdate annotation says false are left alone.
 */
export async function reconcileBootstrapPolicy(connection: ApiConnection): Promise<void> {
  await reconcileAll(connection, { ...rbac, resource: 'clusterroles', kind: 'ClusterRole' }, bootstrapClusterRoles, reconciledRole)
  await reconcileAll(
    connection,
    { ...rbac, resource: 'clusterrolebindings', kind: 'ClusterRoleBinding' },
    bootstrapClusterRoleBindings,
    reconciledBinding,
  )
  const namespaced = [...bootstrapRoles, ...bootstrapRoleBindings].map(({ metadata }) => metadata.namespace ?? '')
  await Promise.all([...new Set(namespaced)].map(name => ensureNamespace(connection, name)))
  await reconcileAll(connection, { ...rbac, resource: 'roles', kind: 'Role' }, bootstrapRoles, reconciledRole)
  await reconcileAll(connection, { ...rbac, resource: 'rolebindings', kind: 'RoleBinding' }, bootstrapRoleBindings, reconciledBinding)
}

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const
const namespaces = { group: '', version: 'v1', resource: 'namespaces' } as const

interface Policy extends ResourceName {
  readonly kind: string
}

/** What an object should become; `replace` where it can't become that and must be made anew. */
type Reconcile<T> = (existing: T, expected: T) => { readonly object: T; readonly replace?: boolean }

async function reconcileAll<T extends KubernetesObject>(
  connection: ApiConnection,
  policy: Policy,
  expected: readonly T[],
  reconcile: Reconcile<T>,
): Promise<void> {
  const { items } = (await connection.call({ verb: 'list', resource: policy })) as KubernetesObject & KubernetesList<T>
  const found = new Map(items.map(item => [keyOf(item), item]))
  const pending = expected.map(object => reconcileOne(connection, policy, found.get(keyOf(object)), object, reconcile))
  await Promise.all(pending)
}

const keyOf = ({ metadata }: KubernetesObject) => `${metadata.namespace ?? ''}/${metadata.name}`

/** Another master may do the same at the same time: whoever is later looks again. */
async function reconcileOne<T extends KubernetesObject>(
  connection: ApiConnection,
  policy: Policy,
  known: T | undefined,
  expected: T,
  reconcile: Reconcile<T>,
): Promise<void> {
  let existing = known
  for (let attempt = 1; ; attempt++) {
    try {
      return await bringUpToDate(connection, policy, existing, expected, reconcile)
    } catch (error) {
      const isRace = isConflict(error) || isAlreadyExists(error) || isNotFound(error)
      if (!isRace || attempt === attempts) throw error
    }
    existing = await read<T>(connection, policy, expected)
  }
}

const attempts = 5

const autoupdate = 'rbac.authorization.kubernetes.io/autoupdate'

async function bringUpToDate<T extends KubernetesObject>(
  connection: ApiConnection,
  policy: Policy,
  existing: T | undefined,
  expected: T,
  reconcile: Reconcile<T>,
): Promise<void> {
  const { namespace, name } = expected.metadata
  const target = { resource: policy, ...(namespace !== undefined && { namespace }) }
  const withType = (object: T) => ({ ...object, apiVersion: `${policy.group}/${policy.version}`, kind: policy.kind })
  if (!existing) {
    await connection.call({ ...target, verb: 'create', body: withType(expected) })
    return
  }
  if (existing.metadata.annotations?.[autoupdate] === 'false') return
  const { object, replace } = reconcile(existing, expected)
  if (object === existing) return
  if (!replace) {
    await connection.call({ ...target, verb: 'update', name, body: withType(object) })
    return
  }
  await connection.call({ ...target, verb: 'delete', name, options: { preconditions: { uid: existing.metadata.uid } } })
  await connection.call({ ...target, verb: 'create', body: withType(object) })
}

async function read<T extends KubernetesObject>(connection: ApiConnection, policy: Policy, { metadata }: T): Promise<T | undefined> {
  const { namespace, name } = metadata
  try {
    return (await connection.call({ verb: 'get', resource: policy, namespace, name })) as T
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

async function ensureNamespace(connection: ApiConnection, name: string): Promise<void> {
  try {
    await connection.call({ verb: 'get', resource: namespaces, name })
  } catch (error) {
    if (!isNotFound(error)) throw error
    await createNamespace(connection, name)
  }
}

async function createNamespace(connection: ApiConnection, name: string): Promise<void> {
  try {
    await connection.call({ verb: 'create', resource: namespaces, body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}
