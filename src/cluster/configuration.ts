import { join } from 'node:path'
import type { ApiServerSettings } from './api-server-settings.ts'

/**
 * The one configuration of a cluster, from flags, a library's options or the file that the first start wrote.
 * Ports are chosen once and kept, so that kubeconfigs stay valid.
 */
export interface ClusterConfiguration {
  readonly name: string
  /** A UUID made at the first start; the journal carries it too. */
  readonly clusterId: string
  readonly dataDirectory: string
  readonly runtime: 'containerd' | 'simulated'
  readonly simulatedNodes: number
  readonly nodeName: string
  readonly apiPort: number
  readonly kubeletPort: number
  readonly dnsPort: number
  readonly podCidr: string
  readonly serviceCidr: string
  readonly dnsAddress: string
  readonly clusterDomain: string
  /** Where the admin's kubeconfig context goes. */
  readonly kubeconfig: string
  readonly apiServer?: ApiServerSettings
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
}

export const defaultName = 'proa'
export const defaultDataRoot = '/var/lib/proa'
export const runRoot = '/run/proa'

export const networkDefaults = {
  podCidr: '10.42.0.0/16',
  serviceCidr: '10.43.0.0/16',
  dnsAddress: '10.43.0.10',
  clusterDomain: 'cluster.local',
} as const

export interface ClusterPaths {
  readonly data: string
  readonly configuration: string
  readonly pki: string
  readonly journal: string
  readonly logs: string
  readonly kubelet: string
  readonly podLogs: string
  readonly containerd: string
  readonly cni: string
  readonly images: string
  /** On tmpfs: process ids, sockets, runtime state. */
  readonly run: string
  readonly containerdSocket: string
}

export function clusterPaths(name: string, dataDirectory: string): ClusterPaths {
  const run = join(runRoot, name)
  return {
    data: dataDirectory,
    configuration: join(dataDirectory, 'cluster.json'),
    pki: join(dataDirectory, 'pki'),
    journal: join(dataDirectory, 'journal'),
    logs: join(dataDirectory, 'logs'),
    kubelet: join(dataDirectory, 'kubelet'),
    podLogs: join(dataDirectory, 'pod-logs'),
    containerd: join(dataDirectory, 'containerd'),
    cni: join(dataDirectory, 'cni'),
    images: join(dataDirectory, 'images'),
    run,
    containerdSocket: join(run, 'containerd', 'containerd.sock'),
  }
}

/** Cluster names end up in interface, table, cgroup and directory names. */
export function validateName(name: string): string | undefined {
  if (/^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$/.test(name)) return undefined
  return `a cluster's name has at most 24 lower-case letters, digits and dashes and starts with a letter: ${JSON.stringify(name)} does not`
}
