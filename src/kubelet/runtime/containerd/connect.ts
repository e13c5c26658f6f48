import type { Clock, Logger } from '../../../base/index.ts'
import type { ContainerRuntime, ContainerStatus } from '../types.ts'
import * as cri from './cri-messages.ts'
import { runtimeError } from './errors.ts'
import { subscribeEvents } from './events.ts'
import { type CallOptions, connectGrpc, type GrpcClient } from './grpc.ts'
import { machineFacts } from './machine.ts'
import type { Message } from './protobuf.ts'
import { authRequest, containerRequest, resourcesRequest, sandboxRequest } from './requests.ts'
import * as read from './statuses.ts'
import { openPort, openRemoteCommand } from './streaming.ts'

export interface ContainerdOptions {
  /** Path of containerd's socket. It need not be there yet: calls fail with `Unavailable` until it is. */
  readonly socket: string
  readonly clock: Clock
  readonly logger: Logger
  /** The OCI runtime's name in containerd's configuration; the default one where absent. */
  readonly runtimeHandler?: string
  /** This machine's where absent. */
  readonly cgroupVersion?: 1 | 2
}

/** As long as upstream's kubelet waits: setting up a sandbox may take twice the time of other calls. */
const call_ms = 120_000
const sandbox_ms = 240_000

