import { type FieldError, forbiddenField, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import { validateDnsSubdomain } from '../../../apimachinery/names.ts'
import { validateLabelSelector } from '../../../apimachinery/object-meta-validation.ts'
import type {
  ClusterTrustBundleProjection,
  DownwardAPIVolumeFile,
  PodCertificateProjection,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../volume.ts'
import { validateFieldReference, validateResourceReference, volumeFieldPaths } from './field-references.ts'
import { validateKeyToPath } from './key-to-path.ts'
import { validateLocalNonReservedPath } from './paths.ts'
import { each, fileMode, inRange, invalid, oneOf, required } from './rules.ts'

export function validateProjected(projected: ProjectedVolumeSource, path: string): FieldError[] {
  const paths = new Set<string>()
  // Two sources must not write one file; who comes second is told, with what upstream shows as the value.
  const claimPath = (target: string, value: string): FieldError[] => {
    if (!target) return []
    if (paths.has(target)) return [invalidField(path, value, 'conflicting duplicate paths')]
    paths.add(target)
    return []
  }
  return [
    ...fileMode(projected.defaultMode, `${path}.defaultMode`),
    ...each(projected.sources, `${path}.sources`, (source, at) => validateProjection(source, at, path, claimPath)),
  ]
}

type ClaimPath = (target: string, value: string) => FieldError[]

function validateProjection(source: VolumeProjection, at: string, path: string, claimPath: ClaimPath): FieldError[] {
  const errors: FieldError[] = []
  const kinds = Object.values(source).filter(value => value !== undefined)
  for (const name of ['secret', 'configMap'] as const) {
    const projection = source[name]
    if (projection === undefined) continue
    errors.push(...required(projection.name, `${at}.${name}.name`))
    const items = each(projection.items, `${at}.${name}.items`, (item, itemAt) => [
      ...validateKeyToPath(item, itemAt),
      ...claimPath(item.path, projection.name ?? ''),
    ])
    errors.push(...items)
  }
  if (source.downwardAPI) {
    errors.push(...validateDownwardItems(source.downwardAPI.items, `${at}.downwardAPI`))
    errors.push(...(source.downwardAPI.items ?? []).flatMap(item => claimPath(item.path, item.path)))
  }
  if (source.serviceAccountToken) errors.push(...validateToken(source.serviceAccountToken, `${at}.serviceAccountToken`, path))
  if (source.clusterTrustBundle) {
    errors.push(...validateTrustBundle(source.clusterTrustBundle, `${at}.clusterTrustBundle`))
    errors.push(...claimPath(source.clusterTrustBundle.path, source.clusterTrustBundle.path))
  }
  if (source.podCertificate) errors.push(...validateCertificate(source.podCertificate, `${at}.podCertificate`, claimPath))
  if (kinds.length > 1) errors.push(forbiddenField(at, 'may not specify more than 1 volume type per source'))
  return errors
}

function validateToken(token: ServiceAccountTokenProjection, at: string, path: string): FieldError[] {
  const { expirationSeconds: seconds = 3600, path: target = '' } = token
  const errors: FieldError[] = []
  if (seconds < 600) errors.push(invalidField(`${at}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'))
  if (seconds > 2 ** 32)
    errors.push(invalidField(`${at}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'))
  // Upstream names the volume here, not the source.
  return [...errors, ...(target ? validateLocalNonReservedPath(target, `${path}.path`) : [requiredField(`${path}.path`)])]
}

function validateTrustBundle(bundle: ClusterTrustBundleProjection, at: string): FieldError[] {
  const { name, signerName, labelSelector, path = '' } = bundle
  const errors: FieldError[] = []
  if (name !== undefined && signerName !== undefined) errors.push(invalidField(at, bundle, 'only one of name and signerName may be used'))
  else if (name !== undefined) {
    if (name === '') errors.push(requiredField(`${at}.name`, 'must be a valid object name'))
    // Bundles of a signer are named `SIGNER:NAME` with the signer's slash as a colon.
    const own = name.slice(name.lastIndexOf(':') + 1)
    const messages = validateDnsSubdomain(own).map(message => `not a valid clustertrustbundlename: ${message}`)
    errors.push(...invalid(`${at}.name`, name, messages))
    if (labelSelector) errors.push(invalidField(`${at}.labelSelector`, labelSelector, 'labelSelector must be unset if name is specified'))
  } else if (signerName !== undefined) {
    if (signerName === '') errors.push(requiredField(`${at}.signerName`, 'must be a valid signer name'))
    errors.push(...validateSignerName(signerName, `${at}.signerName`))
    if (labelSelector) errors.push(...validateLabelSelector(labelSelector, `${at}.labelSelector`))
  } else errors.push(requiredField(at, 'either name or signerName must be specified'))
  return [...errors, ...required(path, `${at}.path`), ...validateLocalNonReservedPath(path, `${at}.path`)]
}

const keyTypes = ['ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519', 'RSA3072', 'RSA4096']

function validateCertificate(certificate: PodCertificateProjection, at: string, claimPath: ClaimPath): FieldError[] {
  const { signerName = '', keyType, maxExpirationSeconds, credentialBundlePath, keyPath, certificateChainPath } = certificate
  const errors = [
    ...validateSignerName(signerName, `${at}.signerName`),
    ...oneOf(keyType, `${at}.keyType`, keyTypes),
    ...inRange(maxExpirationSeconds, `${at}.maxExpirationSeconds`, 3600, 91 * 24 * 3600),
  ]
  const paths = { credentialBundlePath, keyPath, certificateChainPath }
  const given = Object.entries(paths).filter(([, target]) => target)
  if (given.length === 0) {
    errors.push(requiredField(at, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath'))
  }
  for (const [name, target = ''] of given) {
    errors.push(...validateLocalNonReservedPath(target, `${at}.${name}`), ...claimPath(target, target))
  }
  return errors
}

function validateSignerName(name: string, path: string): FieldError[] {
  const segments = name.split('/')
  if (segments.length !== 2)
    return [invalidField(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  const [domain = '', rest = ''] = segments
  const errors = invalid(path, domain, validateDnsSubdomain(domain))
  if (!domain.includes('.')) errors.push(invalidField(path, domain, 'should be a domain with at least two segments separated by dots'))
  return [...errors, ...invalid(path, rest, validateDnsSubdomain(rest))]
}

/** Files of the downward API. Upstream names the list's owner in paths, not the item. */
export const validateDownwardItems = (items: readonly DownwardAPIVolumeFile[] | undefined, path: string): FieldError[] =>
  (items ?? []).flatMap(item => validateDownwardFile(item, path))

function validateDownwardFile({ path: target = '', fieldRef, resourceFieldRef, mode }: DownwardAPIVolumeFile, path: string): FieldError[] {
  const errors = [...required(target, `${path}.path`), ...validateLocalNonReservedPath(target, `${path}.path`)]
  if (fieldRef) errors.push(...validateFieldReference(fieldRef, `${path}.fieldRef`, volumeFieldPaths))
  if (fieldRef && resourceFieldRef) {
    errors.push(invalidField(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
  } else if (resourceFieldRef) errors.push(...validateResourceReference(resourceFieldRef, `${path}.resourceFieldRef`, true))
  if (!fieldRef && !resourceFieldRef) errors.push(requiredField(path, 'one of fieldRef and resourceFieldRef is required'))
  return [...errors, ...fileMode(mode, `${path}.mode`)]
}
