import { type FieldError, forbiddenField, invalidField, notFoundField } from '../../../apimachinery/field-error.ts'
import type { Container, VolumeDevice, VolumeMount } from '../container.ts'
import type { Volume } from '../volume.ts'
import { validateLocalDescendingPath, validateNoBacksteps } from './paths.ts'
import { each, optionalOneOf, required } from './rules.ts'

/** The valid volumes of the pod by name. */
export type VolumesByName = ReadonlyMap<string, Volume>

export function validateMounts(container: Container, volumes: VolumesByName, path: string): FieldError[] {
  return [
    ...validateVolumeMounts(container, volumes, `${path}.volumeMounts`),
    ...validateVolumeDevices(container, volumes, `${path}.volumeDevices`),
  ]
}

function validateVolumeMounts(container: Container, volumes: VolumesByName, path: string): FieldError[] {
  const devices = container.volumeDevices ?? []
  const mountPaths = new Set<string>()
  return each(container.volumeMounts, path, (mount, at) => {
    const { name = '', mountPath = '' } = mount
    const errors = required(name, `${at}.name`)
    const volume = volumes.get(name)
    if (volume === undefined) errors.push(notFoundField(`${at}.name`, name))
    errors.push(...required(mountPath, `${at}.mountPath`))
    if (mountPaths.has(mountPath)) errors.push(invalidField(`${at}.mountPath`, mountPath, 'must be unique'))
    mountPaths.add(mountPath)
    if (devices.some(device => device.name === name)) {
      errors.push(invalidField(`${at}.name`, name, 'must not already exist in volumeDevices'))
    }
    if (devices.some(device => device.devicePath === mountPath)) {
      errors.push(invalidField(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'))
    }
    errors.push(...validateSubPaths(mount, at, path))
    errors.push(...validatePropagation(mount, container, `${path}.mountPropagation`))
    errors.push(...validateRecursiveReadOnly(mount, `${path}.recursiveReadOnly`))
    return errors
  })
}

// Paths below a list's own path, without an index, are upstream's.
function validateSubPaths(mount: VolumeMount, at: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (mount.subPath) errors.push(...validateLocalDescendingPath(mount.subPath, `${path}.subPath`))
  if (mount.subPathExpr) {
    if (mount.subPath) errors.push(invalidField(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
    errors.push(...validateLocalDescendingPath(mount.subPathExpr, `${path}.subPathExpr`))
  }
  return errors
}

function validatePropagation(mount: VolumeMount, container: Container, path: string): FieldError[] {
  const errors = optionalOneOf(mount.mountPropagation, path, ['Bidirectional', 'HostToContainer', 'None'])
  if (mount.mountPropagation === 'Bidirectional' && !container.securityContext?.privileged) {
    errors.push(forbiddenField(path, 'Bidirectional mount propagation is available only to privileged containers'))
  }
  return errors
}

function validateRecursiveReadOnly(mount: VolumeMount, path: string): FieldError[] {
  const { recursiveReadOnly: mode, mountPropagation = 'None' } = mount
  if (mode !== 'Enabled' && mode !== 'IfPossible') return optionalOneOf(mode, path, ['Disabled', 'Enabled', 'IfPossible'])
  const errors: FieldError[] = []
  if (!mount.readOnly) errors.push(forbiddenField(path, 'may only be specified when readOnly is true'))
  if (mountPropagation !== 'None') {
    errors.push(forbiddenField(path, 'may only be specified when mountPropagation is None or not specified'))
  }
  return errors
}

function validateVolumeDevices(container: Container, volumes: VolumesByName, path: string): FieldError[] {
  const mounts = container.volumeMounts ?? []
  const names = new Set<string>()
  const devicePaths = new Set<string>()
  return each(container.volumeDevices, path, (device: VolumeDevice, at) => {
    const { name = '', devicePath = '' } = device
    const errors = required(name, `${at}.name`)
    const volume = volumes.get(name)
    if (names.has(name)) errors.push(invalidField(`${at}.name`, name, 'must be unique'))
    if (volume === undefined) errors.push(notFoundField(`${at}.name`, name))
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      errors.push(invalidField(`${at}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'))
    }
    errors.push(...required(devicePath, `${at}.devicePath`))
    if (devicePaths.has(devicePath)) errors.push(invalidField(`${at}.devicePath`, devicePath, 'must be unique'))
    if (validateNoBacksteps(devicePath, at).length > 0) {
      errors.push(invalidField(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"))
    } else devicePaths.add(devicePath)
    if (mounts.some(mount => mount.name === name)) errors.push(invalidField(`${at}.name`, name, 'must not already exist in volumeMounts'))
    if (mounts.some(mount => mount.mountPath === devicePath)) {
      errors.push(invalidField(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'))
    }
    if (name) names.add(name)
    return errors
  })
}
