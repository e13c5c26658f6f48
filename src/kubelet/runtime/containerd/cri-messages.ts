import { message } from './protobuf.ts'

/**
 * The messages of CRI v1 that Proa sends and reads, with the fields it uses. Field numbers are the wire contract;
 * what isn't listed is skipped on reading.
 */
export const namespaceMode = { pod: 0, container: 1, node: 2, target: 3 } as const
export const propagation = { private: 0, hostToContainer: 1, bidirectional: 2 } as const
export const seccompType = { RuntimeDefault: 0, Unconfined: 1, Localhost: 2 } as const
export const sandboxState = { ready: 0, notReady: 1 } as const
export const containerState = { created: 0, running: 1, exited: 2, unknown: 3 } as const

export const empty = message({})
const int64Value = message({ value: [1, 'int64'] })
const uint64Value = message({ value: [1, 'uint64'] })

export const sandboxId = message({ podSandboxId: [1, 'string'] })
export const containerId = message({ containerId: [1, 'string'] })
export const urlResponse = message({ url: [1, 'string'] })

export const versionRequest = message({ version: [1, 'string'] })
export const versionResponse = message({
  version: [1, 'string'],
  runtimeName: [2, 'string'],
  runtimeVersion: [3, 'string'],
  runtimeApiVersion: [4, 'string'],
})

const runtimeCondition = message({ type: [1, 'string'], status: [2, 'bool'], reason: [3, 'string'], message: [4, 'string'] })
export const statusResponse = message({ status: [1, message({ conditions: [1, runtimeCondition, 'repeated'] })] })

const namespaceOption = message({ network: [1, 'int32'], pid: [2, 'int32'], ipc: [3, 'int32'], targetId: [4, 'string'] })
const securityProfile = message({ profileType: [1, 'int32'], localhostRef: [2, 'string'] })

const linuxSandboxSecurityContext = message({
  namespaceOptions: [1, namespaceOption],
  runAsUser: [3, int64Value],
  readonlyRootfs: [4, 'bool'],
  supplementalGroups: [5, 'int64', 'repeated'],
  privileged: [6, 'bool'],
  runAsGroup: [8, int64Value],
  seccomp: [9, securityProfile],
})

const podSandboxMetadata = message({ name: [1, 'string'], uid: [2, 'string'], namespace: [3, 'string'], attempt: [4, 'uint32'] })

export const podSandboxConfig = message({
  metadata: [1, podSandboxMetadata],
  hostname: [2, 'string'],
  logDirectory: [3, 'string'],
  dnsConfig: [4, message({ servers: [1, 'string', 'repeated'], searches: [2, 'string', 'repeated'], options: [3, 'string', 'repeated'] })],
  labels: [6, 'map'],
  annotations: [7, 'map'],
  linux: [8, message({ cgroupParent: [1, 'string'], securityContext: [2, linuxSandboxSecurityContext], sysctls: [3, 'map'] })],
})

export const runPodSandboxRequest = message({ config: [1, podSandboxConfig], runtimeHandler: [2, 'string'] })

const podSandboxStatus = message({
  id: [1, 'string'],
  metadata: [2, podSandboxMetadata],
  state: [3, 'int32'],
  createdAt: [4, 'int64'],
  network: [5, message({ ip: [1, 'string'], additionalIps: [2, message({ ip: [1, 'string'] }), 'repeated'] })],
  labels: [7, 'map'],
  annotations: [8, 'map'],
})
export const podSandboxStatusResponse = message({ status: [1, podSandboxStatus] })

const podSandbox = message({
  id: [1, 'string'],
  metadata: [2, podSandboxMetadata],
  state: [3, 'int32'],
  createdAt: [4, 'int64'],
  labels: [5, 'map'],
  annotations: [6, 'map'],
})
export const listPodSandboxResponse = message({ items: [1, podSandbox, 'repeated'] })

const imageSpec = message({ image: [1, 'string'], userSpecifiedImage: [18, 'string'] })

export const linuxContainerResources = message({
  cpuPeriod: [1, 'int64'],
  cpuQuota: [2, 'int64'],
  cpuShares: [3, 'int64'],
  memoryLimitInBytes: [4, 'int64'],
  oomScoreAdj: [5, 'int64'],
  unified: [9, 'map'],
})

const linuxContainerSecurityContext = message({
  capabilities: [1, message({ addCapabilities: [1, 'string', 'repeated'], dropCapabilities: [2, 'string', 'repeated'] })],
  privileged: [2, 'bool'],
  namespaceOptions: [3, namespaceOption],
  runAsUser: [5, int64Value],
  runAsUsername: [6, 'string'],
  readonlyRootfs: [7, 'bool'],
  supplementalGroups: [8, 'int64', 'repeated'],
  noNewPrivs: [11, 'bool'],
  runAsGroup: [12, int64Value],
  maskedPaths: [13, 'string', 'repeated'],
  readonlyPaths: [14, 'string', 'repeated'],
  seccomp: [15, securityProfile],
})

const containerMetadata = message({ name: [1, 'string'], attempt: [2, 'uint32'] })
const mount = message({ containerPath: [1, 'string'], hostPath: [2, 'string'], readonly: [3, 'bool'], propagation: [5, 'int32'] })
const device = message({ containerPath: [1, 'string'], hostPath: [2, 'string'], permissions: [3, 'string'] })

