import { duplicateField, type FieldError, forbiddenField, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import { validateDnsLabel, validateDnsSubdomain } from '../../../apimachinery/names.ts'
import type { Volume } from '../volume.ts'
import type { VolumesByName } from './mounts.ts'
import { each, invalid, requiredName } from './rules.ts'
import { legacySources } from './storage-volumes.ts'
import { commonSources, type SourceRules, type VolumeContext } from './volume-sources.ts'

/** Errors of the volumes, and the volumes without any, which mounts may refer to. */
export function validateVolumes(
  volumes: readonly Volume[] | undefined,
  context: VolumeContext,
  path: string,
): { readonly errors: FieldError[]; readonly valid: VolumesByName } {
  const valid = new Map<string, Volume>()
  const created = claimsOfEphemeralVolumes(volumes, context)
  const errors = each(volumes, path, (volume, at) => {
    const found = [...validateSource(volume, at, context), ...requiredName(volume.name, `${at}.name`, validateDnsLabel)]
    if (valid.has(volume.name)) found.push(duplicateField(`${at}.name`, volume.name))
    if (found.length === 0) valid.set(volume.name, volume)
    const claimName = volume.persistentVolumeClaim?.claimName
    if (claimName !== undefined && created.has(claimName)) {
      const why = 'must not reference a PVC that gets created for an ephemeral volume'
      found.push(invalidField(`${at}.persistentVolumeClaim.claimName`, claimName, why))
    }
    return found
  })
  return { errors, valid }
}

// Of two sources of one volume, the one that comes later here is called the one too many.
const sources: SourceRules = { ...commonSources, ...legacySources }

function validateSource(volume: Volume, path: string, context: VolumeContext): FieldError[] {
  const errors: FieldError[] = []
  let found = false
  for (const key in sources) {
    const name = key as keyof SourceRules
    if (volume[name] === undefined) continue
    if (found) errors.push(forbiddenField(`${path}.${name}`, 'may not specify more than 1 volume type'))
    else
      errors.push(
        ...(sources[name] as (volume: Volume, path: string, context: VolumeContext) => FieldError[])(volume, `${path}.${name}`, context),
      )
    found = true
  }
  if (!found) errors.push(requiredField(path, 'must specify a volume type'))
  return [...errors, ...validateNamesMadeOfVolume(volume, path, context)]
}

function validateNamesMadeOfVolume(volume: Volume, path: string, { podName }: VolumeContext): FieldError[] {
  const errors: FieldError[] = []
  if (volume.ephemeral && podName && volume.name) {
    const claimName = `${podName}-${volume.name}`
    const messages = validateDnsSubdomain(claimName).map(message => `PVC name "${claimName}": ${message}`)
    errors.push(...invalid(`${path}.name`, volume.name, messages))
  }
  if (volume.iscsi?.initiatorName !== undefined && `${volume.name}:${volume.iscsi.targetPortal}`.length > 64) {
    const why = 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'
    errors.push(invalidField(`${path}.name`, volume.name, why))
  }
  return errors
}

const claimsOfEphemeralVolumes = (volumes: readonly Volume[] | undefined, { podName }: VolumeContext): ReadonlySet<string> =>
  new Set(podName ? (volumes ?? []).filter(volume => volume.ephemeral).map(volume => `${podName}-${volume.name}`) : [])
