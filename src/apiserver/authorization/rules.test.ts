import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RequestAttributes } from '../../apimachinery/request.ts'
import type { PolicyRule } from '../../apis/rbac/role.ts'
import { compactRules, formatRule, ruleAllows, uncoveredRules } from './rules.ts'

const asked = (text: string, rest: Partial<RequestAttributes> = {}): RequestAttributes => {
  const [verb = '', target = ''] = text.split(' ')
  const [resource = '', subresource = ''] = target.split('/')
  const isResourceRequest = !target.startsWith('/')
  const attributes = isResourceRequest ? { resource, subresource, path: '' } : { resource: '', subresource: '', path: target }
  return { verb, isResourceRequest, group: '', version: 'v1', namespace: '', name: '', ...attributes, ...rest }
}
const rule = (verbs: string, resources: string, rest: Partial<PolicyRule> = {}): PolicyRule => ({
  verbs: verbs.split(' '),
  apiGroups: [''],
  resources: resources.split(' '),
  ...rest,
})

describe('a rule', () => {
  const cases: readonly [string, PolicyRule, RequestAttributes, boolean][] = [
    ['names verb and resource', rule('get', 'pods'), asked('get pods'), true],
    ['means no other verb', rule('get', 'pods'), asked('list pods'), false],
    ['means no other group', rule('get', 'pods'), asked('get pods', { group: 'apps' }), false],
    ['of all groups', rule('get', 'pods', { apiGroups: ['*'] }), asked('get pods', { group: 'apps' }), true],
    ['of a resource means no subresource', rule('get', 'pods'), asked('get pods/log'), false],
    ['names a subresource', rule('get', 'pods/log'), asked('get pods/log'), true],
    ['of a subresource means no resource', rule('get', 'pods/log'), asked('get pods'), false],
    ['of a subresource of everything', rule('update', '*/scale'), asked('update deployments/scale'), true],
    ['of a subresource of everything means no other', rule('update', '*/scale'), asked('update deployments/status'), false],
    ['of all resources means subresources too', rule('get', '*'), asked('get pods/log'), true],
    ['of all resources means no paths', rule('get', '*'), asked('get /metrics'), false],
    ['of all verbs', rule('*', 'pods'), asked('delete pods'), true],
    ['names an object', rule('get', 'pods', { resourceNames: ['web'] }), asked('get pods', { name: 'web' }), true],
    ['means no other object', rule('get', 'pods', { resourceNames: ['web'] }), asked('get pods', { name: 'db' }), false],
    ['with names means no collection', rule('list', 'pods', { resourceNames: ['web'] }), asked('list pods'), false],
    ['names a path', { verbs: ['get'], nonResourceURLs: ['/version'] }, asked('get /version'), true],
    ['means no path below', { verbs: ['get'], nonResourceURLs: ['/version'] }, asked('get /version/x'), false],
    ['means all below', { verbs: ['get'], nonResourceURLs: ['/healthz/*'] }, asked('get /healthz/ping'), true],
    ['means all that begins so', { verbs: ['get'], nonResourceURLs: ['/healthz*'] }, asked('get /healthzz'), true],
    ['of all paths means no resources', { verbs: ['*'], nonResourceURLs: ['*'] }, asked('get pods'), false],
    ['without verbs allows nothing', { verbs: [], apiGroups: [''], resources: ['pods'] }, asked('get pods'), false],
  ]
  for (const [name, given, attributes, expected] of cases) it(name, () => assert.equal(ruleAllows(given, attributes), expected))
})

describe('rights that are not held', () => {
  const cases: readonly [string, PolicyRule[], PolicyRule[], string[]][] = [
    ['none', [rule('get list', 'pods')], [rule('get', 'pods')], []],
    ['gathered from several', [rule('get', 'pods'), rule('list', 'pods')], [rule('get list', 'pods')], []],
    ['one verb', [rule('get', 'pods')], [rule('get list', 'pods')], ['{APIGroups:[""], Resources:["pods"], Verbs:["list"]}']],
    ['everything is more than each', [rule('get', 'pods')], [rule('get', '*')], ['{APIGroups:[""], Resources:["*"], Verbs:["get"]}']],
    [
      'any object is more than one',
      [rule('get', 'pods', { resourceNames: ['a'] })],
      [rule('get', 'pods')],
      ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}'],
    ],
    ['one object is less than any', [rule('get', 'pods')], [rule('get', 'pods', { resourceNames: ['a'] })], []],
    ['all subresources of a name', [rule('get', '*/scale')], [rule('get', 'pods/scale')], []],
    ['paths below', [{ verbs: ['get'], nonResourceURLs: ['/a/*'] }], [{ verbs: ['get'], nonResourceURLs: ['/a/b', '/a/*'] }], []],
    [
      'a path beside',
      [{ verbs: ['get'], nonResourceURLs: ['/a'] }],
      [{ verbs: ['get'], nonResourceURLs: ['/b'] }],
      ['{NonResourceURLs:["/b"], Verbs:["get"]}'],
    ],
  ]
  for (const [name, owned, wanted, missing] of cases)
    it(name, () => assert.deepEqual(compactRules(uncoveredRules(owned, wanted)).map(formatRule), missing))
})

describe('rules of long lists', () => {
  const long = (prefix: string) => Array.from({ length: 300 }, (_, index) => `${prefix}${index}`)
  const wanted = { verbs: long('v'), apiGroups: long('g'), resources: long('r'), resourceNames: long('n') }
  it('are covered by one that is owned and says as much', () => {
    assert.deepEqual(uncoveredRules([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }], [wanted]), [])
    assert.deepEqual(uncoveredRules([{ ...wanted, verbs: ['*'] }], [wanted]), [])
    assert.deepEqual(
      uncoveredRules([{ verbs: ['get'], nonResourceURLs: ['/a/*'] }], [{ verbs: ['get'], nonResourceURLs: ['/a/b', '/a/c'] }]),
      [],
    )
  })
  it('are not compared name by name with others as long', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `n${index}`)
    const many = { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: names }
    assert.deepEqual(uncoveredRules([many], [many]), [many])
    assert.deepEqual(uncoveredRules([many, { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }], [many]), [])
    assert.deepEqual(
      uncoveredRules(
        [
          { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
          { ...many, resourceNames: ['n'] },
        ],
        [many],
      ),
      [],
    )
  })
  it('are missing as a whole where a part of them is', () => {
    for (const part of ['verbs', 'apiGroups', 'resources', 'resourceNames'] as const)
      assert.deepEqual(uncoveredRules([{ ...wanted, [part]: wanted[part].slice(1) }], [wanted]), [wanted], part)
    assert.deepEqual(uncoveredRules([], [wanted, wanted]).length, 2)
  })
})
