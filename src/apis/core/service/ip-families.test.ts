import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFieldError } from '../../../apimachinery/field-error.ts'
import type { IpFamily } from '../../address-rules.ts'
import type { ServiceSpec } from '../service.ts'
import { settleIpFamilies } from './ip-families.ts'

const v4: readonly IpFamily[] = ['IPv4']
const both: readonly IpFamily[] = ['IPv4', 'IPv6']
const selector = { app: 'web' }
const settle = (spec: ServiceSpec, families: readonly IpFamily[], old?: ServiceSpec) =>
  settleIpFamilies(
    { metadata: {}, spec: { type: 'ClusterIP', selector, ...spec } },
    old && { metadata: {}, spec: { type: 'ClusterIP', ...old } },
    families,
  )

for (const [name, spec, families, policy, expected] of [
  ['one family', {}, v4, 'SingleStack', ['IPv4']],
  ['one of two families', {}, both, 'SingleStack', ['IPv4']],
  ['the family asked for', { ipFamilies: ['IPv6'] }, both, 'SingleStack', ['IPv6']],
  ['the family of the address', { clusterIPs: ['fd00::1'] }, both, 'SingleStack', ['IPv6']],
  ['both where there are both', { ipFamilyPolicy: 'PreferDualStack' }, both, 'PreferDualStack', ['IPv4', 'IPv6']],
  ['one where there is one', { ipFamilyPolicy: 'PreferDualStack' }, v4, 'PreferDualStack', ['IPv4']],
  ['both, the second first', { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] }, both, 'RequireDualStack', ['IPv6', 'IPv4']],
  ['two families asked for', { ipFamilies: ['IPv4', 'IPv6'] }, both, 'RequireDualStack', ['IPv4', 'IPv6']],
  ['headless', { clusterIPs: ['None'] }, v4, 'SingleStack', ['IPv4']],
  ['headless without selector', { clusterIPs: ['None'], selector: {} }, v4, 'RequireDualStack', ['IPv4', 'IPv6']],
] as const) {
  test(`families: ${name}`, () => {
    const { service, errors } = settle(spec, families)
    assert.deepEqual([errors, service.spec?.ipFamilyPolicy, service.spec?.ipFamilies], [[], policy, expected])
    assert.deepEqual(settle(service.spec ?? {}, families).service, service)
  })
}

for (const [spec, families, ...expected] of [
  [{ ipFamilies: ['IPv6'] }, v4, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
  [{ clusterIPs: ['fd00::1'] }, v4, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
  [
    { ipFamilyPolicy: 'RequireDualStack' },
    v4,
    'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
  ],
  [
    { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4', 'IPv6'] },
    both,
    'spec.ipFamilyPolicy: Invalid value: "SingleStack": must be RequireDualStack or PreferDualStack when multiple ipFamilies are specified',
  ],
] as const) {
  test(`families: refused: ${JSON.stringify(spec)}`, () => {
    assert.deepEqual(settle(spec, families).errors.map(formatFieldError), expected)
  })
}

test('families: going back to one drops the second where nobody changed it', () => {
  const old: ServiceSpec = { ipFamilyPolicy: 'PreferDualStack', clusterIPs: ['10.43.0.9', 'fd00::9'], ipFamilies: ['IPv4', 'IPv6'] }
  const { service, errors } = settle({ ...old, ipFamilyPolicy: 'SingleStack' }, both, old)
  assert.deepEqual([errors, service.spec?.clusterIPs, service.spec?.ipFamilies], [[], ['10.43.0.9'], ['IPv4']])
})

test('families: an external name has none', () => {
  assert.equal(settle({ type: 'ExternalName' }, v4).service.spec?.ipFamilies, undefined)
})
