import { duplicateField, type FieldError, forbiddenField, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import { validateConfigMapKey, validateDnsLabel, validateDnsSubdomain } from '../../../apimachinery/names.ts'
import { ipFamily, validateCidrField } from '../../address-rules.ts'
import { cidrWarnings } from '../../address-warnings.ts'
import type { ConfigMapNodeConfigSource, Node, NodeConfigSource } from '../node.ts'
import { semanticEqual } from '../sharing.ts'
import { validateResourceQuantity } from './resources.ts'
import { each, invalid } from './rules.ts'
import { validateTaints } from './tolerations.ts'

/** What holds for a node at any time. */
export const validateNode = (node: Node, old?: Node): FieldError[] => [
  // The path is upstream's; taints stand in the spec.
  ...validateTaints(node.spec?.taints, 'metadata.taints'),
  ...validateAmounts(node),
  ...validateAddresses(node),
  ...validatePodCidrs(node.spec?.podCIDRs ?? [], old?.spec?.podCIDRs),
  ...validateConfiguration(node),
]

/** What holds for any node, and what an update of it may not change. */
export function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  const [spec, before] = [node.spec ?? {}, old.spec ?? {}]
  const errors = validateNode(node, old)
  if (before.podCIDRs?.length && !semanticEqual(spec.podCIDRs, before.podCIDRs)) {
    errors.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'))
  }
  if (before.providerID && spec.providerID !== before.providerID) {
    errors.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'))
  }
  if ((spec.externalID ?? '') !== (before.externalID ?? '')) errors.push(forbiddenField('spec.externalID', 'may not be updated'))
  return errors
}

/** Fields that are not used any more, and ranges that other programs may read differently. */
export const nodeWarnings = ({ spec = {} }: Node): string[] => [
  ...(spec.configSource ? ['spec.configSource: the feature is removed'] : []),
  ...(spec.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
  ...(spec.podCIDRs ?? []).flatMap((range, index) => cidrWarnings(range, `spec.podCIDRs[${index}]`)),
]

function validateConfiguration(node: Node): FieldError[] {
  const wanted = node.spec?.configSource
  return [
    ...(wanted ? validateConfigSource(wanted, 'spec.configSource', validateWantedConfig) : []),
    ...(['assigned', 'active', 'lastKnownGood'] as const).flatMap(field => {
      const source = node.status?.config?.[field]
      return source ? validateConfigSource(source, `status.config.${field}`, validateReportedConfig) : []
    }),
  ]
}

const validateAmounts = (node: Node): FieldError[] =>
  (['capacity', 'allocatable'] as const).flatMap(field =>
    Object.entries(node.status?.[field] ?? {}).flatMap(([name, quantity]) =>
      validateResourceQuantity(name, quantity, `status.${field}.${name}`),
    ),
  )

function validatePodCidrs(ranges: readonly string[], before: readonly string[] | undefined): FieldError[] {
  const path = 'spec.podCIDRs'
  const errors = each(ranges, path, (range, at) => validateCidrField(range, at, before))
  const families = new Set(ranges.map(range => ipFamily(range.split('/', 1)[0] ?? '')))
  if (families.size < ranges.length) errors.push(invalidField(path, ranges, 'may specify no more than one CIDR for each IP family'))
  const repeated = ranges.flatMap((range, index) => (ranges.indexOf(range) < index ? [duplicateField(`${path}[${index}]`, range)] : []))
  return [...errors, ...repeated]
}

function validateAddresses(node: Node): FieldError[] {
  const seen = new Set<string>()
  return each(node.status?.addresses, 'status.addresses', (address, at) => {
    const key = `${address.type} ${address.address}`
    if (seen.has(key)) return [duplicateField(at, address)]
    seen.add(key)
    return []
  })
}

type ConfigMapRule = (source: ConfigMapNodeConfigSource, path: string) => FieldError[]

function validateConfigSource(source: NodeConfigSource, path: string, rule: ConfigMapRule): FieldError[] {
  if (source.configMap === undefined) return [invalidField(path, source, 'exactly one reference subfield must be non-nil')]
  return [...rule(source.configMap, `${path}.configMap`), ...validateConfigMap(source.configMap, `${path}.configMap`)]
}

const validateWantedConfig: ConfigMapRule = ({ uid, resourceVersion }, path) => [
  ...(uid ? [forbiddenField(`${path}.uid`, 'uid must not be set in spec')] : []),
  ...(resourceVersion ? [forbiddenField(`${path}.resourceVersion`, 'resourceVersion must not be set in spec')] : []),
]

const validateReportedConfig: ConfigMapRule = ({ uid, resourceVersion }, path) => [
  ...(uid ? [] : [requiredField(`${path}.uid`, 'uid must be set in status')]),
  ...(resourceVersion ? [] : [requiredField(`${path}.resourceVersion`, 'resourceVersion must be set in status')]),
]

const validateConfigMap: ConfigMapRule = ({ namespace, name, kubeletConfigKey: key }, path) => [
  ...named(namespace, `${path}.namespace`, 'namespace must be set', validateDnsLabel),
  ...named(name, `${path}.name`, 'name must be set', validateDnsSubdomain),
  ...named(key, `${path}.kubeletConfigKey`, 'kubeletConfigKey must be set', validateConfigMapKey),
]

const named = (value: string | undefined, path: string, absent: string, rule: (value: string) => string[]): FieldError[] =>
  value ? invalid(path, value, rule(value)) : [requiredField(path, absent)]
