import assert from 'node:assert/strict'
import { connect } from 'node:http2'
import { describe, it } from 'node:test'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

/** Ways in which people have got more than they were given, each tried here as its user would. */

const { send, cluster } = await sharedLibraryCluster()
const rbac = '/apis/rbac.authorization.k8s.io/v1'
const group = 'rbac.authorization.k8s.io'
const merge = { 'content-type': 'application/merge-patch+json' }

async function created(path: string, body: unknown): Promise<{ readonly metadata: { readonly uid: string } }> {
  const answer = await send('POST', path, { body })
  assert.equal(answer.status, 201, answer.text)
  return answer.json
}
/** A user with these rights everywhere. */
async function allow(user: string, ...rules: object[]): Promise<void> {
  await created(`${rbac}/clusterroles`, { metadata: { name: `${user}-may` }, rules })
  await created(`${rbac}/clusterrolebindings`, {
    metadata: { name: `${user}-may` },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: `${user}-may` },
    subjects: [{ kind: 'User', apiGroup: group, name: user }],
  })
}
const as = (user: string, method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
  send(method, path, { body, headers: { 'impersonate-user': user, ...headers } })
const rule = (verbs: string, apiGroup: string, resources: string) => ({
  verbs: verbs.split(' '),
  apiGroups: [apiGroup],
  resources: resources.split(' '),
})
const binding = (name: string, role: string) => ({
  metadata: { name },
  roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
  subjects: [{ kind: 'User', apiGroup: group, name: 'anybody' }],
})

describe('rights are not gained by', async () => {
  await allow('editor', rule('create update patch get', group, 'clusterroles clusterrolebindings'))
  await allow('binder', rule('create', group, 'clusterrolebindings'), rule('bind', group, 'clusterroles'))
  await allow('escalator', rule('create', group, 'clusterroles'), rule('escalate', group, 'clusterroles'))
  const secrets = { rules: [rule('get', '', 'secrets')] }

  it('writing a role that others gather', async () => {
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }
    const refused = await as('editor', 'POST', `${rbac}/clusterroles`, { metadata: { name: 'more-view', labels }, ...secrets })
    assert.equal(refused.status, 403)
    assert.match(refused.json.message, /attempting to grant RBAC permissions not currently held/)
  })
  it('gathering roles of others', async () => {
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] }
    const refused = await as('editor', 'POST', `${rbac}/clusterroles`, { metadata: { name: 'gathers' }, aggregationRule })
    assert.equal(refused.status, 403)
    assert.match(refused.json.message, /must have cluster-admin privileges to use the aggregationRule/)
    const own = await as('editor', 'PATCH', `${rbac}/clusterroles/editor-may`, secrets, merge)
    assert.equal(own.status, 403)
  })
  it('binding a role, unless one may bind it', async () => {
    assert.equal((await as('editor', 'POST', `${rbac}/clusterrolebindings`, binding('a', 'cluster-admin'))).status, 403)
    assert.equal((await as('binder', 'POST', `${rbac}/clusterrolebindings`, binding('b', 'view'))).status, 201)
  })
  it('creating a role, unless one may escalate', async () => {
    assert.equal((await as('escalator', 'POST', `${rbac}/clusterroles`, { metadata: { name: 'given' }, ...secrets })).status, 201)
    assert.equal((await as('editor', 'POST', `${rbac}/clusterroles`, { metadata: { name: 'taken' }, ...secrets })).status, 403)
  })
})