export const containerConfig = message({
  metadata: [1, containerMetadata],
  image: [2, imageSpec],
  command: [3, 'string', 'repeated'],
  args: [4, 'string', 'repeated'],
  workingDir: [5, 'string'],
  envs: [6, message({ key: [1, 'string'], value: [2, 'string'] }), 'repeated'],
  mounts: [7, mount, 'repeated'],
  devices: [8, device, 'repeated'],
  labels: [9, 'map'],
  annotations: [10, 'map'],
  logPath: [11, 'string'],
  stdin: [12, 'bool'],
  stdinOnce: [13, 'bool'],
  tty: [14, 'bool'],
  linux: [15, message({ resources: [1, linuxContainerResources], securityContext: [2, linuxContainerSecurityContext] })],
})

export const createContainerRequest = message({
  podSandboxId: [1, 'string'],
  config: [2, containerConfig],
  sandboxConfig: [3, podSandboxConfig],
})
export const stopContainerRequest = message({ containerId: [1, 'string'], timeout: [2, 'int64'] })

const container = message({
  id: [1, 'string'],
  podSandboxId: [2, 'string'],
  metadata: [3, containerMetadata],
  image: [4, imageSpec],
  imageRef: [5, 'string'],
  state: [6, 'int32'],
  createdAt: [7, 'int64'],
  labels: [8, 'map'],
  annotations: [9, 'map'],
  imageId: [10, 'string'],
})
export const listContainersRequest = message({ filter: [1, message({ id: [1, 'string'] })] })
export const listContainersResponse = message({ containers: [1, container, 'repeated'] })

const containerStatus = message({
  id: [1, 'string'],
  metadata: [2, containerMetadata],
  state: [3, 'int32'],
  createdAt: [4, 'int64'],
  startedAt: [5, 'int64'],
  finishedAt: [6, 'int64'],
  exitCode: [7, 'int32'],
  image: [8, imageSpec],
  imageRef: [9, 'string'],
  reason: [10, 'string'],
  message: [11, 'string'],
  labels: [12, 'map'],
  annotations: [13, 'map'],
  logPath: [15, 'string'],
  imageId: [17, 'string'],
})
export const containerStatusRequest = message({ containerId: [1, 'string'], verbose: [2, 'bool'] })
export const containerStatusResponse = message({ status: [1, containerStatus], info: [2, 'map'] })

export const updateContainerResourcesRequest = message({ containerId: [1, 'string'], linux: [2, linuxContainerResources] })

export const execSyncRequest = message({ containerId: [1, 'string'], cmd: [2, 'string', 'repeated'], timeout: [3, 'int64'] })
export const execSyncResponse = message({ stdout: [1, 'bytes'], stderr: [2, 'bytes'], exitCode: [3, 'int32'] })
export const execRequest = message({
  containerId: [1, 'string'],
  cmd: [2, 'string', 'repeated'],
  tty: [3, 'bool'],
  stdin: [4, 'bool'],
  stdout: [5, 'bool'],
  stderr: [6, 'bool'],
})
export const attachRequest = message({
  containerId: [1, 'string'],
  stdin: [2, 'bool'],
  tty: [3, 'bool'],
  stdout: [4, 'bool'],
  stderr: [5, 'bool'],
})
export const portForwardRequest = message({ podSandboxId: [1, 'string'], port: [2, 'int32', 'repeated'] })

const image = message({
  id: [1, 'string'],
  repoTags: [2, 'string', 'repeated'],
  repoDigests: [3, 'string', 'repeated'],
  size: [4, 'uint64'],
  uid: [5, int64Value],
  username: [6, 'string'],
})
export const listImagesResponse = message({ images: [1, image, 'repeated'] })
export const imageRequest = message({ image: [1, imageSpec] })
export const imageStatusResponse = message({ image: [1, image] })

const authConfig = message({
  username: [1, 'string'],
  password: [2, 'string'],
  auth: [3, 'string'],
  serverAddress: [4, 'string'],
  identityToken: [5, 'string'],
  registryToken: [6, 'string'],
})
export const pullImageRequest = message({ image: [1, imageSpec], auth: [2, authConfig], sandboxConfig: [3, podSandboxConfig] })
export const pullImageResponse = message({ imageRef: [1, 'string'] })

const cpuUsage = message({ timestamp: [1, 'int64'], usageCoreNanoSeconds: [2, uint64Value] })
const memoryUsage = message({
  timestamp: [1, 'int64'],
  workingSetBytes: [2, uint64Value],
  availableBytes: [3, uint64Value],
  usageBytes: [4, uint64Value],
  rssBytes: [5, uint64Value],
  pageFaults: [6, uint64Value],
  majorPageFaults: [7, uint64Value],
})
const filesystemUsage = message({
  timestamp: [1, 'int64'],
  identifier: [2, message({ mountpoint: [1, 'string'] })],
  usedBytes: [3, uint64Value],
  inodesUsed: [4, uint64Value],
})
const containerAttributes = message({ id: [1, 'string'], metadata: [2, containerMetadata], labels: [3, 'map'] })
const containerStats = message({
  attributes: [1, containerAttributes],
  cpu: [2, cpuUsage],
  memory: [3, memoryUsage],
  writableLayer: [4, filesystemUsage],
})
export const imageFilesystemResponse = message({ imageFilesystems: [1, filesystemUsage, 'repeated'] })
export const listContainerStatsResponse = message({ stats: [1, containerStats, 'repeated'] })
