import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { StatusError } from '../../apimachinery/api-errors.ts'
import type { ApiConnection } from '../../apimachinery/connection.ts'
import type { PolicyRule } from '../../apis/rbac/role.ts'
import { create, rbacGroup, resourceOf, startTestCluster, type TestCluster } from './test-cluster.test-support.ts'

const rule = (verbs: string, resources: string, apiGroups = ['']): PolicyRule => ({
  verbs: verbs.split(' '),
  apiGroups,
  resources: resources.split(' '),
})

describe('RBAC escalation', () => {
  let cluster: TestCluster
  /** Reads pods everywhere, writes roles and bindings, and has all rights in the namespace `own`. */
  let alice: ApiConnection
  const bind = (name: string, role: string, user: string, namespace?: string) =>
    cluster.create(namespace ? 'rolebindings' : 'clusterrolebindings', {
      metadata: { name, namespace },
      roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'User', apiGroup: rbacGroup, name: user }],
    })
  const clusterRole = (name: string, rules: PolicyRule[], rest: object = {}) =>
    cluster.create('clusterroles', { metadata: { name }, rules, ...rest })

  before(async () => {
    cluster = await startTestCluster()
    for (const name of ['own', 'other']) await cluster.create('namespaces', { metadata: { name } })
    const editsRbac = rule('create update patch get delete', 'roles clusterroles rolebindings clusterrolebindings', [rbacGroup])
    await clusterRole('writer', [editsRbac, rule('get list', 'pods'), { verbs: ['get'], nonResourceURLs: ['/healthz*'] }])
    await clusterRole('root', [rule('*', '*', ['*']), { verbs: ['*'], nonResourceURLs: ['*'] }])
    await clusterRole('escalator', [{ ...rule('escalate', 'roles clusterroles', [rbacGroup]), resourceNames: ['special'] }])
    await clusterRole('binder', [{ ...rule('bind', 'clusterroles', [rbacGroup]), resourceNames: ['root'] }])
    await bind('alice', 'writer', 'alice')
    await bind('alice-own', 'root', 'alice', 'own')
    await bind('erin', 'escalator', 'erin')
    await bind('erin-writer', 'writer', 'erin')
    await bind('bob', 'binder', 'bob')
    await bind('bob-writer', 'writer', 'bob')
    alice = cluster.as('alice', 'team')
  })
  after(() => cluster.close())

  const refused = async (work: Promise<unknown>, ...lines: string[]) => {
    const error: unknown = await work.then(
      () => assert.fail('it was not refused'),
      reason => reason,
    )
    assert.ok(error instanceof StatusError, String(error))
    assert.equal(error.code, 403)
    for (const line of lines) assert.ok(error.message.includes(line), error.message)
    return error.message
  }
  const role = (connection: ApiConnection, namespace: string, name: string, ...rules: PolicyRule[]) =>
    create(connection, 'roles', { metadata: { name, namespace }, rules })

  it('lets grant what one has', async () => {
    await role(alice, 'other', 'pods', rule('get', 'pods'))
    await create(alice, 'clusterroles', { metadata: { name: 'health' }, rules: [{ verbs: ['get'], nonResourceURLs: ['/healthz/ready'] }] })
    await role(alice, 'own', 'all', rule('*', '*', ['*']))
  })

  it('refuses what one has not, in the words that people know', async () => {
    const message = await refused(role(alice, 'other', 'more', rule('get delete list update', 'pods services')))
    assert.equal(
      message,
      `roles.rbac.authorization.k8s.io "more" is forbidden: user "alice" (groups=["team" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n` +
        `{APIGroups:[""], Resources:["pods"], Verbs:["delete" "update"]}\n` +
        `{APIGroups:[""], Resources:["services"], Verbs:["get" "delete" "list" "update"]}`,
    )
    await refused(role(alice, 'other', 'star', rule('*', 'pods')), '{APIGroups:[""], Resources:["pods"], Verbs:["*"]}')
    await refused(
      role(alice, 'other', 'named', { ...rule('delete', 'pods'), resourceNames: ['web'] }),
      '{APIGroups:[""], Resources:["pods"], ResourceNames:["web"], Verbs:["delete"]}',
    )
    const urls = { metadata: { name: 'urls' }, rules: [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }] }
    await refused(create(alice, 'clusterroles', urls), '{NonResourceURLs:["/metrics"], Verbs:["get"]}')
    // Rights in one namespace are none in the cluster.
    await refused(create(alice, 'clusterroles', { metadata: { name: 'all' }, rules: [rule('delete', 'pods')] }))
  })

  it('looks at updates that change rules, and only at those', async () => {
    await cluster.create('roles', { metadata: { name: 'given', namespace: 'other' }, rules: [rule('delete', 'pods')] })
    const patch = (body: object) =>
      alice.call({ verb: 'patch', patchType: 'merge', resource: resourceOf('roles'), namespace: 'other', name: 'given', body })
    await patch({ metadata: { labels: { a: 'b' } } })
    await refused(patch({ rules: [rule('delete', 'pods nodes')] }), 'Resources:["nodes"]')
  })

  it('lets escalate who may, by name', async () => {
    const erin = cluster.as('erin')
    await role(erin, 'other', 'special', rule('*', '*', ['*']))
    await refused(role(erin, 'other', 'ordinary', rule('*', '*', ['*'])))
  })

  it('gathers only for who may do everything', async () => {
    const gathering = (name: string) => ({
      metadata: { name },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
    })
    await refused(create(alice, 'clusterroles', gathering('g')), 'must have cluster-admin privileges to use the aggregationRule')
    await cluster.create('clusterroles', gathering('g'))
  })

  describe('bindings', () => {
    const binding = (connection: ApiConnection, name: string, roleName: string, namespace?: string) =>
      create(connection, namespace ? 'rolebindings' : 'clusterrolebindings', {
        metadata: { name, namespace },
        roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: roleName },
        subjects: [{ kind: 'User', apiGroup: rbacGroup, name: 'mallory' }],
      })

    it('bind roles whose rights one has', async () => {
      await binding(alice, 'b1', 'writer')
      await binding(alice, 'b2', 'root', 'own')
      await refused(binding(alice, 'b3', 'root'), '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}', '{NonResourceURLs:["*"], Verbs:["*"]}')
      await refused(binding(alice, 'b4', 'root', 'other'))
    })

    it('bind what one may bind', async () => {
      await binding(cluster.as('bob'), 'b5', 'root')
      await refused(binding(cluster.as('bob'), 'b6', 'escalator'))
    })

    it('of a role that is not there', async () => {
      await assert.rejects(binding(alice, 'b7', 'none'), { message: 'clusterroles.rbac.authorization.k8s.io "none" not found' })
    })

    it('let the garbage collector take finalizers off', async () => {
      await cluster.create('clusterrolebindings', {
        metadata: { name: 'held', finalizers: ['example.com/hold'] },
        roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: 'root' },
      })
      const patch = (body: object) =>
        alice.call({ verb: 'patch', patchType: 'merge', resource: resourceOf('clusterrolebindings'), name: 'held', body })
      await refused(patch({ subjects: [{ kind: 'User', apiGroup: rbacGroup, name: 'alice' }] }))
      await patch({ metadata: { finalizers: null } })
    })
  })
})
