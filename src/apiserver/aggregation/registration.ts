import { isAlreadyExists, isNotFound } from '../../apimachinery/api-errors.ts'
import type { ApiConnection } from '../../apimachinery/connection.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import type { ApiService } from '../../apis/apiregistration/api-service.ts'
import { prioritiesOf } from './priorities.ts'

export const apiServices = { group: 'apiregistration.k8s.io', version: 'v1', resource: 'apiservices' } as const

/** Under upstream's name: who has this label is made here, and goes with what it stands for. */
const managedLabel = 'kube-aggregator.kubernetes.io/automanaged'

/** An APIService for everything that the API server answers for itself, and none for what it no longer does. */
export async function keepLocalApiServices(
  connection: ApiConnection,
  kinds: readonly Kind[],
  existing: readonly ApiService[],
): Promise<void> {
  const wanted = localApiServices(kinds)
  const known = new Set(existing.map(({ metadata }) => metadata.name))
  const missing = [...wanted.values()].filter(({ metadata }) => !known.has(metadata.name))
  const leftOver = existing.filter(
    ({ metadata, spec }) => metadata.labels?.[managedLabel] !== undefined && !spec?.service && !wanted.has(metadata.name ?? ''),
  )
  await Promise.all([
    ...missing.map(apiService => create(connection, apiService)),
    ...leftOver.map(({ metadata }) => remove(connection, metadata.name ?? '')),
  ])
}

function localApiServices(kinds: readonly Kind[]): ReadonlyMap<string, ApiService> {
  const wanted = new Map<string, ApiService>()
  for (const kind of kinds) {
    for (const { group, version } of kind.served) {
      const name = `${version}.${group}`
      // The group of APIServices itself is not registered with itself.
      if (group === apiServices.group || wanted.has(name)) continue
      const isCustom = kind.custom === true
      const labels = { [managedLabel]: isCustom ? 'true' : 'onstart' }
      const spec = { ...(group && { group }), version, ...prioritiesOf(group, version, isCustom) }
      wanted.set(name, { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name, labels }, spec })
    }
  }
  return wanted
}

async function create(connection: ApiConnection, body: ApiService): Promise<void> {
  try {
    await connection.call({ verb: 'create', resource: apiServices, body })
  } catch (error) {
    // Somebody registered a server for it meanwhile, which counts.
    if (!isAlreadyExists(error)) throw error
  }
}

async function remove(connection: ApiConnection, name: string): Promise<void> {
  try {
    await connection.call({ verb: 'delete', resource: apiServices, name })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
