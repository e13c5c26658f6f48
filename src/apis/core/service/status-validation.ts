import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../../apimachinery/field-error.ts'
import { validateDnsSubdomain, validateIpAddress } from '../../../apimachinery/names.ts'
import { validateIp } from '../../address-rules.ts'
import type { LoadBalancerIngress, Service } from '../service.ts'
import { each, invalid } from '../validation/rules.ts'

const ipModes = ['Proxy', 'VIP']

export function validateLoadBalancerStatus({ spec, status }: Service, old?: Service): FieldError[] {
  const path = 'status.loadBalancer.ingress'
  const ingress = status?.loadBalancer?.ingress ?? []
  if (ingress.length && spec?.type !== 'LoadBalancer') {
    return [forbiddenField(path, "may only be used when `spec.type` is 'LoadBalancer'")]
  }
  const before = (old?.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []))
  return each(ingress, path, (one, at) => validateIngress(one, at, before))
}

const validateIngress = (ingress: LoadBalancerIngress, path: string, before: readonly string[]): FieldError[] => [
  ...(ingress.ip ? validateIp(ingress.ip, `${path}.ip`, before) : []),
  ...validateIpMode(ingress, `${path}.ipMode`),
  ...(ingress.hostname ? validateHostname(ingress.hostname, `${path}.hostname`) : []),
]

function validateIpMode({ ip, ipMode }: LoadBalancerIngress, path: string): FieldError[] {
  if (ipMode === undefined) return ip ? [requiredField(path, 'must be specified when `ip` is set')] : []
  if (!ip) return [forbiddenField(path, 'may not be specified when `ip` is not set')]
  return ipModes.includes(ipMode) ? [] : [unsupportedField(path, ipMode, ipModes)]
}

function validateHostname(hostname: string, path: string): FieldError[] {
  const errors = invalid(path, hostname, validateDnsSubdomain(hostname))
  const isIp = validateIpAddress(hostname).length === 0
  return isIp ? [...errors, invalidField(path, hostname, 'must be a DNS name, not an IP address')] : errors
}
