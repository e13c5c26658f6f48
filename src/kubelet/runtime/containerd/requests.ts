import type { ContainerConfig, ContainerResources, ImageAuth, NamespaceOptions, SandboxConfig, SeccompProfile } from '../types.ts'
import type * as cri from './cri-messages.ts'
import { namespaceMode, propagation, seccompType } from './cri-messages.ts'
import type { Encodable } from './protobuf.ts'

/** What the kubelet asks for, in CRI's messages. Pure. */
export const sandboxRequest = (config: SandboxConfig): Encodable<typeof cri.podSandboxConfig> => ({
  metadata: { name: config.name, uid: config.uid, namespace: config.namespace, attempt: config.attempt },
  // In the node's network a pod has the node's name; runtimes refuse to set another.
  hostname: config.namespaces.network === 'node' ? '' : config.hostname,
  logDirectory: config.logDirectory,
  dnsConfig: config.dns,
  labels: config.labels,
  annotations: config.annotations,
  linux: {
    cgroupParent: config.cgroupParent,
    sysctls: config.sysctls,
    securityContext: {
      namespaceOptions: namespaces(config.namespaces),
      runAsUser: integer(config.security.runAsUser),
      runAsGroup: integer(config.security.runAsGroup),
      supplementalGroups: config.security.supplementalGroups,
      privileged: config.security.privileged,
      seccomp: seccomp(config.security.seccomp),
    },
  },
})

export const containerRequest = (config: ContainerConfig, cgroupVersion: 1 | 2): Encodable<typeof cri.containerConfig> => ({
  metadata: { name: config.name, attempt: config.attempt },
  image: { image: config.image, userSpecifiedImage: config.userImage },
  command: config.command,
  args: config.args,
  workingDir: config.workingDirectory,
  envs: config.environment.map(({ name, value }) => ({ key: name, value })),
  mounts: config.mounts.map(mount => ({
    containerPath: mount.containerPath,
    hostPath: mount.hostPath,
    readonly: mount.readOnly,
    propagation: propagation[mount.propagation],
  })),
  devices: config.devices,
  labels: config.labels,
  annotations: config.annotations,
  logPath: config.logPath,
  stdin: config.stdin,
  stdinOnce: config.stdinOnce,
  tty: config.tty,
  linux: {
    resources: { ...resourcesRequest(config.resources), unified: cgroupVersion === 2 ? unified : {} },
    securityContext: containerSecurity(config.security),
  },
})

/** Files of version 2 that have no field. A container out of memory dies as one: half of its processes would rarely do its work. */
const unified = { 'memory.oom.group': '1' }

function containerSecurity(security: ContainerConfig['security']) {
  return {
    capabilities: { addCapabilities: security.addCapabilities, dropCapabilities: security.dropCapabilities },
    privileged: security.privileged,
    namespaceOptions: namespaces(security.namespaces),
    runAsUser: integer(security.runAsUser),
    runAsUsername: security.runAsUserName,
    runAsGroup: integer(security.runAsGroup),
    supplementalGroups: security.supplementalGroups,
    readonlyRootfs: security.readOnlyRootFilesystem,
    noNewPrivs: security.noNewPrivileges,
    // Absent leaves the runtime's own lists in place.
    maskedPaths: security.maskedPaths,
    readonlyPaths: security.readOnlyPaths,
    seccomp: seccomp(security.seccomp),
  }
}

export const resourcesRequest = (resources: ContainerResources): Encodable<typeof cri.linuxContainerResources> => ({
  cpuPeriod: resources.cpuPeriod_us,
  cpuQuota: resources.cpuQuota_us,
  cpuShares: resources.cpuShares,
  memoryLimitInBytes: resources.memoryLimit_bytes,
  oomScoreAdj: resources.oomScoreAdjust,
})

export const authRequest = (auth: ImageAuth): ImageAuth => ({
  username: auth.username,
  password: auth.password,
  auth: auth.auth,
  serverAddress: auth.serverAddress,
  identityToken: auth.identityToken,
  registryToken: auth.registryToken,
})

const namespaces = (options: NamespaceOptions) => ({
  network: namespaceMode[options.network],
  pid: namespaceMode[options.pid],
  ipc: namespaceMode[options.ipc],
  targetId: options.targetId,
})

// A wrapped integer: user 0 is something else than no user.
const integer = (value: number | undefined) => (value === undefined ? undefined : { value })

const seccomp = (profile: SeccompProfile | undefined) =>
  profile && { profileType: seccompType[profile.type], localhostRef: profile.type === 'Localhost' ? profile.path : undefined }
