import type { CallOptions } from '../../../apimachinery/connection.ts'
import { isJsonObject } from '../../../apimachinery/json-value.ts'
import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import type { UserInfo } from '../../../apimachinery/request.ts'
import type { AdmissionRequest } from '../../types.ts'
import { type GroupVersionKind, ownKind } from './form.ts'

/** What a webhook is shown of a request. */
export interface ReviewSubject {
  readonly uid: string
  readonly request: AdmissionRequest
  /** In the version that the webhook wants. */
  readonly kind: GroupVersionKind
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string }
  readonly object: KubernetesObject | undefined
  readonly old: KubernetesObject | undefined
}

const reviewGroup = 'admission.k8s.io'

/** The AdmissionReview that is sent; both of its versions have the same form. */
export function makeReview(version: string, { uid, ...subject }: ReviewSubject): object {
  const { object = null, old = null } = subject
  return {
    kind: 'AdmissionReview',
    apiVersion: `${reviewGroup}/${version}`,
    request: { uid, ...describeRequest(subject), object, oldObject: old },
  }
}

/** A request as webhooks and expressions are told of it, without its objects. */
export function describeRequest({ request, kind, resource }: Omit<ReviewSubject, 'uid'>): Readonly<Record<string, unknown>> {
  const { served, subresource, operation, context } = request
  const { name, namespace } = placeOf(request)
  return {
    kind,
    resource,
    requestKind: ownKind(request, served),
    requestResource: { group: served.group, version: served.version, resource: request.kind.resource },
    ...(subresource && { subResource: subresource, requestSubResource: subresource }),
    ...(name && { name }),
    ...(namespace && { namespace }),
    operation,
    userInfo: describeUser(context.user),
    dryRun: context.dryRun,
    options: describeOptions(request),
  }
}

/** A namespace lies in itself, as far as webhooks are concerned. */
export function placeOf({ kind, name, namespace, object, operation }: AdmissionRequest): { name: string; namespace: string } {
  const ownName = name || (operation === 'CREATE' ? (object?.metadata?.name ?? '') : '')
  return { name: ownName, namespace: kind.group === '' && kind.resource === 'namespaces' ? ownName : namespace }
}

const describeUser = ({ name, uid, groups, extra }: UserInfo): object => ({
  username: name,
  ...(uid && { uid }),
  groups,
  ...(extra && { extra }),
})

const optionsKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const

function describeOptions({ operation, options, context }: AdmissionRequest): object | null {
  if (operation === 'CONNECT') return null
  const given = options as CallOptions
  const kind = { kind: optionsKinds[operation], apiVersion: 'meta.k8s.io/v1', ...(context.dryRun && { dryRun: ['All'] }) }
  if (operation !== 'DELETE') {
    const { fieldManager, fieldValidation } = given
    return { ...kind, ...(fieldManager && { fieldManager }), ...(fieldValidation && { fieldValidation }) }
  }
  const { gracePeriodSeconds, propagationPolicy, preconditions } = given
  return {
    ...kind,
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(propagationPolicy !== undefined && { propagationPolicy }),
    ...(preconditions !== undefined && { preconditions }),
  }
}

/** What a webhook answered, once it is known to be an answer to what it was asked. */
export interface Verdict {
  readonly allowed: boolean
  /** A Status, as far as the webhook gave one. */
  readonly status: Readonly<Record<string, unknown>>
  /** Of a JSON patch; undefined where nothing is to be changed. */
  readonly patch: string | undefined
  readonly auditAnnotations: Readonly<Record<string, string>>
  readonly warnings: readonly string[]
}

/** Throws an error that says why an answer does not count. */
export function readVerdict(answer: unknown, version: string, uid: string, mutating: boolean): Verdict {
  if (!isJsonObject(answer)) throw new Error('webhook response was absent')
  const { response, apiVersion = '', kind = '' } = answer
  if (!isJsonObject(response)) throw new Error('webhook response was absent')
  if (version === 'v1') {
    if (response.uid !== uid) throw new Error(`expected response.uid=${quote(uid)}, got ${quote(response.uid ?? '')}`)
    const wanted = `${reviewGroup}/v1, Kind=AdmissionReview`
    const got = `${apiVersion === '' ? '/' : String(apiVersion)}, Kind=${String(kind)}`
    if (got !== wanted) throw new Error(`expected webhook response of ${wanted}, got ${got}`)
    checkPatchFields(response, mutating)
  }
  const { patchType } = response
  const patch = mutating && typeof response.patch === 'string' && response.patch !== '' ? response.patch : undefined
  if (patch !== undefined && version === 'v1' && patchType !== 'JSONPatch') throw new Error(`unsupported patch type ${quote(patchType)}`)
  return {
    allowed: response.allowed === true,
    status: isJsonObject(response.status) ? response.status : {},
    patch,
    auditAnnotations: textsOf(response.auditAnnotations),
    warnings: Array.isArray(response.warnings) ? response.warnings.filter(one => typeof one === 'string') : [],
  }
}

function checkPatchFields({ patch, patchType }: Readonly<Record<string, unknown>>, mutating: boolean): void {
  const hasPatch = typeof patch === 'string' && patch !== ''
  const hasType = patchType !== undefined && patchType !== null
  if (!mutating) {
    if (hasPatch) throw new Error('validating webhook may not return response.patch')
    if (hasType) throw new Error('validating webhook may not return response.patchType')
    return
  }
  if (hasPatch && !hasType) throw new Error('webhook returned response.patch but not response.patchType')
  if (!hasPatch && hasType) throw new Error('webhook returned response.patchType but not response.patch')
  if (patchType === '') throw new Error('webhook returned invalid response.patchType of ""')
}

const quote = (value: unknown): string => JSON.stringify(value)

function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) return {}
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}
