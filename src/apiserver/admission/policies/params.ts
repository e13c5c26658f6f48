import type { Kind, ServedVersion } from '../../../apimachinery/kind.ts'
import { type KubernetesObject, parseGroupVersion } from '../../../apimachinery/meta.ts'
import { labelSelectorMatcher } from '../../../apimachinery/selectors.ts'
import type { ParamKind, ParamRef } from '../../../apis/admissionregistration/params.ts'
import type { AdmissionRequest, StoredObjects } from '../../types.ts'

/** Something about a policy or its binding makes it impossible to carry out; its failure policy decides what follows. */
export class ConfigurationProblem extends Error {
  readonly ofPolicy: boolean
  constructor(message: string, ofPolicy = false) {
    super(`failed to configure ${ofPolicy ? 'policy' : 'binding'}: ${message}`)
    this.name = 'ConfigurationProblem'
    this.ofPolicy = ofPolicy
  }
}

/** The parameters that a binding names: the policy is carried out with each of them, and once without any where it names none. */
export async function collectParams(
  request: AdmissionRequest,
  paramKind: ParamKind | undefined,
  paramRef: ParamRef | undefined,
): Promise<readonly (KubernetesObject | undefined)[]> {
  if (!paramKind) return [undefined]
  const found = findKind(request.objects, paramKind)
  if (!found) {
    const { group, version } = parseGroupVersion(paramKind.apiVersion ?? '')
    throw new ConfigurationProblem(`failed to find resource referenced by paramKind: '${group}/${version}, Kind=${paramKind.kind}'`, true)
  }
  if (!paramRef) return [undefined]
  const namespace = paramNamespace(request, found.kind, paramRef)
  const objects = select(request.objects, found.kind, namespace, paramRef)
  if (objects.length === 0 && paramRef.parameterNotFoundAction === 'Deny') {
    throw new ConfigurationProblem('no params found for policy binding with `Deny` parameterNotFoundAction')
  }
  return Promise.all(objects.map(object => show(object, paramKind, found.served)))
}

interface FoundKind {
  readonly kind: Kind
  readonly served: ServedVersion
}

function findKind(objects: StoredObjects, { apiVersion = '', kind: name }: ParamKind): FoundKind | undefined {
  const { group, version } = parseGroupVersion(apiVersion)
  for (const kind of objects.kinds()) {
    if (kind.kind !== name) continue
    const served = kind.served.find(one => one.group === group && one.version === version)
    if (served) return { kind, served }
  }
  return undefined
}

/** That of the request, unless the binding names another one. */
function paramNamespace({ namespace }: AdmissionRequest, kind: Kind, paramRef: ParamRef): string {
  if (kind.scope === 'Cluster') {
    if (!paramRef.namespace) return ''
    throw new ConfigurationProblem('paramRef.namespace must not be provided for a cluster-scoped `paramKind`')
  }
  const chosen = paramRef.namespace || namespace
  if (chosen !== '') return chosen
  throw new ConfigurationProblem('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources')
}

function select(objects: StoredObjects, kind: Kind, namespace: string, { name, selector }: ParamRef): readonly KubernetesObject[] {
  if (name) {
    const object = objects.get(kind, namespace, name)
    return object ? [object] : []
  }
  const labels = labelSelectorMatcher(selector ?? {})
  return objects.list(kind, namespace || undefined).filter(({ metadata }) => labels.matches(metadata.labels))
}

async function show(object: KubernetesObject, { apiVersion, kind }: ParamKind, served: ServedVersion): Promise<KubernetesObject> {
  return { ...(served.fromStored ? await served.fromStored(object) : object), apiVersion, kind }
}
