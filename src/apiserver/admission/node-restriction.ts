import { notFound, type StatusError } from '../../apimachinery/api-errors.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { TokenRequest } from '../../apis/authentication/token-request.ts'
import type { CertificateSigningRequest } from '../../apis/certificates/certificate-signing-request.ts'
import { type CertificateRequest, parseCertificateRequest } from '../../apis/certificates/pkcs10.ts'
import type { Node } from '../../apis/core/node.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { semanticEqual } from '../../apis/core/sharing.ts'
import { nodeNameOf } from '../authorization/index.ts'
import { storedPolicy } from '../authorization/policy.ts'
import { ruleAllows } from '../authorization/rules.ts'
import type { AdmissionRequest, AdmissionStep } from '../types.ts'
import { checkMirrorPodOfNode } from './mirror-pod.ts'
import { forbiddenLabels } from './node-labels.ts'
import { refuse } from './refuse.ts'
import { kindOf } from './requests.ts'

/** What a kubelet may write is about its own node, and about pods that are bound to it; authorization can't see that. */
export const nodeRestriction: AdmissionStep = {
  name: 'NodeRestriction',
  handles: ({ context }) => nodeNameOf(context.user) !== undefined,
  mutate(request) {
    check(request, nodeNameOf(request.context.user) as string)
    return request.object
  },
}

function check(request: AdmissionRequest, node: string): void {
  const { kind } = request
  switch (kind.group ? `${kind.resource}.${kind.group}` : kind.resource) {
    case 'pods':
      return checkPod(request, node)
    case 'nodes':
      return checkNode(request, node)
    case 'serviceaccounts':
      return checkToken(request, node)
    case 'persistentvolumeclaims':
      if (request.subresource !== 'status') throw refuse(request, 'may only update PVC status')
      return
    case 'leases.coordination.k8s.io':
      return checkLease(request, node)
    case 'csinodes.storage.k8s.io':
      if (nameOf(request) !== node) throw refuse(request, 'can only access CSINode with the same name as the requesting node')
      return
    case 'certificatesigningrequests.certificates.k8s.io':
      return checkCertificateRequest(request, node)
    case 'resourceslices.resource.k8s.io':
      if (request.operation === 'CREATE' && (request.object as OfNode).spec?.nodeName !== node)
        throw refuse(request, 'can only create ResourceSlice with the same NodeName as the requesting node')
      return
  }
}

const kubeletSigners = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet']

/** A node asks for certificates of its own name only; what else they may say, their signer checks. */
function checkCertificateRequest(request: AdmissionRequest, node: string): void {
  if (request.operation !== 'CREATE' || request.subresource !== '') return
  const { spec } = request.object as CertificateSigningRequest
  if (!spec || !kubeletSigners.includes(spec.signerName)) return
  const { commonName } = readRequest(request, spec.request)
  if (commonName !== `system:node:${node}`) throw refuse(request, `can only create a node CSR with CN=system:node:${node}`)
}

function readRequest(request: AdmissionRequest, pem: string): CertificateRequest {
  try {
    return parseCertificateRequest(Buffer.from(pem, 'base64').toString('latin1'))
  } catch (error) {
    throw refuse(request, `unable to parse csr: ${(error as Error).message}`)
  }
}

interface OfNode extends KubernetesObject {
  readonly spec?: { readonly nodeName?: string }
}

const nameOf = ({ name, object }: AdmissionRequest): string => name || (object?.metadata.name ?? '')
const quoted = (node: string) => `node ${JSON.stringify(node)}`

function checkPod(request: AdmissionRequest, node: string): void {
  const { subresource, operation } = request
  switch (subresource) {
    case '':
      if (operation === 'CREATE') return checkMirrorPodOfNode(request, node)
      if (operation === 'DELETE')
        return checkBound(request, node, request.old, `${quoted(node)} can only delete pods with spec.nodeName set to itself`)
      throw refuse(request, `unexpected operation ${JSON.stringify(operation)}, ${quoted(node)} can only create and delete mirror pods`)
    case 'status':
      return checkPodStatus(request, node)
    case 'eviction':
      return checkBound(
        request,
        node,
        request.old ?? storedPod(request, request.name),
        `node ${node} can only evict pods with spec.nodeName set to itself`,
      )
    default:
      throw refuse(request, `unexpected pod subresource ${JSON.stringify(subresource)}, only 'status' and 'eviction' are allowed`)
  }
}

function checkBound(request: AdmissionRequest, node: string, pod: KubernetesObject | undefined, message: string): void {
  if ((pod as Pod | undefined)?.spec?.nodeName !== node) throw refuse(request, message)
}

function checkPodStatus(request: AdmissionRequest, node: string): void {
  const { object, old } = request
  checkBound(request, node, old, `${quoted(node)} can only update pod status for pods with spec.nodeName set to itself`)
  if (!semanticEqual(object?.metadata.labels ?? {}, old?.metadata.labels ?? {}))
    throw refuse(request, `${quoted(node)} cannot update labels through pod status`)
  if (!semanticEqual((object as Pod).status?.resourceClaimStatuses, (old as Pod).status?.resourceClaimStatuses))
    throw refuse(request, `${quoted(node)} cannot update resource claim statues`)
}

