import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

/** Who may do what: tokens of service accounts, forbidden requests, escalation, impersonation, nodes, nobody. */

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const pod = (name: string, spec = {}) => ({ metadata: { name }, spec: { containers: [{ name: 'a', image: 'a' }], ...spec } })

describe('access', async () => {
  const { send } = await sharedLibraryCluster({ nodes: 1 })
  const created = async (path: string, body: unknown) => {
    const answer = await send('POST', path, { body })
    assert.equal(answer.status, 201, answer.text)
    return answer.json
  }
  const tokenOf = async (namespace: string, name: string, spec = {}) =>
    (await created(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, { spec })).status.token as string
  await created('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } })
  await created(`${rbac}/namespaces/default/roles`, {
    metadata: { name: 'reader' },
    rules: [
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['mine'], verbs: ['get', 'list', 'update'] },
      { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: ['create', 'update'] },
    ],
  })
  await created(`${rbac}/namespaces/default/rolebindings`, {
    metadata: { name: 'robot-reads' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'default' }],
  })
  const robot = await tokenOf('default', 'robot')
  const asRobot = (method: string, path: string, body?: unknown) => send(method, path, { body, token: robot })

  it('a service account does what its role grants, and nothing else', async () => {
    assert.equal((await asRobot('GET', '/api/v1/namespaces/default/pods')).status, 200)
    const refused = await asRobot('GET', '/api/v1/namespaces/default/secrets')
    assert.equal(refused.status, 403)
    const user = 'system:serviceaccount:default:robot'
    assert.deepEqual(refused.json, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `secrets is forbidden: User "${user}" cannot list resource "secrets" in API group "" in the namespace "default"`,
      reason: 'Forbidden',
      details: { kind: 'secrets' },
      code: 403,
    })
    const elsewhere = await asRobot('DELETE', '/api/v1/nodes/node-1')
    assert.equal(
      elsewhere.json.message,
      `nodes "node-1" is forbidden: User "${user}" cannot delete resource "nodes" in API group "" at the cluster scope`,
    )
    const raw = await asRobot('GET', '/metrics')
    assert.equal(raw.json.message, `forbidden: User "${user}" cannot get path "/metrics"`)
  })

  it('a grant for one name holds for requests about that name, and for lists that are narrowed to it', async () => {
    await created('/api/v1/namespaces/default/configmaps', { metadata: { name: 'mine' } })
    const configMaps = '/api/v1/namespaces/default/configmaps'
    assert.equal((await asRobot('GET', `${configMaps}/mine`)).status, 200)
    assert.equal((await asRobot('GET', `${configMaps}?fieldSelector=metadata.name=mine`)).status, 200)
    assert.equal((await asRobot('GET', configMaps)).status, 403)
    assert.equal((await asRobot('GET', `${configMaps}/kube-root-ca.crt`)).status, 403)
  })

  it('nobody gives what they do not have', async () => {
    const role = { metadata: { name: 'wide' }, rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }] }
    const escalated = await asRobot('POST', `${rbac}/namespaces/default/roles`, role)
    assert.equal(escalated.status, 403)
    assert.match(
      escalated.json.message,
      /^roles\.rbac\.authorization\.k8s\.io "wide" is forbidden: user "system:serviceaccount:default:robot" \(groups=\["system:serviceaccounts" "system:serviceaccounts:default" "system:authenticated"\]\) is attempting to grant RBAC permissions not currently held:\n\{APIGroups:\[""\], Resources:\["secrets"\], Verbs:\["get"\]\}$/,
    )
    const bound = await asRobot('POST', `${rbac}/namespaces/default/rolebindings`, {
      metadata: { name: 'wide' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'eve' }],
    })
    assert.equal(bound.status, 403)
    const held = { metadata: { name: 'narrow' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }
    assert.equal((await asRobot('POST', `${rbac}/namespaces/default/roles`, held)).status, 201)
  })

  it('acting as someone else needs the right to', async () => {
    const headers = { 'impersonate-user': 'jane', 'impersonate-group': 'crew' }
    const review = { body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }, headers }
    const asJane = await send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', review)
    assert.deepEqual(asJane.json.status.userInfo, { username: 'jane', groups: ['crew', 'system:authenticated'] })
    assert.equal((await send('GET', '/api/v1/namespaces/default/pods', { headers })).status, 403)
    const refused = await send('GET', '/api/v1/namespaces/default/pods', { headers, token: robot })
    assert.match(
      refused.json.message,
      /^users "jane" is forbidden: User ".*robot" cannot impersonate resource "users" in API group "" at the cluster scope$/,
    )
    const groupOnly = await send('GET', '/api/v1/namespaces/default/pods', { headers: { 'impersonate-group': 'system:masters' } })
    assert.equal(groupOnly.status, 500)
  })

  it('without credentials one sees health and version; with wrong ones nothing', async () => {
    for (const path of ['/version', '/healthz', '/livez', '/readyz'])
      assert.equal((await send('GET', path, { token: null })).status, 200, path)
    const anonymous = await send('GET', '/api/v1/pods', { token: null })
    assert.equal(
      anonymous.json.message,
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope',
    )
    const wrong = await send('GET', '/version', { token: 'wrong' })
    assert.deepEqual([wrong.status, wrong.json.reason, wrong.json.message], [401, 'Unauthorized', 'Unauthorized'])
    const damaged = `${robot.slice(0, -6)}AAAAAA`
    assert.equal((await send('GET', '/version', { token: damaged })).status, 401)
  })

  it('a token lasts as long as its service account, and the pod that it is bound to', async () => {
    await created('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'short' } })
    const account = await tokenOf('default', 'short')
    await eventually('a pod is taken', 5000, () => created('/api/v1/namespaces/default/pods', pod('holder')), Boolean)
    const uid = (await send('GET', '/api/v1/namespaces/default/pods/holder')).json.metadata.uid
    const bound = await tokenOf('default', 'default', { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'holder', uid } })
    const whoami = { body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' } }
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
    const { extra } = (await send('POST', path, { ...whoami, token: bound })).json.status.userInfo
    assert.deepEqual(extra['authentication.kubernetes.io/pod-name'], ['holder'])
    assert.equal((await send('POST', path, { ...whoami, token: account })).status, 201)
    await send('DELETE', '/api/v1/namespaces/default/serviceaccounts/short')
    await send('DELETE', '/api/v1/namespaces/default/pods/holder?gracePeriodSeconds=0')
    assert.equal((await send('POST', path, { ...whoami, token: account })).status, 401)
    assert.equal((await send('POST', path, { ...whoami, token: bound })).status, 401)
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: robot } }
    const reviewed = (await send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body: review })).json
    assert.deepEqual([reviewed.status.authenticated, reviewed.status.user.username], [true, 'system:serviceaccount:default:robot'])
    const strange = (await send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body: { ...review, spec: { token: 'x.y.z' } } }))
      .json
    assert.notEqual(strange.status.authenticated, true)
    const tooShort = await send('POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', {
      body: { spec: { expirationSeconds: 5 } },
    })
    assert.equal(tooShort.status, 422)
    assert.match(tooShort.json.message, /spec\.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes/)
  })

  it('a node changes itself and what runs on it, nothing else', async () => {
    const headers = { 'impersonate-user': 'system:node:node-1', 'impersonate-group': 'system:nodes' }
    const asNode = (method: string, path: string, body?: unknown, more = {}) =>
      send(method, path, { body, headers: { ...headers, ...more } })
    const merge = { 'content-type': 'application/merge-patch+json' }
    await created('/api/v1/nodes', { metadata: { name: 'other-node' } })
    await eventually(
      'the node is there',
      5000,
      () => send('GET', '/api/v1/nodes/node-1'),
      ({ status }) => status === 200,
    )
    const own = await asNode('PATCH', '/api/v1/nodes/node-1', { metadata: { annotations: { a: 'b' } } }, merge)
    assert.equal(own.status, 200, own.text)
    const other = await asNode('PATCH', '/api/v1/nodes/other-node', { metadata: { annotations: { a: 'b' } } }, merge)
    assert.equal(other.status, 403)
    assert.match(other.json.message, /node "node-1" (is not allowed to modify node "other-node"|cannot modify|.*other-node)/)
    await created('/api/v1/namespaces/default/secrets', { metadata: { name: 'hidden' }, stringData: { a: 'b' } })
    const secret = await asNode('GET', '/api/v1/namespaces/default/secrets/hidden')
    assert.match(
      secret.json.message,
      /secrets "hidden" is forbidden: User "system:node:node-1" cannot get resource "secrets" in API group "" in the namespace "default": no relationship found between node ['"]node-1['"] and this object/,
    )
    const foreign = await asNode('POST', '/api/v1/namespaces/default/pods', pod('intruder', { nodeName: 'other-node' }))
    assert.equal(foreign.status, 403)
    const account = await asNode('POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', { spec: {} })
    assert.equal(account.status, 403)
  })

  it('the roles that gather others follow them', async () => {
    await created(`${rbac}/clusterroles`, {
      metadata: { name: 'ships-view', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
      rules: [{ apiGroups: ['example.com'], resources: ['ships'], verbs: ['get'] }],
    })
    const rulesOf = async (name: string) => (await send('GET', `${rbac}/clusterroles/${name}`)).text
    for (const name of ['view', 'edit', 'admin'])
      await eventually(
        `${name} gathers it`,
        5000,
        () => rulesOf(name),
        text => text.includes('example.com'),
      )
  })
})
