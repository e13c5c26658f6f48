import { mkdirSync } from 'node:fs'
import type { ResourceView } from '../apimachinery/connection.ts'
import type { Kind } from '../apimachinery/kind.ts'
import type { UserInfo } from '../apimachinery/request.ts'
import { builtInKinds } from '../apis/index.ts'
import { admissionSteps, createPolicyAdmission, createWebhookAdmission } from '../apiserver/admission/index.ts'
import { createAggregation, followApiServices } from '../apiserver/aggregation/index.ts'
import {
  authenticationReviews,
  clientCertificateAuthenticator,
  createTokenIssuer,
  frontProxyAuthenticator,
  openIdPaths,
  serviceAccountAuthenticator,
  tokenRequestHandler,
} from '../apiserver/authentication/index.ts'
import {
  accessReviews,
  createNodeAuthorizer,
  createRbacAuthorizer,
  followAggregation,
  reconcileBootstrapPolicy,
} from '../apiserver/authorization/index.ts'
import { startCustomResources } from '../apiserver/custom-resources/index.ts'
import { keepFairnessConfiguration } from '../apiserver/fairness/index.ts'
import { type ApiServer, createApiServer, limits } from '../apiserver/index.ts'
import { createUsageReadings, nodeHandlers, resourceMetrics } from '../apiserver/nodes/index.ts'
import { createOutgoing, serviceResolver } from '../apiserver/outgoing/index.ts'
import { proxyHandlers } from '../apiserver/proxy/index.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { MetricsRegistry } from '../base/metrics.ts'
import type { Random } from '../base/random.ts'
import { type Client, createClient, createEventRecorder } from '../client/index.ts'
import { type CertificateSigner, type ControllersOptions, serverControllers, startControllers } from '../controllers/index.ts'
import { type DnsObjectsOptions, dnsObjects } from '../network/index.ts'
import { startScheduler } from '../scheduler/index.ts'
import { openStorage } from '../storage/index.ts'
import type { ApiServerSettings } from './api-server-settings.ts'
import { openAudit } from './audit.ts'
import { openTokenAuthentication } from './authentication.ts'
import { openAuthorizer } from './authorization.ts'
import { bootstrapCluster, bootstrapDns } from './bootstrap.ts'
import type { KeyPair } from './certificates.ts'
import { componentStatuses } from './component-statuses.ts'
import { openEncryption } from './encryption/index.ts'
import { entryUrl } from './entry.ts'
import { type FrontProxyPki, frontProxyName } from './pki.ts'
import { canonicalRange, firstServiceAddress } from './service-addresses.ts'
import { isSimulatedNodeObject, refuseSimulatedNode, refuseSimulatedPods } from './simulated-pods.ts'
import { createStartHooks } from './start-hooks.ts'
import { versionInfo } from './version.ts'

export interface ControlPlaneOptions {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  readonly clusterId: string
  /** Absent: in memory, nothing survives `close`. */
  readonly journalDirectory?: string
  readonly journalEntry?: URL
  /** Kinds beyond the built-in ones. */
  readonly kinds?: readonly Kind[]
  readonly podCidr: string
  readonly serviceCidr: string
  /** PEM of the cluster's authority. */
  readonly authority: string
  /** Signs what was approved; absent: requests stay approved and unsigned. */
  readonly signCertificate?: CertificateSigner
  /** PEM; signs service-account tokens. */
  readonly tokenKey: string
  /** With what the API server shows itself to kubelets. */
  readonly kubeletClient: KeyPair
  /** With what it speaks for users to extension servers, and who may speak for users to it. */
  readonly frontProxy: FrontProxyPki
  /** Where the node's DNS server listens; absent where no pod asks it. */
  readonly dns?: DnsObjectsOptions
  readonly apiAddress: string
  readonly apiPort: number
  /** Bearer tokens with fixed users, for clusters inside tests. */
  readonly staticTokens?: Readonly<Record<string, UserInfo>>
  readonly freezeObjects?: boolean
  readonly settings?: ApiServerSettings
}

