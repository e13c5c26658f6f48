import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createPlainServer } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { systemClock, systemRandom } from '../../src/base/index.ts'
import { memoryAuthority } from '../../src/cluster/certificates.ts'
import { findKubectls } from '../support/kubectls.ts'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

/** Whose token is this? Files, Secrets, issuers and webhooks, each as a client would meet them. */

const directory = mkdtempSync(join(tmpdir(), 'proa-tokens-'))
after(() => rmSync(directory, { recursive: true }))
const [kubectlHere] = findKubectls().slice(-1)
const write = (name: string, content: string) => {
  writeFileSync(join(directory, name), content)
  return join(directory, name)
}

describe('tokens', async () => {
  const authority = await memoryAuthority({ clock: systemClock(), random: systemRandom() })
  const tls = await authority.sign({ commonName: 'issuer', addresses: ['127.0.0.1'], usage: 'server' })
  const keys = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256' }
  const asked: string[] = []
  const issuer = createServer({ key: tls.key, cert: tls.certificate }, (request, response) => {
    asked.push(request.url ?? '')
    response.setHeader('content-type', 'application/json')
    if (request.url === '/.well-known/openid-configuration')
      response.end(JSON.stringify({ issuer: issuerUrl, jwks_uri: `${issuerUrl}/keys` }))
    else response.end(JSON.stringify({ keys: [jwk] }))
  })
  await new Promise<void>(resolve => issuer.listen(0, '127.0.0.1', resolve))
  const issuerUrl = `https://127.0.0.1:${(issuer.address() as AddressInfo).port}`
  const reviewed: string[] = []
  const webhook = createPlainServer((request, response) => {
    let text = ''
    request.on('data', chunk => {
      text += chunk
    })
    request.on('end', () => {
      const review = JSON.parse(text)
      reviewed.push(review.spec.token)
      const isKnown = review.spec.token === 'from-outside'
      response.end(
        JSON.stringify({ ...review, status: isKnown ? { authenticated: true, user: { username: 'outsider', groups: ['o'] } } : {} }),
      )
    })
  })
  await new Promise<void>(resolve => webhook.listen(0, '127.0.0.1', resolve))
  const webhookUrl = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`

  const { send, kubectl } = await sharedLibraryCluster({
    apiServer: {
      tokenAuthFile: write('tokens.csv', 'file-token,filer,7,"readers,writers"\n'),
      authenticationConfig: write(
        'authentication.yaml',
        JSON.stringify({
          apiVersion: 'apiserver.config.k8s.io/v1',
          kind: 'AuthenticationConfiguration',
          jwt: [
            {
              issuer: { url: issuerUrl, certificateAuthority: authority.certificate, audiences: ['proa'] },
              claimMappings: { username: { claim: 'sub', prefix: 'oidc:' }, groups: { claim: 'groups', prefix: '' } },
            },
          ],
          anonymous: { enabled: true, conditions: [{ path: '/livez' }] },
        }),
      ),
      authenticationTokenWebhookConfigFile: write(
        'webhook.yaml',
        `clusters: [{name: a, cluster: {server: "${webhookUrl}"}}]\ncontexts: [{name: a, context: {cluster: a, user: a}}]\nusers: [{name: a, user: {}}]\ncurrent-context: a`,
      ),
    },
  })
  after(() => {
    issuer.closeAllConnections()
    issuer.close()
    webhook.closeAllConnections()
    webhook.close()
  })
  const whoIs = async (token: string) => {
    const answer = await send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body: {}, token })
    return answer.status === 201 ? answer.json.status.userInfo : answer.status
  }
  const created = async (path: string, body: unknown) => {
    const answer = await send('POST', path, { body })
    assert.equal(answer.status, 201, answer.text)
    return answer.json
  }
  const signed = (claims: Record<string, unknown>, expires = '1h') =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).setIssuedAt().setExpirationTime(expires).sign(keys.privateKey)

  it('of a file', async () => {
    assert.deepEqual(await whoIs('file-token'), { username: 'filer', uid: '7', groups: ['readers', 'writers', 'system:authenticated'] })
    assert.equal(await whoIs('file-tokem'), 401)
  })

  it('of an issuer whose keys it publishes', async () => {
    const good = { iss: issuerUrl, aud: 'proa', sub: 'jane', groups: ['dev'] }
    assert.deepEqual(await whoIs(await signed(good)), { username: 'oidc:jane', groups: ['dev', 'system:authenticated'] })
    assert.equal((await whoIs(await signed({ ...good, sub: 'john' }))).username, 'oidc:john')
    assert.deepEqual(asked, ['/.well-known/openid-configuration', '/keys'])
    assert.equal(await whoIs(await signed({ ...good, aud: 'other' })), 401)
    assert.equal(await whoIs(await signed(good, '-1m')), 401)
    assert.equal(await whoIs(await signed({ ...good, iss: 'https://other.example' })), 401)
    const [head, , signature] = (await signed(good)).split('.')
    const forged = Buffer.from(JSON.stringify({ ...good, sub: 'admin', exp: 9e9 })).toString('base64url')
    assert.equal(await whoIs(`${head}.${forged}.${signature}`), 401)
  })

  it('that a webhook knows, which is asked once', async () => {
    assert.equal((await whoIs('from-outside')).username, 'outsider')
    assert.equal((await whoIs('from-outside')).username, 'outsider')
    assert.equal(reviewed.filter(token => token === 'from-outside').length, 1)
  })

  it('nobody without a token goes beyond the paths that are open', async () => {
    assert.equal((await send('GET', '/livez', { token: null })).status, 200)
    assert.equal((await send('GET', '/version', { token: null })).status, 401)
    assert.equal((await send('GET', '/livez/ping', { token: null })).status, 401)
  })

  it('in Secrets last as long as these and their account', async () => {
    const secrets = '/api/v1/namespaces/default/secrets'
    await created('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'old' } })
    const ask = {
      metadata: { name: 'old-token', annotations: { 'kubernetes.io/service-account.name': 'old' } },
      type: 'kubernetes.io/service-account-token',
    }
    await created(secrets, ask)
    const read = async (name: string) => (await send('GET', `${secrets}/${name}`)).json
    const filled = await eventually(
      'the token is there',
      5000,
      () => read('old-token'),
      secret => secret.data?.token !== undefined,
    )
    assert.deepEqual(Object.keys(filled.data).sort(), ['ca.crt', 'namespace', 'token'])
    const token = Buffer.from(filled.data.token, 'base64').toString()
    const user = await whoIs(token)
    assert.equal(user.username, 'system:serviceaccount:default:old')
    const today = new Date().toISOString().slice(0, 10)
    await eventually(
      'its use is noted',
      5000,
      () => read('old-token'),
      secret => secret.metadata.labels?.['kubernetes.io/legacy-token-last-used'] === today,
    )
    const review = await created('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token } })
    assert.equal(review.status.user.username, 'system:serviceaccount:default:old')
    const foreign = await created('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token, audiences: ['vault'] } })
    assert.equal(foreign.status.authenticated, false)
    await send('DELETE', '/api/v1/namespaces/default/serviceaccounts/old')
    await eventually(
      'the token is void',
      5000,
      () => whoIs(token),
      found => found === 401,
    )
    await eventually(
      'the secret is gone',
      5000,
      () => read('old-token'),
      secret => secret.code === 404,
    )
  })

  it('with which nodes join sign the cluster info and end with their time', async () => {
    const secrets = '/api/v1/namespaces/kube-system/secrets'
    const stringData = {
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
      'usage-bootstrap-signing': 'true',
      'auth-extra-groups': 'system:bootstrappers:test',
      expiration: new Date(Date.now() + 1500).toISOString(),
    }
    await created(secrets, { metadata: { name: 'bootstrap-token-abcdef' }, type: 'bootstrap.kubernetes.io/token', stringData })
    const user = await whoIs('abcdef.0123456789abcdef')
    assert.deepEqual(user.groups, ['system:bootstrappers', 'system:bootstrappers:test', 'system:authenticated'])
    const info = async () => (await send('GET', '/api/v1/namespaces/kube-public/configmaps/cluster-info')).json.data
    const signedInfo = await eventually('cluster-info is signed', 5000, info, data => data['jws-kubeconfig-abcdef'] !== undefined)
    assert.match(signedInfo['jws-kubeconfig-abcdef'], /^[\w-]+\.\.[\w-]{43}$/)
    await eventually(
      'the token is gone',
      5000,
      () => send('GET', `${secrets}/bootstrap-token-abcdef`),
      answer => answer.status === 404,
    )
    assert.equal(await whoIs('abcdef.0123456789abcdef'), 401)
    await eventually('so is its signature', 5000, info, data => data['jws-kubeconfig-abcdef'] === undefined)
  })

  it('are what kubectl auth and kubectl create token say', { skip: !kubectlHere && 'no kubectl here' }, async () => {
    const run = async (...words: string[]) => (await kubectl(kubectlHere?.path ?? '', words)).stdout
    assert.match(await run('auth', 'whoami'), /Username +admin\nGroups +\[system:masters system:authenticated\]/)
    assert.match(
      await run('auth', 'whoami', '--as=jane', '--as-group=dev', '--as-uid=5'),
      /Username +jane\nUID +5\nGroups +\[dev system:authenticated\]/,
    )
    assert.match(
      await run('auth', 'can-i', '--list', '--as=system:serviceaccount:default:default'),
      /selfsubjectreviews.authentication.k8s.io +\[\] +\[\] +\[create\]/,
    )
    const token = (await run('create', 'token', 'default', '--audience=vault', '--duration=20m')).trim()
    const review = await created('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token, audiences: ['vault', 'other'] } })
    assert.deepEqual(review.status.audiences, ['vault'])
    assert.equal(await whoIs(token), 401)
  })
})
