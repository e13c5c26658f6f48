import { type ContainerStats, type ContainerStatus, type FilesystemUsage, labels, type RuntimeImage, type SandboxStatus } from '../types.ts'
import type * as cri from './cri-messages.ts'
import { containerState, sandboxState } from './cri-messages.ts'
import type { Decoded } from './protobuf.ts'

/** CRI's answers as the kubelet reads them. Pure. */
type SandboxItem = Decoded<typeof cri.listPodSandboxResponse>['items'][number]
type SandboxDetail = NonNullable<Decoded<typeof cri.podSandboxStatusResponse>['status']>
type ContainerItem = Decoded<typeof cri.listContainersResponse>['containers'][number]
type ContainerDetail = NonNullable<Decoded<typeof cri.containerStatusResponse>['status']>

export function sandboxStatus(sandbox: SandboxItem | SandboxDetail): SandboxStatus {
  const network = 'network' in sandbox ? sandbox.network : undefined
  return {
    id: sandbox.id,
    name: sandbox.metadata?.name ?? '',
    namespace: sandbox.metadata?.namespace ?? '',
    uid: sandbox.metadata?.uid ?? '',
    attempt: sandbox.metadata?.attempt ?? 0,
    ready: sandbox.state === sandboxState.ready,
    createdAt_ms: milliseconds(sandbox.createdAt),
    addresses: network?.ip ? [network.ip, ...network.additionalIps.map(({ ip }) => ip)] : [],
    labels: sandbox.labels,
    annotations: sandbox.annotations,
  }
}

export const containerItem = (container: ContainerItem): ContainerStatus => ({
  id: container.id,
  sandboxId: container.podSandboxId,
  name: container.metadata?.name ?? '',
  attempt: container.metadata?.attempt ?? 0,
  state: stateOf(container.state),
  createdAt_ms: milliseconds(container.createdAt),
  image: container.image?.image ?? '',
  imageId: container.imageId || container.imageRef,
  labels: container.labels,
  annotations: container.annotations,
})

export function containerDetail(container: ContainerDetail, sandboxId: string): ContainerStatus {
  const exited = container.state === containerState.exited
  // containerd notes the start when the call returns; a process that ended at once has then ended "before".
  const startedAt = exited && container.finishedAt ? Math.min(container.startedAt, container.finishedAt) : container.startedAt
  return {
    id: container.id,
    sandboxId,
    name: container.metadata?.name ?? '',
    attempt: container.metadata?.attempt ?? 0,
    state: stateOf(container.state),
    createdAt_ms: milliseconds(container.createdAt),
    ...(startedAt && { startedAt_ms: milliseconds(startedAt) }),
    ...(exited && { finishedAt_ms: milliseconds(container.finishedAt), exitCode: container.exitCode }),
    ...(container.reason && { reason: container.reason }),
    ...(container.message && { message: container.message }),
    image: container.image?.image ?? '',
    // As upstream's kubelet shows it: the reference by digest where there is one, else the id.
    imageId: container.imageRef || container.imageId,
    labels: container.labels,
    annotations: container.annotations,
    ...(container.logPath && { logPath: container.logPath }),
  }
}

export const runtimeImage = (image: Decoded<typeof cri.listImagesResponse>['images'][number]): RuntimeImage => ({
  id: image.id,
  tags: image.repoTags,
  digests: image.repoDigests,
  size_bytes: image.size,
  ...(image.uid && { uid: image.uid.value }),
  ...(image.username && { username: image.username }),
})

export const containerStats = (stats: Decoded<typeof cri.listContainerStatsResponse>['stats'][number]): ContainerStats => ({
  id: stats.attributes?.id ?? '',
  name: stats.attributes?.metadata?.name ?? '',
  podUid: stats.attributes?.labels[labels.podUid] ?? '',
  timestamp_ms: milliseconds(stats.cpu?.timestamp ?? stats.memory?.timestamp ?? 0),
  cpuUsage_ns: stats.cpu?.usageCoreNanoSeconds?.value ?? 0,
  memoryWorkingSet_bytes: stats.memory?.workingSetBytes?.value ?? 0,
  memoryUsage_bytes: stats.memory?.usageBytes?.value ?? 0,
  memoryAvailable_bytes: stats.memory?.availableBytes?.value,
  memoryResident_bytes: stats.memory?.rssBytes?.value,
  pageFaults: stats.memory?.pageFaults?.value,
  majorPageFaults: stats.memory?.majorPageFaults?.value,
  ...(stats.writableLayer && { writableLayer: filesystem(stats.writableLayer) }),
})

type FilesystemItem = Decoded<typeof cri.imageFilesystemResponse>['imageFilesystems'][number]

export const filesystem = ({ identifier, usedBytes, inodesUsed }: FilesystemItem): FilesystemUsage => ({
  mountpoint: identifier?.mountpoint ?? '',
  used_bytes: usedBytes?.value ?? 0,
  inodesUsed: inodesUsed?.value ?? 0,
})

const milliseconds = (nanoseconds: number) => Math.floor(nanoseconds / 1e6)

function stateOf(state: number): ContainerStatus['state'] {
  switch (state) {
    case containerState.created:
      return 'created'
    case containerState.running:
      return 'running'
    case containerState.exited:
      return 'exited'
    default:
      return 'unknown'
  }
}
