import type { Clock, Timer } from '../../base/index.ts'
import { eventQueue } from './event-queue.ts'
import {
  type ContainerConfig,
  type ContainerRuntime,
  type ContainerStatus,
  type ExecResult,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeImage,
  type SandboxConfig,
  type SandboxStatus,
} from './types.ts'

/**
 * A container runtime in memory, for simulated nodes and tests. Containers run until they are stopped unless their image has a
 * behaviour. It refuses what a real runtime refuses: unknown ids, double names, missing images, containers in dead sandboxes.
 */
export interface SimulatedRuntimeOptions {
  readonly clock: Clock
  /** Behaviour by image as the user wrote it; undefined for an image that can't be pulled. By default every image exists and runs on. */
  readonly image?: (image: string) => ImageBehaviour | undefined
  /** The address of the n-th sandbox; `10.88.x.y` by default. */
  readonly address?: (index: number) => readonly string[]
  /** Gives an image that is there before any pull. */
  readonly present?: (image: string) => boolean
}

export interface ImageBehaviour {
  /** Ends by itself so long after its start. If absent, it never ends, but an init container does at once: its pod waits for it. */
  readonly runsFor_ms?: number
  readonly exitCode?: number
  readonly reason?: string
  /** How long it goes on after the stop signal; beyond the grace period it is killed. */
  readonly stopsAfter_ms?: number
  readonly pull_ms?: number
  readonly startError?: string
  readonly exec?: (command: readonly string[]) => ExecResult
}

interface Sandbox {
  readonly config: SandboxConfig
  status: SandboxStatus
}

interface Container {
  readonly config: ContainerConfig
  readonly behaviour: ImageBehaviour
  status: ContainerStatus
  end: Timer | undefined
  readonly ended: PromiseWithResolvers<void>
}

const digest = (image: string) => `sha256:${Buffer.from(image).toString('hex').padEnd(64, '0').slice(0, 64)}`

