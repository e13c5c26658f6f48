import type { ApiCall, ApiConnection, ResourceView } from '../../apimachinery/connection.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { UserInfo } from '../../apimachinery/request.ts'
import { builtInKinds } from '../../apis/index.ts'
import { createMetrics, silentLogger, systemClock, systemRandom } from '../../base/index.ts'
import { openStorage } from '../../storage/index.ts'
import { createNodeAuthorizer, createRbacAuthorizer, type RbacAuthorizer, type RbacViews, unionAuthorizer } from '../authorization/index.ts'
import { type ApiServer, createApiServer, type HandlerTable } from '../index.ts'
import { createOutgoing, serviceResolver } from '../outgoing/index.ts'
import type { PluginChoice } from './choose-plugins.ts'
import { admissionSteps, createPolicyAdmission, createWebhookAdmission } from './index.ts'

/** An API server in memory with admission and authorization as in a cluster, and nothing that acts on its own. */
export interface TestCluster {
  readonly server: ApiServer
  /** As a member of system:masters. */
  readonly admin: ApiConnection
  readonly rbac: RbacAuthorizer
  readonly rbacViews: RbacViews
  as(name: string, ...groups: string[]): ApiConnection
  create(resource: string, object: object): Promise<KubernetesObject>
  close(): Promise<void>
}

export async function startTestCluster(
  handlers: Partial<HandlerTable> = {},
  plugins: PluginChoice = {},
  serviceRange = '10.43.0.0/16',
): Promise<TestCluster> {
  const clock = systemClock()
  const random = systemRandom()
  const metrics = createMetrics()
  const logger = silentLogger
  const storage = await openStorage({ clock, logger, metrics, clusterId: 'test' })
  const rbac = createRbacAuthorizer()
  const nodes = createNodeAuthorizer()
  const outgoing = createOutgoing({ clock, resolve: serviceResolver(() => server.objects, random) })
  const authorizer = unionAuthorizer([nodes, rbac])
  const policies = createPolicyAdmission({ authorizer, clock, metrics })
  const webhooks = createWebhookAdmission({ authorizer, outgoing, clock, random, logger, metrics })
  const server: ApiServer = createApiServer({
    storage,
    kinds: builtInKinds,
    clock,
    random,
    logger,
    metrics,
    authenticators: [],
    authorizer,
    admission: admissionSteps({ clock, random, policies, webhooks, authorizer, plugins }),
    handlers: { subresources: {}, reviews: {}, ...handlers },
    serviceRanges: { clusterIPs: [serviceRange], nodePorts: { first: 30000, last: 32767 } },
    version: testVersion,
    freezeObjects: true,
  })
  const connect = (user: UserInfo) => server.connect(user)
  const admin = connect({ name: 'admin', groups: ['system:masters'] })
  const view = (group: string, resource: string) => admin.view?.({ group, version: 'v1', resource }) as ResourceView
  const rbacViews = {
    roles: view(rbacGroup, 'roles'),
    roleBindings: view(rbacGroup, 'rolebindings'),
    clusterRoles: view(rbacGroup, 'clusterroles'),
    clusterRoleBindings: view(rbacGroup, 'clusterrolebindings'),
  }
  rbac.attach(rbacViews)
  nodes.attach({ pods: view('', 'pods') })
  policies.attach({
    validatingPolicies: view('admissionregistration.k8s.io', 'validatingadmissionpolicies'),
    validatingBindings: view('admissionregistration.k8s.io', 'validatingadmissionpolicybindings'),
    mutatingPolicies: view('admissionregistration.k8s.io', 'mutatingadmissionpolicies'),
    mutatingBindings: view('admissionregistration.k8s.io', 'mutatingadmissionpolicybindings'),
  })
  webhooks.attach({
    mutating: view('admissionregistration.k8s.io', 'mutatingwebhookconfigurations'),
    validating: view('admissionregistration.k8s.io', 'validatingwebhookconfigurations'),
  })
  return {
    server,
    admin,
    rbac,
    rbacViews,
    as: (name, ...groups) => connect({ name, groups }),
    create: (resource, object) => create(admin, resource, object),
    async close() {
      rbac.close()
      nodes.close()
      policies.close()
      webhooks.close()
      outgoing.close()
      await server.close()
      await storage.close()
    },
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

export const rbacGroup = 'rbac.authorization.k8s.io'

const groups: Readonly<Record<string, string>> = {
  roles: rbacGroup,
  rolebindings: rbacGroup,
  clusterroles: rbacGroup,
  clusterrolebindings: rbacGroup,
  priorityclasses: 'scheduling.k8s.io',
  leases: 'coordination.k8s.io',
  storageclasses: 'storage.k8s.io',
  volumeattributesclasses: 'storage.k8s.io',
  csidrivers: 'storage.k8s.io',
  ingresses: 'networking.k8s.io',
  servicecidrs: 'networking.k8s.io',
  ingressclasses: 'networking.k8s.io',
  networkpolicies: 'networking.k8s.io',
  runtimeclasses: 'node.k8s.io',
}

/** The resource of that name, whose group is known here. */
export const resourceOf = (resource: string): ApiCall['resource'] => ({ group: groups[resource] ?? '', version: 'v1', resource })

export function create(connection: ApiConnection, resource: string, object: object): Promise<KubernetesObject> {
  const { metadata } = object as KubernetesObject
  return connection.call({ verb: 'create', resource: resourceOf(resource), namespace: metadata.namespace, body: object })
}

/** Waits until something holds that follows from events, letting the loop turn meanwhile. */
export async function eventually(check: () => boolean | Promise<boolean>): Promise<void> {
  const clock = systemClock()
  for (let turn = 0; turn < 10_000; turn++) {
    if (await check()) return
    await clock.yield()
  }
  throw new Error('what was waited for did not happen')
}
