import { type Check, containersNamed, containersOf, plural, quoted, setters, sorted } from './containers.ts'

/** Rules about the profiles that confine processes: seccomp, AppArmor, SELinux. */

const isConfining = (type: string | undefined): boolean => type === 'RuntimeDefault' || type === 'Localhost'

const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod'
const seccompContainer = 'container.seccomp.security.alpha.kubernetes.io/'

/** Before there were fields, annotations chose the profile. */
export const seccompAnnotations: Check = pod => {
  const keys = [seccompPod, ...containersOf(pod).map(({ name }) => `${seccompContainer}${name}`)]
  const isAllowed = (value: string) => value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/')
  const forbidden = keys.flatMap(key => {
    const value = pod.metadata.annotations?.[key]
    return value === undefined || isAllowed(value) ? [] : [`${key}=${JSON.stringify(value)}`]
  })
  if (forbidden.length === 0) return undefined
  const texts = sorted(forbidden)
  return { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', texts.length)} ${texts.join(', ')}` }
}

export const noUnconfinedSeccomp: Check = pod => {
  const isBad = (profile: { readonly type: string } | undefined) => profile !== undefined && !isConfining(profile.type)
  const ofPod = pod.spec.securityContext?.seccompProfile
  const who = setters(pod, isBad(ofPod), ({ securityContext }) => isBad(securityContext?.seccompProfile))
  if (!who) return undefined
  const profiles = [ofPod, ...containersOf(pod).map(({ securityContext }) => securityContext?.seccompProfile)]
  const types = sorted(profiles.flatMap(profile => (profile && isBad(profile) ? [profile.type] : [])))
  return { reason: 'seccompProfile', detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(types)}` }
}

export const seccompRequired: Check = pod => {
  const unconfined = noUnconfinedSeccomp(pod)
  if (unconfined || pod.spec.securityContext?.seccompProfile) return unconfined
  const silent = containersOf(pod).filter(({ securityContext }) => !securityContext?.seccompProfile)
  if (silent.length === 0) return undefined
  const names = containersNamed(silent.map(({ name }) => name))
  return {
    reason: 'seccompProfile',
    detail: `pod or ${names} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  }
}

const appArmorAnnotation = 'container.apparmor.security.beta.kubernetes.io/'

export const appArmorProfile: Check = pod => {
  const isBad = (type: string | undefined) => type !== undefined && !isConfining(type)
  const ofPod = pod.spec.securityContext?.appArmorProfile?.type
  const who = setters(pod, isBad(ofPod), ({ securityContext }) => isBad(securityContext?.appArmorProfile?.type))
  const types = sorted(
    [ofPod, ...containersOf(pod).map(({ securityContext }) => securityContext?.appArmorProfile?.type)].flatMap(type =>
      type !== undefined && isBad(type) ? [type] : [],
    ),
  )
  const annotations = Object.entries(pod.metadata.annotations ?? {})
    .filter(([key, value]) => key.startsWith(appArmorAnnotation) && !isAllowedAnnotation(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort()
  const values = [...types, ...annotations]
  if (values.length === 0) return undefined
  const all = [...(who ? [who] : []), ...(annotations.length > 0 ? [plural('annotation', annotations.length)] : [])].join(' and ')
  return {
    reason: plural('forbidden AppArmor profile', values.length),
    detail: `${all} must not set AppArmor profile type to ${quoted(values)}`,
  }
}

const isAllowedAnnotation = (value: string): boolean => value === '' || value === 'runtime/default' || value.startsWith('localhost/')

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t']

interface SeLinux {
  readonly type?: string
  readonly user?: string
  readonly role?: string
}

export const seLinuxOptions = (version: number): Check => {
  const types = version >= 31 ? [...seLinuxTypes, 'container_engine_t'] : seLinuxTypes
  const isBadType = (options: SeLinux) => !types.includes(options.type ?? '')
  const isBad = (options: SeLinux | undefined) => options !== undefined && (isBadType(options) || !!options.user || !!options.role)
  return pod => {
    const ofPod = pod.spec.securityContext?.seLinuxOptions
    const who = setters(pod, isBad(ofPod), ({ securityContext }) => isBad(securityContext?.seLinuxOptions))
    if (!who) return undefined
    const all = [ofPod, ...containersOf(pod).map(({ securityContext }) => securityContext?.seLinuxOptions)].flatMap(one => one ?? [])
    const bad = sorted(all.filter(isBadType).map(({ type }) => type ?? ''))
    const what = [
      ...(bad.length > 0 ? [`${plural('type', bad.length)} ${quoted(bad)}`] : []),
      ...(all.some(({ user }) => user) ? ['user may not be set'] : []),
      ...(all.some(({ role }) => role) ? ['role may not be set'] : []),
    ]
    return { reason: 'seLinuxOptions', detail: `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}` }
  }
}