describe('a right to a part is no right to the whole:', async () => {
  const secrets = '/api/v1/namespaces/default/secrets'
  for (const name of ['known', 'unknown']) await created(secrets, { metadata: { name } })
  await created('/api/v1/namespaces', { metadata: { name: 'foreign' } })
  await created(`${rbac}/namespaces/default/roles`, { metadata: { name: 'part' }, rules: [rule('*', '*', '*')] })
  await created(`${rbac}/namespaces/default/rolebindings`, {
    metadata: { name: 'part' },
    roleRef: { apiGroup: group, kind: 'Role', name: 'part' },
    subjects: [{ kind: 'User', apiGroup: group, name: 'tenant' }],
  })
  await allow('reader', { ...rule('get list watch deletecollection', '', 'secrets'), resourceNames: ['known'] })
  await allow('changer', rule('get update patch', '', 'configmaps'), rule('get update patch', 'coordination.k8s.io', 'leases'))

  it('who rules a namespace reaches no other through it', async () => {
    const through = '/api/v1/namespaces/default/namespaces'
    assert.equal((await as('tenant', 'GET', '/api/v1/namespaces/default')).status, 200)
    for (const [method, path] of [
      ['GET', `${through}/foreign`],
      ['GET', through],
      ['GET', `${through}?watch=true&timeoutSeconds=1`],
      ['PUT', `${through}/foreign/finalize`],
      ['DELETE', `${through}/foreign`],
      ['DELETE', through],
    ] as const) {
      const body = method === 'PUT' ? { metadata: { name: 'foreign' }, spec: {} } : undefined
      assert.equal((await as('tenant', method, path, body)).status, 404, `${method} ${path}`)
    }
    const { json } = await send('GET', '/api/v1/namespaces/foreign')
    assert.equal(json.status.phase, 'Active')
  })
  it('one name stays one, however a selector is written', async () => {
    const list = (selector: string) => as('reader', 'GET', `${secrets}?fieldSelector=${encodeURIComponent(selector)}`)
    const own = await list('metadata.name=known')
    assert.deepEqual([own.status, own.json.items?.length], [200, 1])
    for (const selector of [
      'metadata.namespace!=a\\,metadata.name=known',
      'metadata.name!=a\\,metadata.name=known',
      'metadata.name!=known',
      'metadata.namespace!=\\,metadata.name=known',
    ])
      assert.equal((await list(selector)).status, 403, selector)
    const all = `${secrets}?fieldSelector=${encodeURIComponent('type!=a\\,metadata.name=known')}`
    assert.equal((await as('reader', 'DELETE', all)).status, 403)
  })
  it('who may ask about one namespace learns nothing of others', async () => {
    const reviews = '/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews'
    const ask = (namespace: string, metadata = {}) =>
      as('tenant', 'POST', reviews, {
        metadata,
        spec: { user: 'a', groups: ['system:masters'], resourceAttributes: { namespace, verb: 'get', resource: 'secrets' } },
      })
    assert.equal((await ask('default')).json.status.allowed, true)
    const other = await ask('foreign')
    assert.deepEqual([other.status, other.json.status], [422, 'Failure'])
    assert.match(other.json.message, /spec.resourceAttributes.namespace: Invalid value: "foreign": must match metadata.namespace/)
    assert.equal((await ask('foreign', { namespace: 'foreign' })).status, 400)
    const nobody = await send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      body: { spec: { resourceAttributes: { verb: 'get', resource: 'secrets' } } },
    })
    assert.match(nobody.json.message, /spec.user: Invalid value: "": at least one of user or group must be specified/)
  })
  it('who may change what is there creates nothing', async () => {
    const path = '/api/v1/namespaces/default/configmaps/not-there'
    const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'not-there' } }
    const apply = { 'content-type': 'application/apply-patch+yaml' }
    const refused = await as('changer', 'PATCH', `${path}?fieldManager=a`, applied, apply)
    assert.equal(refused.status, 403)
    assert.match(refused.json.message, /cannot create resource "configmaps" in API group ""/)
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases/not-there'
    assert.equal((await as('changer', 'PUT', leases, { metadata: { name: 'not-there' } })).status, 403)
    for (const one of [path, leases]) assert.equal((await send('GET', one)).status, 404)
    await created('/api/v1/namespaces/default/configmaps', { metadata: { name: 'not-there' } })
    assert.equal((await as('changer', 'PATCH', `${path}?fieldManager=a`, applied, apply)).status, 200)
  })
})

