import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Kind } from '../../apimachinery/kind.ts'
import type { RuleWithOperations } from '../../apis/admissionregistration/rule.ts'
import { configMapKind } from '../../apis/core/config-map.ts'
import { eventKind } from '../../apis/core/event.ts'
import { isExempt, matchesRule, matchRules, type RuleTarget } from './rule-matcher.ts'

const target: RuleTarget = { operation: 'CREATE', group: 'apps', version: 'v1', resource: 'deployments', subresource: '', namespaced: true }
const scale = { subresource: 'scale' }
const rule = { operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], scope: '*' }

describe('a rule', () => {
  const cases: readonly [string, Partial<RuleWithOperations>, Partial<RuleTarget>, boolean][] = [
    ['names all of it', {}, {}, true],
    ['names another operation', { operations: ['UPDATE', 'DELETE'] }, {}, false],
    ['means every operation', { operations: ['*'] }, { operation: 'CONNECT' }, true],
    ['names another group', { apiGroups: [''] }, {}, false],
    ['means every group', { apiGroups: ['*'] }, {}, true],
    ['names another version', { apiVersions: ['v1beta1'] }, {}, false],
    ['means every version', { apiVersions: ['*'] }, {}, true],
    ['means cluster scope', { scope: 'Cluster' }, {}, false],
    ['means cluster scope, of the cluster', { scope: 'Cluster' }, { namespaced: false }, true],
    ['means namespaces', { scope: 'Namespaced' }, {}, true],
    ['means namespaces, of the cluster', { scope: 'Namespaced' }, { namespaced: false }, false],
    ['has no scope', { scope: undefined }, { namespaced: false }, true],
    ['means no subresource by a resource', {}, scale, false],
    ['means no subresource by a star', { resources: ['*'] }, scale, false],
    ['means every resource by a star', { resources: ['*'] }, {}, true],
    ['names a subresource', { resources: ['deployments/scale'] }, scale, true],
    ['names a subresource, not the resource', { resources: ['deployments/scale'] }, {}, false],
    ['means every subresource', { resources: ['deployments/*'] }, scale, true],
    ['means the resource with its subresources', { resources: ['deployments/*'] }, {}, true],
    ['means a subresource of all', { resources: ['*/scale'] }, scale, true],
    ['means everything', { resources: ['*/*'] }, scale, true],
  ]
  for (const [name, by, of, wanted] of cases) it(name, () => assert.equal(matchesRule({ ...rule, ...by }, { ...target, ...of }), wanted))
})

describe('the version in which somebody is asked', () => {
  const request = { kind: eventKind as never, operation: 'CREATE', subresource: '', objects: { kinds: () => [] } } as const
  const [core, events] = eventKind.served
  const about = (group: string): RuleWithOperations => ({ ...rule, apiGroups: [group], resources: ['events'] })
  const cases: readonly [string, RuleWithOperations[], string | undefined, unknown][] = [
    ['is that of the request', [about('events.k8s.io'), about('')], 'Equivalent', core],
    ['is one of the same objects', [about('events.k8s.io')], 'Equivalent', events],
    ['is equivalent by default', [about('events.k8s.io')], undefined, events],
    ['is none where the match must be exact', [about('events.k8s.io')], 'Exact', undefined],
    ['is none where no rule fits', [about('apps')], 'Equivalent', undefined],
  ]
  for (const [name, rules, policy, wanted] of cases) it(name, () => assert.equal(matchRules(rules, request, core as never, policy), wanted))
})

it('versions of custom resources are kinds of their own, and one resource', () => {
  const version = (name: string, group = 'example.com') => {
    const served = [{ ...configMapKind.served[0], group, version: name }]
    return { ...configMapKind, group, version: name, resource: 'ships', custom: true, served } as never as Kind
  }
  const [v1, v2, other] = [version('v1'), version('v2'), version('v1', 'example.org')] as const
  const objects = { kinds: () => [other, v1, v2] }
  const about = { ...rule, apiGroups: ['*'], apiVersions: ['v1'], resources: ['ships'] }
  const request = { kind: v2, operation: 'CREATE', subresource: '', objects } as const
  assert.equal(matchRules([about], request, v2.served[0] as never, 'Equivalent'), v1.served[0])
})

it('configurations of admission are exempt from it', () => {
  assert.equal(isExempt({ ...configMapKind, group: 'admissionregistration.k8s.io', kind: 'ValidatingAdmissionPolicy' } as never), true)
  assert.equal(isExempt(configMapKind as never), false)
})
