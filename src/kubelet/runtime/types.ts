/**
 * What the kubelet needs of a container runtime. containerd (over CRI) is the real one, the simulation has another;
 * both pass one contract suite. Ids are the runtime's. All rejections are RuntimeErrors.
 */
export interface ContainerRuntime {
  version(signal?: AbortSignal): Promise<{ readonly name: string; readonly version: string; readonly apiVersion: string }>
  /** Conditions of the runtime and of its network. */
  status(signal?: AbortSignal): Promise<{ readonly runtimeReady: boolean; readonly networkReady: boolean; readonly message: string }>

  /** Namespaces, network and cgroup of a pod; resolves with the sandbox's id once its network is up. */
  runSandbox(config: SandboxConfig, signal?: AbortSignal): Promise<string>
  /** Kills what runs in it and frees its network. Idempotent. */
  stopSandbox(id: string): Promise<void>
  /** Stops it first where it runs. Idempotent. */
  removeSandbox(id: string): Promise<void>
  listSandboxes(): Promise<readonly SandboxStatus[]>
  /** Undefined where there is none. */
  sandboxStatus(id: string): Promise<SandboxStatus | undefined>

  createContainer(sandboxId: string, config: ContainerConfig, sandbox: SandboxConfig, signal?: AbortSignal): Promise<string>
  startContainer(id: string): Promise<void>
  /** Sends the stop signal, then KILL after `gracePeriod_s`. Resolves when it has ended. Idempotent. */
  stopContainer(id: string, gracePeriod_s: number): Promise<void>
  removeContainer(id: string): Promise<void>
  listContainers(): Promise<readonly ContainerStatus[]>
  containerStatus(id: string): Promise<ContainerStatus | undefined>
  updateContainerResources(id: string, resources: ContainerResources): Promise<void>
  reopenContainerLog(id: string): Promise<void>

  /** Runs a command to its end; a timeout rejects with reason `Timeout`. */
  execSync(id: string, command: readonly string[], timeout_s: number): Promise<ExecResult>
  /** Opens a stream into a container or a pod's network; the kubelet's server joins it to the client's. */
  exec(id: string, request: ExecRequest): Promise<RuntimeStream>
  attach(id: string, request: Omit<ExecRequest, 'command'>): Promise<RuntimeStream>
  portForward(sandboxId: string, port: number): Promise<PortStream>

  pullImage(image: string, auth: ImageAuth | undefined, sandbox: SandboxConfig | undefined, signal?: AbortSignal): Promise<string>
  imageStatus(image: string): Promise<RuntimeImage | undefined>
  listImages(): Promise<readonly RuntimeImage[]>
  removeImage(image: string): Promise<void>

  /** Changes of containers and sandboxes, as hints: the kubelet reads the state afterwards and relists now and then. */
  events(signal: AbortSignal): AsyncIterable<RuntimeEvent>
  containerStats(): Promise<readonly ContainerStats[]>
  /** Where images are kept, and what they take of it. */
  imageFilesystem(): Promise<FilesystemUsage | undefined>
  close(): Promise<void>
}

export class RuntimeError extends Error {
  readonly reason: 'NotFound' | 'Timeout' | 'Unavailable' | 'InvalidArgument' | 'Unknown'
  constructor(reason: RuntimeError['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RuntimeError'
    this.reason = reason
  }
}

/** Written on every sandbox and container, so that a restarted kubelet finds its own again. */
export const labels = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
} as const

export const annotations = {
  containerHash: 'io.kubernetes.container.hash',
  restartCount: 'io.kubernetes.container.restartCount',
  terminationMessagePath: 'io.kubernetes.container.terminationMessagePath',
  terminationMessagePolicy: 'io.kubernetes.container.terminationMessagePolicy',
  gracePeriod: 'io.kubernetes.pod.terminationGracePeriod',
} as const

export interface SandboxConfig {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly attempt: number
  readonly hostname: string
  readonly logDirectory: string
  readonly dns: { readonly servers: readonly string[]; readonly searches: readonly string[]; readonly options: readonly string[] }
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** `/proa/NAME/NODE/kubepods/burstable/podUID` */
  readonly cgroupParent: string
  readonly sysctls: Readonly<Record<string, string>>
  readonly namespaces: NamespaceOptions
  readonly security: SandboxSecurity
}

export interface NamespaceOptions {
  readonly network: 'pod' | 'node'
  readonly pid: 'pod' | 'container' | 'node' | 'target'
  readonly ipc: 'pod' | 'node'
  /** With pid `target`: the container whose processes are seen. */
  readonly targetId?: string
}

export type SeccompProfile =
  | { readonly type: 'RuntimeDefault' }
  | { readonly type: 'Unconfined' }
  | { readonly type: 'Localhost'; readonly path: string }

export interface SandboxSecurity {
  readonly privileged: boolean
  readonly seccomp?: SeccompProfile
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly supplementalGroups: readonly number[]
}