describe('acting as others', async () => {
  await created('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'actor' } })
  const token: string = (await send('POST', '/api/v1/namespaces/default/serviceaccounts/actor/token', { body: { spec: {} } })).json.status
    .token
  await created(`${rbac}/clusterroles`, { metadata: { name: 'acts' }, rules: [rule('impersonate', '', 'users')] })
  await created(`${rbac}/clusterrolebindings`, {
    metadata: { name: 'acts' },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'acts' },
    subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'actor' }],
  })
  const whoami = (headers: Readonly<Record<string, string>>) =>
    send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      token,
      headers,
    })
  it('as a user gives that user and nothing beside', async () => {
    const { json } = await whoami({ 'impersonate-user': 'jane' })
    assert.deepEqual(json.status.userInfo, { username: 'jane', groups: ['system:authenticated'] })
  })
  it('in a group whose name holds a comma is acting in one group, over both versions of HTTP', async () => {
    const groups = ['cn=a, ou=b', 'c']
    const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' })
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
    const headers = { authorization: `Bearer ${cluster.token}`, 'impersonate-user': 'jane', 'impersonate-group': groups }
    const session = connect(cluster.server, { ca: cluster.certificateAuthority })
    const overH2 = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/json', ...headers })
    overH2.end(body)
    const answers = [(await overH2.setEncoding('utf8').toArray()).join('')]
    session.close()
    const overH1 = await send('POST', path, { body, headers: headers as never })
    answers.push(overH1.text)
    for (const text of answers) assert.deepEqual(JSON.parse(text).status?.userInfo.groups, [...groups, 'system:authenticated'], text)
  })
  const beyond: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'in a group': { 'impersonate-group': 'system:masters' },
    'in several groups': { 'impersonate-group': 'a, system:masters' },
    'with a UID': { 'impersonate-uid': '1' },
    'with extra values': { 'impersonate-extra-scopes': 'all' },
  }
  for (const [what, headers] of Object.entries(beyond)) {
    it(`${what} needs a right of its own`, async () => {
      const refused = await whoami({ 'impersonate-user': 'jane', ...headers })
      assert.equal(refused.status, 403)
      assert.match(refused.json.message, /cannot impersonate resource "(groups|uids|userextras\/scopes)"/)
    })
  }
})

describe('a node', async () => {
  await created('/api/v1/nodes', { metadata: { name: 'n1' } })
  const asNode = (method: string, path: string, body?: unknown, headers = {}) =>
    send(method, path, { body, headers: { 'impersonate-user': 'system:node:n1', 'impersonate-group': 'system:nodes', ...headers } })
  const refusals: readonly (readonly [what: string, method: string, path: string, body: object, headers?: object])[] = [
    [
      'trusts itself with more',
      'PATCH',
      '/api/v1/nodes/n1',
      { metadata: { labels: { 'node-restriction.kubernetes.io/vault': 'yes' } } },
      merge,
    ],
    ['changes its taints', 'PATCH', '/api/v1/nodes/n1', { spec: { taints: [{ key: 'mine', effect: 'NoSchedule' }] } }, merge],
    [
      'reads secrets through a pod of its own',
      'POST',
      '/api/v1/namespaces/kube-system/pods',
      { metadata: { name: 'mine' }, spec: { nodeName: 'n1', containers: [{ name: 'a', image: 'a' }] } },
    ],
    [
      'takes tokens of accounts that it runs nothing for',
      'POST',
      '/api/v1/namespaces/kube-system/serviceaccounts/default/token',
      { spec: {} },
    ],
    ['renews the lease of another', 'POST', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', { metadata: { name: 'n2' } }],
    ['binds itself to a role', 'POST', `${rbac}/clusterrolebindings`, binding('node', 'cluster-admin')],
  ]
  for (const [what, method, path, body, headers] of refusals)
    it(`never ${what}`, async () => assert.equal((await asNode(method, path, body, headers)).status, 403))
})

describe('references to other namespaces', () => {
  it('neither keep an object alive nor hold back its owner', async () => {
    await created('/api/v1/namespaces', { metadata: { name: 'victim' } })
    const owner = await created('/api/v1/namespaces/victim/configmaps', { metadata: { name: 'owner' } })
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid, blockOwnerDeletion: true }
    await created('/api/v1/namespaces/default/configmaps', { metadata: { name: 'parasite', ownerReferences: [reference] } })
    const gone = (path: string) =>
      eventually(
        `the end of ${path}`,
        10_000,
        async () => (await send('GET', path)).status,
        code => code === 404,
      )
    await send('DELETE', '/api/v1/namespaces/victim/configmaps/owner', { body: { propagationPolicy: 'Foreground' } })
    await gone('/api/v1/namespaces/victim/configmaps/owner')
    await gone('/api/v1/namespaces/default/configmaps/parasite')
  })

  it('are nowhere where a path or body only pretends', async () => {
    const inside = await send('POST', '/api/v1/namespaces/default/configmaps', {
      body: { metadata: { name: 'x', namespace: 'kube-system' } },
    })
    assert.equal(inside.status, 400)
    for (const path of ['default%2f..%2fkube-system', '..', 'default/../kube-system'])
      assert.notEqual((await as('nobody', 'GET', `/api/v1/namespaces/${path}/secrets`)).status, 200, path)
    for (const name of ['../x', 'a/b', 'a%2fb', '.', '..']) {
      const made = await send('POST', '/api/v1/namespaces/default/configmaps', { body: { metadata: { name } } })
      assert.equal(made.status, 422, name)
    }
  })
})
