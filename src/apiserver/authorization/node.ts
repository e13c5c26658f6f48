import type { RequestAttributes, UserInfo } from '../../apimachinery/request.ts'
import { parseFieldSelector } from '../../apimachinery/selectors.ts'
import type { Authorization, Authorizer } from '../types.ts'
import { createNodeGraph, type NodeGraph, type NodeGraphViews } from './node-graph.ts'

/**
 * What a kubelet may do (user system:node:NAME, group system:nodes): handle its own node, lease and pods, follow services,
 * and read exactly those objects that pods bound to it refer to. Which of its objects it may change further,
 * NodeRestriction says. The reasons are upstream's.
 */
export interface NodeAuthorizer extends Authorizer {
  authorize(user: UserInfo, attributes: RequestAttributes): Authorization
  attach(views: NodeGraphViews): void
  close(): void
}

const nodePrefix = 'system:node:'

/** The node that this user is, or undefined. */
export const nodeNameOf = (user: UserInfo): string | undefined =>
  user.name.startsWith(nodePrefix) && user.groups.includes('system:nodes') ? user.name.slice(nodePrefix.length) : undefined

export function createNodeAuthorizer(): NodeAuthorizer {
  const graph = createNodeGraph()
  return {
    attach: views => graph.attach(views),
    authorize(user, attributes) {
      const node = nodeNameOf(user)
      if (node === undefined || !attributes.isResourceRequest) return noOpinion
      if (node === '') return refused(`unknown node for user ${JSON.stringify(user.name)}`)
      const resource = attributes.group ? `${attributes.resource}.${attributes.group}` : attributes.resource
      const own = decisions[resource]?.({ node, graph, attributes })
      return own ?? byRules(resource, attributes)
    },
    close: () => graph.close(),
  }
}

const allowed: Authorization = { allowed: true, reason: '' }
const refused = (reason: string): Authorization => ({ allowed: false, reason })
const noOpinion = refused('')

interface Question {
  readonly node: string
  readonly graph: NodeGraph
  readonly attributes: RequestAttributes
}

/** Kinds of which a node may see or write a part. Undefined: the rules say. */
type Decide = (question: Question) => Authorization | undefined

const readNamespaced: Decide = question => {
  const { verb, subresource, namespace } = question.attributes
  if (!isReading(verb)) return refused('can only read resources of this type')
  if (subresource) return refused('cannot read subresource')
  if (!namespace) return refused('can only read namespaced object of this type')
  return related(question)
}

const getOnly: Decide = question => {
  const { verb, subresource } = question.attributes
  if (verb !== 'get') return refused(`can only get individual resources of this type`)
  if (subresource) return refused('cannot get subresource')
  return related(question)
}

const claims: Decide = question => {
  const { verb, subresource } = question.attributes
  if (subresource !== 'status') return getOnly(question)
  if (verb !== 'get' && verb !== 'update' && verb !== 'patch') return refused('can only get/update/patch this type')
  return related(question)
}

const accounts: Decide = question => {
  const { verb, subresource, name } = question.attributes
  if (verb === 'get' && subresource === '') return related(question)
  if (verb !== 'create' || subresource !== 'token' || name === '') return refused('can only create tokens for individual service accounts')
  return related(question)
}

const nodes: Decide = ({ node, attributes: { verb, subresource, name } }) => {
  if (subresource !== '' || !isReading(verb) || name === node) return undefined
  const what = name === '' ? 'all nodes' : `'${name}'`
  return refused(`node '${node}' cannot read ${what}, only its own Node object`)
}

const pods: Decide = question => {
  const { node, attributes } = question
  const { verb, subresource, fieldSelector } = attributes
  if (subresource !== '' || !isReading(verb)) return undefined
  if (verb === 'get') return related(question)
  if (selects(fieldSelector, 'spec.nodeName', node)) return allowed
  return attributes.name ? related(question) : refused('can only list/watch pods with spec.nodeName field selector')
}

