import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  requiredField,
  tooLongField,
} from '../../../apimachinery/field-error.ts'
import { validateDnsLabel, validateDnsSubdomain, validateQualifiedName } from '../../../apimachinery/names.ts'
import { validateAnnotations, validateLabels } from '../../../apimachinery/object-meta-validation.ts'
import { compareQuantities } from '../../../apimachinery/quantity.ts'
import type { ResourceRequirements } from '../container.ts'
import { aggregateContainerQuantities } from '../pod/requests.ts'
import type { PodResourceClaim, PodSchedulingGate, PodSpec, PodTemplateSpec } from '../pod-spec.ts'
import { validateAffinity } from './affinity.ts'
import { validateAllContainers } from './containers.ts'
import { validateDnsConfig, validateHostAliases } from './dns.ts'
import { validateOperatingSystem } from './operating-system.ts'
import { validatePodAnnotations } from './pod-annotations.ts'
import { validateHostNetworkPorts } from './ports.ts'
import { validateContainerResources, validatePodLevelResources } from './resources.ts'
import { each, inRange, invalid, maximumInt32, oneOf, optionalName, optionalOneOf, requiredName } from './rules.ts'
import { validateHostUsers, validatePodSecurityContext } from './security-context.ts'
import { validateTolerations } from './tolerations.ts'
import { validateTopologySpread } from './topology-spread.ts'
import { validateVolumes } from './volumes.ts'
import { validateHostProcess } from './windows-options.ts'

/** Who the spec belongs to: a pod, with its name where it is known, or a template, which is held to a little less. */
export type PodSpecOwner = { readonly type: 'pod'; readonly name: string } | { readonly type: 'template' }

const template: PodSpecOwner = { type: 'template' }

