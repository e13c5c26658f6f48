import { invalid } from '../../../apimachinery/api-errors.ts'
import { formatFieldError } from '../../../apimachinery/field-error.ts'
import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import type { Namespace } from '../../../apis/core/namespace.ts'
import type { Pod } from '../../../apis/core/pod.ts'
import type { PodTemplateSpec } from '../../../apis/core/pod-spec.ts'
import type { AdmissionRequest, AdmissionStep } from '../../types.ts'
import { refuse } from '../refuse.ts'
import { isAbout, kindOf } from '../requests.ts'
import { isSignificantUpdate } from './changes.ts'
import type { CheckedPod } from './containers.ts'
import { formatViolations, violations } from './evaluate.ts'
import { existingPodWarnings } from './existing-pods.ts'
import { formatLevel, isSameLevel, isStricter, type Policy, readPolicy } from './policy.ts'

/**
 * Holds pods to the level of security that their namespace's labels name: refuses pods, notes and warns of pods and of
 * what makes pods, and warns of pods that are there when a namespace gets stricter. Nobody is exempt.
 */
export const podSecurity: AdmissionStep = {
  name: 'PodSecurity',
  handles: request => (request.operation === 'CREATE' || request.operation === 'UPDATE') && isChecked(request),
  validate(request) {
    if (request.kind.resource === 'namespaces') checkNamespace(request)
    else if (request.kind.resource === 'pods') checkPod(request)
    else checkTemplate(request)
  },
}

const templates = new Set([
  'replicationcontrollers',
  'podtemplates',
  'replicasets',
  'deployments',
  'statefulsets',
  'daemonsets',
  'jobs',
  'cronjobs',
])
const groupsOfTemplates = new Set(['', 'apps', 'batch'])

/** Pods have further subresources that change their spec; of everything else, only the object itself counts. */
const otherPodSubresources = new Set(['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status'])

function isChecked(request: AdmissionRequest): boolean {
  const { kind, subresource } = request
  if (kind.group === '' && kind.resource === 'pods') return !otherPodSubresources.has(subresource)
  if (isAbout(request, '', 'namespaces')) return true
  return subresource === '' && templates.has(kind.resource) && groupsOfTemplates.has(kind.group)
}

function checkNamespace(request: AdmissionRequest): void {
  const namespace = request.object as Namespace
  const old = request.old as Namespace | undefined
  const { policy, errors } = readPolicy(namespace.metadata.labels)
  const before = readPolicy(old?.metadata.labels)
  const isNew = !old || errors.map(formatFieldError).join() !== before.errors.map(formatFieldError).join()
  if (errors.length > 0 && isNew) throw invalid('', 'Namespace', namespace.metadata.name ?? '', errors)
  const [now, then] = [policy.enforce, before.policy.enforce]
  if (!old || now.level === 'privileged' || isSameLevel(now, then)) return
  if (now.version === then.version && !isStricter(now, then)) return
  const { objects, context } = request
  const name = namespace.metadata.name ?? ''
  for (const warning of existingPodWarnings(name, now, objects.list(kindOf(objects, '', 'pods'), name) as readonly Pod[]))
    context.warn(warning)
}

function policyOf({ objects, namespace }: AdmissionRequest): Policy & { readonly error?: string } {
  const found = objects.get(kindOf(objects, '', 'namespaces'), '', namespace)
  const { policy, errors } = readPolicy(found?.metadata.labels)
  return errors.length === 0 ? policy : { ...policy, error: errors.map(formatFieldError).join(', ') }
}

const asksNothing = ({ enforce, audit, warn }: Policy): boolean =>
  enforce.level === 'privileged' && audit.level === 'privileged' && warn.level === 'privileged'

function checkPod(request: AdmissionRequest): void {
  const policy = policyOf(request)
  if (asksNothing(policy)) return
  const pod = request.object as Pod
  if (!pod.spec || (request.old && !isSignificantUpdate(pod, request.old as Pod))) return
  const checked = { metadata: pod.metadata, spec: pod.spec }
  tellAudit(request, policy, checked)
  const { enforce } = policy
  request.context.annotate('pod-security.kubernetes.io/enforce-policy', formatLevel(enforce))
  const found = violations(enforce, checked)
  if (found.length > 0) throw refuse(request, `violates PodSecurity "${formatLevel(enforce)}": ${formatViolations(found)}`)
  warn(request, policy, checked)
}

/** Whoever makes pods is not refused: the pods themselves will be, and their maker says so in its status. */
function checkTemplate(request: AdmissionRequest): void {
  const policy = policyOf(request)
  if (policy.audit.level === 'privileged' && policy.warn.level === 'privileged') return
  const template = templateOf(request.object as KubernetesObject)
  if (!template?.spec) return
  const checked = { metadata: template.metadata ?? {}, spec: template.spec }
  tellAudit(request, policy, checked)
  warn(request, policy, checked)
}

type WithTemplate = KubernetesObject & {
  readonly template?: PodTemplateSpec
  readonly spec?: {
    readonly template?: PodTemplateSpec
    readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplateSpec } }
  }
}

const templateOf = (object: KubernetesObject): PodTemplateSpec | undefined => {
  const { template, spec } = object as WithTemplate
  return template ?? spec?.template ?? spec?.jobTemplate?.spec?.template
}

function tellAudit({ context }: AdmissionRequest, { audit, error }: Policy & { readonly error?: string }, pod: CheckedPod): void {
  if (error) context.annotate('pod-security.kubernetes.io/error', `Failed to parse policy: ${error}`)
  const found = violations(audit, pod)
  if (found.length === 0) return
  context.annotate(
    'pod-security.kubernetes.io/audit-violations',
    `would violate PodSecurity "${formatLevel(audit)}": ${formatViolations(found)}`,
  )
}

function warn({ context }: AdmissionRequest, { warn: level }: Policy, pod: CheckedPod): void {
  const found = violations(level, pod)
  if (found.length > 0) context.warn(`would violate PodSecurity "${formatLevel(level)}": ${formatViolations(found)}`)
}
