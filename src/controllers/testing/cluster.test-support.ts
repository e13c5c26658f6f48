import type { ResourceView } from '../../apimachinery/connection.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { namespaceKind } from '../../apis/core/namespace.ts'
import { builtInKinds } from '../../apis/index.ts'
import { admissionSteps } from '../../apiserver/admission/index.ts'
import { createRbacAuthorizer, reconcileBootstrapPolicy, unionAuthorizer } from '../../apiserver/authorization/index.ts'
import { type ApiServer, createApiServer } from '../../apiserver/index.ts'
import { type Clock, createLogger, createMetrics, type Random, systemClock, systemRandom } from '../../base/index.ts'
import { type Client, createClient, type Informer } from '../../client/index.ts'
import { openStorage } from '../../storage/index.ts'
import type { Controller } from '../controller.ts'
import { allControllers, type RunningControllers, startControllers } from '../index.ts'
import { nodeLifecycleController, taintEvictionController } from '../node-lifecycle/index.ts'
import { podGarbageCollector } from '../pod-gc.ts'

/** An API server in memory with the real authorization, for controllers to work against. Nothing schedules or runs pods. */
export interface TestCluster {
  readonly server: ApiServer
  readonly clock: Clock
  /** An administrator. */
  readonly client: Client
  clientAs(name: string): Client
  start(changes?: { readonly interrupt?: (write: string) => void; readonly controllers?: readonly Controller[] }): RunningControllers
  /** What was logged as a warning or an error. */
  readonly warnings: readonly string[]
  /** Resolves once the predicate holds; looks again at every change of the informer's kind. */
  until<T extends KubernetesObject>(kind: Kind<T>, holds: (informer: Informer<T>) => boolean, what: string): Promise<void>
  close(): Promise<void>
}

export interface TestClusterOptions {
  readonly clock?: Clock
  readonly random?: Random
  readonly kinds?: readonly Kind[]
}

export async function openTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { clock = systemClock(), random = systemRandom() } = options
  const metrics = createMetrics()
  const warnings: string[] = []
  // Timers of the clock keep no process alive, and here is nothing else that would.
  const awake = new MessageChannel()
  awake.port1.onmessage = () => undefined
  const logger = createLogger({ clock, level: 'warn', write: line => void warnings.push(line) })
  const storage = await openStorage({ clock, logger, metrics, clusterId: 'controllers' })
  const rbac = createRbacAuthorizer()
  const server = createApiServer({
    storage,
    kinds: [...builtInKinds, ...(options.kinds ?? [])],
    clock,
    random,
    logger,
    metrics,
    authenticators: [],
    authorizer: unionAuthorizer([rbac]),
    admission: admissionSteps({ clock, random, authorizer: unionAuthorizer([rbac]) }),
    handlers: { subresources: {}, reviews: {} },
    serviceRanges: { clusterIPs: ['10.43.0.0/16'], nodePorts: { first: 30000, last: 32767 } },
    version: testVersion,
    freezeObjects: true,
  })
  const clients: Client[] = []
  const connect = (
    name: string,
    groups: readonly string[],
    wrap = (connection: ReturnType<ApiServer['connect']>) => connection,
  ): Client => {
    const connection = wrap(server.connect({ name, groups: [...groups, 'system:authenticated'] }, { userAgent: name, fieldManager: name }))
    const client = createClient({ connection, clock, random, logger, fieldManager: name })
    clients.push(client)
    return client
  }
  const client = connect('tester', ['system:masters'])
  const connection = server.connect({ name: 'system:apiserver', groups: ['system:masters'] })
  const view = (resource: string): ResourceView => {
    const found = connection.view?.({ group: 'rbac.authorization.k8s.io', version: 'v1', resource })
    if (!found) throw new Error(`open a cluster for tests: there is no view of ${resource}`)
    return found
  }
  rbac.attach({
    roles: view('roles'),
    roleBindings: view('rolebindings'),
    clusterRoles: view('clusterroles'),
    clusterRoleBindings: view('clusterrolebindings'),
  })
  await reconcileBootstrapPolicy(connection)
  await client.create(namespaceKind, { metadata: { name: 'default' } })

  const clientAs = (name: string): Client =>
    connect(`system:serviceaccount:kube-system:${name}`, ['system:serviceaccounts', 'system:serviceaccounts:kube-system'])

  return {
    server,
    clock,
    client,
    clientAs,
    warnings,
    start: ({ interrupt, controllers = withoutNodes } = {}) => {
      const reader = connect('system:kube-controller-manager', [])
      const own: Client[] = [reader]
      const running = startControllers({
        clientFor(name) {
          const user = `system:serviceaccount:kube-system:${name}`
          const made = connect(user, ['system:serviceaccounts', 'system:serviceaccounts:kube-system'], inner =>
            interrupt ? interrupted(inner, interrupt) : inner,
          )
          own.push(made)
          return { ...made, informer: reader.informer }
        },
        clock,
        controllers,
        random,
        logger,
        metrics,
        rootCertificate: 'certificate',
        clusterCidr: '10.42.0.0/16',
        kinds: () => server.objects.kinds(),
        onKindsChanged: listener => server.onKindsChanged(listener),
      })
      return {
        async close() {
          await running.close()
          for (const made of own) await made.close()
        },
      }
    },
    until: (kind, holds, what) => whenHolds(client.informer(kind), holds, what, warnings),
    async close() {
      for (const one of clients) await one.close()
      await connection.close()
      rbac.close()
      await server.close()
      await storage.close()
      awake.port1.close()
    },
  }
}

