import { mapShared, withField } from '../core/sharing.ts'
import type { DeviceRequest, ResourceClaimSpec } from './resource-claim-spec.ts'

/** One device is meant where nothing else is said. */
export function withClaimDefaults(spec: ResourceClaimSpec): ResourceClaimSpec {
  const { devices } = spec
  if (!devices?.requests) return spec
  return withField(spec, 'devices', withField(devices, 'requests', mapShared(devices.requests, withRequestDefaults)))
}

function withRequestDefaults(given: DeviceRequest): DeviceRequest {
  const request = given.exactly ? withField(given, 'exactly', withCount(given.exactly)) : given
  return request.firstAvailable ? withField(request, 'firstAvailable', mapShared(request.firstAvailable, withCount)) : request
}

function withCount<T extends { readonly allocationMode?: string; readonly count?: number }>(given: T): T {
  const { allocationMode = 'ExactCount', count } = given
  const needsCount = allocationMode === 'ExactCount' && !count
  if (given.allocationMode && !needsCount) return given
  return { ...given, allocationMode, ...(needsCount && { count: 1 }) }
}
