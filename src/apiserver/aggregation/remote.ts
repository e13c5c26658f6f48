import { formatGroupVersion } from '../../apimachinery/meta.ts'
import { type ApiService, availableCondition } from '../../apis/apiregistration/api-service.ts'
import { type Destination, destinationOf } from '../outgoing/index.ts'

/** A group and version that a server elsewhere answers for. */
export interface RemoteGroupVersion {
  readonly name: string
  readonly group: string
  readonly version: string
  readonly groupPriority: number
  readonly versionPriority: number
  readonly isAvailable: boolean
  readonly destination: Destination
}

interface Pair {
  readonly certificate: string
  readonly key: string
}

/** Undefined for what the API server answers for itself. */
export function remoteOf(apiService: ApiService, clientCertificate: Pair): RemoteGroupVersion | undefined {
  const { metadata, spec } = apiService
  const { service, caBundle, group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = spec ?? {}
  const { namespace, name, port } = service ?? {}
  if (!namespace || !name) return undefined
  const destination = destinationOf({ service: { namespace, name, port }, ...(caBundle && { caBundle }) })
  if (!destination) return undefined
  return {
    name: metadata.name ?? '',
    group,
    version,
    groupPriority: groupPriorityMinimum,
    versionPriority,
    isAvailable: availableCondition(apiService)?.status === 'True',
    destination: { ...destination, clientCertificate, ...(spec?.insecureSkipTLSVerify && { skipVerification: true }) },
  }
}

/** Remote group versions as they are found by path. */
export interface RemoteTable {
  readonly all: readonly RemoteGroupVersion[]
  /** By `/apis/GROUP/VERSION...` or `/openapi/v3/apis/GROUP/VERSION`. */
  find(path: string): RemoteGroupVersion | undefined
}

export function createRemoteTable(apiServices: readonly ApiService[], clientCertificate: Pair): RemoteTable {
  const all = apiServices.flatMap(apiService => remoteOf(apiService, clientCertificate) ?? [])
  const byGroupVersion = new Map(all.map(remote => [formatGroupVersion(remote.group, remote.version), remote]))
  return {
    all,
    find(path) {
      if (byGroupVersion.size === 0) return undefined
      const parts = (path.startsWith('/openapi/v3/') ? path.slice('/openapi/v3'.length) : path).split('/', 4)
      return parts[1] === 'apis' && parts[3] ? byGroupVersion.get(`${parts[2]}/${parts[3]}`) : undefined
    },
  }
}