const leases: Decide = ({ node, attributes: { verb, namespace, name } }) => {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb))
    return refused('can only get, create, update, patch, or delete a node lease')
  if (namespace !== leaseNamespace) return refused(`can only access leases in the ${JSON.stringify(leaseNamespace)} system namespace`)
  // A new object's name is not known yet: admission looks at it.
  if (verb !== 'create' && name !== node) return refused('can only access node lease with the same name as the requesting node')
  return allowed
}
const leaseNamespace = 'kube-node-lease'

const driverNodes: Decide = ({ node, attributes: { verb, subresource, name } }) => {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb))
    return refused('can only get, create, update, patch, or delete a CSINode')
  if (subresource) return refused('cannot authorize CSINode subresources')
  if (verb !== 'create' && name !== node) return refused('can only access CSINode with the same name as the requesting node')
  return allowed
}

const slices: Decide = question => {
  const { node, attributes } = question
  const { verb, subresource, fieldSelector } = attributes
  if (subresource) return refused('cannot authorize ResourceSlice subresources')
  if (verb === 'create') return allowed
  if (verb === 'get' || verb === 'update' || verb === 'patch' || verb === 'delete') return related(question)
  if (verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection')
    return refused(
      'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
    )
  if (selects(fieldSelector, 'spec.nodeName', node)) return allowed
  return refused('can only list/watch/deletecollection resourceslices with nodeName field selector')
}

const decisions: Readonly<Record<string, Decide>> = {
  secrets: readNamespaced,
  configmaps: readNamespaced,
  persistentvolumeclaims: claims,
  persistentvolumes: getOnly,
  'volumeattachments.storage.k8s.io': getOnly,
  'resourceclaims.resource.k8s.io': getOnly,
  'resourceslices.resource.k8s.io': slices,
  serviceaccounts: accounts,
  nodes,
  pods,
  'leases.coordination.k8s.io': leases,
  'csinodes.storage.k8s.io': driverNodes,
}

/** Single objects only: a list or watch must name one by a field selector, which the request's attributes carry as its name. */
function related({ node, graph, attributes }: Question): Authorization {
  const { resource, namespace, name } = attributes
  if (name === '') return refused('No Object name found')
  if (graph.isReferenced(node, resource, namespace, name)) return allowed
  return refused(`no relationship found between node '${node}' and this object`)
}

const isReading = (verb: string): boolean => verb === 'get' || verb === 'list' || verb === 'watch'

function selects(selector: string | undefined, field: string, value: string): boolean {
  if (!selector) return false
  try {
    return parseFieldSelector(selector).some(one => one.field === field && one.operator === '=' && one.value === value)
  } catch {
    // A selector that can't be read selects nothing, and is refused as such later.
    return false
  }
}

function byRules(resource: string, { verb, subresource }: RequestAttributes): Authorization {
  return nodeRules[subresource ? `${resource}/${subresource}` : resource]?.includes(verb) ? allowed : noOpinion
}

/**
 * Upstream's rules of the node role, without what is decided above, and what this program's node agent reads for its
 * service proxy and DNS. Changes of foreign objects are NodeRestriction's.
 */
const nodeRules: Readonly<Record<string, readonly string[]>> = {
  services: ['get', 'list', 'watch'],
  nodes: ['create', 'get', 'list', 'watch', 'update', 'patch'],
  'nodes/status': ['update', 'patch'],
  events: ['create', 'update', 'patch'],
  'events.events.k8s.io': ['create', 'update', 'patch'],
  pods: ['create', 'delete'],
  'pods/status': ['update', 'patch'],
  'pods/eviction': ['create'],
  'endpointslices.discovery.k8s.io': ['get', 'list', 'watch'],
  endpoints: ['get', 'list', 'watch'],
  namespaces: ['get', 'list', 'watch'],
  'csidrivers.storage.k8s.io': ['get', 'list', 'watch'],
  'tokenreviews.authentication.k8s.io': ['create'],
  'subjectaccessreviews.authorization.k8s.io': ['create'],
  'localsubjectaccessreviews.authorization.k8s.io': ['create'],
  'certificatesigningrequests.certificates.k8s.io': ['create', 'get', 'list', 'watch'],
  'runtimeclasses.node.k8s.io': ['get', 'list', 'watch'],
}
