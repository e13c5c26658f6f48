import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  notFoundField,
  requiredField,
  unsupportedField,
} from '../../../apimachinery/field-error.ts'
import { validateDnsLabel, validateQualifiedName } from '../../../apimachinery/names.ts'
import { compareQuantities, parseQuantity, quantityMilliValue, quantityValue } from '../../../apimachinery/quantity.ts'
import type { ContainerResizePolicy, ResourceClaim, ResourceRequirements } from '../container.ts'
import { isPodLevelResource } from '../pod/pod-level-resources.ts'
import { each, invalid, optionalName } from './rules.ts'

type NameRule = (name: string, path: string) => FieldError[]

export const validateContainerResources = (resources: ResourceRequirements, claimNames: ReadonlySet<string>, path: string): FieldError[] =>
  validateResources(resources, claimNames, path, validateContainerResourceName)

export function validatePodLevelResources(resources: ResourceRequirements, claimNames: ReadonlySet<string>, path: string): FieldError[] {
  const claims = resources.claims ? [forbiddenField(`${path}.claims`, 'claims cannot be set for Resources at pod-level')] : []
  return [...claims, ...validateResources(resources, claimNames, path, validatePodResourceName)]
}

function validateResources(
  { limits = {}, requests = {}, claims }: ResourceRequirements,
  claimNames: ReadonlySet<string>,
  path: string,
  validateName: NameRule,
): FieldError[] {
  const errors: FieldError[] = []
  for (const [name, quantity] of Object.entries(limits))
    errors.push(...validateEntry(name, quantity, `${path}.limits[${name}]`, validateName))
  for (const [name, quantity] of Object.entries(requests)) {
    errors.push(...validateEntry(name, quantity, `${path}.requests[${name}]`, validateName))
    errors.push(...validateRequestAgainstLimit(name, quantity, limits[name], path))
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  if (names.some(isHugePage) && !names.some(name => name === 'cpu' || name === 'memory')) {
    errors.push(forbiddenField(path, 'HugePages require cpu or memory'))
  }
  return [...errors, ...validateClaims(claims, claimNames, `${path}.claims`)]
}

function validateEntry(name: string, quantity: string, path: string, validateName: NameRule): FieldError[] {
  const errors = [...validateName(name, path), ...validateResourceQuantity(name, quantity, path)]
  if (isHugePage(name) && !isMultipleOfPage(name, quantity)) {
    errors.push(invalidField(path, quantity, `${quantity} is not positive integer multiple of ${name}`))
  }
  return errors
}

function validateRequestAgainstLimit(name: string, request: string, limit: string | undefined, path: string): FieldError[] {
  const overcommit = isOvercommitAllowed(name)
  if (limit === undefined) {
    return overcommit ? [] : [requiredField(`${path}.limits`, 'Limit must be set for non overcommitable resources')]
  }
  const order = compareQuantities(request, limit)
  if (order !== 0 && !overcommit) return [invalidField(`${path}.requests`, request, `must be equal to ${name} limit of ${limit}`)]
  return order > 0 ? [invalidField(`${path}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`)] : []
}

/** Also what capacities of nodes must follow. */
export function validateResourceQuantity(name: string, quantity: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (compareQuantities(quantity, '0') < 0) errors.push(invalidField(path, quantity, 'must be greater than or equal to 0'))
  if (isWhole(name) && quantityMilliValue(quantity) % 1000 !== 0) errors.push(invalidField(path, quantity, 'must be an integer'))
  return errors
}

export function validateContainerResourceName(name: string, path: string): FieldError[] {
  const errors = validateResourceName(name, path)
  if (!name.includes('/')) {
    const standard = ['cpu', 'memory', 'ephemeral-storage'].includes(name) || isHugePage(name)
    return standard ? errors : [...errors, invalidField(path, name, 'must be a standard resource for containers')]
  }
  if (isNative(name) || isExtended(name)) return errors
  return [...errors, invalidField(path, name, "doesn't follow extended resource name standard")]
}

function validatePodResourceName(name: string, path: string): FieldError[] {
  const errors = validateResourceName(name, path)
  if (errors.length > 0 || isPodLevelResource(name)) return errors
  return [unsupportedField(path, name, ['cpu', 'hugepages-', 'memory'])]
}

export function validateResourceName(name: string, path: string): FieldError[] {
  const errors = invalid(path, name, validateQualifiedName(name))
  if (errors.length > 0 || name.includes('/') || isStandard(name)) return errors
  return [invalidField(path, name, 'must be a standard resource type or fully qualified')]
}

// Resources that a quota counts as objects come in whole numbers only.
const countedResources = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]
const amountResources = ['cpu', 'memory', 'ephemeral-storage', 'storage']
const scopedResource = /^(requests|limits)\.(cpu|memory|ephemeral-storage)$|^requests\.storage$/

