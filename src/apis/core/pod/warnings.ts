import { validateDnsLabel } from '../../../apimachinery/names.ts'
import { parseQuantity } from '../../../apimachinery/quantity.ts'
import type { Container } from '../container.ts'
import { deprecatedNodeLabels, deprecatedVolumeSources } from '../deprecations.ts'
import type { Pod } from '../pod.ts'
import type { PodSpec, PodTemplateSpec } from '../pod-spec.ts'
import type { PodAffinity } from '../scheduling-terms.ts'
import type { Volume } from '../volume.ts'

/** What is accepted, but likely not meant: texts of Warning headers. Updates of pods are the system's own, and go unwarned. */
export function podWarnings(pod: Pod, old: Pod | undefined): string[] {
  if (old !== undefined) return []
  return [...nameWarnings(pod.metadata.name, "the Pod's hostname"), ...(pod.spec ? podSpecWarnings(pod.spec, 'spec') : [])]
}

interface Workload {
  readonly metadata: { readonly name?: string; readonly generation?: number }
}

/**
 * Warnings about an object whose pods are called after it. An update is warned of only where it changes what is asked for,
 * so that labelling an object does not repeat them.
 */
export function workloadWarnings<T extends Workload>(object: T, old: T | undefined, template: PodTemplateSpec | undefined): string[] {
  if (old === undefined) return [...workloadNameWarnings(object.metadata.name), ...templateWarnings(template, 'spec.template')]
  return object.metadata.generation === old.metadata.generation ? [] : templateWarnings(template, 'spec.template')
}

/** For kinds whose pods bear their name in front. */
export const workloadNameWarnings = (name: string | undefined): string[] => nameWarnings(name, 'Pod names and hostnames')

function nameWarnings(name: string | undefined, use: string): string[] {
  const problems = name === undefined ? [] : validateDnsLabel(name)
  if (problems.length === 0) return []
  const consequence = `this is used in ${use}, which can result in surprising behavior; a DNS label is recommended`
  return [`metadata.name: ${consequence}: [${problems.join(' ')}]`]
}

export const templateWarnings = (template: PodTemplateSpec | undefined, path: string): string[] =>
  template?.spec ? podSpecWarnings(template.spec, `${path}.spec`) : []

/** The same for the spec of a template, at `path`. */
export function podSpecWarnings(spec: PodSpec, path: string): string[] {
  const containers = [
    ...withPaths(spec.initContainers, `${path}.initContainers`),
    ...withPaths(spec.containers, `${path}.containers`),
    ...withPaths(spec.ephemeralContainers, `${path}.ephemeralContainers`),
  ]
  return [
    ...nodeLabelWarnings(spec, path),
    ...spreadWarnings(spec, path),
    ...(spec.volumes ?? []).flatMap((volume, index) => volumeWarnings(volume, `${path}.volumes[${index}]`)),
    ...pullSecretWarnings(spec, path),
    ...containers.flatMap(([container, at]) => containerWarnings(container, at)),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
  ]
}

const withPaths = <T>(items: readonly T[] | undefined, path: string): (readonly [T, string])[] =>
  (items ?? []).map((item, index) => [item, `${path}[${index}]`])

const labelWarning = (key: string, path: string): string[] =>
  Object.hasOwn(deprecatedNodeLabels, key) ? [`${path}: ${deprecatedNodeLabels[key]}`] : []

function nodeLabelWarnings(spec: PodSpec, path: string): string[] {
  const nodeAffinity = spec.affinity?.nodeAffinity
  const affinityPath = `${path}.affinity.nodeAffinity`
  const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const terms = [
    ...withPaths(required, `${affinityPath}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`),
    ...withPaths(
      nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution,
      `${affinityPath}.preferredDuringSchedulingIgnoredDuringExecution`,
    ).map(([{ preference }, at]) => [preference ?? {}, `${at}.preference`] as const),
  ]
  return [
    ...Object.keys(spec.nodeSelector ?? {}).flatMap(key => labelWarning(key, `${path}.nodeSelector[${key}]`)),
    ...terms.flatMap(([term, at]) =>
      withPaths(term.matchExpressions, `${at}.matchExpressions`).flatMap(([{ key }, keyAt]) => labelWarning(key, `${keyAt}.key`)),
    ),
    ...(spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey }, index) =>
      labelWarning(topologyKey, `${path}.topologySpreadConstraints[${index}].topologyKey`),
    ),
  ]
}