/** The template of a workload, with `path` as in `spec.template`. */
export function validatePodTemplate(given: PodTemplateSpec, path: string): FieldError[] {
  const { labels, annotations } = given.metadata ?? {}
  const spec = given.spec ?? emptySpec
  const errors = [
    ...(labels ? validateLabels(labels, `${path}.labels`) : []),
    ...(annotations ? validateAnnotations(annotations, `${path}.annotations`) : []),
    ...validatePodAnnotations(annotations, spec, `${path}.annotations`),
    ...validatePodSpec(spec, `${path}.spec`, template),
  ]
  if (spec.ephemeralContainers?.length) {
    errors.push(forbiddenField(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'))
  }
  return errors
}

const emptySpec: PodSpec = { containers: [] }

export function validatePodSpec(spec: PodSpec, path: string, owner: PodSpecOwner = template): FieldError[] {
  const podName = owner.type === 'pod' ? owner.name : ''
  const volumes = validateVolumes(spec.volumes, { podName }, `${path}.volumes`)
  const claimNames = new Set((spec.resourceClaims ?? []).map(claim => claim.name).filter(Boolean))
  const context = { spec, volumes: volumes.valid, claimNames, isPod: owner.type === 'pod' }
  return [
    ...(spec.terminationGracePeriodSeconds === undefined ? [requiredField(`${path}.terminationGracePeriodSeconds`)] : []),
    ...volumes.errors,
    ...validateResourceClaims(spec.resourceClaims, `${path}.resourceClaims`),
    ...validateAllContainers(context, path),
    ...(spec.resources ? validateResourcesOfPod(spec, spec.resources, claimNames, `${path}.resources`) : []),
    ...(spec.hostNetwork ? validateHostNetworkPorts(spec.containers, `${path}.containers`, context.isPod) : []),
    ...oneOf(spec.restartPolicy, `${path}.restartPolicy`, ['Always', 'OnFailure', 'Never']),
    ...oneOf(spec.dnsPolicy, `${path}.dnsPolicy`, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...(spec.nodeSelector ? validateLabels(spec.nodeSelector, `${path}.nodeSelector`) : []),
    ...(spec.securityContext ? validatePodSecurityContext(spec.securityContext, spec, `${path}.securityContext`) : []),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...validateDnsConfig(spec.dnsConfig, spec.dnsPolicy, `${path}.dnsConfig`),
    ...each(spec.readinessGates, `${path}.readinessGates`, ({ conditionType = '' }, at) =>
      invalid(`${at}.conditionType`, conditionType, validateQualifiedName(conditionType)),
    ),
    ...validateSchedulingGates(spec.schedulingGates, `${path}.schedulingGates`),
    ...validateTopologySpread(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
    ...validateHostProcess(spec, path),
    ...validateHostUsers(spec, path),
    ...validateNames(spec, path),
    ...inRange(spec.activeDeadlineSeconds, `${path}.activeDeadlineSeconds`, 1, maximumInt32),
    ...validateTolerations(spec.tolerations, `${path}.tolerations`),
    ...validateHostAliases(spec.hostAliases, `${path}.hostAliases`),
    ...optionalOneOf(spec.preemptionPolicy, `${path}.preemptionPolicy`, ['PreemptLowerPriority', 'Never']),
    ...(spec.overhead ? validateContainerResources({ limits: spec.overhead }, new Set(), `${path}.overhead`) : []),
    ...validateOperatingSystem(spec, path),
  ]
}

function validateNames(spec: PodSpec, path: string): FieldError[] {
  return [
    ...optionalName(spec.serviceAccountName, `${path}.serviceAccountName`, validateDnsSubdomain),
    ...optionalName(spec.nodeName, `${path}.nodeName`, validateDnsSubdomain),
    ...optionalName(spec.hostname, `${path}.hostname`, validateDnsLabel),
    ...optionalName(spec.subdomain, `${path}.subdomain`, validateDnsLabel),
    ...validateHostnameOverride(spec, path),
    ...optionalName(spec.priorityClassName, `${path}.priorityClassName`, validateDnsSubdomain),
    ...(spec.runtimeClassName === undefined
      ? []
      : invalid(`${path}.runtimeClassName`, spec.runtimeClassName, validateDnsSubdomain(spec.runtimeClassName))),
  ]
}

/** The longest name that Linux takes for a host. */
const longestHostname = 64

function validateHostnameOverride(spec: PodSpec, path: string): FieldError[] {
  const { hostnameOverride: name } = spec
  if (name === undefined) return []
  const at = `${path}.hostnameOverride`
  const errors = invalid(at, name, validateDnsSubdomain(name))
  if (name.length > longestHostname) errors.push(tooLongField(at, longestHostname))
  if (spec.hostNetwork) errors.push(forbiddenField(at, 'may not be specified when `hostNetwork` is true'))
  if (spec.setHostnameAsFQDN) errors.push(forbiddenField(at, 'may not be specified when `setHostnameAsFQDN` is true'))
  return errors
}

function validateSchedulingGates(gates: readonly PodSchedulingGate[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>()
  return each(gates, path, ({ name = '' }, at) => {
    const errors = invalid(at, name, validateQualifiedName(name))
    if (seen.has(name)) errors.push(duplicateField(at, name))
    seen.add(name)
    return errors
  })
}

function validateResourceClaims(claims: readonly PodResourceClaim[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>()
  return each(claims, path, (claim, at) => {
    const { name, resourceClaimName, resourceClaimTemplateName } = claim
    const errors = seen.has(name) ? [duplicateField(`${at}.name`, name)] : requiredName(name, `${at}.name`, validateDnsLabel)
    if (name) seen.add(name)
    const given = [resourceClaimName, resourceClaimTemplateName].filter(one => one !== undefined).length
    const fields = '`resourceClaimName`'
    if (given > 1) errors.push(invalidField(at, claim, `at most one of ${fields} or \`resourceClaimTemplateName\` may be specified`))
    if (given === 0) errors.push(invalidField(at, claim, `must specify one of: ${fields}, \`resourceClaimTemplateName\``))
    errors.push(
      ...nameOf(resourceClaimName, `${at}.resourceClaimName`),
      ...nameOf(resourceClaimTemplateName, `${at}.resourceClaimTemplateName`),
    )
    return errors
  })
}

const nameOf = (name: string | undefined, path: string): FieldError[] =>
  name === undefined ? [] : invalid(path, name, validateDnsSubdomain(name))

/** Resources of the pod as a whole cover what its containers ask for together, and no container may exceed them. */
function validateResourcesOfPod(
  spec: PodSpec,
  resources: ResourceRequirements,
  claimNames: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const errors = validatePodLevelResources(resources, claimNames, path)
  const requests = aggregateContainerQuantities(spec, 'requests')
  for (const name in requests) {
    const [asked, given] = [requests[name] as string, resources.requests?.[name]]
    if (given === undefined || compareQuantities(asked, given) <= 0) continue
    const why = `must be greater than or equal to aggregate container requests of ${asked}`
    errors.push(invalidField(`${path}.requests[${name}]`, given, why))
  }
  const limits = each(spec.containers, `${path}.containers`, (container, at) =>
    Object.entries(container.resources?.limits ?? {}).flatMap(([name, limit]) => {
      const most = resources.limits?.[name]
      if (most === undefined || compareQuantities(limit, most) <= 0) return []
      return [invalidField(`${at}[${name}].limits`, limit, `must be less than or equal to pod limits of ${most}`)]
    }),
  )
  return [...errors, ...limits]
}