/** Where no node ever shows a sign of life, these would find all of them lost. */
const ofNodes: ReadonlySet<Controller> = new Set([nodeLifecycleController, taintEvictionController, podGarbageCollector])
const withoutNodes = allControllers.filter(controller => !ofNodes.has(controller))

const writes: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

/** A connection whose every write first passes `interrupt`, which may throw: before the write, and again after it. */
function interrupted(inner: ReturnType<ApiServer['connect']>, interrupt: (write: string) => void): ReturnType<ApiServer['connect']> {
  return {
    ...inner,
    async call(call) {
      const isWrite = writes.has(call.verb) && call.resource.resource !== 'events'
      const what = `${call.verb} ${call.resource.resource}${call.subresource ? `/${call.subresource}` : ''} ${call.name ?? ''}`
      if (isWrite) interrupt(`before ${what}`)
      const answer = await inner.call(call)
      if (isWrite) interrupt(`after ${what}`)
      return answer
    },
  }
}

/** How long a test waits for what must come: generous, since it only matters when the test fails. */
const patience_ms = 20_000

function whenHolds<T extends KubernetesObject>(
  informer: Informer<T>,
  holds: (informer: Informer<T>) => boolean,
  what: string,
  warnings: readonly string[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    let unsubscribe = () => {}
    const timer = systemClock().setTimer(patience_ms, () => {
      unsubscribe()
      reject(new Error(`${what} did not come; there are ${JSON.stringify(informer.list(), null, 1)}\n${warnings.join('')}`))
    })
    const look = () => {
      if (!informer.isSynced || !holds(informer)) return
      timer.cancel()
      unsubscribe()
      resolve()
    }
    informer.synced.then(() => {
      unsubscribe = informer.onChange(look)
      look()
    }, reject)
  })
}

/** A clock on which waiting is short: its time runs `factor` times as fast. */
export function fastClock(factor: number): Clock {
  const clock = systemClock()
  const start = clock.now()
  return {
    now: () => start + (clock.now() - start) * factor,
    monotonic: () => clock.monotonic() * factor,
    setTimer: (delay_ms, run) => clock.setTimer(delay_ms / factor, run),
    yield: () => clock.yield(),
  }
}

const testVersion = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.2+proa',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'tsc',
  platform: 'linux/amd64',
}