export function createSimulatedRuntime(options: SimulatedRuntimeOptions): ContainerRuntime {
  const { clock } = options
  const sandboxes = new Map<string, Sandbox>()
  const containers = new Map<string, Container>()
  const images = new Map<string, RuntimeImage>()
  const queues = new Set<ReturnType<typeof eventQueue<RuntimeEvent>>>()
  const behaviourOf: (image: string) => ImageBehaviour | undefined = options.image ?? (() => ({}))
  const addressOf = options.address ?? (index => [`10.88.${(index >> 8) & 255}.${index & 255}`])
  let created = 0
  let closed = false

  const emit = (event: RuntimeEvent) => {
    for (const queue of queues) queue.push(event)
  }
  const sandboxOf = (id: string) => sandboxes.get(id) ?? missing(`sandbox ${id}`)
  const containerOf = (id: string) => containers.get(id) ?? missing(`container ${id}`)
  const podUidOf = (container: Container) => sandboxes.get(container.status.sandboxId)?.config.uid

  function endContainer(id: string, exitCode: number, reason: string): void {
    const container = containers.get(id)
    if (container?.status.state !== 'running') return
    container.end?.cancel()
    container.status = { ...container.status, state: 'exited', exitCode, reason, finishedAt_ms: clock.now() }
    container.ended.resolve()
    emit({ type: 'stopped', containerId: id, podUid: podUidOf(container) })
  }

  async function stopContainer(id: string, gracePeriod_s: number): Promise<void> {
    const container = containers.get(id)
    if (container?.status.state !== 'running') return
    const stops_ms = container.behaviour.stopsAfter_ms ?? 0
    const grace_ms = gracePeriod_s * 1000
    if (stops_ms > 0 && grace_ms > 0) {
      clock.setTimer(Math.min(stops_ms, grace_ms), () =>
        stops_ms > grace_ms ? endContainer(id, 137, 'Error') : endContainer(id, 0, 'Completed'),
      )
    } else if (stops_ms > grace_ms) endContainer(id, 137, 'Error')
    else endContainer(id, 0, 'Completed')
    await container.ended.promise
  }

  async function stopSandbox(id: string): Promise<void> {
    const sandbox = sandboxes.get(id)
    if (!sandbox) return
    for (const [containerId, container] of containers) if (container.status.sandboxId === id) endContainer(containerId, 137, 'Error')
    if (!sandbox.status.ready) return
    sandbox.status = { ...sandbox.status, ready: false }
    emit({ type: 'stopped', containerId: id, podUid: sandbox.config.uid })
  }

  function imageOf(image: string): RuntimeImage | undefined {
    const known = images.get(image)
    if (known || !options.present?.(image)) return known
    const found = { id: digest(image), tags: [image], digests: [`${image}@${digest(image)}`], size_bytes: 1_000_000 }
    images.set(image, found)
    return found
  }
  const imageById = (id: string) => imageOf(id) ?? [...images.values()].find(image => image.id === id)

  return {
    version: async () => ({ name: 'simulated', version: '1.0.0', apiVersion: 'v1' }),
    status: async () => ({ runtimeReady: true, networkReady: true, message: '' }),

    async runSandbox(config, signal) {
      signal?.throwIfAborted()
      requireText(config.uid, 'sandbox uid')
      requireText(config.name, 'sandbox name')
      for (const other of sandboxes.values()) {
        if (other.config.uid === config.uid && other.config.attempt === config.attempt) {
          throw new RuntimeError('InvalidArgument', `sandbox of pod ${config.uid}, attempt ${config.attempt}, exists already`)
        }
      }
      const index = ++created
      const id = `sandbox-${index}`
      const { name, namespace, uid, attempt, labels, annotations } = config
      const addresses = config.namespaces.network === 'node' ? [] : addressOf(index)
      sandboxes.set(id, {
        config,
        status: { id, name, namespace, uid, attempt, ready: true, createdAt_ms: clock.now(), addresses, labels, annotations },
      })
      emit({ type: 'started', containerId: id, podUid: uid })
      return id
    },
    stopSandbox,
    async removeSandbox(id) {
      if (!sandboxes.has(id)) return
      await stopSandbox(id)
      for (const [containerId, container] of containers) if (container.status.sandboxId === id) containers.delete(containerId)
      sandboxes.delete(id)
    },
    listSandboxes: async () => [...sandboxes.values()].map(sandbox => sandbox.status),
    sandboxStatus: async id => sandboxes.get(id)?.status,

    async createContainer(sandboxId, config, _sandbox, signal) {
      signal?.throwIfAborted()
      const sandbox = sandboxOf(sandboxId)
      requireText(config.name, 'container name')
      if (!sandbox.status.ready)
        throw new RuntimeError('InvalidArgument', `sandbox ${sandboxId} is not running; container ${config.name} was not created`)
      const image = imageById(config.image)
      if (!image) throw new RuntimeError('NotFound', `image ${config.image} is not present; container ${config.name} was not created`)
      for (const { config: other, status } of containers.values()) {
        if (status.sandboxId === sandboxId && other.name === config.name && other.attempt === config.attempt) {
          throw new RuntimeError('InvalidArgument', `container ${config.name}, attempt ${config.attempt}, exists already in ${sandboxId}`)
        }
      }
      const id = `container-${++created}`
      const { name, attempt, labels, annotations } = config
      containers.set(id, {
        config,
        behaviour: behaviourOf(config.userImage) ?? {},
        end: undefined,
        ended: Promise.withResolvers(),
        status: {
          id,
          sandboxId,
          name,
          attempt,
          state: 'created',
          createdAt_ms: clock.now(),
          image: config.userImage,
          imageId: image.id,
          labels,
          annotations,
          logPath: `${sandbox.config.logDirectory}/${config.logPath}`,
        },
      })
      emit({ type: 'created', containerId: id, podUid: sandbox.config.uid })
      return id
    },
    async startContainer(id) {
      const container = containerOf(id)
      const { behaviour, status } = container
      if (status.state !== 'created') throw new RuntimeError('InvalidArgument', `container ${id} is ${status.state}; it was not started`)
      if (behaviour.startError !== undefined) {
        container.status = {
          ...status,
          state: 'exited',
          startedAt_ms: 0,
          finishedAt_ms: clock.now(),
          exitCode: 128,
          reason: 'StartError',
          message: behaviour.startError,
        }
        throw new RuntimeError('Unknown', behaviour.startError)
      }
      container.status = { ...status, state: 'running', startedAt_ms: clock.now() }
      emit({ type: 'started', containerId: id, podUid: podUidOf(container) })
      const runsFor_ms = behaviour.runsFor_ms ?? (container.config.isWaitedFor ? 0 : undefined)
      if (runsFor_ms === undefined) return
      const { exitCode = 0 } = behaviour
      const reason = behaviour.reason ?? (exitCode === 0 ? 'Completed' : 'Error')
      container.end = clock.setTimer(runsFor_ms, () => endContainer(id, exitCode, reason))
    },
    stopContainer,
    async removeContainer(id) {
      const container = containers.get(id)
      if (!container) return
      endContainer(id, 137, 'Error')
      containers.delete(id)
      emit({ type: 'deleted', containerId: id, podUid: podUidOf(container) })
    },
    listContainers: async () => [...containers.values()].map(container => container.status),
    containerStatus: async id => containers.get(id)?.status,
    async updateContainerResources(id) {
      containerOf(id)
    },
    async reopenContainerLog(id) {
      if (containerOf(id).status.state !== 'running') throw new RuntimeError('InvalidArgument', `container ${id} is not running`)
    },

    async execSync(id, command) {
      const container = containerOf(id)
      if (container.status.state !== 'running')
        throw new RuntimeError('InvalidArgument', `container ${id} is not running; nothing was executed`)
      return container.behaviour.exec?.(command) ?? { exitCode: 0, stdout: new Uint8Array(), stderr: new Uint8Array() }
    },
    exec: id => streams(`execute in container ${id}`),
    attach: id => streams(`attach to container ${id}`),
    portForward: id => streams(`forward a port of sandbox ${id}`),

    async pullImage(image, _auth, _sandbox, signal) {
      signal?.throwIfAborted()
      const behaviour = behaviourOf(image)
      if (!behaviour) throw new RuntimeError('NotFound', `failed to pull and unpack image "${image}": ${image}: not found`)
      if (behaviour.pull_ms) await new Promise<void>(resolve => void clock.setTimer(behaviour.pull_ms ?? 0, resolve))
      const pulled = { id: digest(image), tags: [image], digests: [`${image}@${digest(image)}`], size_bytes: 1_000_000 }
      images.set(image, pulled)
      return pulled.id
    },
    imageStatus: async image => imageById(image),
    listImages: async () => [...images.values()],
    async removeImage(image) {
      images.delete(image)
    },

    async *events(signal) {
      if (closed) return
      const queue = eventQueue<RuntimeEvent>(signal)
      queues.add(queue)
      try {
        yield* queue
      } finally {
        queues.delete(queue)
      }
    },
    containerStats: async () =>
      [...containers.entries()]
        .filter(([, container]) => container.status.state === 'running')
        .map(([id, container]) => ({
          id,
          name: container.config.name,
          podUid: podUidOf(container) ?? '',
          timestamp_ms: clock.now(),
          cpuUsage_ns: 0,
          memoryWorkingSet_bytes: 0,
          memoryUsage_bytes: 0,
        })),
    imageFilesystem: async () => undefined,
    async close() {
      closed = true
      for (const container of containers.values()) container.end?.cancel()
      for (const queue of queues) queue.end()
    },
  }
}

function missing(what: string): never {
  throw new RuntimeError('NotFound', `there is no ${what}`)
}

function requireText(value: string, what: string): void {
  if (value === '') throw new RuntimeError('InvalidArgument', `${what} is empty`)
}

function streams(attempt: string): Promise<never> {
  return Promise.reject(new RuntimeError('InvalidArgument', `${attempt}: containers of simulated nodes run no program`))
}
