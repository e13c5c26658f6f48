import type { KubernetesList, KubernetesObject } from '../apimachinery/meta.ts'
import { type Event, eventKind } from '../apis/core/event.ts'
import { type Node, nodeKind } from '../apis/core/node.ts'
import { type Pod, podKind } from '../apis/core/pod.ts'
import { builtInKinds } from '../apis/index.ts'
import { createApiServer } from '../apiserver/index.ts'
import { createLogger, createMetrics, type MetricsRegistry, seededRandom, systemClock, systemRandom } from '../base/index.ts'
import { type Client, createClient, createEventRecorder, type Informer } from '../client/index.ts'
import { openStorage } from '../storage/index.ts'
import { type Scheduler, type SchedulerOptions, startScheduler } from './index.ts'

export interface SchedulerChanges extends Partial<Pick<SchedulerOptions, 'schedulerName' | 'profile' | 'clock'>> {
  /** Puts something between the scheduler and the API. */
  readonly wrap?: (client: Client) => Client
}

/** A control plane in memory without controllers: objects come and go as the test says, only schedulers act. */
export interface SchedulingCluster {
  readonly client: Client
  readonly metrics: MetricsRegistry
  readonly logged: readonly string[]
  startScheduler(changes?: SchedulerChanges): Scheduler
  addNode(node: Node): Promise<void>
  changeNode(name: string, change: (node: Node) => Node): Promise<void>
  addPod(pod: Pod): Promise<Pod>
  /** The pod as soon as it is so. */
  pod(name: string, isSo: (pod: Pod) => boolean): Promise<Pod>
  gone(name: string): Promise<void>
  /** The events of this reason about a pod, as soon as there are some. */
  events(pod: string, reason: string): Promise<readonly Event[]>
  close(): Promise<void>
}

export async function openSchedulingCluster({ freezeObjects = true } = {}): Promise<SchedulingCluster> {
  const clock = systemClock()
  const random = systemRandom()
  const metrics = createMetrics()
  const logged: string[] = []
  const logger = createLogger({ clock, level: 'warn', write: line => void logged.push(line) })
  const storage = await openStorage({ clock, logger, metrics, clusterId: 'test' })
  const server = createApiServer({
    ...{ storage, kinds: builtInKinds, clock, random, logger, metrics, freezeObjects },
    authenticators: [],
    authorizer: { authorize: () => ({ allowed: true, reason: '' }) },
    admission: [],
    handlers: { subresources: {}, reviews: {} },
    serviceRanges: { clusterIPs: ['10.43.0.0/16'], nodePorts: { first: 30000, last: 32767 } },
    version: { ...noVersion },
  })
  const closers: { close(): Promise<void> }[] = []
  const connect = (name: string) => {
    const connection = server.connect({ name, groups: [] }, { userAgent: name })
    const client = createClient({ connection, clock, random, logger, fieldManager: name })
    closers.push(client)
    return client
  }
  const client = connect('tester')
  const pods = client.informer(podKind)

  return {
    client,
    metrics,
    logged,
    startScheduler({ wrap = (one: Client) => one, ...changes }: SchedulerChanges = {}) {
      const own = wrap(connect('system:kube-scheduler'))
      const component = changes.schedulerName ?? 'default-scheduler'
      const events = createEventRecorder({ client: own, component, clock, logger })
      const scheduler = startScheduler({ client: own, events, clock, random: seededRandom(1), logger, metrics, ...changes })
      closers.push(events, scheduler)
      return scheduler
    },
    async addNode(node) {
      await client.create(nodeKind, { ...node, status: undefined })
      await client.patch(
        nodeKind,
        undefined,
        node.metadata.name ?? '',
        { type: 'merge', body: { status: node.status } },
        { subresource: 'status' },
      )
    },
    async changeNode(name, change) {
      const node = await client.get(nodeKind, undefined, name)
      await client.update(nodeKind, change(node))
    },
    addPod: ({ metadata: { uid: _, ...metadata }, ...pod }) => client.create(podKind, { ...pod, metadata }),
    async pod(name, isSo) {
      const read = () => pods.get('default', name)
      await becomes(pods, () => {
        const pod = read()
        return pod !== undefined && isSo(pod)
      })
      return read() as Pod
    },
    gone: name => becomes(pods, () => pods.get('default', name) === undefined),
    async events(pod, reason) {
      const informer = client.informer(eventKind)
      const read = () => informer.list().filter(event => event.reason === reason && event.involvedObject.name === pod)
      await becomes(informer, () => read().length > 0)
      return read()
    },
    async close() {
      for (const closer of closers.reverse()) await closer.close()
      await server.close()
      await storage.close()
    },
  }
}

export const listPods = async (client: Client): Promise<readonly Pod[]> => {
  const list: KubernetesList<Pod> = await client.list(podKind)
  return list.items
}

/** Resolves once it is so, at the latest with the change that makes it so. */
function becomes<T extends KubernetesObject>(informer: Informer<T>, isSo: () => boolean): Promise<void> {
  return new Promise(resolve => {
    let end = () => {}
    end = informer.onChange(() => {
      if (!isSo()) return
      end()
      resolve()
    })
    if (isSo()) resolve()
  })
}

const noVersion = {
  ...{ major: '1', minor: '36', gitVersion: 'v1.36.2', gitCommit: '', gitTreeState: 'clean' },
  ...{ buildDate: '1970-01-01T00:00:00Z', goVersion: '', compiler: 'tsc', platform: 'linux/amd64' },
}
