import { type FieldError, forbiddenField, invalidField, requiredField, tooLongField } from '../../../apimachinery/field-error.ts'
import { validateDnsSubdomain } from '../../../apimachinery/names.ts'
import { compareQuantities } from '../../../apimachinery/quantity.ts'
import type { Volume } from '../volume.ts'
import { validateClaimTemplate } from './claim-template.ts'
import { validateKeyToPath } from './key-to-path.ts'
import { validateNoBacksteps } from './paths.ts'
import { validateDownwardItems, validateProjected } from './projected-volume.ts'
import { each, fileMode, invalid, optionalOneOf, required } from './rules.ts'

export interface VolumeContext {
  /** Empty in templates and for pods whose name is generated. */
  readonly podName: string
}

export type SourceName = Exclude<keyof Volume, 'name'>
type SourceRule = (volume: Volume, path: string, context: VolumeContext) => FieldError[]
export type SourceRules = Readonly<Partial<Record<SourceName, SourceRule>>>

/** Makes a rule of one source out of a rule of its value. */
export const source =
  <K extends SourceName>(name: K, rule: (value: NonNullable<Volume[K]>, path: string) => FieldError[]): SourceRule =>
  (volume, path) =>
    rule(volume[name] as NonNullable<Volume[K]>, path)

/** Sources that are in use today. */
export const commonSources: SourceRules = {
  emptyDir: source('emptyDir', ({ sizeLimit }, path) =>
    sizeLimit !== undefined && compareQuantities(sizeLimit, '0') < 0
      ? [forbiddenField(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
      : [],
  ),
  hostPath: source('hostPath', (hostPath, path) =>
    hostPath.path
      ? [...validateNoBacksteps(hostPath.path, `${path}.path`), ...optionalOneOf(hostPath.type, `${path}.type`, hostPathTypes)]
      : [requiredField(`${path}.path`)],
  ),
  secret: source('secret', ({ secretName, defaultMode, items }, path) => [
    ...required(secretName, `${path}.secretName`),
    ...fileMode(defaultMode, `${path}.defaultMode`),
    ...each(items, `${path}.items`, validateKeyToPath),
  ]),
  configMap: source('configMap', ({ name, defaultMode, items }, path) => [
    ...required(name, `${path}.name`),
    ...fileMode(defaultMode, `${path}.defaultMode`),
    ...each(items, `${path}.items`, validateKeyToPath),
  ]),
  persistentVolumeClaim: source('persistentVolumeClaim', ({ claimName }, path) => required(claimName, `${path}.claimName`)),
  downwardAPI: source('downwardAPI', ({ defaultMode, items }, path) => [
    ...fileMode(defaultMode, `${path}.defaultMode`),
    ...validateDownwardItems(items, path),
  ]),
  projected: source('projected', validateProjected),
  nfs: source('nfs', ({ server, path: exported = '' }, path) => {
    const errors = [...required(server, `${path}.server`), ...required(exported, `${path}.path`)]
    return exported.startsWith('/') ? errors : [...errors, invalidField(`${path}.path`, exported, 'must be an absolute path')]
  }),
  csi: source('csi', ({ driver, nodePublishSecretRef: secret }, path) => [
    ...validateDriverName(driver ?? '', `${path}.driver`),
    ...(secret ? required(secret.name, `${path}.nodePublishSecretRef.name`) : []),
    ...(secret?.name ? invalid(`${path}.name`, secret.name, validateDnsSubdomain(secret.name)) : []),
  ]),
  ephemeral: source('ephemeral', ({ volumeClaimTemplate: template }, path) =>
    template ? validateClaimTemplate(template, `${path}.volumeClaimTemplate`) : [requiredField(`${path}.volumeClaimTemplate`)],
  ),
  image: source('image', ({ reference, pullPolicy }, path) => [
    ...required(reference, `${path}.reference`),
    ...optionalOneOf(pullPolicy, `${path}.pullPolicy`, ['Always', 'IfNotPresent', 'Never']),
  ]),
}

const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']

export function validateDriverName(name: string, path: string): FieldError[] {
  const errors = required(name, path)
  if (name.length > 63) errors.push(tooLongField(path, 63))
  return [...errors, ...invalid(path, name, validateDnsSubdomain(name.toLowerCase()))]
}
