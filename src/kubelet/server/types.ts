import type { Clock, Logger, MetricsRegistry } from '../../base/index.ts'
import type { ControlGroupReadings, InterfaceUsage } from '../host/control-group-usage.ts'
import type { ContainerRuntime } from '../runtime/types.ts'

/** What the node's server is given; everything it serves is read from here at the time of a request. */
export interface NodeServerOptions {
  readonly nodeName: string
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  readonly tls: NodeServerTls
  /** Who a bearer token belongs to (a TokenReview); undefined for nobody. */
  readonly authenticateToken: (token: string) => Promise<NodeUser | undefined>
  /** Whether the user may (a SubjectAccessReview). */
  readonly authorize: (user: NodeUser, attributes: NodeAttributes) => Promise<NodeDecision>
  readonly pods: NodePods
  readonly runtime: ContainerRuntime
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  /** The machine's log files, served as they are; /var/log where it isn't given. */
  readonly logFolder?: string
  /** What the whole machine uses; read from /proc where it isn't given. */
  readonly nodeUsage?: () => Promise<NodeUsage>
  /** What the kernel counts of pods; without it only what the runtime tells is known. */
  readonly controlGroups?: ControlGroupReadings
  /** The control group that all pods are in. */
  readonly podsControlGroup?: string
  /** Ids of the node's own processes by the name that is shown of them: `kubelet`, `runtime`. */
  readonly systemProcesses?: () => Readonly<Record<string, number>>
  /** Where pods' files are; the root directory where it isn't given. */
  readonly podsDirectory?: string
}

export interface NodeServerTls {
  readonly key: string
  readonly certificate: string
  /** Client certificates signed by it are users: the common name is the user, organizations are its groups. */
  readonly clientAuthority: string
}

export interface NodeServer {
  readonly port: number
  /** For new connections; those that are there go on. */
  setCertificate(tls: NodeServerTls): void
  /** Ends requests and streams in progress too. */
  close(): Promise<void>
}

export interface NodeUser {
  readonly username: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** Attributes of a request to a node, as upstream's kubelet asks: `nodes/proxy`, `nodes/stats`, `nodes/metrics` ... */
export interface NodeAttributes {
  readonly verb: string
  readonly resource: 'nodes'
  readonly subresource: string
  readonly name: string
  readonly path: string
}

export interface NodeDecision {
  readonly allowed: boolean
  readonly reason: string
}

/** The kubelet's view of its pods. */
export interface NodePods {
  /** All pods bound to this node, with the status that the kubelet knows. */
  list(): readonly NodePod[]
  get(namespace: string, name: string): NodePod | undefined
}

export interface NodePod {
  /** The v1 Pod, whole. */
  readonly pod: PodView
  /** The pod's live sandbox, where it has one. */
  readonly sandboxId: string | undefined
  /** Those of its containers are below, by their ids. */
  readonly controlGroup?: string
}

/** The part of a v1 Pod that the server reads. */
export interface PodView {
  readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly uid?: string }
  readonly spec?: {
    readonly hostNetwork?: boolean
    readonly containers?: readonly ContainerView[]
    readonly initContainers?: readonly ContainerView[]
    readonly ephemeralContainers?: readonly ContainerView[]
  }
  readonly status?: {
    readonly phase?: string
    readonly startTime?: unknown
    readonly containerStatuses?: readonly ContainerStatusView[]
    readonly initContainerStatuses?: readonly ContainerStatusView[]
    readonly ephemeralContainerStatuses?: readonly ContainerStatusView[]
  }
}

export interface ContainerView {
  readonly name?: string
  readonly stdin?: boolean
  readonly tty?: boolean
}

export interface ContainerStatusView {
  readonly name?: string
  readonly image?: string
  readonly containerID?: string
  readonly state?: ContainerStateView
  readonly lastState?: ContainerStateView
}

export interface ContainerStateView {
  readonly waiting?: { readonly reason?: string }
  readonly running?: { readonly startedAt?: unknown }
  readonly terminated?: { readonly containerID?: string }
}

export interface NodeUsage {
  readonly cpuUsage_ns: number
  readonly memoryUsage_bytes: number
  readonly memoryWorkingSet_bytes: number
  readonly memoryAvailable_bytes: number
  readonly memoryResident_bytes: number
  readonly pageFaults: number
  readonly majorPageFaults: number
  readonly interfaces: readonly InterfaceUsage[]
  readonly processes: number
  readonly processesMaximum: number
  readonly bootTime_ms: number
}
