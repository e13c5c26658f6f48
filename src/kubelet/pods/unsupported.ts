import type { Pod } from '../../apis/core/pod.ts'
import { allContainersOf } from './containers.ts'

/** What the pod asks for and this node can't do. Such a pod waits, with an event that says so, instead of running as something else. */
export function unsupportedFeatures(pod: Pod): string[] {
  const { spec } = pod
  const problems: string[] = []
  if (spec?.hostUsers === false) problems.push('hostUsers: false (user namespaces)')
  if (spec?.runtimeClassName) problems.push(`runtimeClassName ${JSON.stringify(spec.runtimeClassName)}`)
  if (spec?.resourceClaims?.length) problems.push('resourceClaims (dynamic resource allocation)')
  for (const { name, lifecycle, securityContext } of allContainersOf(pod)) {
    if (lifecycle?.stopSignal) problems.push(`lifecycle.stopSignal of container ${name}`)
    if (securityContext?.procMount === 'Unmasked') problems.push(`procMount Unmasked of container ${name}`)
  }
  return problems
}
