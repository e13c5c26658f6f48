import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RequestAttributes } from '../../apimachinery/request.ts'
import { decideAudit, parseAuditPolicy } from './policy.ts'

const read = (rules: string, warn: (message: string) => void = () => undefined) =>
  parseAuditPolicy(`apiVersion: audit.k8s.io/v1\nkind: Policy\n${rules}`, 'policy.yaml', warn)

const about = (attributes: Partial<RequestAttributes>): RequestAttributes => ({
  verb: 'get',
  path: '',
  isResourceRequest: true,
  group: '',
  version: 'v1',
  resource: 'pods',
  subresource: '',
  namespace: 'default',
  name: 'web',
  ...attributes,
})
const path = (of: string) => about({ isResourceRequest: false, path: of, resource: '', namespace: '', name: '' })
const jane = { name: 'jane', groups: ['dev', 'system:authenticated'] }

describe('audit policy', () => {
  const cases: readonly [rule: string, attributes: RequestAttributes, matches: boolean][] = [
    ['level: Metadata', about({}), true],
    ['level: Metadata, users: [jane]', about({}), true],
    ['level: Metadata, users: [john]', about({}), false],
    ['level: Metadata, userGroups: [dev, ops]', about({}), true],
    ['level: Metadata, userGroups: [ops]', about({}), false],
    ['level: Metadata, verbs: [get]', about({}), true],
    ['level: Metadata, verbs: [list, "*"]', about({}), false],
    ['level: Metadata, namespaces: [default]', about({}), true],
    ['level: Metadata, namespaces: [""]', about({ namespace: '', resource: 'nodes' }), true],
    ['level: Metadata, namespaces: [other]', about({}), false],
    ['level: Metadata, namespaces: [default]', path('/version'), false],
    ['level: Metadata, resources: [{group: ""}]', about({}), true],
    ['level: Metadata, resources: [{group: apps}]', about({}), false],
    ['level: Metadata, resources: [{resources: [pods]}]', about({}), true],
    ['level: Metadata, resources: [{resources: [pods]}]', about({ subresource: 'log' }), false],
    ['level: Metadata, resources: [{resources: [pods/log]}]', about({ subresource: 'log' }), true],
    ['level: Metadata, resources: [{resources: ["pods/*"]}]', about({ subresource: 'log' }), true],
    ['level: Metadata, resources: [{resources: ["*/log"]}]', about({ subresource: 'log' }), true],
    ['level: Metadata, resources: [{resources: ["*/status"]}]', about({ subresource: 'log' }), false],
    ['level: Metadata, resources: [{resources: ["*"]}]', about({ subresource: 'log' }), true],
    ['level: Metadata, resources: [{resources: [pods], resourceNames: [web]}]', about({}), true],
    ['level: Metadata, resources: [{resources: [pods], resourceNames: [db]}]', about({}), false],
    ['level: Metadata, resources: [{resources: [pods]}]', path('/version'), false],
    ['level: Metadata, nonResourceURLs: [/version]', path('/version'), true],
    ['level: Metadata, nonResourceURLs: ["/healthz*"]', path('/healthz/ping'), true],
    ['level: Metadata, nonResourceURLs: ["*"]', path('/anything'), true],
    ['level: Metadata, nonResourceURLs: [/version]', path('/version/x'), false],
    ['level: Metadata, nonResourceURLs: ["*"]', about({}), false],
  ]
  for (const [rule, attributes, matches] of cases) {
    it(`{${rule}} ${matches ? 'fits' : 'does not fit'} ${attributes.verb} ${attributes.path || attributes.resource}`, () => {
      const { level } = decideAudit(read(`rules: [{${rule}}]`), jane, attributes)
      assert.equal(level, matches ? 'Metadata' : 'None')
    })
  }

  it('the first rule that fits decides, and stages of policy and rule add up', () => {
    const policy = read(`
omitStages: [RequestReceived]
omitManagedFields: true
rules:
- {level: None, users: [robot]}
- {level: Request, omitStages: [ResponseStarted], omitManagedFields: false, resources: [{resources: [pods]}]}
- {level: RequestResponse}`)
    assert.equal(decideAudit(policy, { name: 'robot', groups: [] }, about({})).level, 'None')
    assert.deepEqual(decideAudit(policy, jane, about({})), {
      level: 'Request',
      omitStages: ['RequestReceived', 'ResponseStarted'],
      omitManagedFields: false,
    })
    assert.deepEqual(decideAudit(policy, undefined, about({ resource: 'secrets' })), {
      level: 'RequestResponse',
      omitStages: ['RequestReceived'],
      omitManagedFields: true,
    })
  })

  const refused: readonly [policy: string, error: RegExp][] = [
    ['rules: []', /loaded illegal policy with 0 rules/],
    ['rules: [{users: [a]}]', /rules\[0\]\.level: Required value/],
    ['rules: [{level: Everything}]', /rules\[0\]\.level: Unsupported value: "Everything"/],
    ['rules: [{level: None, omitStages: [Never]}]', /rules\[0\]\.omitStages\[0\]: Invalid value: "Never": allowed stages are/],
    ['rules: [{level: None, nonResourceURLs: [version]}]', /must begin with a '\/' character|begin with a '\/'/],
    ['rules: [{level: None, nonResourceURLs: ["/a*b"]}]', /wildcards '\*' must be the final character/],
    ['rules: [{level: None, nonResourceURLs: [/a], resources: [{}]}]', /cannot apply to both regular resources and non-resource URLs/],
    ['rules: [{level: None, resources: [{resourceNames: [a]}]}]', /using resourceNames requires at least one resource/],
    ['rules: nonsense', /read Policy policy\.yaml/],
  ]
  for (const [policy, error] of refused) it(`refuses ${policy}`, () => assert.throws(() => read(policy), error))

  it('another kind or version is refused, an unknown field is reported', () => {
    assert.throws(
      () => parseAuditPolicy('apiVersion: audit.k8s.io/v1beta1\nkind: Policy', 'p', () => undefined),
      /only Policy of audit\.k8s\.io\/v1/,
    )
    const warnings: string[] = []
    read('rules: [{level: None, user: [a]}]', message => void warnings.push(message))
    assert.match(warnings[0] ?? '', /unknown field "rules\[0\]\.user"; it has no effect/)
  })
})
