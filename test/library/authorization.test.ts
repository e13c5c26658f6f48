import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { sharedLibraryCluster } from '../support/library.ts'

/** A webhook that decides beside RBAC, as an AuthorizationConfiguration puts it there. */

const directory = mkdtempSync(join(tmpdir(), 'proa-authorization-'))
after(() => rmSync(directory, { recursive: true }))

describe('authorization by a webhook', async () => {
  const asked: { readonly user: string; readonly resourceAttributes: { readonly resource: string } }[] = []
  const webhook = createServer((request, response) => {
    let text = ''
    request.on('data', chunk => {
      text += chunk
    })
    request.on('end', () => {
      const { spec } = JSON.parse(text)
      asked.push(spec)
      const { resource } = spec.resourceAttributes
      const status = resource === 'secrets' ? { allowed: false, denied: true, reason: 'never' } : { allowed: resource === 'pods' }
      response.end(JSON.stringify({ status }))
    })
  })
  await new Promise<void>(resolve => webhook.listen(0, '127.0.0.1', resolve))
  const kubeconfig = join(directory, 'webhook.yaml')
  writeFileSync(
    kubeconfig,
    `clusters: [{name: a, cluster: {server: "http://127.0.0.1:${(webhook.address() as AddressInfo).port}/"}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
users: [{name: a, user: {}}]
current-context: a`,
  )
  const authorizationConfig = join(directory, 'authorization.yaml')
  writeFileSync(
    authorizationConfig,
    `apiVersion: apiserver.config.k8s.io/v1
kind: AuthorizationConfiguration
authorizers:
- {type: Node, name: nodes}
- type: Webhook
  name: outside
  webhook:
    timeout: 3s
    subjectAccessReviewVersion: v1
    matchConditionSubjectAccessReviewVersion: v1
    failurePolicy: NoOpinion
    connectionInfo: {type: KubeConfigFile, kubeConfigFile: ${kubeconfig}}
    matchConditions: [{expression: "request.user == 'jane' && has(request.resourceAttributes)"}]
- {type: RBAC, name: rbac}`,
  )
  const { send } = await sharedLibraryCluster({ nodes: 1, apiServer: { authorizationConfig } })
  after(() => {
    webhook.closeAllConnections()
    webhook.close()
  })
  const asJane = (path: string) => send('GET', path, { headers: { 'impersonate-user': 'jane' } })

  it('is asked where its conditions hold, may allow and deny, and leaves the rest to RBAC', async () => {
    assert.equal((await asJane('/api/v1/namespaces/default/pods')).status, 200)
    const denied = await asJane('/api/v1/namespaces/default/secrets')
    assert.match(denied.json.message, /cannot list resource "secrets" .*: never$/)
    assert.equal((await asJane('/api/v1/namespaces/default/configmaps')).status, 403)
    assert.equal((await asJane('/version')).status, 200)
    assert.equal((await send('GET', '/api/v1/namespaces/default/pods', { headers: { 'impersonate-user': 'john' } })).status, 403)
    assert.deepEqual(
      asked.map(({ user, resourceAttributes }) => [user, resourceAttributes.resource]),
      [
        ['jane', 'pods'],
        ['jane', 'secrets'],
        ['jane', 'configmaps'],
      ],
    )
  })

  it('answers reviews of others too', async () => {
    const spec = { user: 'jane', resourceAttributes: { verb: 'get', resource: 'secrets', namespace: 'default' } }
    const { json } = await send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body: { spec } })
    assert.deepEqual(json.status, { allowed: false, denied: true, reason: 'never' })
  })
})
