import { type FieldError, forbiddenField, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import { validateDnsLabel, validateDnsSubdomain } from '../../../apimachinery/names.ts'
import type { PersistentVolumeSpec } from '../persistent-volume.ts'
import type { CSIPersistentVolumeSource, ISCSIPersistentVolumeSource, SecretReference } from '../persistent-volume-source.ts'
import type { Volume } from '../volume.ts'
import { validateNoBacksteps } from './paths.ts'
import { invalid, optionalName, required, requiredName } from './rules.ts'
import { legacySources, requiredList, validateIscsiTarget, validateOptions } from './storage-volumes.ts'
import { commonSources, type SourceName, validateDriverName } from './volume-sources.ts'

type SourceRule = (spec: PersistentVolumeSpec, path: string, volumeName: string) => FieldError[]
type SourceKey = keyof PersistentVolumeSpec

/** A source that pods have in the same form. */
const asInPods =
  (name: SourceName & SourceKey): SourceRule =>
  (spec, path) => {
    const rule = commonSources[name] ?? legacySources[name]
    return rule?.({ name: '', [name]: spec[name] } as Volume, path, { podName: '' }) ?? []
  }

const own =
  <K extends SourceKey>(
    name: K,
    rule: (source: NonNullable<PersistentVolumeSpec[K]>, path: string, volumeName: string) => FieldError[],
  ): SourceRule =>
  (spec, path, volumeName) =>
    rule(spec[name] as NonNullable<PersistentVolumeSpec[K]>, path, volumeName)

// Of two sources of one volume, the one that comes later here is called the one too many.
const sources: Readonly<Partial<Record<SourceKey, SourceRule>>> = {
  hostPath: asInPods('hostPath'),
  gcePersistentDisk: asInPods('gcePersistentDisk'),
  awsElasticBlockStore: asInPods('awsElasticBlockStore'),
  glusterfs: own('glusterfs', ({ endpoints, path: brick, endpointsNamespace: namespace }, path) => [
    ...required(endpoints, `${path}.endpoints`),
    ...required(brick, `${path}.path`),
    ...(namespace === undefined ? [] : validateEndpointsNamespace(namespace, `${path}.endpointsNamespace`)),
  ]),
  flocker: asInPods('flocker'),
  nfs: asInPods('nfs'),
  rbd: own('rbd', ({ monitors, image }, path) => [...requiredList(monitors, `${path}.monitors`), ...required(image, `${path}.image`)]),
  quobyte: asInPods('quobyte'),
  cephfs: own('cephfs', ({ monitors }, path) => requiredList(monitors, `${path}.monitors`)),
  iscsi: own('iscsi', validateIscsi),
  cinder: own('cinder', ({ volumeID, secretRef }, path) => [
    ...required(volumeID, `${path}.volumeID`),
    ...bothParts(secretRef, `${path}.secretRef`),
  ]),
  fc: asInPods('fc'),
  flexVolume: own('flexVolume', ({ driver, options }, path) => [
    ...required(driver, `${path}.driver`),
    ...validateOptions(options, `${path}.options`),
  ]),
  azureFile: own('azureFile', ({ secretName, shareName, secretNamespace }, path) => [
    ...required(secretName, `${path}.secretName`),
    ...required(shareName, `${path}.shareName`),
    ...(secretNamespace === '' ? [requiredField(`${path}.secretNamespace`)] : []),
  ]),
  vsphereVolume: asInPods('vsphereVolume'),
  photonPersistentDisk: asInPods('photonPersistentDisk'),
  portworxVolume: asInPods('portworxVolume'),
  azureDisk: asInPods('azureDisk'),
  scaleIO: own('scaleIO', ({ gateway, system, volumeName }, path) => [
    ...required(gateway, `${path}.gateway`),
    ...required(system, `${path}.system`),
    ...required(volumeName, `${path}.volumeName`),
  ]),
  local: own('local', ({ path: directory = '' }, path) =>
    directory ? validateNoBacksteps(directory, `${path}.path`) : [requiredField(`${path}.path`)],
  ),
  storageos: own('storageos', ({ volumeName, volumeNamespace, secretRef }, path) => [
    ...requiredName(volumeName, `${path}.volumeName`, validateDnsLabel),
    ...optionalName(volumeNamespace, `${path}.volumeNamespace`, validateDnsLabel),
    ...bothParts(secretRef, `${path}.secretRef`),
  ]),
  csi: own('csi', validateCsi),
}

/** Where upstream's paths are not the field's name. */
const pathOf: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' }
const pathOfSecond: Readonly<Record<string, string>> = { cephfs: 'cephFS' }

export const volumeSourceNames = Object.keys(sources) as readonly SourceKey[]

/** There must be exactly one source. */
export function validateSources(spec: PersistentVolumeSpec, path: string, volumeName: string, hasNodeAffinity: boolean): FieldError[] {
  const errors: FieldError[] = []
  let found = false
  for (const name of volumeSourceNames) {
    if (spec[name] === undefined) continue
    // A FlexVolume is never the one too many upstream.
    if (found && name !== 'flexVolume') {
      errors.push(forbiddenField(`${path}.${pathOfSecond[name] ?? name}`, 'may not specify more than 1 volume type'))
      continue
    }
    errors.push(...(sources[name]?.(spec, `${path}.${pathOf[name] ?? name}`, volumeName) ?? []))
    if (name === 'local' && !hasNodeAffinity) errors.push(requiredField(`${path}.nodeAffinity`, 'Local volume requires node affinity'))
    found = true
  }
  return found ? errors : [...errors, requiredField(path, 'must specify a volume type')]
}

function validateEndpointsNamespace(namespace: string, path: string): FieldError[] {
  if (namespace === '') return [invalidField(path, namespace, 'if the endpointnamespace is set, it must be a valid namespace name')]
  return invalid(path, namespace, validateDnsLabel(namespace))
}

function validateIscsi(iscsi: ISCSIPersistentVolumeSource, path: string, volumeName: string): FieldError[] {
  const isTooLong = iscsi.initiatorName !== undefined && `${volumeName}:${iscsi.targetPortal}`.length > 64
  const why = 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'
  return [
    ...(isTooLong ? [invalidField(`${path}.targetportal`, iscsi.targetPortal, why)] : []),
    ...validateIscsiTarget(iscsi, path),
    ...(iscsi.secretRef ? required(iscsi.secretRef.name, `${path}.secretRef.name`) : []),
  ]
}

const bothParts = (secret: SecretReference | undefined, path: string): FieldError[] =>
  secret ? [...required(secret.name, `${path}.name`), ...required(secret.namespace, `${path}.namespace`)] : []

const checkedSecrets = ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef'] as const

function validateCsi(csi: CSIPersistentVolumeSource, path: string): FieldError[] {
  const secrets = checkedSecrets.flatMap(name => {
    const secret = csi[name]
    if (secret === undefined) return []
    return [
      ...requiredName(secret.name, `${path}.${name}.name`, validateDnsSubdomain),
      ...requiredName(secret.namespace, `${path}.${name}.namespace`, validateDnsLabel),
    ]
  })
  return [...validateDriverName(csi.driver ?? '', `${path}.driver`), ...required(csi.volumeHandle, `${path}.volumeHandle`), ...secrets]
}
