import { type FieldError, invalidField, requiredField, unsupportedField } from '../../../apimachinery/field-error.ts'
import { parseIp } from '../../../apimachinery/ip.ts'
import {
  validateDnsLabel,
  validateDnsSubdomain,
  validatePathSegmentName,
  validatePortName,
  validatePortNumber,
  validateWildcardDnsSubdomain,
} from '../../../apimachinery/names.ts'
import { validateIp } from '../../address-rules.ts'
import type { TypedLocalObjectReference } from '../../core/references.ts'
import { each, invalid, requiredName } from '../../core/validation/rules.ts'
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressLoadBalancerIngress,
  IngressRule,
  IngressServiceBackend,
  IngressTLS,
} from '../ingress.ts'

export function validateIngress({ spec = {} }: Ingress): FieldError[] {
  const { rules = [], defaultBackend, ingressClassName } = spec
  const isEmpty = rules.length === 0 && defaultBackend === undefined
  return [
    ...(isEmpty ? [invalidField('spec', spec.rules, 'either `defaultBackend` or `rules` must be specified')] : []),
    ...(defaultBackend ? validateBackend(defaultBackend, 'spec.defaultBackend') : []),
    ...each(rules, 'spec.rules', validateRule),
    ...each(spec.tls, 'spec.tls', validateTls),
    ...(ingressClassName === undefined ? [] : invalid('spec.ingressClassName', ingressClassName, validateDnsSubdomain(ingressClassName))),
  ]
}

/** The annotation from before there was a field may be there too, if it says the same. */
export function validateIngressCreate({ metadata, spec }: Ingress): FieldError[] {
  const annotation = metadata.annotations?.['kubernetes.io/ingress.class']
  const className = spec?.ingressClassName
  if (annotation === undefined || className === undefined || annotation === className) return []
  return [invalidField('annotations.kubernetes.io/ingress.class', annotation, 'must match `ingressClassName` when both are specified')]
}

function validateTls({ hosts, secretName }: IngressTLS, path: string): FieldError[] {
  return [
    ...each(hosts, `${path}.hosts`, (host, at) => invalid(at, host, validateHost(host))),
    ...(secretName ? invalid(`${path}.secretName`, secretName, validateDnsSubdomain(secretName)) : []),
  ]
}

const validateHost = (host: string): string[] => (host.includes('*') ? validateWildcardDnsSubdomain(host) : validateDnsSubdomain(host))

function validateRule({ host, http }: IngressRule, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (host) {
    if (parseIp(host)) errors.push(invalidField(`${path}.host`, host, notAnAddress))
    errors.push(...invalid(`${path}.host`, host, validateHost(host)))
  }
  if (http === undefined) return errors
  if (!http.paths?.length) errors.push(requiredField(`${path}.http.paths`))
  return [...errors, ...each(http.paths, `${path}.http.paths`, validatePath)]
}

const notAnAddress = 'must be a DNS name, not an IP address'

function validatePath({ path: route = '', pathType, backend }: HTTPIngressPath, path: string): FieldError[] {
  if (pathType === undefined) return [requiredField(`${path}.pathType`, 'pathType must be specified')]
  return [...validateRoute(route, pathType, path), ...validateBackend(backend ?? {}, `${path}.backend`)]
}

const forbiddenSequences = ['//', '/./', '/../', '%2f', '%2F']
const forbiddenEnds = ['/..', '/.']

function validateRoute(route: string, pathType: string, path: string): FieldError[] {
  const refuse = (why: string) => invalidField(`${path}.path`, route, why)
  const absolute = route.startsWith('/') ? [] : [refuse('must be an absolute path')]
  switch (pathType) {
    case 'ImplementationSpecific':
      return route === '' ? [] : absolute
    case 'Exact':
    case 'Prefix':
      return [
        ...absolute,
        ...forbiddenSequences.filter(one => route.includes(one)).map(one => refuse(`must not contain '${one}'`)),
        ...forbiddenEnds.filter(one => route.endsWith(one)).map(one => refuse(`cannot end with '${one}'`)),
      ]
    default:
      return [unsupportedField(`${path}.pathType`, pathType, ['Exact', 'ImplementationSpecific', 'Prefix'])]
  }
}

function validateBackend({ resource, service }: IngressBackend, path: string): FieldError[] {
  if (resource && service) return [invalidField(path, '', 'cannot set both resource and service backends')]
  if (resource) return validateResource(resource, `${path}.resource`)
  return service ? validateService(service, path) : [invalidField(path, '', 'resource or service backend is required')]
}

function validateService({ name, port = {} }: IngressServiceBackend, path: string): FieldError[] {
  const errors = requiredName(name, `${path}.service.name`, validateDnsLabel)
  const at = `${path}.service.port`
  if (port.name && port.number) return [...errors, invalidField(path, '', 'cannot set both port name & port number')]
  if (port.name) return [...errors, ...invalid(`${at}.name`, port.name, validatePortName(port.name))]
  if (port.number) return [...errors, ...invalid(`${at}.number`, port.number, validatePortNumber(port.number))]
  return [...errors, requiredField(path, 'port name or number is required')]
}

const validateResource = ({ apiGroup, kind, name }: TypedLocalObjectReference, path: string): FieldError[] => [
  ...(apiGroup === undefined ? [] : invalid(`${path}.apiGroup`, apiGroup, validateDnsSubdomain(apiGroup))),
  ...requiredName(kind, `${path}.kind`, validatePathSegmentName),
  ...requiredName(name, `${path}.name`, validatePathSegmentName),
]

export function validateIngressStatus({ status }: Ingress, old?: Ingress): FieldError[] {
  const before = (old?.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []))
  return each(status?.loadBalancer?.ingress, 'status.loadBalancer.ingress', (one, at) => validateAddress(one, at, before))
}

function validateAddress({ ip, hostname }: IngressLoadBalancerIngress, path: string, before: readonly string[]): FieldError[] {
  const errors = ip ? validateIp(ip, `${path}.ip`, before) : []
  if (!hostname) return errors
  const at = `${path}.hostname`
  const named = invalid(at, hostname, validateDnsSubdomain(hostname))
  return [...errors, ...named, ...(parseIp(hostname) ? [invalidField(at, hostname, notAnAddress)] : [])]
}
