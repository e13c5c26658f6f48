import { existsSync } from 'node:fs'
import { nodeKind } from '../../apis/core/node.ts'
import { silentLogger, systemClock, systemRandom } from '../../base/index.ts'
import { createClient, httpsConnection } from '../../client/index.ts'
import { type ClusterConfiguration, clusterPaths } from '../configuration.ts'
import { readPkiUser } from '../pki.ts'
import { versionInfo } from '../version.ts'
import { readConfiguration } from './instance.ts'
import { type ComponentProcess, componentsOf, listProcesses } from './processes.ts'

/** What `proa status -o json` prints. */
export interface ClusterStatus {
  readonly name: string
  readonly state: 'absent' | 'stopped' | 'degraded' | 'running'
  readonly version: string
  readonly apiAddress?: string
  readonly kubeconfig?: string
  readonly dataDirectory: string
  readonly runtime?: string
  /** Absent while the API does not answer. */
  readonly nodes?: readonly { readonly name: string; readonly ready: boolean }[]
  readonly processes: readonly ComponentProcess[]
}

export async function readStatus(name: string, dataDirectory: string): Promise<ClusterStatus> {
  const version = versionInfo().gitVersion
  const configuration = readConfiguration(dataDirectory)
  if (!configuration) return { name, state: 'absent', version, dataDirectory, processes: [] }
  const processes = listProcesses(clusterPaths(name, dataDirectory).run)
  const nodes = processes.some(process => process.component === 'server')
    ? await readNodes(configuration).catch(() => undefined)
    : undefined
  const complete = componentsOf(configuration).every(component => processes.some(process => process.component === component))
  return {
    name,
    state: processes.length === 0 ? 'stopped' : complete && nodes ? 'running' : 'degraded',
    version,
    apiAddress: `https://127.0.0.1:${configuration.apiPort}`,
    kubeconfig: configuration.kubeconfig,
    dataDirectory,
    runtime: configuration.runtime,
    ...(nodes && { nodes }),
    processes,
  }
}

async function readNodes(configuration: ClusterConfiguration): Promise<ClusterStatus['nodes']> {
  const { pki } = clusterPaths(configuration.name, configuration.dataDirectory)
  if (!existsSync(pki)) return undefined
  const { authority, certificate, key } = readPkiUser(pki, 'admin')
  const clock = systemClock()
  const random = systemRandom()
  const connection = httpsConnection({
    server: `https://127.0.0.1:${configuration.apiPort}`,
    certificateAuthority: authority,
    clientCertificate: certificate,
    clientKey: key,
    userAgent: 'proa/status',
    clock,
    random,
  })
  const client = createClient({ connection, clock, random, logger: silentLogger })
  try {
    const { items } = await client.list(nodeKind, undefined, { signal: AbortSignal.timeout(3000) })
    return items.map(node => ({
      name: node.metadata.name ?? '',
      ready: node.status?.conditions?.some(one => one.type === 'Ready' && one.status === 'True') ?? false,
    }))
  } finally {
    await client.close()
  }
}
