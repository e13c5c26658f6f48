import type { Pod } from '../pod.ts'
import type { PodSpec, PodTemplateSpec } from '../pod-spec.ts'
import { mapShared, withDefault, withField } from '../sharing.ts'
import { applyContainerDefaults } from './container-defaults.ts'
import { defaultHostPorts, defaultPodLevelResources, defaultRequestsFromLimits } from './pod-only-defaults.ts'
import { roundQuantities, roundResources } from './resource-defaults.ts'
import { applyVolumeDefaults } from './volume-defaults.ts'

/** The defaults of a pod: those of every pod spec, and some that upstream gives to pods alone, never to templates. */
export const applyPodDefaults = (pod: Pod): Pod => withField(pod, 'spec', applyPodOnlyDefaults(applyPodSpecDefaults(pod.spec ?? emptySpec)))

/** The defaults of the template in a workload. */
export const applyPodTemplateDefaults = (template: PodTemplateSpec): PodTemplateSpec =>
  withField(template, 'spec', applyPodSpecDefaults(template.spec ?? emptySpec))

const emptySpec: PodSpec = { containers: [] }

export function applyPodSpecDefaults(given: PodSpec): PodSpec {
  let spec = withDefault(given, 'restartPolicy', 'Always')
  spec = withDefault(spec, 'dnsPolicy', 'ClusterFirst')
  spec = withDefault(spec, 'schedulerName', 'default-scheduler')
  spec = withField(spec, 'securityContext', spec.securityContext ?? {})
  spec = withField(spec, 'terminationGracePeriodSeconds', spec.terminationGracePeriodSeconds ?? 30)
  spec = withServiceAccountAlias(spec)
  if (spec.resources) spec = withField(spec, 'resources', roundResources(spec.resources))
  if (spec.overhead) spec = withField(spec, 'overhead', roundQuantities(spec.overhead))
  if (spec.volumes) spec = withField(spec, 'volumes', mapShared(spec.volumes, applyVolumeDefaults))
  if (spec.containers) spec = withField(spec, 'containers', mapShared(spec.containers, applyContainerDefaults) ?? [])
  if (spec.initContainers) spec = withField(spec, 'initContainers', mapShared(spec.initContainers, applyContainerDefaults))
  if (spec.ephemeralContainers) spec = withField(spec, 'ephemeralContainers', mapShared(spec.ephemeralContainers, applyContainerDefaults))
  return spec
}

/** `serviceAccount` is the old name of `serviceAccountName`; both are always shown with one value. */
export function withServiceAccountAlias(spec: PodSpec): PodSpec {
  const name = spec.serviceAccountName || spec.serviceAccount
  return name ? withField(withField(spec, 'serviceAccountName', name), 'serviceAccount', name) : spec
}

function applyPodOnlyDefaults(given: PodSpec): PodSpec {
  let spec = withField(given, 'enableServiceLinks', given.enableServiceLinks ?? true)
  spec = defaultRequestsFromLimits(spec)
  spec = defaultPodLevelResources(spec)
  return spec.hostNetwork ? defaultHostPorts(spec) : spec
}
