import { type FieldError, invalidField } from '../../../apimachinery/field-error.ts'
import { type IpFamily, ipFamily } from '../../address-rules.ts'
import type { Service, ServiceSpec } from '../service.ts'
import { semanticEqual, withField } from '../sharing.ts'
import { isHeadless, needsClusterIp, noClusterIp } from './traits.ts'

/**
 * Settles which address families a service has, before its addresses are allocated in the same ordered write.
 * `clusterFamilies` are those of the service ranges, the default first. One address of each family of the result is
 * the service's to have, unless it is headless.
 */
export function settleIpFamilies(
  service: Service,
  old: Service | undefined,
  clusterFamilies: readonly IpFamily[],
): { readonly service: Service; readonly errors: readonly FieldError[] } {
  const spec = service.spec ?? {}
  if (!needsClusterIp(spec)) return { service, errors: [] }
  const trimmed = old?.spec ? trimForSingleStack(spec, old.spec) : spec
  const errors = validateWish(trimmed, clusterFamilies)
  if (errors.length) return { service, errors }
  return { service: withField(service, 'spec', withFamilies(trimmed, clusterFamilies)), errors: [] }
}

/** Going back to one family drops the second address and family where the client left them as they were. */
function trimForSingleStack(given: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const isDowngrade = given.ipFamilyPolicy === 'SingleStack' && old.ipFamilyPolicy !== 'SingleStack'
  if (!isDowngrade) return given
  let spec = given
  if (semanticEqual(spec.clusterIPs, old.clusterIPs)) spec = withField(spec, 'clusterIPs', spec.clusterIPs?.slice(0, 1))
  if (semanticEqual(spec.ipFamilies, old.ipFamilies)) spec = withField(spec, 'ipFamilies', spec.ipFamilies?.slice(0, 1))
  return spec
}

function validateWish(spec: ServiceSpec, clusterFamilies: readonly IpFamily[]): FieldError[] {
  const { ipFamilies = [], clusterIPs = [], ipFamilyPolicy: policy } = spec
  const errors: FieldError[] = []
  const multiple = ipFamilies.length > 1 ? 'ipFamilies' : clusterIPs.length > 1 ? 'clusterIPs' : undefined
  if (policy === 'SingleStack' && multiple) {
    const expected = `must be RequireDualStack or PreferDualStack when multiple ${multiple} are specified`
    errors.push(invalidField('spec.ipFamilyPolicy', policy, expected))
  }
  // A headless service without selector has no addresses but those that someone writes for it.
  if (isFreelyHeadless(spec)) return errors
  if (policy === 'RequireDualStack' && clusterFamilies.length < 2) {
    errors.push(invalidField('spec.ipFamilyPolicy', policy, 'this cluster is not configured for dual-stack services'))
  }
  for (const [index, family] of familiesOf(spec).entries()) {
    const isConfigured = clusterFamilies.includes(family as IpFamily)
    if (!isConfigured) errors.push(invalidField(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'))
  }
  return errors
}

const isFreelyHeadless = (spec: ServiceSpec): boolean => isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0

/** Addresses that were asked for say which families are meant. */
function familiesOf({ ipFamilies = [], clusterIPs = [] }: ServiceSpec): readonly string[] {
  const asked = clusterIPs.filter(address => address && address !== noClusterIp).map(ipFamily)
  return [...ipFamilies, ...asked.slice(ipFamilies.length)]
}

function withFamilies(spec: ServiceSpec, clusterFamilies: readonly IpFamily[]): ServiceSpec {
  const asked = familiesOf(spec)
  const first = (asked[0] as IpFamily | undefined) ?? clusterFamilies[0] ?? 'IPv4'
  const policy =
    spec.ipFamilyPolicy ?? (isFreelyHeadless(spec) ? 'RequireDualStack' : asked.length > 1 ? 'RequireDualStack' : 'SingleStack')
  const wantsBoth = policy !== 'SingleStack' && (isFreelyHeadless(spec) || clusterFamilies.length > 1)
  const second: IpFamily = first === 'IPv4' ? 'IPv6' : 'IPv4'
  const families = asked.length > 1 ? asked : wantsBoth ? [first, second] : [first]
  const isSame = semanticEqual(families, spec.ipFamilies)
  return withField(withField(spec, 'ipFamilyPolicy', policy), 'ipFamilies', isSame ? spec.ipFamilies : families)
}
