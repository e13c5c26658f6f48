import type { Container } from '../../apis/core/container.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { podKind } from '../../apis/core/pod.ts'
import type { Secret } from '../../apis/core/secret.ts'
import type { Clock } from '../../base/index.ts'
import type { EventRecorder } from '../../client/types.ts'
import { unlessAborted } from '../pods/abort.ts'
import { containerPath } from '../pods/containers.ts'
import type { ContainerRuntime, ImageAuth, RuntimeImage, SandboxConfig } from '../runtime/types.ts'
import { credentialsFor } from './credentials.ts'
import { isImageReference } from './reference.ts'

/** Why a container can't have its image; reason and message become those of its waiting state. */
export class ImageError extends Error {
  readonly reason: 'ErrImagePull' | 'ImagePullBackOff' | 'ErrImageNeverPull' | 'InvalidImageName' | 'ImageInspectError'
  /** When trying again makes sense. */
  readonly retry_ms: number | undefined
  constructor(reason: ImageError['reason'], message: string, retry_ms?: number, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ImageError'
    this.reason = reason
    this.retry_ms = retry_ms
  }
}

export interface ImagePulls {
  /** The image of a container, pulled if its policy asks for it. Rejects with an ImageError. */
  ensure(pod: Pod, container: Container, request: PullRequest): Promise<RuntimeImage>
  /** Forgets the waits of a pod. */
  forget(podUid: string): void
}

export interface PullRequest {
  readonly sandbox: SandboxConfig | undefined
  readonly secrets: readonly Secret[]
  readonly signal: AbortSignal
}

interface Failure {
  readonly back_off_ms: number
  readonly due_ms: number
  readonly failedAt_ms: number
  readonly message: string
}

const initial_ms = 10_000
const maximum_ms = 300_000

export function createImagePulls(options: { runtime: ContainerRuntime; clock: Clock; events: EventRecorder }): ImagePulls {
  const { runtime, clock, events } = options
  const failures = new Map<string, Map<string, Failure>>()
  // Pods that want the same image with the same credentials at once share one download.
  const running = new Map<string, Promise<void>>()

  async function ensure(pod: Pod, container: Container, request: PullRequest): Promise<RuntimeImage> {
    const image = container.image ?? ''
    const note = (type: 'Normal' | 'Warning', reason: string, message: string) =>
      events.record(pod, podKind, type, reason, message, { fieldPath: containerPath(pod, container.name) })
    if (!isImageReference(image)) {
      const message = `Failed to apply default image tag ${JSON.stringify(image)}: couldn't parse image name ${JSON.stringify(image)}: invalid reference format`
      note('Warning', 'InspectFailed', message)
      throw new ImageError('InvalidImageName', message)
    }
    const policy = container.imagePullPolicy ?? 'IfNotPresent'
    const present = await inspect(image)
    if (present && policy !== 'Always') {
      note('Normal', 'Pulled', `Container image ${JSON.stringify(image)} already present on machine and can be accessed by the pod`)
      return present
    }
    if (policy === 'Never') {
      const message = `Container image ${JSON.stringify(image)} is not present with pull policy of Never`
      note('Warning', 'ErrImageNeverPull', message)
      throw new ImageError('ErrImageNeverPull', message)
    }
    const uid = pod.metadata.uid ?? ''
    refuseDuringBackOff(uid, image, note)
    try {
      const found = await pull(image, request, note)
      failures.get(uid)?.delete(image)
      return found
    } catch (error) {
      if (request.signal.aborted) throw error
      throw failed(uid, image, error as Error, note)
    }
  }

  async function inspect(image: string): Promise<RuntimeImage | undefined> {
    try {
      return await runtime.imageStatus(image)
    } catch (error) {
      throw new ImageError('ImageInspectError', `Failed to inspect image ${JSON.stringify(image)}: ${(error as Error).message}`, 1000, {
        cause: error,
      })
    }
  }

  type Note = (type: 'Normal' | 'Warning', reason: string, message: string) => void

  async function pull(image: string, request: PullRequest, note: Note): Promise<RuntimeImage> {
    note('Normal', 'Pulling', `Pulling image ${JSON.stringify(image)}`)
    const started_ms = clock.monotonic()
    const credentials = credentialsFor(image, request.secrets)
    const key = JSON.stringify([image, credentials])
    const shared = running.get(key)
    const work = shared ?? download(image, request.sandbox, credentials)
    if (!shared) {
      running.set(key, work)
      const forget = () => void running.delete(key)
      work.then(forget, forget)
    }
    // A pod that goes away doesn't take the download from the others.
    await unlessAborted(work, request.signal)
    const found = await runtime.imageStatus(image)
    if (!found) throw new Error(`image ${JSON.stringify(image)} was pulled, but the runtime does not know it`)
    const took = formatDuration(clock.monotonic() - started_ms)
    note(
      'Normal',
      'Pulled',
      `Successfully pulled image ${JSON.stringify(image)} in ${took} (${took} including waiting). Image size: ${found.size_bytes} bytes.`,
    )
    return found
  }

  async function download(image: string, sandbox: SandboxConfig | undefined, credentials: readonly ImageAuth[]): Promise<void> {
    const problems: Error[] = []
    for (const auth of credentials.length ? credentials : [undefined]) {
      try {
        return void (await runtime.pullImage(image, auth, sandbox))
      } catch (error) {
        problems.push(error as Error)
      }
    }
    throw problems.length === 1
      ? problems[0]
      : new Error(`[${problems.map(problem => problem.message).join(', ')}]`, { cause: problems[0] })
  }

  function refuseDuringBackOff(uid: string, image: string, note: Note): void {
    const failure = failures.get(uid)?.get(image)
    if (!failure || clock.now() >= failure.due_ms) return
    const text = `Back-off pulling image ${JSON.stringify(image)}`
    note('Normal', 'BackOff', text)
    note('Warning', 'Failed', 'Error: ImagePullBackOff')
    throw new ImageError('ImagePullBackOff', `${text}: ErrImagePull: ${failure.message}`, failure.due_ms - clock.now())
  }

  function failed(uid: string, image: string, error: Error, note: Note): ImageError {
    note('Warning', 'Failed', `Failed to pull image ${JSON.stringify(image)}: ${error.message}`)
    note('Warning', 'Failed', 'Error: ErrImagePull')
    const now = clock.now()
    const before = failures.get(uid)?.get(image)
    const isRecent = before && now - before.failedAt_ms <= 2 * maximum_ms
    const back_off_ms = isRecent ? Math.min(maximum_ms, before.back_off_ms * 2) : initial_ms
    const ofPod = failures.get(uid) ?? new Map<string, Failure>()
    failures.set(uid, ofPod.set(image, { back_off_ms, due_ms: now + back_off_ms, failedAt_ms: now, message: error.message }))
    // Tried again at once, it finds the wait and says so: people see ErrImagePull first and then ImagePullBackOff.
    return new ImageError('ErrImagePull', error.message, Math.min(back_off_ms, 1500), { cause: error })
  }

  return { ensure, forget: podUid => void failures.delete(podUid) }
}

/** As Go writes durations, to the millisecond. */
export function formatDuration(duration_ms: number): string {
  const rounded_ms = Math.round(duration_ms)
  if (rounded_ms < 1000) return `${rounded_ms}ms`
  const minutes = Math.floor(rounded_ms / 60_000)
  const seconds = (rounded_ms % 60_000) / 1000
  return minutes ? `${minutes}m${seconds}s` : `${seconds}s`
}