const matchesNothing = 'a null labelSelector results in matching no pod'

function spreadWarnings(spec: PodSpec, path: string): string[] {
  const constraints = withPaths(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`)
  return [
    ...constraints.flatMap(([{ labelSelector }, at]) => (labelSelector ? [] : [`${at}.labelSelector: ${matchesNothing}`])),
    ...affinityWarnings(spec.affinity?.podAffinity, `${path}.affinity.podAffinity`),
    ...affinityWarnings(spec.affinity?.podAntiAffinity, `${path}.affinity.podAntiAffinity`),
  ]
}

function affinityWarnings(affinity: PodAffinity | undefined, path: string): string[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution: preferred } =
    affinity ?? {}
  const terms = [
    ...withPaths(required, `${path}.requiredDuringSchedulingIgnoredDuringExecution`),
    ...withPaths(preferred, `${path}.preferredDuringSchedulingIgnoredDuringExecution`).map(
      ([{ podAffinityTerm }, at]) => [podAffinityTerm, `${at}.podAffinityTerm`] as const,
    ),
  ]
  return terms.flatMap(([term, at]) => (term?.labelSelector ? [] : [`${at}.labelSelector: ${matchesNothing}`]))
}

function volumeWarnings(volume: Volume, path: string): string[] {
  const sources = Object.entries(deprecatedVolumeSources).filter(([name]) => volume[name as keyof Volume] !== undefined)
  return sources.map(([name, why]) => `${path}.${name}: ${why}`)
}

function pullSecretWarnings(spec: PodSpec, path: string): string[] {
  const seen = new Set<string>()
  return (spec.imagePullSecrets ?? []).flatMap(({ name = '' }, index) => {
    const at = `${path}.imagePullSecrets[${index}].name`
    if (name === '') return [`${at}: invalid empty name ""`]
    if (seen.has(name)) return [`${at}: duplicate name "${name}"`]
    seen.add(name)
    return []
  })
}

function containerWarnings(container: Container, path: string): string[] {
  return [...repeatedEnvWarnings(container, path), ...repeatedPortWarnings(container, path), ...fractionWarnings(container, path)]
}

function repeatedEnvWarnings({ env = [] }: Container, path: string): string[] {
  const values = new Map<string, string>()
  return env.flatMap(({ name, value = '', valueFrom }, index) => {
    const before = values.get(name)
    values.set(name, value)
    // A variable made from its own previous value is a common way to extend it.
    if (before === undefined || (valueFrom === undefined && value.includes(`$(${name})`))) return []
    return [`${path}.env[${index}]: hides previous definition of "${name}", which may be dropped when using apply`]
  })
}

function repeatedPortWarnings({ ports = [] }: Container, path: string): string[] {
  const first = new Map<string, number>()
  return ports.flatMap(({ protocol, containerPort, hostPort = 0, hostIP = '' }, index) => {
    const key = `${protocol} ${containerPort} ${hostPort} ${hostIP}`
    const before = first.get(key)
    if (before !== undefined) return [`${path}.ports[${index}]: duplicate port definition with ${path}.ports[${before}]`]
    first.set(key, index)
    return []
  })
}

function fractionWarnings({ resources = {} }: Container, path: string): string[] {
  const wholeResources = ['memory', 'ephemeral-storage']
  return (['limits', 'requests'] as const).flatMap(field =>
    wholeResources.flatMap(name => {
      const quantity = resources[field]?.[name]
      if (quantity === undefined || parseQuantity(quantity).nanos % 1_000_000_000n === 0n) return []
      return [`${path}.resources.${field}[${name}]: fractional byte value "${quantity}" is invalid, must be an integer`]
    }),
  )
}
