import { cidrWarnings, ipWarnings } from '../../address-warnings.ts'
import type { Service } from '../service.ts'
import { isHeadless, noClusterIp } from './traits.ts'

const oldHints = 'service.kubernetes.io/topology-aware-hints'
const topologyMode = 'service.kubernetes.io/topology-mode'

/** What a service says without effect, what will go, and addresses that other programs may read differently. */
export function serviceWarnings({ metadata, spec = {} }: Service): string[] {
  const { clusterIPs = [], externalIPs = [], loadBalancerIP = '', loadBalancerSourceRanges = [] } = spec
  const warnings: string[] = []
  if (metadata.annotations?.[oldHints] !== undefined)
    warnings.push(`annotation ${oldHints} is deprecated, please use ${topologyMode} instead`)
  if (clusterIPs[0] !== noClusterIp) warnings.push(...eachOf(clusterIPs, 'spec.clusterIPs', ipWarnings))
  if (spec.type === 'ClusterIP' && isHeadless(spec)) {
    if (loadBalancerIP !== '') warnings.push('spec.loadBalancerIP is ignored for headless services')
    if (externalIPs.length > 0) warnings.push('spec.externalIPs is ignored for headless services')
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services')
  }
  if (externalIPs.length > 0) warnings.push('spec.externalIPs is deprecated')
  warnings.push(...eachOf(externalIPs, 'spec.externalIPs', ipWarnings))
  if (loadBalancerIP !== '') warnings.push(...ipWarnings(loadBalancerIP, 'spec.loadBalancerIP'))
  warnings.push(...eachOf(loadBalancerSourceRanges, 'spec.loadBalancerSourceRanges', cidrWarnings))
  if (spec.type === 'ExternalName' && externalIPs.length > 0) warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  if (spec.type !== 'ExternalName' && spec.externalName) warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  if (spec.trafficDistribution === 'PreferClose')
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  return warnings
}

const eachOf = (values: readonly string[], path: string, warningsOf: (value: string, path: string) => string[]): string[] =>
  values.flatMap((value, index) => warningsOf(value, `${path}[${index}]`))
