import { badRequest, conflict, invalid, notFound } from '../../apimachinery/api-errors.ts'
import { invalidField } from '../../apimachinery/field-error.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import {
  applyTokenRequestDefaults,
  type BoundObjectReference,
  type TokenRequest,
  validateTokenRequest,
} from '../../apis/authentication/token-request.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { formatTime } from '../../base/clock.ts'
import type { StoredObjects, SubresourceHandler, SubresourceRequest } from '../types.ts'
import type { TokenContent, TokenIssuer } from './tokens.ts'

/** Upstream's kubelets ask for an hour and a few seconds and mean "as ever": such a token lives a year, but its user is warned after the hour. */
const extendedFrom_s = 3607
const extendedLifetime_s = 365 * 24 * 3600

/** `POST serviceaccounts/NAME/token` */
export function tokenRequestHandler(issuer: TokenIssuer): SubresourceHandler {
  return {
    async handle(request) {
      const { namespace, name, objects, body, context } = request
      if (!body) throw badRequest('token request: a TokenRequest is needed as the body')
      const serviceAccount = objects.get(request.kind, namespace, name)
      if (!serviceAccount) throw notFound({ group: '', resource: 'serviceaccounts' }, name)
      const asked = applyTokenRequestDefaults(body as TokenRequest)
      const errors = validateTokenRequest(asked)
      if (errors.length) throw invalid('authentication.k8s.io', 'TokenRequest', '', errors)
      const audiences = asked.spec?.audiences?.length ? asked.spec.audiences : issuer.audiences
      const seconds = asked.spec?.expirationSeconds ?? 3600
      const isExtended =
        seconds === extendedFrom_s &&
        audiences.every(audience => issuer.audiences.includes(audience)) &&
        asked.spec?.boundObjectRef?.kind === 'Pod'
      const content: TokenContent = {
        namespace,
        serviceAccount: { name, uid: serviceAccount.metadata.uid ?? '' },
        audiences,
        lifetime_s: isExtended ? extendedLifetime_s : seconds,
        ...(isExtended && { warnAfter_s: seconds }),
        ...boundTo(asked.spec?.boundObjectRef, request),
      }
      // A dry run shows the answer's form without a token that works.
      const { token, expiresAt_ms } = context.dryRun ? { token: '', expiresAt_ms: 0 } : issuer.issue(content)
      const spec = { ...asked.spec, audiences, expirationSeconds: seconds }
      const metadata = { ...body.metadata, name, namespace }
      return {
        object: { ...body, metadata, spec, status: { token, expirationTimestamp: formatTime(expiresAt_ms) } } as KubernetesObject,
        code: 201,
      }
    },
  }
}

/** The token ends with the object that it is bound to, which must exist and be the one that was meant. */
function boundTo(reference: BoundObjectReference | undefined, request: SubresourceRequest): Partial<TokenContent> {
  if (!reference) return {}
  const { name = '', kind } = reference
  const { objects } = request
  switch (`${reference.apiVersion ?? 'v1'}/${kind}`) {
    case 'v1/Pod': {
      const pod = find(objects, 'pods', request.namespace, reference) as Pod
      if ((pod.spec?.serviceAccountName ?? '') !== request.name)
        throw badRequest(
          `cannot bind token for serviceaccount ${JSON.stringify(request.name)} to pod running with different serviceaccount name.`,
        )
      return { boundTo: { kind: 'Pod', name, uid: uidOf(pod) }, ...nodeOf(pod, objects) }
    }
    case 'v1/Secret':
      return { boundTo: { kind: 'Secret', name, uid: uidOf(find(objects, 'secrets', request.namespace, reference)) } }
    case 'v1/Node':
      return { boundTo: { kind: 'Node', name, uid: uidOf(find(objects, 'nodes', '', reference)) } }
    default:
      throw invalid('authentication.k8s.io', 'TokenRequest', '', [
        invalidField('spec.boundObjectRef.kind', kind ?? '', 'supported values: "Node", "Pod", "Secret"'),
      ])
  }
}

function find(objects: StoredObjects, resource: string, namespace: string, reference: BoundObjectReference): KubernetesObject {
  const kind = objects.kind('', resource)
  const name = reference.name ?? ''
  const object = kind && objects.get(kind, namespace, name)
  if (!object) throw notFound({ group: '', resource }, name)
  if (reference.uid && reference.uid !== object.metadata.uid)
    throw conflict(
      { group: '', resource },
      name,
      `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  return object
}

function nodeOf(pod: Pod, objects: StoredObjects): Partial<TokenContent> {
  const name = pod.spec?.nodeName
  if (!name) return {}
  const kind = objects.kind('', 'nodes')
  const uid = kind && objects.get(kind, '', name)?.metadata.uid
  return { node: { name, ...(uid && { uid }) } }
}

const uidOf = (object: KubernetesObject) => object.metadata.uid ?? ''
