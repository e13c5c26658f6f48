import { type FieldError, invalidField, requiredField, unsupportedField } from '../../../apimachinery/field-error.ts'
import { validateDnsLabel } from '../../../apimachinery/names.ts'
import type { AzureDiskVolumeSource, FCVolumeSource, FlockerVolumeSource, ISCSIVolumeSource, QuobyteVolumeSource } from '../volume.ts'
import { validateLocalDescendingPath } from './paths.ts'
import { inRange, optionalName, optionalOneOf, required, requiredName } from './rules.ts'
import { type SourceRules, source } from './volume-sources.ts'

/** Storage systems that had a source of their own before CSI. */
export const legacySources: SourceRules = {
  gitRepo: source('gitRepo', ({ repository, directory = '' }, path) => [
    ...required(repository, `${path}.repository`),
    ...validateLocalDescendingPath(directory, `${path}.directory`),
  ]),
  gcePersistentDisk: source('gcePersistentDisk', ({ pdName, partition }, path) => [
    ...required(pdName, `${path}.pdName`),
    ...validatePartition(partition, `${path}.partition`),
  ]),
  awsElasticBlockStore: source('awsElasticBlockStore', ({ volumeID, partition }, path) => [
    ...required(volumeID, `${path}.volumeID`),
    ...validatePartition(partition, `${path}.partition`),
  ]),
  iscsi: source('iscsi', validateIscsiTarget),
  glusterfs: source('glusterfs', ({ endpoints, path: brick }, path) => [
    ...required(endpoints, `${path}.endpoints`),
    ...required(brick, `${path}.path`),
  ]),
  flocker: source('flocker', validateFlocker),
  rbd: source('rbd', ({ monitors, image }, path) => [...requiredList(monitors, `${path}.monitors`), ...required(image, `${path}.image`)]),
  cinder: source('cinder', ({ volumeID, secretRef }, path) => [
    ...required(volumeID, `${path}.volumeID`),
    ...(secretRef ? required(secretRef.name, `${path}.secretRef.name`) : []),
  ]),
  cephfs: source('cephfs', ({ monitors }, path) => requiredList(monitors, `${path}.monitors`)),
  quobyte: source('quobyte', validateQuobyte),
  fc: source('fc', validateFibreChannel),
  flexVolume: source('flexVolume', ({ driver, options }, path) => [
    ...required(driver, `${path}.driver`),
    ...validateOptions(options, `${path}.options`),
  ]),
  azureFile: source('azureFile', ({ secretName, shareName }, path) => [
    ...required(secretName, `${path}.secretName`),
    ...required(shareName, `${path}.shareName`),
  ]),
  vsphereVolume: source('vsphereVolume', ({ volumePath }, path) => required(volumePath, `${path}.volumePath`)),
  photonPersistentDisk: source('photonPersistentDisk', ({ pdID }, path) => required(pdID, `${path}.pdID`)),
  portworxVolume: source('portworxVolume', ({ volumeID }, path) => required(volumeID, `${path}.volumeID`)),
  azureDisk: source('azureDisk', validateAzureDisk),
  storageos: source('storageos', ({ volumeName, volumeNamespace, secretRef }, path) => [
    ...requiredName(volumeName, `${path}.volumeName`, validateDnsLabel),
    ...optionalName(volumeNamespace, `${path}.volumeNamespace`, validateDnsLabel),
    ...(secretRef ? required(secretRef.name, `${path}.secretRef.name`) : []),
  ]),
  scaleIO: source('scaleIO', ({ gateway, system, volumeName }, path) => [
    ...required(gateway, `${path}.gateway`),
    ...required(system, `${path}.system`),
    ...required(volumeName, `${path}.volumeName`),
  ]),
}

export const requiredList = (values: readonly string[] | undefined, path: string): FieldError[] =>
  values?.length ? [] : [requiredField(path)]

// Zero, absent, is fine; the text says otherwise and is upstream's.
const validatePartition = (partition: number | undefined, path: string): FieldError[] =>
  partition !== undefined && (partition < 0 || partition > 255)
    ? [invalidField(path, partition, 'must be between 1 and 255, inclusive')]
    : []