function storedPod({ objects, namespace }: AdmissionRequest, name: string): Pod {
  const pod = objects.get(kindOf(objects, '', 'pods'), namespace, name)
  if (!pod) throw notFound({ group: '', resource: 'pods' }, name)
  return pod as Pod
}

/** A node must not steer pods to itself: neither by labels that say what it is trusted with, nor by taking taints off. */
function checkNode(request: AdmissionRequest, node: string): void {
  const name = nameOf(request)
  if (name !== node) throw refuse(request, `${quoted(node)} is not allowed to modify node ${JSON.stringify(name)}`)
  if (request.operation === 'DELETE') return
  const object = request.object as Node
  const old = request.old as Node | undefined
  const labels = forbiddenLabels(object.metadata.labels, old?.metadata.labels)
  const source = object.spec?.configSource
  if (!old) {
    if (source) throw refuse(request, `${quoted(node)} is not allowed to create pods with a non-nil configSource`)
    if (labels.length > 0) throw refuse(request, `${quoted(node)} is not allowed to set the following labels: ${labels.join(', ')}`)
    return
  }
  if (source && !semanticEqual(source, old.spec?.configSource))
    throw refuse(request, `${quoted(node)} is not allowed to update configSource to a new non-nil configSource`)
  if (!semanticEqual(object.spec?.taints, old.spec?.taints)) throw refuse(request, `${quoted(node)} is not allowed to modify taints`)
  if (labels.length > 0) throw refuse(request, `is not allowed to modify labels: ${labels.join(', ')}`)
}

/** Tokens only for pods that run here, and for as long as they do. */
function checkToken(request: AdmissionRequest, node: string): void {
  if (request.operation !== 'CREATE' || request.subresource !== 'token') return
  const { apiVersion, kind, name, uid } = (request.object as TokenRequest).spec?.boundObjectRef ?? {}
  if (apiVersion !== 'v1' || kind !== 'Pod' || !name) throw refuse(request, 'node requested token not bound to a pod')
  if (!uid) throw refuse(request, 'node requested token with a pod binding without a uid')
  const pod = storedPod(request, name)
  if (uid !== pod.metadata.uid) throw mismatch(request, uid)
  checkBound(request, node, pod, 'node requested token bound to a pod scheduled on a different node')
  checkAudience(request, pod)
}

/** Only for those whom the pod's volumes or its drivers address, or whom RBAC grants; the empty audience is the API server. */
function checkAudience(request: AdmissionRequest, pod: Pod): void {
  const { audiences = [] } = (request.object as TokenRequest).spec ?? {}
  if (audiences.length > 1) throw refuse(request, 'node may only request 0 or 1 audiences')
  const [audience = ''] = audiences
  if (audiencesOf(request, pod).has(audience)) return
  const asked = { verb: 'request-serviceaccounts-token-audience', resource: audience, name: request.name, namespace: request.namespace }
  const attributes = { ...asked, path: '', isResourceRequest: true, group: '', version: '', subresource: '' }
  const rules = storedPolicy(request.objects).rulesOf(request.context.user, request.namespace)
  if (rules.some(rule => ruleAllows(rule, attributes))) return
  const { name } = request.context.user
  throw refuse(
    request,
    `audience ${JSON.stringify(audience)} not found in pod spec volume, ${name} is not authorized to request tokens for this audience`,
  )
}

function audiencesOf({ objects }: AdmissionRequest, pod: Pod): ReadonlySet<string> {
  const audiences = new Set<string>()
  const drivers = objects.kind('storage.k8s.io', 'csidrivers')
  for (const volume of pod.spec?.volumes ?? []) {
    for (const { serviceAccountToken } of volume.projected?.sources ?? []) {
      if (serviceAccountToken) audiences.add(serviceAccountToken.audience ?? '')
    }
    const driver = volume.csi && drivers && (objects.get(drivers, '', volume.csi.driver) as WithTokenRequests | undefined)
    for (const { audience } of driver?.spec?.tokenRequests ?? []) audiences.add(audience)
  }
  return audiences
}

interface WithTokenRequests extends KubernetesObject {
  readonly spec?: { readonly tokenRequests?: readonly { readonly audience: string }[] }
}

const mismatch = (request: AdmissionRequest, uid: string): StatusError =>
  refuse(
    request,
    `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
  )

const leaseNamespace = 'kube-node-lease'

function checkLease(request: AdmissionRequest, node: string): void {
  if (request.namespace !== leaseNamespace)
    throw refuse(request, `can only access leases in the ${JSON.stringify(leaseNamespace)} system namespace`)
  if (nameOf(request) !== node) throw refuse(request, 'can only access node lease with the same name as the requesting node')
}
