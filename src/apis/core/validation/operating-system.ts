import { type FieldError, forbiddenField, requiredField, unsupportedField } from '../../../apimachinery/field-error.ts'
import type { PodSpec } from '../pod-spec.ts'
import { each, forbidFields, isSet } from './rules.ts'

/** A pod that names its operating system must not ask for what that system does not have. */
export function validateOperatingSystem(spec: PodSpec, path: string): FieldError[] {
  if (spec.os === undefined) return []
  const { name } = spec.os
  if (!name) return [requiredField(`${path}.os.name`, 'cannot be empty')]
  if (name === 'linux') return validateLinuxPod(spec, path)
  if (name === 'windows') return validateWindowsPod(spec, path)
  return [unsupportedField(`${path}.os`, name, ['linux', 'windows'])]
}

type Rule = (container: PodSpec['containers'][number], path: string) => FieldError[]

const eachContainer = (spec: PodSpec, path: string, rule: Rule): FieldError[] => [
  ...each(spec.initContainers, `${path}.initContainers`, rule),
  ...each(spec.containers, `${path}.containers`, rule),
  ...each(spec.ephemeralContainers, `${path}.ephemeralContainers`, rule),
]

function validateLinuxPod(spec: PodSpec, path: string): FieldError[] {
  const why = 'windows options cannot be set for a linux pod'
  return [
    ...forbidFields(spec.securityContext, `${path}.securityContext`, ['windowsOptions'], why),
    ...eachContainer(spec, path, (container, at) =>
      forbidFields(container.securityContext, `${at}.securityContext`, ['windowsOptions'], why),
    ),
  ]
}

const linuxOnlyOfPod = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const

const linuxOnlyOfContainer = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const

function validateWindowsPod(spec: PodSpec, path: string): FieldError[] {
  const why = 'cannot be set for a windows pod'
  const flags = (['hostPID', 'hostIPC'] as const).filter(flag => spec[flag])
  const fields = (['hostUsers', 'shareProcessNamespace'] as const).filter(field => isSet(spec[field]))
  return [
    ...forbidFields(spec.securityContext, `${path}.securityContext`, linuxOnlyOfPod, why),
    ...[...flags, ...fields].map(field => forbiddenField(`${path}.${field}`, why)),
    ...eachContainer(spec, path, (container, at) =>
      forbidFields(container.securityContext, `${at}.securityContext`, linuxOnlyOfContainer, why),
    ),
  ]
}
