import { duplicateField, type FieldError, invalidField, requiredField, unsupportedField } from '../../../apimachinery/field-error.ts'
import { ipFamily, validateIp } from '../../address-rules.ts'
import type { ServiceSpec } from '../service.ts'
import { each, optionalOneOf } from '../validation/rules.ts'
import { noClusterIp } from './traits.ts'

const families = ['IPv4', 'IPv6']
const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']

/** How `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` fit together. */
export function validateClusterIps(spec: ServiceSpec, before: readonly string[] = []): FieldError[] {
  if (spec.type === 'ExternalName') return []
  const clusterIps = spec.clusterIPs ?? []
  const errors = [...validateSingular(spec.clusterIP, clusterIps), ...validateFamilies(spec)]
  const invalidIps = clusterIps.flatMap((address, index) => validateClusterIp(address, index, clusterIps, before))
  if (clusterIps.length > 2) errors.push(invalidField('spec.clusterIPs', clusterIps, 'may only hold up to 2 values'))
  if (invalidIps.length) return [...errors, ...invalidIps]
  if (clusterIps.length === 2 && ipFamily(clusterIps[0] ?? '') === ipFamily(clusterIps[1] ?? '')) {
    errors.push(invalidField('spec.clusterIPs', clusterIps, 'may specify no more than one IP for each IP family'))
  }
  return errors.length ? errors : validateFamiliesOfIps(clusterIps, spec.ipFamilies ?? [])
}

function validateSingular(clusterIp: string | undefined, clusterIps: readonly string[]): FieldError[] {
  if (clusterIp && clusterIps.length === 0) return [requiredField('spec.clusterIPs')]
  if (clusterIps.length === 0 || clusterIps[0] === clusterIp) return []
  return [invalidField('spec.clusterIPs', clusterIps, 'first value must match `clusterIP`')]
}

function validateFamilies({ ipFamilies, ipFamilyPolicy }: ServiceSpec): FieldError[] {
  const seen = new Set<string>()
  const errors = each(ipFamilies, 'spec.ipFamilies', (family, path) => {
    const supported = families.includes(family) ? [] : [unsupportedField(path, family, families)]
    const repeated = seen.has(family) ? [duplicateField(path, family)] : []
    seen.add(family)
    return [...supported, ...repeated]
  })
  return [...errors, ...optionalOneOf(ipFamilyPolicy, 'spec.ipFamilyPolicy', policies)]
}

function validateClusterIp(address: string, index: number, all: readonly string[], before: readonly string[]): FieldError[] {
  if (index > 0 || address !== noClusterIp) return validateIp(address, `spec.clusterIPs[${index}]`, before)
  return all.length > 1 ? [invalidField('spec.clusterIPs', all, "'None' must be the first and only value")] : []
}

function validateFamiliesOfIps(clusterIps: readonly string[], ipFamilies: readonly string[]): FieldError[] {
  if (clusterIps[0] === noClusterIp) return []
  return clusterIps.flatMap((address, index) => {
    const family = ipFamilies[index]
    if (family === undefined || family === ipFamily(address)) return []
    return [invalidField(`spec.clusterIPs[${index}]`, address, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``)]
  })
}
