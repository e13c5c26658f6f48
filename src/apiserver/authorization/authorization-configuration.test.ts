import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SubjectAccessReview } from '../../apis/authorization/subject-access-review.ts'
import { parseAuthorizationConfiguration, parseAuthorizationModes } from './authorization-configuration.ts'

const parse = (authorizers: string) =>
  parseAuthorizationConfiguration(
    `{apiVersion: apiserver.config.k8s.io/v1, kind: AuthorizationConfiguration, authorizers: [${authorizers}]}`,
    'z.yaml',
  )
const webhook = (changes = '') =>
  `{type: Webhook, name: out, webhook: {timeout: 3s, subjectAccessReviewVersion: v1, failurePolicy: Deny, connectionInfo: {type: KubeConfigFile, kubeConfigFile: /k}${changes}}}`

describe('authorization configuration', () => {
  it('names authorizers in their order, webhooks with their times', () => {
    const [node, rbac, out] = parse(
      `{type: Node, name: nodes}, {type: RBAC, name: rbac}, ${webhook(', authorizedTTL: 1m30s, cacheUnauthorizedRequests: false')}`,
    )
    assert.deepEqual([node, rbac], [{ type: 'Node' }, { type: 'RBAC' }])
    assert.deepEqual(out, {
      type: 'Webhook',
      name: 'out',
      webhook: { kubeconfig: '/k', timeout_ms: 3000, authorizedTtl_ms: 90_000, unauthorizedTtl_ms: 0, failurePolicy: 'Deny' },
    })
    assert.deepEqual(parseAuthorizationModes('Node, RBAC'), [{ type: 'Node' }, { type: 'RBAC' }])
    assert.throws(() => parseAuthorizationModes('ABAC'), /Unsupported value: "ABAC"/)
  })

  it('asks a webhook where its conditions hold', () => {
    const conditions = `, matchConditions: [{expression: "has(request.resourceAttributes)"}, {expression: "request.resourceAttributes.namespace != 'kube-system'"}, {expression: "!('system:nodes' in request.groups)"}]`
    const [choice] = parse(webhook(conditions))
    const matches = (spec: object) => (choice?.type === 'Webhook' ? choice.webhook.matches?.({ spec } as SubjectAccessReview) : undefined)
    assert.equal(matches({ groups: ['dev'], resourceAttributes: { verb: 'get', resource: 'pods' } }), true)
    assert.equal(matches({ groups: ['dev'], resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'kube-system' } }), false)
    assert.equal(matches({ groups: ['system:nodes'], resourceAttributes: { verb: 'get', resource: 'pods' } }), false)
    assert.equal(matches({ groups: [], nonResourceAttributes: { path: '/', verb: 'get' } }), false)
  })

  for (const [authorizers, error] of [
    ['', /at least one authorization mode must be defined/],
    ['{type: RBAC}', /name: Required value/],
    ['{type: RBAC, name: a}, {type: RBAC, name: b}', /Duplicate value: "RBAC"/],
    ['{type: ABAC, name: a}', /authorizers\[0\]\.type: Unsupported value: "ABAC"/],
    ['{type: Webhook, name: a}', /required when type=Webhook/],
    [webhook().replace('timeout: 3s', 'timeout: 31s'), /must be <= 30s/],
    [webhook().replace('failurePolicy: Deny, ', ''), /failurePolicy: Unsupported value: ""/],
    [webhook().replace('/k', 'k'), /must be an absolute path/],
    [webhook(', matchConditions: [{expression: "request.usr == 1"}]'), /matchConditions\[0\]\.expression: Invalid value/],
    [webhook(', matchConditions: [{expression: "1 + 1"}]'), /compilation failed/],
  ] as const) {
    it(`refuses ${error.source}`, () => assert.throws(() => parse(authorizers), error))
  }
})
