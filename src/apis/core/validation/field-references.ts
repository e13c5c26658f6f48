import { type FieldError, invalidField, requiredField, unsupportedField } from '../../../apimachinery/field-error.ts'
import { validateQualifiedName } from '../../../apimachinery/names.ts'
import { canonicalQuantity, compareQuantities } from '../../../apimachinery/quantity.ts'
import type { ObjectFieldSelector, ResourceFieldSelector } from '../references.ts'
import { invalid } from './rules.ts'

/** Fields of a pod that volumes can show; with them single labels and annotations. */
export const volumeFieldPaths = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']

export const environmentFieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

const knownFieldPaths = [
  ...new Set([
    ...volumeFieldPaths,
    ...environmentFieldPaths,
    'spec.restartPolicy',
    'spec.schedulerName',
    'status.phase',
    'spec.hostNetwork',
    'status.nominatedNodeName',
    'spec.host',
  ]),
]

export function validateFieldReference(reference: ObjectFieldSelector, path: string, supported: readonly string[]): FieldError[] {
  if (!reference.apiVersion) return [requiredField(`${path}.apiVersion`)]
  if (!reference.fieldPath) return [requiredField(`${path}.fieldPath`)]
  const { fieldPath } = reference
  const problem = conversionProblem(reference.apiVersion, fieldPath)
  if (problem !== undefined) return [invalidField(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${problem}`)]
  const subscripted = subscript.exec(fieldPath)
  if (!subscripted) return supported.includes(fieldPath) ? [] : [unsupportedField(`${path}.fieldPath`, fieldPath, supported)]
  const [, owner = '', key = ''] = subscripted
  // Annotation keys may have capitals, as object metadata allows.
  if (owner === 'metadata.annotations') return invalid(path, key.toLowerCase(), validateQualifiedName(key.toLowerCase()))
  return invalid(path, key, validateQualifiedName(key))
}

/** `metadata.labels['app']` */
const subscript = /^([^[]+)\['([^']*)'\]$/

function conversionProblem(apiVersion: string, fieldPath: string): string | undefined {
  if (apiVersion !== 'v1') return `unsupported pod version: ${apiVersion}`
  const [, owner] = subscript.exec(fieldPath) ?? []
  if (owner !== undefined) {
    return owner === 'metadata.annotations' || owner === 'metadata.labels'
      ? undefined
      : `field label does not support subscript: ${fieldPath}`
  }
  return knownFieldPaths.includes(fieldPath) ? undefined : `field label not supported: ${fieldPath}`
}

const resourcePaths = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const byteDivisors = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

export function validateResourceReference(reference: ResourceFieldSelector, path: string, inVolume: boolean): FieldError[] {
  const resource = reference.resource ?? ''
  const errors: FieldError[] = []
  if (inVolume && !reference.containerName) errors.push(requiredField(`${path}.containerName`))
  else if (!resource) errors.push(requiredField(`${path}.resource`))
  else if (!resourcePaths.includes(resource) && !isHugePagePath(resource))
    errors.push(unsupportedField(`${path}.resource`, resource, resourcePaths))
  return [...errors, ...validateDivisor(resource, reference.divisor, path)]
}

const isHugePagePath = (resource: string): boolean => /^(limits|requests)\.hugepages-/.test(resource)

function validateDivisor(resource: string, divisor: string | undefined, path: string): FieldError[] {
  if (divisor === undefined || compareQuantities(divisor, '0') === 0) return []
  const kind = resource.endsWith('.cpu')
    ? 'cpu'
    : resource.endsWith('.ephemeral-storage')
      ? 'local ephemeral storage'
      : isHugePagePath(resource)
        ? 'hugepages'
        : 'memory'
  if (kind === 'memory' && !resource.endsWith('.memory')) return []
  const allowed = kind === 'cpu' ? ['1m', '1'] : byteDivisors
  if (allowed.includes(canonicalQuantity(divisor))) return []
  const list = kind === 'cpu' ? '1m and 1' : byteDivisors.join(', ')
  return [invalidField(`${path}.divisor`, resource, `only divisor's values ${list} are supported with the ${kind} resource`)]
}