export const validateOptions = (options: Readonly<Record<string, string>> = {}, path: string): FieldError[] =>
  Object.keys(options)
    .filter(isReservedOption)
    .map(key => invalidField(`${path}[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'))

function isReservedOption(key: string): boolean {
  const slash = key.indexOf('/')
  const domain = `.${(slash < 0 ? key : key.slice(0, slash)).toLowerCase()}`
  return domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io')
}

const qualifiedNames = {
  iqn: /^iqn\.\d{4}-\d{2}\.([a-z0-9A-Z-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui\.[a-fA-F0-9]{16}$/,
  naa: /^naa\.[a-fA-F0-9]{32}$/,
} as const

type IscsiTarget = Omit<ISCSIVolumeSource, 'secretRef'> & { readonly secretRef?: unknown }

export function validateIscsiTarget(iscsi: IscsiTarget, path: string): FieldError[] {
  const { targetPortal, iqn = '', lun, initiatorName, secretRef } = iscsi
  return [
    ...required(targetPortal, `${path}.targetPortal`),
    ...(iqn ? validateQualifiedIscsiName(iqn, `${path}.iqn`) : [requiredField(`${path}.iqn`)]),
    ...inRange(lun, `${path}.lun`, 0, 255),
    ...((iscsi.chapAuthDiscovery || iscsi.chapAuthSession) && !secretRef ? [requiredField(`${path}.secretRef`)] : []),
    // The field's name has a capital; upstream's path has none.
    ...(initiatorName === undefined ? [] : validateQualifiedIscsiName(initiatorName, `${path}.initiatorname`)),
  ]
}

function validateQualifiedIscsiName(name: string, path: string): FieldError[] {
  const scheme = name.slice(0, 3)
  if (!(scheme in qualifiedNames)) return [invalidField(path, name, 'must be valid format starting with iqn, eui, or naa')]
  return qualifiedNames[scheme as keyof typeof qualifiedNames].test(name) ? [] : [invalidField(path, name, 'must be valid format')]
}

function validateFlocker({ datasetName = '', datasetUUID = '' }: FlockerVolumeSource, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!datasetName && !datasetUUID) errors.push(requiredField(path, 'one of datasetName and datasetUUID is required'))
  if (datasetName && datasetUUID) {
    errors.push(invalidField(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'))
  }
  if (datasetName.includes('/')) errors.push(invalidField(`${path}.datasetName`, datasetName, "must not contain '/'"))
  return errors
}

function validateQuobyte({ registry = '', tenant = '', volume }: QuobyteVolumeSource, path: string): FieldError[] {
  const shape = 'must be a host:port pair or multiple pairs separated by commas'
  const errors: FieldError[] = []
  if (!registry) errors.push(requiredField(`${path}.registry`, shape))
  else if (tenant.length >= 65) {
    errors.push(requiredField(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'))
  } else {
    const wrong = registry.split(',').filter(pair => !/^([^:]*|\[[^\]]*\]):[^:]*$/.test(pair))
    errors.push(...wrong.map(() => invalidField(`${path}.registry`, registry, shape)))
  }
  return [...errors, ...required(volume, `${path}.volume`)]
}

function validateFibreChannel({ targetWWNs = [], wwids = [], lun }: FCVolumeSource, path: string): FieldError[] {
  if (targetWWNs.length === 0) {
    return wwids.length > 0 ? [] : [requiredField(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both')]
  }
  const both = 'targetWWNs and wwids can not be specified simultaneously'
  const errors = wwids.length > 0 ? [invalidField(`${path}.targetWWNs`, targetWWNs, both)] : []
  if (lun === undefined) return [...errors, requiredField(`${path}.lun`, 'lun is required if targetWWNs is specified')]
  return [...errors, ...inRange(lun, `${path}.lun`, 0, 255)]
}

const managedDisk = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const blobDisk = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

function validateAzureDisk({ diskName, diskURI = '', cachingMode, kind }: AzureDiskVolumeSource, path: string): FieldError[] {
  const errors = [
    ...required(diskName, `${path}.diskName`),
    ...required(diskURI, `${path}.diskURI`),
    ...optionalOneOf(cachingMode, `${path}.cachingMode`, ['None', 'ReadOnly', 'ReadWrite']),
    ...optionalOneOf(kind, `${path}.kind`, ['Dedicated', 'Managed', 'Shared']),
  ]
  if (kind === 'Managed' && !diskURI.startsWith('/subscriptions/')) {
    errors.push(unsupportedField(`${path}.diskURI`, diskURI, [managedDisk]))
  }
  if (kind !== undefined && kind !== 'Managed' && !diskURI.startsWith('https://')) {
    errors.push(unsupportedField(`${path}.diskURI`, diskURI, [blobDisk]))
  }
  return errors
}
