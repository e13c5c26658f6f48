import type { Clock, Logger } from '../../base/index.ts'
import { sleep } from '../../base/index.ts'
import { type ContainerRuntime, type ContainerStatus, labels, type RuntimeEvent, type SandboxStatus } from '../runtime/types.ts'

/** What the runtime has of one pod; newest first. */
export interface PodRuntime {
  readonly sandboxes: readonly SandboxStatus[]
  readonly containers: readonly ContainerStatus[]
}

/**
 * The kubelet's picture of the runtime, by pod. It is read from the runtime: whole at the start and now and then, one container or
 * sandbox at a time after events and the kubelet's own calls. `changed` is told which pods look different.
 */
export interface RuntimeState {
  of(podUid: string): PodRuntime
  pods(): readonly string[]
  /** Reads everything. */
  relist(): Promise<void>
  readContainer(id: string): Promise<ContainerStatus | undefined>
  readSandbox(id: string): Promise<SandboxStatus | undefined>
  /** Follows the runtime's events until the signal aborts. */
  follow(signal: AbortSignal): Promise<void>
}

interface Options {
  readonly runtime: ContainerRuntime
  readonly clock: Clock
  readonly logger: Logger
  readonly changed: (podUid: string) => void
  /** The runtime stopped or began to answer. */
  readonly reachable: () => void
}

const nothing: PodRuntime = { sandboxes: [], containers: [] }
const reconnect_ms = [100, 200, 500, 1000, 2000]
const outOfMemory = 'OOMKilled'
// containerd answers "running" or "ready" for some ms after it has told that a container or sandbox stopped, and knows as late that
// memory was the reason.
const settle_ms = [20, 50, 150, 500, 2000]

export function createRuntimeState({ runtime, clock, logger, changed, reachable }: Options): RuntimeState {
  const pods = new Map<string, PodRuntime>()
  const podOfContainer = new Map<string, string>()
  const podOfSandbox = new Map<string, string>()

  const of = (podUid: string) => pods.get(podUid) ?? nothing

  function put(podUid: string, next: PodRuntime): void {
    if (next.sandboxes.length === 0 && next.containers.length === 0) pods.delete(podUid)
    else pods.set(podUid, next)
    changed(podUid)
  }

  async function readContainer(id: string): Promise<ContainerStatus | undefined> {
    const status = await runtime.containerStatus(id)
    const podUid = status?.labels[labels.podUid] ?? podOfContainer.get(id)
    if (podUid === undefined) return status
    const { sandboxes, containers } = of(podUid)
    if (status) podOfContainer.set(id, podUid)
    else podOfContainer.delete(id)
    put(podUid, { sandboxes, containers: replace(containers, id, status).sort(newestFirst) })
    return status
  }

  async function readSandbox(id: string): Promise<SandboxStatus | undefined> {
    const status = await runtime.sandboxStatus(id)
    const podUid = status?.uid ?? podOfSandbox.get(id)
    if (podUid === undefined) return status
    const { sandboxes, containers } = of(podUid)
    if (status) podOfSandbox.set(id, podUid)
    else podOfSandbox.delete(id)
    put(podUid, { sandboxes: replace(sandboxes, id, status).sort(newestFirst), containers })
    return status
  }

  async function relist(): Promise<void> {
    const [sandboxList, containerList] = await Promise.all([runtime.listSandboxes(), runtime.listContainers()])
    const before = new Set([...podOfSandbox.keys(), ...podOfContainer.keys()])
    for (const { id } of [...sandboxList, ...containerList]) before.delete(id)
    const staleSandboxes = sandboxList.filter(({ id, uid, ready }) => of(uid).sandboxes.find(it => it.id === id)?.ready !== ready)
    const staleContainers = containerList.filter(({ id, state, labels: has }) => {
      return of(has[labels.podUid] ?? '').containers.find(it => it.id === id)?.state !== state
    })
    // What is gone is read too: the answer "none" removes it here.
    const goneSandboxes = [...before].filter(id => podOfSandbox.has(id))
    const goneContainers = [...before].filter(id => podOfContainer.has(id))
    await Promise.all([
      ...[...staleSandboxes.map(({ id }) => id), ...goneSandboxes].map(readSandbox),
      ...[...staleContainers.map(({ id }) => id), ...goneContainers].map(readContainer),
    ])
  }

  async function observe(event: RuntimeEvent): Promise<void> {
    const id = event.containerId
    if (podOfSandbox.has(id)) {
      if (event.type === 'deleted') await readSandbox(id)
      if (event.type === 'stopped') await readUntil(async () => !(await readSandbox(id))?.ready)
      return
    }
    const podUid = podOfContainer.get(id)
    // What this kubelet has just made is known from the call's own answer.
    if (podUid === undefined) return
    const state = of(podUid).containers.find(container => container.id === id)?.state
    if (event.type === 'created' || (event.type === 'started' && state === 'running')) return
    if (event.type === 'stopped') await readUntil(async () => (await readContainer(id))?.state !== 'running')
    // Which may be told after the end that it caused: then the end has been read with a reason that is not the true one.
    else if (event.type === 'oom')
      await readUntil(async () => ((await readContainer(id)) ?? { reason: outOfMemory }).reason === outOfMemory)
    else await readContainer(id)
  }

  async function readUntil(isShown: () => Promise<boolean>): Promise<void> {
    if (await isShown()) return
    for (const delay_ms of settle_ms) {
      await sleep(clock, delay_ms)
      if (await isShown()) return
    }
  }

  async function follow(signal: AbortSignal): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      try {
        for await (const event of runtime.events(signal)) {
          observe(event).catch(error =>
            logger.warn('read a container after its event; the next relist will', { id: event.containerId, error }),
          )
        }
      } catch (error) {
        if (signal.aborted) return
        logger.warn('runtime events ended; following them again', { error })
      }
      if (failures === 0) reachable()
      await sleep(clock, reconnect_ms[Math.min(failures, reconnect_ms.length - 1)] ?? 0, signal).catch(() => {})
      failures = (await caughtUp(signal)) ? 0 : failures + 1
    }
  }

  /** Reads what was missed; true where the runtime answers again. */
  async function caughtUp(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    try {
      await relist()
      reachable()
      return true
    } catch (error) {
      logger.warn('list containers after the events ended: trying again', { error })
      return false
    }
  }

  return { of, pods: () => [...pods.keys()], relist, readContainer, readSandbox, follow }
}

function replace<T extends { readonly id: string }>(list: readonly T[], id: string, status: T | undefined): T[] {
  const others = list.filter(item => item.id !== id)
  return status ? [status, ...others] : others
}

const newestFirst = (
  a: { readonly createdAt_ms: number; readonly attempt: number },
  b: { readonly createdAt_ms: number; readonly attempt: number },
) => b.createdAt_ms - a.createdAt_ms || b.attempt - a.attempt
