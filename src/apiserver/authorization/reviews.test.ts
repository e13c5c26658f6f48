import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { rbacGroup, startTestCluster, type TestCluster } from '../admission/test-cluster.test-support.ts'
import type { ReviewHandler, ReviewRequest } from '../types.ts'
import { unionAuthorizer } from './index.ts'
import { accessReviews } from './reviews.ts'

describe('access reviews', () => {
  let cluster: TestCluster
  let reviews: Readonly<Record<string, ReviewHandler>>
  before(async () => {
    cluster = await startTestCluster()
    reviews = accessReviews(unionAuthorizer([cluster.rbac]), cluster.rbac)
    await cluster.create('namespaces', { metadata: { name: 'own' } })
    const rules = [
      { verbs: ['get'], apiGroups: [''], resources: ['pods', 'pods/log'] },
      { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['one'] },
      { verbs: ['get'], nonResourceURLs: ['/metrics'] },
    ]
    const everything = [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ]
    await cluster.create('clusterroles', { metadata: { name: 'all' }, rules: everything })
    const masters = { kind: 'Group', apiGroup: rbacGroup, name: 'system:masters' }
    await cluster.create('clusterrolebindings', {
      metadata: { name: 'all' },
      roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: 'all' },
      subjects: [masters],
    })
    await cluster.create('clusterroles', { metadata: { name: 'reader' }, rules })
    const roleRef = { apiGroup: rbacGroup, kind: 'ClusterRole', name: 'reader' }
    const group = [{ kind: 'Group', apiGroup: rbacGroup, name: 'readers' }]
    await cluster.create('clusterrolebindings', { metadata: { name: 'readers' }, roleRef, subjects: group })
    const user = [{ kind: 'User', apiGroup: rbacGroup, name: 'carol' }]
    await cluster.create('rolebindings', { metadata: { name: 'carol', namespace: 'own' }, roleRef, subjects: user })
  })
  after(() => cluster.close())

  const review = async (kind: string, spec: object, user = { name: 'carol', groups: [] as string[] }) => {
    const body = { metadata: {}, spec } as unknown as ReviewRequest['body']
    const answer = await reviews[kind]?.({ context: { user }, namespace: '', body } as unknown as ReviewRequest)
    return (answer as unknown as { status: { allowed: boolean; reason?: string } & Record<string, unknown> }).status
  }
  const resourceAttributes = (verb: string, resource: string, rest: object = {}) => ({ resourceAttributes: { verb, resource, ...rest } })

  it('ask for a subject', async () => {
    const asked = async (spec: object) => (await review('SubjectAccessReview', spec)).allowed
    assert.equal(await asked({ user: 'x', groups: ['readers'], ...resourceAttributes('get', 'pods') }), true)
    assert.equal(await asked({ user: 'x', ...resourceAttributes('get', 'pods') }), false)
    assert.equal(await asked({ user: 'carol', ...resourceAttributes('get', 'pods', { namespace: 'own', subresource: 'log' }) }), true)
    assert.equal(await asked({ user: 'carol', ...resourceAttributes('get', 'pods', { namespace: 'other' }) }), false)
    assert.equal(await asked({ user: 'x', groups: ['readers'], nonResourceAttributes: { verb: 'get', path: '/metrics' } }), true)
    assert.equal(await asked({ groups: ['system:masters'], ...resourceAttributes('delete', 'nodes') }), true)
  })

  it('ask for oneself, and say why', async () => {
    const allowed = await review('SelfSubjectAccessReview', resourceAttributes('get', 'secrets', { namespace: 'own', name: 'one' }))
    assert.deepEqual(allowed, {
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "carol/own" of ClusterRole "reader" to User "carol"',
    })
    assert.deepEqual(await review('SelfSubjectAccessReview', resourceAttributes('get', 'secrets', { namespace: 'own' })), {
      allowed: false,
    })
  })

  it('list what one may do', async () => {
    const { resourceRules, nonResourceRules, incomplete } = await review('SelfSubjectRulesReview', { namespace: 'own' })
    assert.deepEqual(resourceRules, [
      { verbs: ['get'], apiGroups: [''], resources: ['pods', 'pods/log'] },
      { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['one'] },
    ])
    assert.deepEqual([nonResourceRules, incomplete], [[{ verbs: ['get'], nonResourceURLs: ['/metrics'] }], false])
    assert.deepEqual((await review('SelfSubjectRulesReview', { namespace: 'other' })).resourceRules, [])
  })

  it('list what bindings add for those who may do everything', async () => {
    const user = { name: 'root', groups: ['system:masters', 'readers'] }
    const { resourceRules, nonResourceRules } = await review('SelfSubjectRulesReview', { namespace: 'own' }, user)
    assert.deepEqual(resourceRules, [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['get'], apiGroups: [''], resources: ['pods', 'pods/log'] },
      { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['one'] },
    ])
    assert.deepEqual(nonResourceRules, [
      { verbs: ['*'], nonResourceURLs: ['*'] },
      { verbs: ['get'], nonResourceURLs: ['/metrics'] },
    ])
  })
})