/** API server, controllers and scheduler in this process, sharing one copy of all objects. */
export interface ControlPlane {
  readonly server: ApiServer
  /** A client in process that acts as this user. */
  clientAs(user: UserInfo, userAgent: string): Client
  /** Starts what acts on its own; until then the API answers and nothing moves. */
  startControllers(): void
  close(): Promise<void>
}

const systemUser: UserInfo = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] }
const apiRegistration = 'apiregistration.k8s.io'
const issuer = 'https://kubernetes.default.svc.cluster.local'

export async function openControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  // They run in this process and end with it: whoever can ask gets an answer about all of them.
  let started = false
  const components = () => {
    const problem = started ? undefined : 'not started'
    return [
      { name: 'scheduler', problem },
      { name: 'controller-manager', problem },
      { name: 'etcd-0', problem: undefined },
    ]
  }
  const { clock, random, logger, metrics, settings = {} } = options
  const startHooks = createStartHooks()
  if (options.journalDirectory) mkdirSync(options.journalDirectory, { recursive: true, mode: 0o700 })
  const encryption = openEncryption({
    file: settings.encryptionProviderConfig,
    automaticReload: settings.encryptionProviderConfigAutomaticReload,
    random,
    logger: logger.with({ component: 'encryption' }),
  })
  const tokens = createTokenIssuer({ privateKey: options.tokenKey, issuer, audiences: [issuer], clock, random })
  const serviceAccounts = serviceAccountAuthenticator(tokens, clock)
  const rbac = createRbacAuthorizer()
  const nodes = createNodeAuthorizer()
  // What calls out (webhooks, extension servers) shares connections, and finds services among the server's own objects.
  const outgoing = createOutgoing({ clock, resolve: serviceResolver(() => server.objects, random) })
  const authorizer = await openAuthorizer({
    settings,
    node: nodes,
    rbac,
    outgoing,
    clock,
    logger: logger.with({ component: 'authorization' }),
    metrics,
  })
  const policies = createPolicyAdmission({ authorizer, clock, metrics })
  const webhooks = createWebhookAdmission({ authorizer, outgoing, clock, random, logger: logger.with({ component: 'admission' }), metrics })
  const admission = admissionSteps({
    clock,
    random,
    policies,
    webhooks,
    authorizer,
    plugins: { enable: settings.enableAdmissionPlugins, disable: settings.disableAdmissionPlugins },
  })
  const bearers = await openTokenAuthentication({
    settings,
    issuer: tokens,
    staticTokens: options.staticTokens,
    outgoing,
    clock,
    logger: logger.with({ component: 'authentication' }),
  })
  const audit = await openAudit(settings, { outgoing, clock, logger: logger.with({ component: 'audit' }), metrics })
  // After everything that mistakes in settings can stop: an open journal would stay behind.
  const storage = await openStorage({
    transform: encryption.transform,
    directory: options.journalDirectory,
    journalEntry: options.journalEntry,
    clock,
    logger: logger.with({ component: 'storage' }),
    metrics,
    clusterId: options.clusterId,
  })
  encryption.start(storage)
  const aggregation = createAggregation({
    outgoing,
    logger: logger.with({ component: 'aggregator' }),
    clientCertificate: options.frontProxy.client,
  })
  const readings = createUsageReadings({
    outgoing,
    clientCertificate: options.kubeletClient,
    certificateAuthority: options.authority,
    clock,
    logger,
  })
  const server: ApiServer = createApiServer({
    storage,
    kinds: [...builtInKinds, ...(options.kinds ?? [])],
    clock,
    random,
    logger: logger.with({ component: 'apiserver' }),
    metrics,
    yamlEntry: entryUrl('yaml-thread'),
    authenticators: [
      frontProxyAuthenticator([frontProxyName]),
      clientCertificateAuthenticator(),
      serviceAccounts,
      ...bearers.authenticators,
    ],
    anonymous: bearers.anonymous,
    authorizer,
    admission,
    audit,
    aggregation,
    handlers: {
      subresources: {
        token: tokenRequestHandler(tokens),
        ...refuseSimulatedPods(
          nodeHandlers({ outgoing, clientCertificate: options.kubeletClient, certificateAuthority: options.authority, logger }),
        ),
        ...proxyHandlers({
          outgoing,
          random,
          logger,
          clientCertificate: options.kubeletClient,
          certificateAuthority: options.authority,
          checkReachable: refuseSimulatedNode,
        }),
      },
      reviews: {
        ...authenticationReviews({ issuer: tokens, serviceAccounts, others: bearers.authenticators }),
        ...accessReviews(authorizer, rbac),
      },
      computed: {
        ComponentStatus: async () => componentStatuses(components()),
        ...resourceMetrics({ readings, isSimulated: isSimulatedNodeObject }),
      },
    },
    serviceRanges: { clusterIPs: options.serviceCidr.split(','), nodePorts: { first: 30_000, last: 32_767 } },
    seats: (settings.maxRequestsInflight ?? limits.readRequests) + (settings.maxMutatingRequestsInflight ?? limits.writeRequests),
    version: versionInfo(),
    paths: openIdPaths(tokens),
    startHooks: startHooks.checks,
    freezeObjects: options.freezeObjects,
  })

  const connection = server.connect(systemUser, { userAgent: 'proa/apiserver', fieldManager: 'proa' })
  const view = (group: string, resource: string): ResourceView => {
    const found = connection.view?.({ group, version: 'v1', resource })
    if (!found) throw new Error(`start the control plane: the API server has no view of ${resource}`)
    return found
  }
  const viewIfServed = (group: string, resource: string) => (server.objects.kind(group, resource) ? view(group, resource) : undefined)
  const rbacGroup = 'rbac.authorization.k8s.io'
  const rbacViews = {
    roles: view(rbacGroup, 'roles'),
    roleBindings: view(rbacGroup, 'rolebindings'),
    clusterRoles: view(rbacGroup, 'clusterroles'),
    clusterRoleBindings: view(rbacGroup, 'clusterrolebindings'),
  }
  rbac.attach(rbacViews)
  nodes.attach({
    pods: view('', 'pods'),
    persistentVolumes: viewIfServed('', 'persistentvolumes'),
    volumeAttachments: viewIfServed('storage.k8s.io', 'volumeattachments'),
    resourceSlices: viewIfServed('resource.k8s.io', 'resourceslices'),
  })
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
  aggregation.attach(view(apiRegistration, 'apiservices'))
  const tokenViews = {
    serviceAccounts: view('', 'serviceaccounts'),
    pods: view('', 'pods'),
    secrets: view('', 'secrets'),
    nodes: view('', 'nodes'),
  }
  serviceAccounts.attach(tokenViews)
  bearers.attach(tokenViews, connection)
  const flowControl = 'flowcontrol.apiserver.k8s.io'
  const fairnessViews = { flowSchemas: view(flowControl, 'flowschemas'), priorityLevels: view(flowControl, 'prioritylevelconfigurations') }
  const [fairnessKeeper] = await Promise.all([
    keepFairnessConfiguration(server.fairness, connection, fairnessViews, { clock, logger }),
    reconcileBootstrapPolicy(connection),
    bootstrapCluster({
      connection,
      apiAddress: options.apiAddress,
      apiPort: options.apiPort,
      kubernetesServiceAddress: firstServiceAddress(options.serviceCidr),
      serviceRanges: options.serviceCidr.split(',').map(canonicalRange),
      clientAuthority: options.authority,
      frontProxyAuthority: options.frontProxy.authority,
    }),
  ])
  if (options.dns) await bootstrapDns(connection, dnsObjects(options.dns))
  startHooks.finish('bootstrap')

  const customResources = startCustomResources({
    server,
    connection,
    builtInKinds,
    outgoing,
    random,
    clock,
    logger: logger.with({ component: 'apiserver' }),
  })
  startHooks.finish('customResources')
  const closers: { close(): void | Promise<void> }[] = []
  const connectAs = (user: UserInfo, userAgent: string): Client => {
    const own = server.connect(user, { userAgent, fieldManager: userAgent })
    return createClient({ connection: own, clock, random, logger, fieldManager: userAgent })
  }
  const clientAs = (user: UserInfo, userAgent: string): Client => {
    const client = connectAs(user, userAgent)
    closers.push(client)
    return client
  }
  return {
    server,
    clientAs,
    startControllers() {
      started = true
      const schedulerClient = clientAs({ name: 'system:kube-scheduler', groups: [] }, 'kube-scheduler')
      // Who reads for all controllers, as upstream; writes are each controller's own.
      const { informer } = clientAs({ name: 'system:kube-controller-manager', groups: [] }, 'kube-controller-manager/shared-informers')
      const recorder = createEventRecorder({ client: schedulerClient, component: 'default-scheduler', clock, logger })
      const controllerOptions: Omit<ControllersOptions, 'clientFor' | 'controllers'> = {
        clock,
        random,
        logger: logger.with({ component: 'controllers' }),
        metrics,
        rootCertificate: options.authority,
        signCertificate: options.signCertificate,
        issueSecretToken: content => tokens.issueForSecret(content),
        clusterCidr: options.podCidr,
        kinds: () => server.objects.kinds(),
        onKindsChanged: listener => server.onKindsChanged(listener),
        extensions: {
          current: aggregation.extensionKinds,
          onChanged: aggregation.onChanged,
          connect: name => connectAs(controllerUser(name), `kube-controller-manager/${name}`),
        },
      }
      closers.unshift(
        followAggregation(connection, rbacViews, { clock, logger }),
        followApiServices({
          connection,
          aggregation,
          outgoing,
          objects: server.objects,
          views: {
            apiServices: view(apiRegistration, 'apiservices'),
            services: view('', 'services'),
            endpointSlices: view('discovery.k8s.io', 'endpointslices'),
          },
          kinds: () => server.objects.kinds(),
          onKindsChanged: listener => server.onKindsChanged(listener),
          clock,
          logger: logger.with({ component: 'aggregator' }),
          metrics,
        }),
        startScheduler({
          client: schedulerClient,
          events: recorder,
          clock,
          random,
          logger: logger.with({ component: 'scheduler' }),
          metrics,
        }),
        startControllers({
          clientFor: () => ({ ...clientAs({ name: 'system:apiserver', groups: ['system:masters'] }, 'kube-apiserver'), informer }),
          controllers: serverControllers,
          ...controllerOptions,
        }),
        startControllers({
          clientFor: name => ({ ...clientAs(controllerUser(name), `kube-controller-manager/${name}`), informer }),
          ...controllerOptions,
        }),
      )
      startHooks.finish('aggregation')
    },
    async close() {
      for (const closer of closers) await closer.close()
      customResources.close()
      fairnessKeeper.close()
      await connection.close()
      rbac.close()
      nodes.close()
      policies.close()
      webhooks.close()
      aggregation.close()
      await server.close()
      outgoing.close()
      encryption.close()
      await encryption.settled()
      await storage.close()
    },
  }
}

/** As upstream with service-account credentials: each controller is a user of its own, and RBAC says what it may do. */
const controllerUser = (name: string): UserInfo =>
  name === 'kube-controller-manager'
    ? { name: 'system:kube-controller-manager', groups: [] }
    : {
        name: `system:serviceaccount:kube-system:${name}`,
        groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system'],
      }