const isStandard = (name: string): boolean =>
  amountResources.includes(name) ||
  countedResources.includes(name) ||
  scopedResource.test(name) ||
  isHugePage(name) ||
  name.startsWith('requests.hugepages-')
const isWhole = (name: string): boolean => countedResources.includes(name) || isExtended(name)
const isHugePage = (name: string): boolean => name.startsWith('hugepages-')
export const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePage(name)
// A quota must be able to count it as `requests.NAME`.
export const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && validateQualifiedName(`requests.${name}`).length === 0

function isMultipleOfPage(name: string, quantity: string): boolean {
  try {
    const page = parseQuantity(name.slice('hugepages-'.length)).nanos
    return page > 0n && quantityValue(quantity) >= 0 && parseQuantity(quantity).nanos % page === 0n
  } catch {
    // A page size that is no quantity divides nothing.
    return false
  }
}

/** Claims by name, whole or request by request, each once, and all of them listed by the pod. */
function validateClaims(claims: readonly ResourceClaim[] | undefined, claimNames: ReadonlySet<string>, path: string): FieldError[] {
  const seen = new Set<string>()
  return each(claims, path, ({ name, request = '' }, at) => {
    if (!name) return [requiredField(at)]
    const errors: FieldError[] = []
    if (seen.has(name)) errors.push(duplicateField(at, name))
    else {
      const key = request ? `${name}/${request}` : name
      errors.push(...optionalName(request, `${at}.request`, validateDnsLabel))
      if (seen.has(key)) errors.push(duplicateField(at, key))
      else if (!request && [...seen].some(one => one.startsWith(`${name}/`))) errors.push(duplicateField(at, name))
      seen.add(key)
    }
    if (!claimNames.has(name)) errors.push(unlistedClaim(name, claimNames, at))
    return errors
  })
}

function unlistedClaim(name: string, claimNames: ReadonlySet<string>, path: string): FieldError {
  const error = notFoundField(path, name)
  const known = claimNames.size === 0 ? ' which is empty' : `: ${[...claimNames].sort().join(', ')}`
  return { ...error, message: `${error.message}: must be one of the names in pod.spec.resourceClaims${known}` }
}

const resizableResources = ['cpu', 'memory']
const resizeRestartPolicies = ['NotRequired', 'RestartContainer']

export function validateResizePolicy(
  policies: readonly ContainerResizePolicy[] | undefined,
  restartPolicy: string | undefined,
  path: string,
): FieldError[] {
  const seen = new Set<string>()
  return each(policies, path, ({ resourceName = '', restartPolicy: onResize = '' }, at) => {
    const errors: FieldError[] = []
    if (seen.has(resourceName)) errors.push(duplicateField(at, resourceName))
    seen.add(resourceName)
    if (!resourceName) errors.push(requiredField(path))
    else if (!resizableResources.includes(resourceName)) errors.push(unsupportedField(path, resourceName, resizableResources))
    if (!onResize) errors.push(requiredField(path))
    else if (!resizeRestartPolicies.includes(onResize)) errors.push(unsupportedField(path, onResize, resizeRestartPolicies))
    if (restartPolicy === 'Never' && onResize !== 'NotRequired') {
      errors.push(invalidField(path, onResize, "must be 'NotRequired' when `restartPolicy` is 'Never'"))
    }
    return errors
  })
}
