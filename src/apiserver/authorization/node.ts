import type { ResourceView } from '../../apimachinery/connection.ts'
import type { RequestAttributes, UserInfo } from '../../apimachinery/request.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { Volume } from '../../apis/core/volume.ts'
import type { Authorizer } from '../types.ts'

/**
 * What a kubelet may do (user system:node:NAME, group system:nodes): follow services and nodes, handle its own node,
 * lease and pods, and read exactly those Secrets, ConfigMaps and service accounts that pods bound to it refer to.
 * That graph is kept from the committed pods. Which of its objects it may change further, NodeRestriction says.
 */
export interface NodeAuthorizer extends Authorizer {
  attach(pods: ResourceView): void
  close(): void
}

const nodePrefix = 'system:node:'

/** The node that this user is, or undefined. */
export const nodeNameOf = (user: UserInfo): string | undefined =>
  user.name.startsWith(nodePrefix) && user.groups.includes('system:nodes') ? user.name.slice(nodePrefix.length) : undefined

export function createNodeAuthorizer(): NodeAuthorizer {
  // For each node, how many of its pods refer to `resource/namespace/name`.
  const references = new Map<string, Map<string, number>>()
  let unsubscribe = () => {}

  const count = (pod: Pod, by: 1 | -1) => {
    const node = pod.spec?.nodeName
    if (!node) return
    const counts = references.get(node) ?? new Map<string, number>()
    references.set(node, counts)
    for (const key of referencesOf(pod)) {
      const sum = (counts.get(key) ?? 0) + by
      if (sum > 0) counts.set(key, sum)
      else counts.delete(key)
    }
    if (counts.size === 0) references.delete(node)
  }

  return {
    attach(pods) {
      unsubscribe = pods.subscribe(change => {
        if (change.old) count(change.old as Pod, -1)
        if (change.new) count(change.new as Pod, 1)
      })
      for (const pod of pods.list()) count(pod as Pod, 1)
    },
    authorize(user, attributes) {
      const node = nodeNameOf(user)
      if (node === undefined) return refused('')
      if (!attributes.isResourceRequest) return refused('')
      const resource = attributes.group ? `${attributes.resource}.${attributes.group}` : attributes.resource
      if (graphResources.has(resource)) return readReferenced(node, references.get(node), attributes)
      if (resource === 'serviceaccounts') return tokenOf(node, references.get(node), attributes)
      const verbs = nodeRules[attributes.subresource ? `${resource}/${attributes.subresource}` : resource]
      if (!verbs?.includes(attributes.verb)) return refused('')
      return ownNameOnly.has(resource) && attributes.name !== '' && attributes.name !== node
        ? refused(`node ${JSON.stringify(node)} may only use its own ${attributes.resource}`)
        : allowed
    },
    close: () => unsubscribe(),
  }
}

const allowed = { allowed: true, reason: '' } as const
const refused = (reason: string) => ({ allowed: false, reason })

const unrelated = (node: string) => refused(`no relationship found between node '${node}' and this object`)

const graphResources = new Set(['secrets', 'configmaps'])
const ownNameOnly = new Set(['leases.coordination.k8s.io'])

/** Upstream's rules of the node role, without what the graph decides. Changes of foreign objects are NodeRestriction's. */
const nodeRules: Readonly<Record<string, readonly string[]>> = {
  services: ['get', 'list', 'watch'],
  nodes: ['create', 'get', 'list', 'watch', 'update', 'patch'],
  'nodes/status': ['update', 'patch'],
  events: ['create', 'update', 'patch'],
  'events.events.k8s.io': ['create', 'update', 'patch'],
  pods: ['get', 'list', 'watch', 'create', 'delete'],
  'pods/status': ['update', 'patch'],
  'pods/eviction': ['create'],
  'endpointslices.discovery.k8s.io': ['get', 'list', 'watch'],
  endpoints: ['get', 'list', 'watch'],
  namespaces: ['get', 'list', 'watch'],
  'leases.coordination.k8s.io': ['create', 'get', 'update', 'patch', 'delete'],
  'tokenreviews.authentication.k8s.io': ['create'],
  'subjectaccessreviews.authorization.k8s.io': ['create'],
  'localsubjectaccessreviews.authorization.k8s.io': ['create'],
  'certificatesigningrequests.certificates.k8s.io': ['create', 'get', 'list', 'watch'],
  'runtimeclasses.node.k8s.io': ['get', 'list', 'watch'],
}

/** Single objects only: a list or watch must name one by a field selector, which the request's attributes carry as its name. */
function readReferenced(node: string, references: ReadonlyMap<string, number> | undefined, attributes: RequestAttributes) {
  const { verb, resource, namespace, name } = attributes
  if (!['get', 'list', 'watch'].includes(verb)) return refused(`can only read resources of this type`)
  if (name === '') return refused('No Object name found')
  if (references?.has(`${resource}/${namespace}/${name}`)) return allowed
  return unrelated(node)
}

function tokenOf(
  node: string,
  references: ReadonlyMap<string, number> | undefined,
  { verb, subresource, namespace, name }: RequestAttributes,
) {
  const mayRead = subresource === '' && verb === 'get'
  const mayRequest = subresource === 'token' && verb === 'create'
  if (!mayRead && !mayRequest) return refused('')
  return references?.has(`serviceaccounts/${namespace}/${name}`) ? allowed : unrelated(node)
}

/** Everything outside itself that a pod needs its node to read. */
export function referencesOf(pod: Pod): Set<string> {
  const namespace = pod.metadata.namespace ?? ''
  const keys = new Set<string>()
  const add = (resource: string, name: string | undefined) => name && keys.add(`${resource}/${namespace}/${name}`)
  add('serviceaccounts', pod.spec?.serviceAccountName)
  for (const reference of pod.spec?.imagePullSecrets ?? []) add('secrets', reference.name)
  for (const volume of pod.spec?.volumes ?? []) addVolume(volume, add)
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? []), ...(pod.spec?.ephemeralContainers ?? [])]
  for (const container of containers) {
    for (const source of container.envFrom ?? []) {
      add('configmaps', source.configMapRef?.name)
      add('secrets', source.secretRef?.name)
    }
    for (const variable of container.env ?? []) {
      add('configmaps', variable.valueFrom?.configMapKeyRef?.name)
      add('secrets', variable.valueFrom?.secretKeyRef?.name)
    }
  }
  return keys
}

function addVolume(volume: Volume, add: (resource: string, name: string | undefined) => void): void {
  add('configmaps', volume.configMap?.name)
  add('secrets', volume.secret?.secretName)
  for (const source of volume.projected?.sources ?? []) {
    add('configmaps', source.configMap?.name)
    add('secrets', source.secret?.name)
  }
  // Drivers get their credentials from Secrets beside the pod.
  const references = [
    volume.csi?.nodePublishSecretRef,
    volume.cephfs?.secretRef,
    volume.flexVolume?.secretRef,
    volume.iscsi?.secretRef,
    volume.rbd?.secretRef,
  ]
  for (const reference of [...references, volume.scaleIO?.secretRef, volume.storageos?.secretRef]) add('secrets', reference?.name)
  add('secrets', volume.azureFile?.secretName)
}
