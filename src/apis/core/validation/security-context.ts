import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  requiredField,
  tooLongField,
} from '../../../apimachinery/field-error.ts'
import type { AppArmorProfile, SeccompProfile, SecurityContext } from '../container.ts'
import type { PodSecurityContext, PodSpec, Sysctl } from '../pod-spec.ts'
import { validateLocalDescendingPath } from './paths.ts'
import { byteLength, each, oneOf, optionalOneOf, validId } from './rules.ts'
import { validateWindowsOptions } from './windows-options.ts'

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']

/** The security context of a container; `hostUsers` says that the pod shares the host's user namespace. */
export function validateSecurityContext(context: SecurityContext, hostUsers: boolean, path: string): FieldError[] {
  const errors = [
    ...validId(context.runAsUser, `${path}.runAsUser`),
    ...validId(context.runAsGroup, `${path}.runAsGroup`),
    ...optionalOneOf(context.procMount, `${path}.procMount`, ['Default', 'Unmasked']),
  ]
  if (hostUsers && context.procMount === 'Unmasked') {
    errors.push(invalidField(`${path}.procMount`, context.procMount, '`hostUsers` must be false to use `Unmasked`'))
  }
  errors.push(...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`))
  errors.push(...validateEscalation(context, path))
  errors.push(...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`))
  return [...errors, ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`)]
}

function validateEscalation(context: SecurityContext, path: string): FieldError[] {
  if (context.allowPrivilegeEscalation !== false) return []
  const errors: FieldError[] = []
  if (context.privileged) {
    errors.push(invalidField(path, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'))
  }
  if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
    errors.push(invalidField(path, context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'))
  }
  return errors
}

/** The security context of a pod, with the fields of the spec that belong to it. */
export function validatePodSecurityContext(context: PodSecurityContext, spec: PodSpec, path: string): FieldError[] {
  const errors = [
    ...validId(context.fsGroup, `${path}.fsGroup`),
    ...validId(context.runAsUser, `${path}.runAsUser`),
    ...validId(context.runAsGroup, `${path}.runAsGroup`),
    ...each(context.supplementalGroups, `${path}.supplementalGroups`, validId),
  ]
  if (spec.shareProcessNamespace && spec.hostPID) {
    errors.push(invalidField(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'))
  }
  return [
    ...errors,
    ...validateSysctls(context.sysctls, spec, `${path}.sysctls`),
    ...optionalOneOf(context.fsGroupChangePolicy, `${path}.fsGroupChangePolicy`, ['Always', 'OnRootMismatch']),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
    ...optionalOneOf(context.supplementalGroupsPolicy, `${path}.supplementalGroupsPolicy`, ['Merge', 'Strict']),
    ...optionalOneOf(context.seLinuxChangePolicy, `${path}.seLinuxChangePolicy`, ['MountOption', 'Recursive']),
  ]
}

/** A pod with users of its own can't share other namespaces with the host. */
export function validateHostUsers(spec: PodSpec, path: string): FieldError[] {
  if (spec.hostUsers !== false) return []
  const why = 'when `pod.Spec.HostUsers` is false'
  return [
    ...(spec.hostNetwork ? [forbiddenField(`${path}.hostNetwork`, why)] : []),
    ...(spec.hostPID ? [forbiddenField(`${path}.HostPID`, why)] : []),
    ...(spec.hostIPC ? [forbiddenField(`${path}.HostIPC`, why)] : []),
  ]
}

const sysctlName = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/
const sysctlNameText = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'

function validateSysctls(sysctls: readonly Sysctl[] | undefined, spec: PodSpec, path: string): FieldError[] {
  const seen = new Set<string>()
  return each(sysctls, path, ({ name = '' }, at) => {
    const errors: FieldError[] = []
    if (!name) errors.push(requiredField(`${at}.name`))
    else if (name.length > 253 || !sysctlName.test(name)) {
      errors.push(invalidField(`${at}.name`, name, `must have at most 253 characters and match regex ${sysctlNameText}`))
    } else if (seen.has(name)) errors.push(duplicateField(`${at}.name`, name))
    seen.add(name)
    const namespace = sysctlNamespace(name)
    if (spec.hostNetwork && namespace === 'net')
      errors.push(invalidField(`${at}.name`, name, "may not be specified when 'hostNetwork' is true"))
    else if (spec.hostIPC && namespace === 'ipc')
      errors.push(invalidField(`${at}.name`, name, "may not be specified when 'hostIPC' is true"))
    return errors
  })
}

/** Which namespace of the kernel a sysctl belongs to, if any. */
function sysctlNamespace(name: string): 'ipc' | 'net' | undefined {
  const dotted = name.replaceAll('/', '.')
  if (dotted === 'kernel.sem' || /^(kernel\.shm|kernel\.msg|fs\.mqueue\.)/.test(dotted)) return 'ipc'
  return dotted.startsWith('net.') ? 'net' : undefined
}

function validateSeccomp(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (profile === undefined) return []
  const { type, localhostProfile } = profile
  const errors = type
    ? oneOf(type, `${path}.type`, profileTypes)
    : [requiredField(`${path}.type`, 'type is required when seccompProfile is set')]
  if (type === 'Localhost') {
    if (localhostProfile === undefined) {
      errors.push(requiredField(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost'))
    } else errors.push(...validateLocalDescendingPath(localhostProfile, `${path}.localhostProfile`))
  } else if (localhostProfile !== undefined) {
    errors.push(invalidField(`${path}.localhostProfile`, profile, 'can only be set when seccomp type is Localhost'))
  }
  return errors
}

const longestPath = 4095

function validateAppArmor(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (profile === undefined) return []
  const { type, localhostProfile } = profile
  const at = `${path}.localhostProfile`
  if (!type) return [requiredField(`${path}.type`, 'type is required when appArmorProfile is set')]
  if (type !== 'Localhost') {
    const errors = oneOf(type, `${path}.type`, profileTypes)
    if (errors.length > 0 || localhostProfile === undefined) return errors
    return [invalidField(at, localhostProfile, 'can only be set when AppArmor type is Localhost')]
  }
  if (!localhostProfile) return [requiredField(at, 'must be set when AppArmor type is Localhost')]
  const errors: FieldError[] = []
  if (localhostProfile.trim() !== localhostProfile) errors.push(invalidField(at, localhostProfile, 'must not be padded with whitespace'))
  if (byteLength(localhostProfile) > longestPath) errors.push(tooLongField(at, longestPath))
  return errors
}
