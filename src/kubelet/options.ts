import type { Pod } from '../apis/core/pod.ts'
import type { Clock, Logger, MetricsRegistry, Random } from '../base/index.ts'
import type { Client, EventRecorder } from '../client/types.ts'
import type { HostAccess } from './host/types.ts'
import type { ProbeTransport } from './probes/transport.ts'
import type { ContainerRuntime, ContainerStats } from './runtime/types.ts'
import type { VolumePlugin } from './volumes/types.ts'

export interface KubeletOptions {
  readonly client: Client
  readonly runtime: ContainerRuntime
  readonly host: HostAccess
  readonly node: NodeDescription
  readonly directories: Directories
  /** Service addresses of the cluster's DNS servers. */
  readonly clusterDns: readonly string[]
  readonly clusterDomain: string
  /** Where `dnsPolicy: Default` takes its servers from; `/etc/resolv.conf` by default. */
  readonly resolverConfiguration?: string
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  readonly events: EventRecorder
  /** Beyond the built-in volume types. */
  readonly volumePlugins?: readonly VolumePlugin[]
  /** How probes and HTTP hooks reach pods; the node's own network by default. */
  readonly probeTransport?: ProbeTransport
  /** Resolves once this node's proxy has applied EndpointSlices in which the pod is no longer ready. */
  readonly endpointsGone?: (podUid: string, signal: AbortSignal) => Promise<void>
  readonly leaseDuration_s?: number
  readonly leaseRenewal_ms?: number
  /** A node status that did not change is written this often. */
  readonly statusReport_ms?: number
  /** Gives up a start that waits for the API server or the runtime. */
  readonly signal?: AbortSignal
  /** How often runtime and machine are looked at beside their events. */
  readonly housekeeping_ms?: number
}

export interface NodeDescription {
  readonly name: string
  readonly addresses: readonly { readonly type: string; readonly address: string }[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  /** What the machine has: cpu, memory, ephemeral-storage, pods. */
  readonly capacity: Readonly<Record<string, string>>
  /** What pods may use of it; the whole capacity by default. */
  readonly allocatable?: Readonly<Record<string, string>>
  readonly info: {
    readonly machineID: string
    readonly systemUUID: string
    readonly bootID: string
    readonly kernelVersion: string
    readonly osImage: string
    readonly operatingSystem: string
    readonly architecture: string
    readonly kubeletVersion: string
  }
  /** Below the mount of each cgroup hierarchy; `/proa/NAME/NODE`. Its pods' groups are under `kubepods`. */
  readonly cgroupRoot: string
  /** Where the node's own server listens. */
  readonly serverPort: number
}

export interface Directories {
  /** A directory for each pod's volumes and managed files. */
  readonly pods: string
  readonly logs: string
  /** For what must not reach a disk (Secrets, tokens); a tmpfs is mounted there unless it is one. By default in `pods`, whose mounts the runtime sees. */
  readonly memory?: string
}

export interface Kubelet {
  /** What the node's server shows of pods. */
  readonly pods: KubeletPods
  stats(): Promise<readonly ContainerStats[]>
  /** Stops all containers gracefully, as before a reboot of the machine; API objects stay. Only `close` may follow. */
  stopPods(gracePeriod_s: number): Promise<void>
  /** Ends this kubelet. Containers go on running, and the next kubelet adopts them. */
  close(): Promise<void>
}

export interface KubeletPods {
  /** All pods bound to this node, with the status that the kubelet knows. */
  list(): readonly KubeletPod[]
  get(namespace: string, name: string): KubeletPod | undefined
}

export interface KubeletPod {
  readonly pod: Pod
  /** The pod's live sandbox, where it has one. */
  readonly sandboxId: string | undefined
  /** Below the mount of each cgroup hierarchy; those of its containers are below, by their ids. */
  readonly controlGroup: string
  readonly containers: readonly KubeletContainer[]
}

export interface KubeletContainer {
  readonly id: string
  readonly name: string
  readonly attempt: number
  readonly state: 'created' | 'running' | 'exited' | 'unknown'
  readonly logPath: string | undefined
}
