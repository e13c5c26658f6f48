import { join } from 'node:path'
import { quantityValue } from '../../apimachinery/quantity.ts'
import type { Container } from '../../apis/core/container.ts'
import { podKind } from '../../apis/core/pod.ts'
import type { Secret } from '../../apis/core/secret.ts'
import { ImageError } from '../images/image-pulls.ts'
import { runHook } from '../probes/handler.ts'
import {
  type ContainerConfig,
  type ContainerStatus,
  type Mount,
  RuntimeError,
  type RuntimeImage,
  type SandboxConfig,
} from '../runtime/types.ts'
import { podAddresses } from '../status/pod-status.ts'
import { terminationMessageFile } from '../status/termination-message.ts'
import { containerMounts } from '../volumes/container-mounts.ts'
import { unlessAborted } from './abort.ts'
import { containerConfig } from './container-config.ts'
import { containerPath, formatPod, podKey } from './containers.ts'
import { ContainerConfigError, containerEnvironment } from './environment.ts'
import { newestContainer, nextRestartCount } from './history.ts'
import { podHostNames } from './hostname.ts'
import { hostNetworkHostsFile, podHostsFile } from './hosts-file.ts'
import type { PodWork } from './pod-work.ts'
import { stopContainers } from './stop-containers.ts'

const hookTimeout_s = 3600
const retry_ms = 1000
const longestRetry_ms = 10_000

