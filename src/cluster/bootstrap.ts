import { isAlreadyExists, isConflict, isNotFound } from '../apimachinery/api-errors.ts'
import type { ApiConnection, ResourceName } from '../apimachinery/connection.ts'
import { formatGroupVersion, type KubernetesObject } from '../apimachinery/meta.ts'
import { configMapKind } from '../apis/core/config-map.ts'
import type { Client } from '../client/index.ts'
import { frontProxyName, type TrustedAuthorities } from './pki.ts'

/**
 * The objects that exist in every cluster from its first second on: the system's namespaces, the priority classes of
 * the system, the `kubernetes` service with the API server behind it, and the service of the cluster's DNS.
 */
export interface BootstrapOptions {
  /** As system:apiserver. */
  readonly connection: ApiConnection
  readonly apiAddress: string
  readonly apiPort: number
  /** The first address of the service range. */
  readonly kubernetesServiceAddress: string
  /** One of each family at most. */
  readonly serviceRanges: readonly string[]
  readonly clientAuthority: string
  readonly frontProxyAuthority: string
}

const resources = {
  namespaces: { group: '', version: 'v1', resource: 'namespaces', kind: 'Namespace' },
  services: { group: '', version: 'v1', resource: 'services', kind: 'Service' },
  endpoints: { group: '', version: 'v1', resource: 'endpoints', kind: 'Endpoints' },
  configMaps: { group: '', version: 'v1', resource: 'configmaps', kind: 'ConfigMap' },
  endpointSlices: { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices', kind: 'EndpointSlice' },
  serviceCidrs: { group: 'networking.k8s.io', version: 'v1', resource: 'servicecidrs', kind: 'ServiceCIDR' },
  priorityClasses: { group: 'scheduling.k8s.io', version: 'v1', resource: 'priorityclasses', kind: 'PriorityClass' },
} as const satisfies Record<string, ResourceName & { kind: string }>

type Known = (typeof resources)[keyof typeof resources]

export async function bootstrapCluster(options: BootstrapOptions): Promise<void> {
  const { connection } = options
  await Promise.all(systemNamespaces.map(name => ensure(connection, resources.namespaces, { metadata: { name } })))
  await Promise.all([
    ...systemPriorityClasses.map(object => ensure(connection, resources.priorityClasses, object)),
    ensureCurrent(connection, resources.configMaps, authenticationConfigMap(options), 'data'),
    ensure(connection, resources.serviceCidrs, { metadata: { name: 'kubernetes' }, spec: { cidrs: options.serviceRanges } }),
    ensure(connection, resources.services, kubernetesService(options)),
  ])
  await ensure(connection, resources.configMaps, clusterInfo(options))
  // Loopback is no address for endpoints: such a cluster has no pods that could use it.
  if (options.apiAddress.startsWith('127.')) return
  // The machine's address may have changed since the last start.
  await Promise.all([
    ensureCurrent(connection, resources.endpoints, kubernetesEndpoints(options), 'subsets'),
    ensureCurrent(connection, resources.endpointSlices, kubernetesEndpointSlice(options), 'endpoints'),
  ])
}

/** The service of the cluster's DNS and the slices that lead it to this machine's server, which may have moved. */
export async function bootstrapDns(
  connection: ApiConnection,
  { service, endpointSlices }: { readonly service: KubernetesObject; readonly endpointSlices: readonly KubernetesObject[] },
): Promise<void> {
  await ensure(connection, resources.services, service as Draft)
  await Promise.all(endpointSlices.map(slice => ensureCurrent(connection, resources.endpointSlices, slice as Draft, 'endpoints')))
}

const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

type Draft = KubernetesObject & Readonly<Record<string, unknown>>

const systemPriorityClasses: readonly Draft[] = [
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    preemptionPolicy: 'PreemptLowerPriority',
    description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    preemptionPolicy: 'PreemptLowerPriority',
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
]

/** Extension servers follow it: other authorities count for them at once too. */
export async function publishAuthorities(client: Client, { clientCa, frontProxyCa }: TrustedAuthorities): Promise<void> {
  const data = { 'client-ca-file': clientCa, 'requestheader-client-ca-file': frontProxyCa }
  await client.patch(configMapKind, 'kube-system', 'extension-apiserver-authentication', { type: 'merge', body: { data } })
}

/** Where extension servers find whose certificates are those of users, and whose headers say for whom a request is. */
const authenticationConfigMap = ({ clientAuthority, frontProxyAuthority }: BootstrapOptions): Draft => ({
  metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
  data: {
    'client-ca-file': clientAuthority,
    'requestheader-allowed-names': JSON.stringify([frontProxyName]),
    'requestheader-client-ca-file': frontProxyAuthority,
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-uid-headers': '["X-Remote-Uid"]',
    'requestheader-username-headers': '["X-Remote-User"]',
  },
})

/** What a node that wants to join reads first: where the API server is, and how to tell that it is the right one. */
const clusterInfo = ({ apiAddress, apiPort, clientAuthority }: BootstrapOptions): Draft => {
  const host = apiAddress.includes(':') ? `[${apiAddress}]` : apiAddress
  const cluster = { 'certificate-authority-data': Buffer.from(clientAuthority).toString('base64'), server: `https://${host}:${apiPort}` }
  const kubeconfig = {
    apiVersion: 'v1',
    clusters: [{ cluster, name: '' }],
    contexts: null,
    'current-context': '',
    kind: 'Config',
    users: null,
  }
  return { metadata: { name: 'cluster-info', namespace: 'kube-public' }, data: { kubeconfig: JSON.stringify(kubeconfig) } }
}

const kubernetesLabels = { component: 'apiserver', provider: 'kubernetes' }

const kubernetesService = (options: BootstrapOptions): Draft => ({
  metadata: { name: 'kubernetes', namespace: 'default', labels: kubernetesLabels },
  spec: {
    type: 'ClusterIP',
    clusterIP: options.kubernetesServiceAddress,
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: options.apiPort }],
    sessionAffinity: 'None',
  },
})

