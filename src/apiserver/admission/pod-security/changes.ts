import type { Pod } from '../../../apis/core/pod.ts'

interface Contained {
  readonly name: string
  readonly image?: string
}

/** Most updates of pods change nothing that a policy is about; those go through even where the pod violates one by now. */
export function isSignificantUpdate(pod: Pod, old: Pod): boolean {
  const containers = (one: Pod): readonly Contained[] => one.spec?.containers ?? []
  const initContainers = (one: Pod): readonly Contained[] => one.spec?.initContainers ?? []
  return (
    pod.metadata.annotations?.[podAnnotation] !== old.metadata.annotations?.[podAnnotation] ||
    differ(containers(pod), containers(old), pod, old) ||
    differ(initContainers(pod), initContainers(old), pod, old) ||
    addsEphemeralContainer(pod, old)
  )
}

const podAnnotation = 'seccomp.security.alpha.kubernetes.io/pod'
const containerAnnotation = 'container.seccomp.security.alpha.kubernetes.io/'

const differ = (containers: readonly Contained[], before: readonly Contained[], pod: Pod, old: Pod): boolean =>
  containers.length !== before.length || containers.some((container, index) => differs(container, before[index], pod, old))

function differs(container: Contained, before: Contained | undefined, pod: Pod, old: Pod): boolean {
  const key = `${containerAnnotation}${container.name}`
  return container.image !== before?.image || pod.metadata.annotations?.[key] !== old.metadata.annotations?.[key]
}

function addsEphemeralContainer(pod: Pod, old: Pod): boolean {
  const before: readonly Contained[] = old.spec?.ephemeralContainers ?? []
  const now: readonly Contained[] = pod.spec?.ephemeralContainers ?? []
  return now.some(container =>
    differs(
      container,
      before.find(one => one.name === container.name),
      pod,
      old,
    ),
  )
}
