import { eventually, type RealCluster } from './real-cluster.ts'

/** Pods as the whole-cluster tests write them: short where the test does not care. */
export const testImage = 'busybox:1.35'

export interface PodObject {
  readonly apiVersion: 'v1'
  readonly kind: 'Pod'
  readonly metadata: { readonly name: string } & Readonly<Record<string, unknown>>
  readonly spec: Readonly<Record<string, unknown>>
}

type Container = Readonly<Record<string, unknown>>

/** A container of the small image that runs one shell script. */
export const shell = (name: string, script: string, more: Container = {}): Container => ({
  name,
  image: testImage,
  imagePullPolicy: 'IfNotPresent',
  command: ['sh', '-c', script],
  ...more,
})

/**
 * Waits without end and without cost: dozens of pods that wake up ten times a second would be most of what a machine does.
 * The shell runs its traps at once, and goes on waiting unless they exit.
 */
export const idle = 'sleep 86400 & while :; do wait; done'

/** Sleeps and ends at once when told to. */
export const forever = `trap "exit 0" TERM; ${idle}`

export const pod = (
  name: string,
  containers: readonly Container[],
  spec: Readonly<Record<string, unknown>> = {},
  metadata: Readonly<Record<string, unknown>> = {},
): PodObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { terminationGracePeriodSeconds: 2, ...spec, containers },
})

interface TerminatedState {
  readonly exitCode: number
  readonly reason: string
  readonly message?: string
  readonly startedAt: string
  readonly finishedAt: string
}

interface ContainerState {
  readonly waiting?: { readonly reason: string; readonly message?: string }
  readonly running?: { readonly startedAt: string }
  readonly terminated?: TerminatedState
}

export interface ContainerStatus {
  readonly name: string
  readonly ready: boolean
  readonly started?: boolean
  readonly restartCount: number
  readonly containerID?: string
  readonly imageID: string
  readonly state: ContainerState
  readonly lastState: ContainerState
}

export interface ObservedPod {
  readonly metadata: { readonly name: string; readonly uid: string }
  readonly status: {
    readonly phase: string
    readonly reason?: string
    readonly podIP?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

interface ObservedEvent {
  readonly lastTimestamp: string
  readonly reason: string
  readonly message: string
}

/** What these tests ask of pods in one namespace. */
export interface PodObserver {
  get(name: string): Promise<ObservedPod>
  /** Asks until the pod is as wanted, and fails with what was seen last. */
  until(name: string, what: string, passes: (pod: ObservedPod) => boolean, limit_ms?: number): Promise<ObservedPod>
  ready(name: string): Promise<ObservedPod>
  phase(name: string, phase: string, limit_ms?: number): Promise<ObservedPod>
  /** Messages of the events about a pod that have this reason. */
  events(name: string, reason: string): Promise<readonly string[]>
}

export function observePods({ look }: Pick<RealCluster, 'look'>, namespace: string): PodObserver {
  const path = `/api/v1/namespaces/${namespace}`
  const get = async (name: string): Promise<ObservedPod> => {
    const { metadata, status } = await look<ObservedPod>(`${path}/pods/${name}`)
    return { metadata: { name: metadata.name, uid: metadata.uid }, status }
  }
  const eventsOf = async (name: string, more = '') => {
    const selector = encodeURIComponent(`involvedObject.name=${name}${more}`)
    return (await look<{ items: readonly ObservedEvent[] }>(`${path}/events?fieldSelector=${selector}`)).items
  }
  const until: PodObserver['until'] = (name, what, passes, limit_ms = 60_000) =>
    eventually(`pod ${name} ${what}`, limit_ms, () => get(name), passes).catch(async (error: Error) => {
      const events = await eventsOf(name).catch((failure: Error) => `not known: ${failure.message}`)
      const lines =
        typeof events === 'string'
          ? events
          : events.map(({ lastTimestamp, reason, message }) => `${lastTimestamp} ${reason} ${message}`).join('\n')
      throw new Error(`${error.message}\nits events:\n${lines}`)
    })
  return {
    get,
    until,
    ready: name =>
      until(name, 'is ready', one => one.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false),
    phase: (name, phase, limit_ms) => until(name, `is ${phase}`, one => one.status.phase === phase, limit_ms),
    events: async (name, reason) => (await eventsOf(name, `,reason=${reason}`)).map(({ message }) => message),
  }
}

/** The status of the named container; its absence fails the test. */
export function containerOf(observed: ObservedPod, name: string): ContainerStatus {
  const all = [...(observed.status.initContainerStatuses ?? []), ...(observed.status.containerStatuses ?? [])]
  const found = all.find(status => status.name === name)
  if (!found) throw new Error(`pod ${observed.metadata.name} has no status of a container ${name}: ${JSON.stringify(observed.status)}`)
  return found
}
