import { type FieldError, forbiddenField, invalidField } from '../../../apimachinery/field-error.ts'
import type { Service, ServiceSpec } from '../service.ts'
import { isHeadless, needsHealthCheckNodePort } from './traits.ts'
import { validateService } from './validation.ts'

/** What holds for any service, and that it keeps its addresses; a second family may come and go. */
export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const spec = service.spec ?? {}
  const before = old.spec ?? {}
  return [
    ...validateService(service, old),
    ...validateNetworkUpdate(spec, before),
    ...validateLoadBalancerClassUpdate(spec, before),
    ...validateHealthCheckUpdate(spec, before),
  ]
}

function validateNetworkUpdate(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return []
  const bothHeadless = isHeadless(spec) && isHeadless(old)
  return [
    ...(bothHeadless ? [] : validateListUpdate('clusterIPs', 'clusterIP', spec, old)),
    ...validateListUpdate('ipFamilies', 'ipFamily', spec, old),
  ]
}

function validateListUpdate(field: 'clusterIPs' | 'ipFamilies', one: string, spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const now = spec[field] ?? []
  const before = old[field] ?? []
  const path = `spec.${field}`
  // A headless service without selector may have had a family of its own choice.
  if (field === 'ipFamilies' && now.length === 0 && isHeadless(spec)) return []
  if (before.length > 0 && now.length === 0) return [invalidField(`${path}[0]`, now, `primary ${one} can not be unset`)]
  const errors: FieldError[] = []
  for (const [index, value] of before.entries()) {
    const isChanged = index < now.length && now[index] !== value
    if (isChanged) errors.push(invalidField(`${path}[${index}]`, now, 'may not change once set'))
  }
  if (before.length > 1 && now.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const release = `must be set to 'SingleStack' when releasing the secondary ${one}`
    errors.push(invalidField('spec.ipFamilyPolicy', spec.ipFamilyPolicy, release))
  }
  return errors
}

function validateLoadBalancerClassUpdate(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const bothLoadBalancers = spec.type === 'LoadBalancer' && old.type === 'LoadBalancer'
  if (!bothLoadBalancers || spec.loadBalancerClass === old.loadBalancerClass) return []
  return [invalidField('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set')]
}

function validateHealthCheckUpdate(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (!needsHealthCheckNodePort(spec) || !needsHealthCheckNodePort(old)) return []
  if (spec.healthCheckNodePort === old.healthCheckNodePort) return []
  return [forbiddenField('spec.healthCheckNodePort', 'field is immutable')]
}