const kubernetesEndpoints = (options: BootstrapOptions): Draft => ({
  metadata: { name: 'kubernetes', namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
  subsets: [{ addresses: [{ ip: options.apiAddress }], ports: [{ name: 'https', port: options.apiPort, protocol: 'TCP' }] }],
})

const kubernetesEndpointSlice = (options: BootstrapOptions): Draft => ({
  metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: [options.apiAddress], conditions: { ready: true } }],
  ports: [{ name: 'https', port: options.apiPort, protocol: 'TCP' }],
})

const complete = (known: Known, object: Draft): Draft => ({
  ...object,
  apiVersion: formatGroupVersion(known.group, known.version),
  kind: known.kind,
})

async function read(connection: ApiConnection, known: Known, object: Draft): Promise<Draft | undefined> {
  const { namespace, name } = object.metadata
  try {
    return (await connection.call({ verb: 'get', resource: known, namespace, name })) as Draft
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

async function ensure(connection: ApiConnection, known: Known, object: Draft): Promise<Draft> {
  const existing = await read(connection, known, object)
  if (existing) return existing
  try {
    const { namespace } = object.metadata
    return (await connection.call({ verb: 'create', resource: known, namespace, body: complete(known, object) })) as Draft
  } catch (error) {
    // Another master was faster.
    if (isAlreadyExists(error)) return ensure(connection, known, object)
    throw error
  }
}

/** Also brings one field up to date; a stale write is tried again with what is there by then. */
async function ensureCurrent(connection: ApiConnection, known: Known, object: Draft, field: string): Promise<void> {
  const existing = await ensure(connection, known, object)
  if (JSON.stringify(existing[field]) === JSON.stringify(object[field])) return
  const { namespace, name } = object.metadata
  try {
    await connection.call({
      verb: 'update',
      resource: known,
      namespace,
      name,
      body: { ...existing, [field]: object[field], ...(object.ports ? { ports: object.ports } : {}) },
    })
  } catch (error) {
    if (isConflict(error)) return ensureCurrent(connection, known, object, field)
    throw error
  }
}
