import { type FieldError, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import { validateDnsSubdomain } from '../../apimachinery/names.ts'
import { requiredName } from '../core/validation/rules.ts'
import { mostConfigurations } from './device-class.ts'
import type {
  DeviceClaimConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  ExactDeviceRequest,
  ResourceClaimSpec,
} from './resource-claim-spec.ts'
import { label, limitedList, limitedSet, validateConfiguration, validateFullAttributeName } from './rules.ts'
import { validateSelectors } from './selectors.ts'
import { validateTolerations } from './taints.ts'

export const mostRequests = 32
const mostConstraints = 32
const mostAlternatives = 8

/** Names of the requests, and of their alternatives. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>

export const requestNamesOf = ({ devices }: ResourceClaimSpec): RequestNames =>
  new Map((devices?.requests ?? []).map(({ name, firstAvailable = [] }) => [name, new Set(firstAvailable.map(one => one.name))]))

export function validateClaimSpec(spec: ResourceClaimSpec, path: string): FieldError[] {
  const names = requestNamesOf(spec)
  const at = `${path}.devices`
  const { requests, constraints, config } = spec.devices ?? {}
  return [
    ...limitedSet(requests, `${at}.requests`, mostRequests, ({ name = '' }) => name, validateRequest),
    ...limitedList(constraints, `${at}.constraints`, mostConstraints, (one, oneAt) => validateConstraint(one, oneAt, names)),
    ...limitedList(config, `${at}.config`, mostConfigurations, (one, oneAt) => validateClaimConfiguration(one, oneAt, names)),
  ]
}

const oneKind = 'exactly one of `exactly` or `firstAvailable` is required'

function validateRequest({ name, exactly, firstAvailable = [] }: DeviceRequest, path: string): FieldError[] {
  const errors = label(name, `${path}.name`)
  if (exactly && firstAvailable.length > 0) return [...errors, invalidField(path, null, `${oneKind}, but multiple fields are set`)]
  if (exactly) return [...errors, ...validateWanted(exactly, `${path}.exactly`)]
  if (firstAvailable.length === 0) return [...errors, requiredField(path, oneKind)]
  const alternatives = limitedSet(
    firstAvailable,
    `${path}.firstAvailable`,
    mostAlternatives,
    one => one.name ?? '',
    (one, at) => [...label(one.name, `${at}.name`), ...validateWanted(one, at)],
  )
  return [...errors, ...alternatives]
}

const validateWanted = (wanted: ExactDeviceRequest | DeviceSubRequest, path: string): FieldError[] => [
  ...requiredName(wanted.deviceClassName, `${path}.deviceClassName`, validateDnsSubdomain),
  ...validateSelectors(wanted.selectors, `${path}.selectors`),
  ...validateCount(wanted, path),
  ...validateTolerations(wanted.tolerations, `${path}.tolerations`),
]

function validateCount({ allocationMode: mode = '', count = 0 }: ExactDeviceRequest | DeviceSubRequest, path: string): FieldError[] {
  switch (mode) {
    case 'All':
      return count === 0 ? [] : [invalidField(`${path}.count`, count, "must not be specified when allocationMode is 'All'")]
    case 'ExactCount':
      return count > 0 ? [] : [invalidField(`${path}.count`, count, 'must be greater than zero')]
    default:
      return [unsupportedField(`${path}.allocationMode`, mode, ['All', 'ExactCount'])]
  }
}

function validateConstraint(
  { requests, matchAttribute, distinctAttribute }: DeviceConstraint,
  path: string,
  names: RequestNames,
): FieldError[] {
  const errors = validateReferences(requests, `${path}.requests`, names)
  if (matchAttribute !== undefined) return [...errors, ...validateFullAttributeName(matchAttribute, `${path}.matchAttribute`)]
  if (distinctAttribute !== undefined) return [...errors, ...validateFullAttributeName(distinctAttribute, `${path}.distinctAttribute`)]
  // The text is upstream's, also where no field is set.
  const why = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
  return [...errors, requiredField(path, why)]
}

export const validateClaimConfiguration = (config: DeviceClaimConfiguration, path: string, names: RequestNames): FieldError[] => [
  ...validateReferences(config.requests, `${path}.requests`, names),
  ...validateConfiguration(config, path),
]

export const validateReferences = (references: readonly string[] | undefined, path: string, names: RequestNames): FieldError[] =>
  limitedSet(
    references,
    path,
    mostRequests,
    name => name,
    (name, at) => validateReference(name, at, names),
  )

/** `request`, or `request/alternative`. */
export function validateReference(name: string, path: string, names: RequestNames): FieldError[] {
  const why = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
  const [request = '', alternative, ...more] = name.split('/')
  if (more.length > 0) return [invalidField(path, name, why)]
  const errors = [request, ...(alternative === undefined ? [] : [alternative])].flatMap(part => label(part, path))
  const alternatives = names.get(request)
  const isKnown = alternatives !== undefined && (alternative === undefined || alternatives.has(alternative))
  return isKnown ? errors : [...errors, invalidField(path, name, why)]
}