export function connectContainerd(options: ContainerdOptions): ContainerRuntime {
  const { clock, logger, cgroupVersion = machineFacts().cgroupVersion } = options
  const grpc = connectGrpc(options.socket, clock, error =>
    logger.info('the connection to containerd broke; the next call opens another', { socket: options.socket, error }),
  )
  const call = createCaller(grpc)
  const streams = { clock, timeout_ms: call_ms }
  // A container's status doesn't name its sandbox; the list does. Entries go with their containers.
  const sandboxOf = new Map<string, string>()

  const listContainers = async (id?: string) => {
    const { containers } = await call(
      'RuntimeService/ListContainers',
      cri.listContainersRequest,
      id ? { filter: { id } } : {},
      cri.listContainersResponse,
    )
    if (!id) sandboxOf.clear()
    for (const container of containers) sandboxOf.set(container.id, container.podSandboxId)
    return containers.map(read.containerItem)
  }

  const containerStatus = async (id: string): Promise<ContainerStatus | undefined> => {
    const { status } = await call(
      'RuntimeService/ContainerStatus',
      cri.containerStatusRequest,
      { containerId: id },
      cri.containerStatusResponse,
    )
    if (!status) return undefined
    if (!sandboxOf.has(status.id)) await listContainers(status.id)
    return read.containerDetail(status, sandboxOf.get(status.id) ?? '')
  }

  return {
    async version(signal) {
      const version = await call(
        'RuntimeService/Version',
        cri.versionRequest,
        { version: 'v1' },
        cri.versionResponse,
        callOptions(call_ms, signal),
      )
      return { name: version.runtimeName, version: version.runtimeVersion, apiVersion: version.runtimeApiVersion }
    },

    async status(signal) {
      const { status } = await call('RuntimeService/Status', cri.empty, {}, cri.statusResponse, callOptions(call_ms, signal))
      const conditions = status?.conditions ?? []
      const holds = (type: string) => conditions.some(condition => condition.type === type && condition.status)
      const failing = conditions.filter(condition => !condition.status)
      return {
        runtimeReady: holds('RuntimeReady'),
        networkReady: holds('NetworkReady'),
        message: failing.map(({ reason, message }) => `${reason}: ${message}`).join('; '),
      }
    },

    async runSandbox(config, signal) {
      const { podSandboxId } = await call(
        'RuntimeService/RunPodSandbox',
        cri.runPodSandboxRequest,
        { config: sandboxRequest(config), runtimeHandler: options.runtimeHandler },
        cri.sandboxId,
        callOptions(sandbox_ms, signal),
      )
      return podSandboxId
    },
    async stopSandbox(id) {
      await call('RuntimeService/StopPodSandbox', cri.sandboxId, { podSandboxId: id }, cri.empty).catch(ignoreNotFound)
    },
    async removeSandbox(id) {
      await call('RuntimeService/RemovePodSandbox', cri.sandboxId, { podSandboxId: id }, cri.empty).catch(ignoreNotFound)
    },
    async listSandboxes() {
      const { items } = await call('RuntimeService/ListPodSandbox', cri.empty, {}, cri.listPodSandboxResponse)
      return items.map(read.sandboxStatus)
    },
    async sandboxStatus(id) {
      const answer = await call('RuntimeService/PodSandboxStatus', cri.sandboxId, { podSandboxId: id }, cri.podSandboxStatusResponse).catch(
        ignoreNotFound,
      )
      return answer?.status && read.sandboxStatus(answer.status)
    },

    async createContainer(sandboxId, config, sandbox, signal) {
      const { containerId } = await call(
        'RuntimeService/CreateContainer',
        cri.createContainerRequest,
        { podSandboxId: sandboxId, config: containerRequest(config, cgroupVersion), sandboxConfig: sandboxRequest(sandbox) },
        cri.containerId,
        callOptions(call_ms, signal),
      )
      sandboxOf.set(containerId, sandboxId)
      return containerId
    },
    async startContainer(id) {
      await call('RuntimeService/StartContainer', cri.containerId, { containerId: id }, cri.empty)
    },
    async stopContainer(id, gracePeriod_s) {
      const deadline_ms = call_ms + gracePeriod_s * 1000
      await call('RuntimeService/StopContainer', cri.stopContainerRequest, { containerId: id, timeout: gracePeriod_s }, cri.empty, {
        deadline_ms,
      }).catch(ignoreNotFound)
    },
    async removeContainer(id) {
      await call('RuntimeService/RemoveContainer', cri.containerId, { containerId: id }, cri.empty).catch(ignoreNotFound)
      sandboxOf.delete(id)
    },
    listContainers: () => listContainers(),
    containerStatus: id => containerStatus(id).catch(ignoreNotFound),
    async updateContainerResources(id, resources) {
      await call(
        'RuntimeService/UpdateContainerResources',
        cri.updateContainerResourcesRequest,
        { containerId: id, linux: resourcesRequest(resources) },
        cri.empty,
      )
    },
    async reopenContainerLog(id) {
      await call('RuntimeService/ReopenContainerLog', cri.containerId, { containerId: id }, cri.empty)
    },

    execSync: (id, command, timeout_s) =>
      call('RuntimeService/ExecSync', cri.execSyncRequest, { containerId: id, cmd: command, timeout: timeout_s }, cri.execSyncResponse, {
        // A time-out of zero means none, as for upstream.
        ...(timeout_s > 0 && { deadline_ms: call_ms + timeout_s * 1000 }),
      }),
    async exec(id, { command, stdin, stdout, stderr, tty }) {
      const request = { containerId: id, cmd: command, stdin, stdout, stderr: stderr && !tty, tty }
      const { url } = await call('RuntimeService/Exec', cri.execRequest, request, cri.urlResponse)
      return openRemoteCommand(url, request, streams).catch(rejectRuntimeError)
    },
    async attach(id, { stdin, stdout, stderr, tty }) {
      const request = { containerId: id, stdin, stdout, stderr: stderr && !tty, tty }
      const { url } = await call('RuntimeService/Attach', cri.attachRequest, request, cri.urlResponse)
      return openRemoteCommand(url, request, streams).catch(rejectRuntimeError)
    },
    async portForward(sandboxId, port) {
      const { url } = await call(
        'RuntimeService/PortForward',
        cri.portForwardRequest,
        { podSandboxId: sandboxId, port: [port] },
        cri.urlResponse,
      )
      return openPort(url, port, streams).catch(rejectRuntimeError)
    },

    async pullImage(image, auth, sandbox, signal) {
      const { imageRef } = await call(
        'ImageService/PullImage',
        cri.pullImageRequest,
        { image: { image }, auth: auth && authRequest(auth), sandboxConfig: sandbox && sandboxRequest(sandbox) },
        cri.pullImageResponse,
        // How long a pull takes is the registry's and the network's business; the caller's signal ends it.
        { signal },
      )
      return imageRef
    },
    async imageStatus(image) {
      const answer = await call('ImageService/ImageStatus', cri.imageRequest, { image: { image } }, cri.imageStatusResponse)
      return answer.image && read.runtimeImage(answer.image)
    },
    async listImages() {
      const { images } = await call('ImageService/ListImages', cri.empty, {}, cri.listImagesResponse)
      return images.map(read.runtimeImage)
    },
    async removeImage(image) {
      await call('ImageService/RemoveImage', cri.imageRequest, { image: { image } }, cri.empty).catch(ignoreNotFound)
    },

    async *events(signal) {
      try {
        yield* subscribeEvents({ grpc, clock, containerStatus: id => containerStatus(id).catch(ignoreNotFound) }, signal)
      } catch (error) {
        throw runtimeError(error)
      }
    },
    async containerStats() {
      const { stats } = await call('RuntimeService/ListContainerStats', cri.empty, {}, cri.listContainerStatsResponse)
      return stats.map(read.containerStats)
    },
    async imageFilesystem() {
      const { imageFilesystems } = await call('ImageService/ImageFsInfo', cri.empty, {}, cri.imageFilesystemResponse)
      return imageFilesystems.map(read.filesystem)[0]
    },
    async close() {
      grpc.close()
    },
  }
}

type Caller = <RequestInput, RequestOutput, ResponseInput, ResponseOutput>(
  method: string,
  request: Message<RequestInput, RequestOutput>,
  value: RequestInput,
  response: Message<ResponseInput, ResponseOutput>,
  options?: CallOptions,
) => Promise<ResponseOutput>

function createCaller(grpc: GrpcClient): Caller {
  return async (method, request, value, response, options = { deadline_ms: call_ms }) => {
    try {
      return response.decode(await grpc.unary(`/runtime.v1.${method}`, request.encode(value), options))
    } catch (error) {
      throw runtimeError(error)
    }
  }
}

const callOptions = (deadline_ms: number, signal: AbortSignal | undefined): CallOptions => ({ deadline_ms, signal })

function ignoreNotFound(error: unknown): undefined {
  const failure = runtimeError(error)
  if (failure.reason !== 'NotFound') throw failure
}

function rejectRuntimeError(error: unknown): never {
  throw runtimeError(error)
}
