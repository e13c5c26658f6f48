import { type FieldError, forbiddenField, invalidField, tooLongField, tooManyField } from '../../apimachinery/field-error.ts'
import { formatIp, parseCidr } from '../../apimachinery/ip.ts'
import { validateConditions } from '../condition-rules.ts'
import { validateNodeSelector } from '../core/validation/affinity.ts'
import { byteLength, oneOf, required } from '../core/validation/rules.ts'
import { validateDriverName } from '../core/validation/volume-sources.ts'
import { immutable } from '../field-rules.ts'
import { mostRequests, type RequestNames, requestNamesOf, validateReference, validateReferences } from './claim-validation.ts'
import { mostConfigurations } from './device-class.ts'
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimStatus,
} from './resource-claim.ts'
import { label, limitedList, limitedSet, validateConfiguration, validateData, validatePoolName, validateUid } from './rules.ts'
import { validateBindingConditions, validateTolerations } from './taints.ts'

const mostConsumers = 256

export function validateClaimStatus(claim: ResourceClaim, old: ResourceClaim): FieldError[] {
  const [status, before] = [claim.status ?? {}, old.status ?? {}]
  const allocated = new Set((status.allocation?.devices?.results ?? []).map(idOf))
  return [
    ...limitedSet(
      status.reservedFor,
      'status.reservedFor',
      mostConsumers,
      ({ uid = '' }) => uid,
      ({ resource, name, uid }, at) => [
        ...required(resource, `${at}.resource`),
        ...required(name, `${at}.name`),
        ...required(uid, `${at}.uid`),
      ],
    ),
    ...limitedSet(status.devices, 'status.devices', Number.POSITIVE_INFINITY, idOf, (device, at) =>
      validateDeviceStatus(device, at, allocated),
    ),
    ...validateReservation(status, before, claim.metadata.deletionTimestamp !== undefined),
    ...validateAllocation(status.allocation, before.allocation, requestNamesOf(claim.spec ?? {})),
  ]
}

function validateReservation(
  { reservedFor = [], allocation }: ResourceClaimStatus,
  old: ResourceClaimStatus,
  deleted: boolean,
): FieldError[] {
  const path = 'status.reservedFor'
  if (reservedFor.length === 0) return []
  if (!allocation) return [forbiddenField(path, 'may not be specified when `allocated` is not set')]
  const known = new Set((old.reservedFor ?? []).map(({ uid }) => uid))
  if (!deleted || reservedFor.every(({ uid }) => known.has(uid))) return []
  return [forbiddenField(path, 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set')]
}

/** What was allocated stays as it is until it is taken back. */
function validateAllocation(
  allocation: AllocationResult | undefined,
  old: AllocationResult | undefined,
  names: RequestNames,
): FieldError[] {
  const path = 'status.allocation'
  if (!allocation) return []
  if (old) return immutable(allocation, old, path)
  const { devices = {}, nodeSelector } = allocation
  return [
    ...limitedList(devices.results, `${path}.devices.results`, mostRequests, (result, at) => validateResult(result, at, names)),
    ...limitedList(devices.config, `${path}.devices.config`, 2 * mostConfigurations, (config, at) => [
      ...oneOf(config.source, `${at}.source`, ['FromClaim', 'FromClass']),
      ...validateReferences(config.requests, `${at}.requests`, names),
      ...validateConfiguration(config, at),
    ]),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, `${path}.nodeSelector`) : []),
  ]
}

const validateResult = (result: DeviceRequestAllocationResult, path: string, names: RequestNames): FieldError[] => [
  ...validateReference(result.request ?? '', `${path}.request`, names),
  ...validateIdentity(result, path),
  ...validateBindingConditions(result, path),
  ...validateTolerations(result.tolerations, `${path}.tolerations`),
]

interface Identity {
  readonly driver: string
  readonly pool: string
  readonly device: string
  readonly shareID?: string
}

const idOf = ({ driver, pool, device, shareID }: Identity): string => [driver, pool, device, ...(shareID ? [shareID] : [])].join('/')

const validateIdentity = ({ driver, pool, device, shareID }: Identity, path: string): FieldError[] => [
  ...validateDriverName(driver ?? '', `${path}.driver`),
  ...validatePoolName(pool, `${path}.pool`),
  ...label(device, `${path}.device`),
  ...(shareID === undefined ? [] : validateUid(shareID, `${path}.shareID`)),
]

const mostConditions = 8

function validateDeviceStatus(device: AllocatedDeviceStatus, path: string, allocated: ReadonlySet<string>): FieldError[] {
  const { conditions = [], data, networkData } = device
  const id = idOf(device)
  return [
    ...validateIdentity(device, path),
    ...(allocated.has(id) ? [] : [invalidField(path, id, 'must be an allocated device in the claim')]),
    ...(conditions.length > mostConditions ? [tooManyField(`${path}.conditions`, conditions.length, mostConditions)] : []),
    ...validateConditions(conditions, `${path}.conditions`),
    ...(data === undefined ? [] : validateData(data, `${path}.data`)),
    ...(networkData ? validateNetworkData(networkData, `${path}.networkData`) : []),
  ]
}

function validateNetworkData({ interfaceName = '', hardwareAddress = '', ips }: NetworkDeviceData, path: string): FieldError[] {
  return [
    ...(byteLength(interfaceName) > 256 ? [tooLongField(`${path}.interfaceName`, 256)] : []),
    ...(byteLength(hardwareAddress) > 128 ? [tooLongField(`${path}.hardwareAddress`, 128)] : []),
    ...limitedSet(ips, `${path}.ips`, 16, ip => ip, validateInterfaceAddress),
  ]
}

/** An address with the length of its network, `10.0.0.5/24`. */
function validateInterfaceAddress(value: string, path: string): FieldError[] {
  const parsed = parseCidr(value)
  if (!parsed) return [invalidField(path, value, 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)')]
  const canonical = `${formatIp(parsed.address)}/${parsed.prefixLength}`
  return canonical === value ? [] : [invalidField(path, value, `must be in canonical form (${JSON.stringify(canonical)})`)]
}
