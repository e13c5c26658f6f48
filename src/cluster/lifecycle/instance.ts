import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Random } from '../../base/random.ts'
import type { ApiServerSettings } from '../api-server-settings.ts'
import { type ClusterConfiguration, clusterPaths, defaultDataRoot, networkDefaults, runRoot } from '../configuration.ts'
import { takeTurn } from './turn.ts'

/** What a caller asks for; everything else is remembered from the first start or chosen. */
export interface InstanceRequest {
  readonly name: string
  readonly dataDirectory?: string
  readonly kubeconfig?: string
  readonly runtime?: 'containerd' | 'simulated'
  readonly simulatedNodes?: number
  /** Merged into what is remembered; an empty text takes a setting back. */
  readonly apiServer?: ApiServerSettings
}

/**
 * Where an instance keeps its data: what is asked for, else what the last start noted (until the machine restarts), else the usual place.
 */
export function findDataDirectory(name: string, asked: string | undefined): string {
  if (asked) return asked
  const note = join(runRoot, name, 'data-directory')
  return existsSync(note) ? readFileSync(note, 'utf8').trim() : join(defaultDataRoot, name)
}

export function readConfiguration(dataDirectory: string): ClusterConfiguration | undefined {
  const path = join(dataDirectory, 'cluster.json')
  if (!existsSync(path)) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ClusterConfiguration
  } catch (error) {
    throw new Error(`read the cluster's configuration ${path}: ${(error as Error).message}; restore the file or purge the cluster`)
  }
}

/** The remembered configuration with what was asked changed in it; ports are chosen at the first start and kept. */
export async function prepareConfiguration(
  request: InstanceRequest,
  defaultKubeconfig: string,
  random: Random,
): Promise<ClusterConfiguration> {
  // One at a time on this machine: two would choose the same ports and ranges.
  const turn = await takeTurn('configurations')
  try {
    return await chooseConfiguration(request, defaultKubeconfig, random)
  } finally {
    turn.end()
  }
}

async function chooseConfiguration(request: InstanceRequest, defaultKubeconfig: string, random: Random): Promise<ClusterConfiguration> {
  const dataDirectory = findDataDirectory(request.name, request.dataDirectory)
  const existing = readConfiguration(dataDirectory)
  if (existing && existing.name !== request.name)
    throw new Error(
      `use data directory ${dataDirectory}: it belongs to the cluster ${JSON.stringify(existing.name)}; choose another --data-dir`,
    )
  // Ports of clusters that are stopped are theirs all the same.
  const taken = existing ? [] : otherConfigurations(request.name).flatMap(other => [other.apiPort, other.kubeletPort, other.dnsPort])
  const base: ClusterConfiguration = existing ?? {
    name: request.name,
    clusterId: random.uuid(),
    dataDirectory,
    runtime: 'containerd',
    simulatedNodes: 0,
    nodeName: nodeNameOf(hostname()),
    apiPort: await freePort(6443, taken),
    kubeletPort: await freePort(10250, taken),
    dnsPort: await freePort(10053, taken),
    podCidr: networkDefaults.podCidr,
    serviceCidr: networkDefaults.serviceCidr,
    dnsAddress: networkDefaults.dnsAddress,
    clusterDomain: networkDefaults.clusterDomain,
    kubeconfig: defaultKubeconfig,
    logLevel: 'info',
  }
  const ranges = existing ? {} : freeRanges(request.name)
  const configuration: ClusterConfiguration = {
    ...base,
    ...ranges,
    ...(request.kubeconfig && { kubeconfig: request.kubeconfig }),
    ...(request.runtime && { runtime: request.runtime }),
    ...(request.simulatedNodes !== undefined && { simulatedNodes: request.simulatedNodes, runtime: 'simulated' as const }),
    ...mergedSettings(base.apiServer, request.apiServer),
  }
  writeConfiguration(configuration)
  return configuration
}

function mergedSettings(remembered: ApiServerSettings = {}, asked: ApiServerSettings = {}): { readonly apiServer?: ApiServerSettings } {
  const merged = Object.entries({ ...remembered, ...asked }).filter(([, value]) => value !== '' && value !== undefined)
  return merged.length === 0 ? { apiServer: undefined } : { apiServer: Object.fromEntries(merged) }
}

export function writeConfiguration(configuration: ClusterConfiguration): void {
  const paths = clusterPaths(configuration.name, configuration.dataDirectory)
  mkdirSync(paths.data, { recursive: true, mode: 0o711 })
  mkdirSync(paths.run, { recursive: true, mode: 0o711 })
  writeFileSync(`${paths.configuration}.new`, `${JSON.stringify(configuration, undefined, 2)}\n`, { mode: 0o600 })
  renameSync(`${paths.configuration}.new`, paths.configuration)
  writeFileSync(join(paths.run, 'data-directory'), `${configuration.dataDirectory}\n`)
}

/**
 * The first cluster of a machine takes the usual ranges, a further one the next free pair, since their pods and
 * services meet in one routing table. The DNS address is the tenth of the service range.
 */
function freeRanges(name: string): Partial<ClusterConfiguration> {
  const taken = new Set(otherConfigurations(name).map(configuration => configuration.podCidr))
  for (let second = 42; second < 250; second += 2) {
    const podCidr = `10.${second}.0.0/16`
    if (taken.has(podCidr)) continue
    return { podCidr, serviceCidr: `10.${second + 1}.0.0/16`, dnsAddress: `10.${second + 1}.0.10` }
  }
  throw new Error('choose address ranges: too many clusters on this machine; purge one')
}

/** Configurations of the other clusters that this machine knows of. */
function otherConfigurations(name: string): ClusterConfiguration[] {
  const directories = new Set<string>()
  for (const root of [runRoot, defaultDataRoot]) {
    if (!existsSync(root)) continue
    for (const other of readDirectories(root)) if (other !== name) directories.add(findDataDirectory(other, undefined))
  }
  return [...directories].map(readConfiguration).filter(configuration => configuration !== undefined)
}

/** A node's name is a DNS subdomain; a machine's name may have capitals or underscores. */
export function nodeNameOf(machine: string): string {
  const name = machine
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
  return name || 'node'
}

/** The preferred port if nobody listens on it, else one that the system has free. */
export async function freePort(preferred: number, avoid: readonly number[]): Promise<number> {
  if (!avoid.includes(preferred) && (await canListen(preferred))) return preferred
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

function canListen(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, () => server.close(() => resolve(true)))
  })
}

function readDirectories(root: string): string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)
}
