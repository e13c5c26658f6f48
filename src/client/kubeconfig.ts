import { mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises'
import { dirname, isAbsolute, resolve } from 'node:path'
import { dump } from 'js-yaml'
import { parseYaml } from '../apimachinery/codec/index.ts'
import { isJsonObject } from '../apimachinery/json-value.ts'

/** A kubeconfig file, with everything in it that we don't know. */
export interface Kubeconfig {
  readonly apiVersion?: string
  readonly kind?: string
  readonly 'current-context'?: string
  readonly clusters?: readonly NamedEntry<'cluster', ClusterEntry>[]
  readonly users?: readonly NamedEntry<'user', UserEntry>[]
  readonly contexts?: readonly NamedEntry<'context', ContextEntry>[]
  readonly [other: string]: unknown
}

export type NamedEntry<Key extends string, Value> = { readonly name: string } & { readonly [key in Key]: Value }

export interface ClusterEntry {
  readonly server?: string
  readonly 'certificate-authority'?: string
  readonly 'certificate-authority-data'?: string
  readonly 'insecure-skip-tls-verify'?: boolean
  readonly 'tls-server-name'?: string
  readonly [other: string]: unknown
}

export interface UserEntry {
  readonly 'client-certificate'?: string
  readonly 'client-certificate-data'?: string
  readonly 'client-key'?: string
  readonly 'client-key-data'?: string
  readonly token?: string
  readonly tokenFile?: string
  readonly [other: string]: unknown
}

export interface ContextEntry {
  readonly cluster: string
  readonly user: string
  readonly namespace?: string
  readonly [other: string]: unknown
}

/** What a context leads to, with the contents of files that it names. */
export interface ResolvedContext {
  readonly context: string
  readonly server: string
  readonly namespace: string | undefined
  readonly certificateAuthority: string | undefined
  readonly clientCertificate: string | undefined
  readonly clientKey: string | undefined
  readonly token: string | undefined
  readonly insecure: boolean
  readonly serverName: string | undefined
}

const empty: Kubeconfig = { apiVersion: 'v1', kind: 'Config', clusters: [], users: [], contexts: [], 'current-context': '' }

/** An absent or empty file is an empty configuration; one that can't be read as a kubeconfig is an error, so that nobody overwrites it. */
export async function readKubeconfig(path: string): Promise<Kubeconfig> {
  const text = await readFile(path, 'utf8').catch(undefinedIfMissing)
  if (text === undefined) return empty
  const value = parseKubeconfig(path, text)
  if (value === null) return empty
  if (!isJsonObject(value)) throw new Error(`read kubeconfig ${path}: it is not a mapping; nothing was changed`)
  for (const list of ['clusters', 'users', 'contexts']) {
    const entries = value[list]
    if (entries === undefined || entries === null) continue
    if (!Array.isArray(entries) || !entries.every(isJsonObject))
      throw new Error(`read kubeconfig ${path}: ${list} is not a list of mappings; nothing was changed`)
  }
  return value as Kubeconfig
}

function parseKubeconfig(path: string, text: string): unknown {
  try {
    return parseYaml(text)
  } catch (error) {
    throw new Error(`read kubeconfig ${path}: it is not YAML; nothing was changed`, { cause: error })
  }
}

export interface ContextToMerge {
  /** Names context, cluster and user alike. */
  readonly name: string
  readonly cluster: ClusterEntry
  readonly user: UserEntry
  readonly namespace?: string
  /** Also makes it the current context. */
  readonly current?: boolean
}

/** Adds a context with its cluster and user, or replaces those of the same name; everything else stays as it is. */
export function mergeContext(config: Kubeconfig, { name, cluster, user, namespace, current }: ContextToMerge): Kubeconfig {
  const context: ContextEntry = { cluster: name, user: name, ...(namespace && { namespace }) }
  return {
    ...config,
    apiVersion: config.apiVersion ?? 'v1',
    kind: config.kind ?? 'Config',
    clusters: withEntry(config.clusters, { name, cluster }),
    users: withEntry(config.users, { name, user }),
    contexts: withEntry(config.contexts, { name, context }),
    ...(current && { 'current-context': name }),
  }
}

/** Takes a context away, and its cluster and user unless another context uses them. */
export function removeContext(config: Kubeconfig, name: string): Kubeconfig {
  const entry = config.contexts?.find(one => one.name === name)
  if (!entry) return config
  const contexts = (config.contexts ?? []).filter(one => one.name !== name)
  const { cluster, user } = entry.context ?? { cluster: name, user: name }
  const clusterUsed = contexts.some(one => one.context?.cluster === cluster)
  const userUsed = contexts.some(one => one.context?.user === user)
  return {
    ...config,
    contexts,
    ...(config.clusters && { clusters: clusterUsed ? config.clusters : config.clusters.filter(one => one.name !== cluster) }),
    ...(config.users && { users: userUsed ? config.users : config.users.filter(one => one.name !== user) }),
    ...(config['current-context'] === name && { 'current-context': '' }),
  }
}

function withEntry<E extends { readonly name: string }>(entries: readonly E[] | null | undefined, entry: E): readonly E[] {
  const place = entries?.findIndex(one => one.name === entry.name) ?? -1
  return place < 0 ? [...(entries ?? []), entry] : (entries ?? []).with(place, entry)
}

/** Readable by its owner alone, and never half written: a new file takes the old one's place. Links stay links. */
export async function writeKubeconfig(path: string, config: Kubeconfig): Promise<void> {
  const target = await realpath(path).catch(error => undefinedIfMissing(error) ?? path)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  const temporary = `${target}.${process.pid}.new`
  try {
    const file = await open(temporary, 'w', 0o600)
    try {
      await file.chmod(0o600)
      await file.writeFile(dump(config, { lineWidth: -1 }))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw new Error(`write kubeconfig ${target}: the old one is untouched`, { cause: error })
  }
}

/** Reads what a context (the current one by default) names, files included; their paths are relative to the kubeconfig. */
export async function resolveContext(config: Kubeconfig, path: string, name = config['current-context'] ?? ''): Promise<ResolvedContext> {
  const entry = config.contexts?.find(one => one.name === name)
  if (!entry) throw new Error(`context ${JSON.stringify(name)} does not exist in ${path}`)
  const cluster = config.clusters?.find(one => one.name === entry.context.cluster)?.cluster
  if (!cluster?.server) throw new Error(`context ${JSON.stringify(name)} in ${path} names no cluster with a server`)
  const user = config.users?.find(one => one.name === entry.context.user)?.user ?? {}
  const content = async (data: string | undefined, file: string | undefined) => {
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8')
    return file === undefined ? undefined : readFile(isAbsolute(file) ? file : resolve(dirname(path), file), 'utf8')
  }
  const [certificateAuthority, clientCertificate, clientKey, tokenOfFile] = await Promise.all([
    content(cluster['certificate-authority-data'], cluster['certificate-authority']),
    content(user['client-certificate-data'], user['client-certificate']),
    content(user['client-key-data'], user['client-key']),
    content(undefined, user.tokenFile),
  ])
  return {
    context: name,
    server: cluster.server,
    namespace: entry.context.namespace,
    certificateAuthority,
    clientCertificate,
    clientKey,
    token: user.token ?? tokenOfFile?.trim(),
    insecure: cluster['insecure-skip-tls-verify'] === true,
    serverName: cluster['tls-server-name'],
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