/** Why a container did not start, under the reason that its waiting state shows. */
class StartError extends Error {
  readonly reason: string
  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** Image, configuration, create, start, postStart. A failure becomes the container's waiting state; other containers go on. */
export async function startContainer(
  work: PodWork,
  container: Container,
  sandboxId: string,
  sandbox: SandboxConfig,
  signal: AbortSignal,
): Promise<void> {
  try {
    // Objects may take long to come from the API server; a deletion doesn't wait for them.
    const image = await unlessAborted(ensureImage(work, container, sandbox, signal), signal)
    const config = await unlessAborted(configure(work, container, image), signal)
    const id = await work.gate.run('container', () => createAndStart(work, container, sandboxId, config, sandbox, signal))
    work.waiting.delete(container.name)
    work.failures.delete(container.name)
    const status = await work.state.readContainer(id)
    if (status?.state === 'running') await runPostStart(work, container, status, signal)
  } catch (error) {
    if (signal.aborted) throw error
    noteFailure(work, container, error as Error)
  }
}

async function ensureImage(work: PodWork, container: Container, sandbox: SandboxConfig, signal: AbortSignal): Promise<RuntimeImage> {
  const secrets: Secret[] = []
  for (const { name = '' } of work.pod.spec?.imagePullSecrets ?? []) {
    const secret = await work.objects.secret(work.pod.metadata.namespace ?? '', name, work.uid)
    if (secret) secrets.push(secret)
    else {
      const message = `Unable to retrieve some image pull secrets (${name}); attempting to pull the image may not succeed.`
      work.events.record(work.pod, podKind, 'Warning', 'FailedToRetrieveImagePullSecret', message)
    }
  }
  return work.images.ensure(work.pod, container, { sandbox, secrets, signal })
}

async function configure(work: PodWork, container: Container, image: RuntimeImage): Promise<ContainerConfig> {
  try {
    const runtime = work.state.of(work.uid)
    const namespace = work.pod.metadata.namespace ?? ''
    const addresses = podAddresses(work.pod, runtime, work.hostAddresses)
    const environment = await containerEnvironment(work.pod, container, {
      configMap: name => work.objects.configMap(namespace, name, work.uid),
      secret: name => work.objects.secret(namespace, name, work.uid),
      services: work.services.list(),
      addresses,
      hostAddresses: work.hostAddresses,
      node: work.allocatable,
    })
    const restartCount = nextRestartCount(work.pod, runtime, container.name)
    const directory = work.volumes.directory(work.uid)
    const volumes = work.mounted?.mounted ?? new Map()
    const mounts = await containerMounts(container, { host: work.host, volumes, environment, directory, restartCount })
    const managed = await managedMounts(work, container, addresses, restartCount, mounts)
    await work.host.makeDirectory(join(work.directories.logs, logDirectoryName(work), container.name), 0o755)
    const target = (container as { readonly targetContainerName?: string }).targetContainerName
    return containerConfig(work.pod, container, {
      restartCount,
      image,
      environment,
      mounts: [...mounts, ...managed],
      previous: newestContainer(runtime, container.name),
      nodeMemory_bytes: quantityValue(work.node.capacity.memory ?? '1'),
      seccompDirectory: join(work.directories.pods, '..', 'seccomp'),
      targetId: target === undefined ? undefined : runningId(work, target),
    })
  } catch (error) {
    throw new StartError('CreateContainerConfigError', (error as Error).message, { cause: error })
  }
}

const logDirectoryName = ({ pod }: PodWork) => `${pod.metadata.namespace}_${pod.metadata.name}_${pod.metadata.uid}`

function runningId(work: PodWork, name: string): string {
  const target = newestContainer(work.state.of(work.uid), name)
  if (target?.state !== 'running') throw new ContainerConfigError(`unable to find target container ${JSON.stringify(name)}`)
  return target.id
}

/** Files that the kubelet gives to every container: /etc/hosts and the place for last words. */
async function managedMounts(
  work: PodWork,
  container: Container,
  addresses: readonly string[],
  restartCount: number,
  own: readonly Mount[],
): Promise<Mount[]> {
  const directory = work.volumes.directory(work.uid)
  const result: Mount[] = []
  const mount = (hostPath: string, containerPath: string) =>
    result.push({ hostPath, containerPath, readOnly: false, propagation: 'private' })
  if (!own.some(({ containerPath: path }) => path === '/etc/hosts')) {
    const file = join(directory, 'etc-hosts')
    await work.host.writeFile(file, await hostsFile(work, addresses), 0o644)
    mount(file, '/etc/hosts')
  }
  const messagePath = container.terminationMessagePath || '/dev/termination-log'
  const message = terminationMessageFile(directory, container.name, restartCount)
  await work.host.writeFile(message, '', 0o666)
  mount(message, messagePath)
  return result
}

async function hostsFile(work: PodWork, addresses: readonly string[]): Promise<string> {
  if (!work.pod.spec?.hostNetwork) return podHostsFile(work.pod, addresses, podHostNames(work.pod, work.node.name, work.dns.clusterDomain))
  const file = await work.host.readFile('/etc/hosts')
  return hostNetworkHostsFile(work.pod, Buffer.from(file ?? []).toString('utf8'))
}

async function createAndStart(
  work: PodWork,
  container: Container,
  sandboxId: string,
  config: ContainerConfig,
  sandbox: SandboxConfig,
  signal: AbortSignal,
): Promise<string> {
  const leftover = newestContainer(work.state.of(work.uid), container.name)
  if (leftover?.state === 'created') await removeLeftover(work, leftover)
  const id = await work.runtime.createContainer(sandboxId, config, sandbox, signal).catch(error => {
    throw new StartError('CreateContainerError', (error as Error).message, { cause: error })
  })
  event(work, container, 'Normal', 'Created', 'Container created')
  try {
    await work.runtime.startContainer(id)
  } catch (error) {
    await work.state.readContainer(id)
    throw new StartError('RunContainerError', (error as Error).message, { cause: error })
  }
  work.applied.set(id, container.resources ?? {})
  event(work, container, 'Normal', 'Started', 'Container started')
  return id
}

/** Created by a kubelet that was killed before it started it. */
async function removeLeftover(work: PodWork, { id }: ContainerStatus): Promise<void> {
  await work.runtime.removeContainer(id)
  await work.state.readContainer(id)
}

async function runPostStart(work: PodWork, container: Container, status: ContainerStatus, signal: AbortSignal): Promise<void> {
  const hook = container.lifecycle?.postStart
  if (!hook) return
  const address = podAddresses(work.pod, work.state.of(work.uid), work.hostAddresses)[0] ?? ''
  try {
    const sleep = (seconds: number) => new Promise<void>(resolve => void work.clock.setTimer(seconds * 1000, resolve))
    await unlessAborted(runHook(hook, { containerId: status.id, container, address }, work, hookTimeout_s, sleep, signal), signal)
  } catch (error) {
    if (signal.aborted) throw error
    event(work, container, 'Warning', 'FailedPostStartHook', 'PostStartHook failed')
    work.replaced.add(status.id)
    await stopContainers(work, [status], { message: () => 'FailedPostStartHook', gracePeriod_s: undefined, signal })
    throw new StartError('PostStartHookError', (error as Error).message, { cause: error })
  }
}

function noteFailure(work: PodWork, container: Container, error: Error): void {
  const failures = (work.failures.get(container.name) ?? 0) + 1
  work.failures.set(container.name, failures)
  const delay_ms = error instanceof ImageError ? error.retry_ms : Math.min(longestRetry_ms, retry_ms * 2 ** Math.min(failures - 1, 5))
  const reason = error instanceof ImageError || error instanceof StartError ? error.reason : 'CreateContainerError'
  // The text of the last failed start stands beside the container that the runtime still shows.
  work.waiting.set(container.name, {
    reason,
    message: error.message,
    retryAt_ms: delay_ms === undefined ? undefined : work.clock.now() + delay_ms,
  })
  if (!(error instanceof ImageError)) {
    event(work, container, 'Warning', 'Failed', `Error: ${error.message}`)
    work.logger.warn('start a container: trying again later', {
      pod: formatPod(podKey(work.pod)),
      container: container.name,
      reason,
      error,
    })
  }
  // What the runtime has may be other than thought.
  if (error.cause instanceof RuntimeError)
    work.state.relist().catch(cause => work.logger.warn('list containers; trying again later', { cause }))
  work.publish()
}

function event(work: PodWork, container: Container, type: 'Normal' | 'Warning', reason: string, message: string): void {
  work.events.record(work.pod, podKind, type, reason, message, { fieldPath: containerPath(work.pod, container.name) })
}