export interface ContainerConfig {
  readonly name: string
  readonly attempt: number
  /** What to run: an image id or reference that is present. */
  readonly image: string
  /** The reference as the user wrote it. */
  readonly userImage: string
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly workingDirectory: string
  readonly environment: readonly { readonly name: string; readonly value: string }[]
  readonly mounts: readonly Mount[]
  readonly devices: readonly { readonly hostPath: string; readonly containerPath: string; readonly permissions: string }[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Relative to the sandbox's log directory. */
  readonly logPath: string
  readonly stdin: boolean
  readonly stdinOnce: boolean
  readonly tty: boolean
  readonly resources: ContainerResources
  readonly security: ContainerSecurity
  /** Other containers of the pod start only once it has ended. */
  readonly isWaitedFor?: boolean
}

export interface Mount {
  readonly hostPath: string
  readonly containerPath: string
  readonly readOnly: boolean
  readonly propagation: 'private' | 'hostToContainer' | 'bidirectional'
}

/** cgroup values; absent means unlimited. */
export interface ContainerResources {
  readonly cpuShares?: number
  readonly cpuPeriod_us?: number
  readonly cpuQuota_us?: number
  readonly memoryLimit_bytes?: number
  readonly oomScoreAdjust?: number
}

export interface ContainerSecurity {
  readonly privileged: boolean
  readonly namespaces: NamespaceOptions
  readonly addCapabilities: readonly string[]
  readonly dropCapabilities: readonly string[]
  readonly seccomp?: SeccompProfile
  readonly runAsUser?: number
  readonly runAsUserName?: string
  readonly runAsGroup?: number
  readonly supplementalGroups: readonly number[]
  readonly readOnlyRootFilesystem: boolean
  readonly noNewPrivileges: boolean
  readonly maskedPaths: readonly string[] | undefined
  readonly readOnlyPaths: readonly string[] | undefined
}

export interface SandboxStatus {
  readonly id: string
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly attempt: number
  readonly ready: boolean
  /** Nanoseconds are cut to milliseconds since 1970. */
  readonly createdAt_ms: number
  /** Filled by sandboxStatus only. */
  readonly addresses: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export interface ContainerStatus {
  readonly id: string
  readonly sandboxId: string
  readonly name: string
  readonly attempt: number
  readonly state: 'created' | 'running' | 'exited' | 'unknown'
  readonly createdAt_ms: number
  /** From here on filled by containerStatus only, where the runtime's list has less. */
  readonly startedAt_ms?: number
  readonly finishedAt_ms?: number
  readonly exitCode?: number
  /** `OOMKilled`, `Completed`, `Error` ... */
  readonly reason?: string
  readonly message?: string
  readonly image: string
  readonly imageId: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Absolute. */
  readonly logPath?: string
}

export interface ExecResult {
  readonly exitCode: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

export interface ExecRequest {
  readonly command: readonly string[]
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

export interface RuntimeStream {
  readonly stdin: WritableStream<Uint8Array> | undefined
  readonly stdout: ReadableStream<Uint8Array> | undefined
  readonly stderr: ReadableStream<Uint8Array> | undefined
  resize(width: number, height: number): void
  /** The `Status` document of the error channel: success, or failure with the exit code as a cause. */
  readonly result: Promise<unknown>
  close(): void
}

export interface PortStream {
  readonly input: WritableStream<Uint8Array>
  readonly output: ReadableStream<Uint8Array>
  readonly error: Promise<string>
  close(): void
}

export interface ImageAuth {
  readonly username?: string
  readonly password?: string
  readonly auth?: string
  readonly identityToken?: string
  readonly registryToken?: string
  readonly serverAddress?: string
}

export interface RuntimeImage {
  readonly id: string
  readonly tags: readonly string[]
  readonly digests: readonly string[]
  readonly size_bytes: number
  /** The user that the image declares. */
  readonly uid?: number
  readonly username?: string
}

export interface RuntimeEvent {
  readonly type: 'created' | 'started' | 'stopped' | 'deleted' | 'oom'
  readonly containerId: string
  /** Where the runtime's event names it. */
  readonly podUid?: string
}

export interface ContainerStats {
  readonly id: string
  readonly name: string
  readonly podUid: string
  readonly timestamp_ms: number
  readonly cpuUsage_ns: number
  readonly memoryWorkingSet_bytes: number
  readonly memoryUsage_bytes: number
  /** Older runtimes don't tell these. */
  readonly memoryAvailable_bytes?: number
  readonly memoryResident_bytes?: number
  readonly pageFaults?: number
  readonly majorPageFaults?: number
  /** What the container has written beside its volumes. */
  readonly writableLayer?: FilesystemUsage
}

export interface FilesystemUsage {
  /** A directory in it. */
  readonly mountpoint: string
  readonly used_bytes: number
  readonly inodesUsed: number
}
