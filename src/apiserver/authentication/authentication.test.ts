import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { StatusError } from '../../apimachinery/api-errors.ts'
import type { ApiConnection, ResourceView } from '../../apimachinery/connection.ts'
import type { TokenRequest } from '../../apis/authentication/token-request.ts'
import type { TokenReview } from '../../apis/authentication/token-review.ts'
import { type Clock, seededRandom, systemClock } from '../../base/index.ts'
import { resourceOf, startTestCluster, type TestCluster } from '../admission/test-cluster.test-support.ts'
import type { Credentials } from '../types.ts'
import {
  authenticationReviews,
  createTokenIssuer,
  openIdPaths,
  type ServiceAccountAuthenticator,
  serviceAccountAuthenticator,
  staticTokenAuthenticator,
  type TokenIssuer,
  tokenRequestHandler,
} from './index.ts'

const issuerUrl = 'https://kubernetes.default.svc.cluster.local'
const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const privateKey = newKey()
const bearer = (token: string): Credentials => ({ authorization: `Bearer ${token}`, clientCertificate: undefined, headers: {} })
const decode = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

describe('service account tokens', () => {
  let cluster: TestCluster
  let admin: ApiConnection
  let issuer: TokenIssuer
  let accounts: ServiceAccountAuthenticator
  let now_ms = Date.parse('2026-01-01T00:00:00Z')
  const clock: Clock = { ...systemClock(), now: () => now_ms }
  const uids = new Map<string, string>()

  before(async () => {
    const options = { privateKey, issuer: issuerUrl, audiences: [issuerUrl], clock, random: seededRandom(1) }
    issuer = createTokenIssuer(options)
    accounts = serviceAccountAuthenticator(issuer, clock)
    const others = [staticTokenAuthenticator({ fixed: { name: 'fixed', groups: ['team'] } })]
    cluster = await startTestCluster({
      subresources: { token: tokenRequestHandler(issuer) },
      reviews: authenticationReviews({ issuer, serviceAccounts: accounts, others }),
    })
    admin = cluster.admin
    const view = (resource: string) => admin.view?.(resourceOf(resource)) as ResourceView
    accounts.attach({ serviceAccounts: view('serviceaccounts'), pods: view('pods'), secrets: view('secrets'), nodes: view('nodes') })
    await cluster.create('namespaces', { metadata: { name: 'default' } })
  })
  after(() => cluster.close())
  beforeEach(async () => {
    now_ms = Date.parse('2026-01-01T00:00:00Z')
    for (const [resource, object] of [
      ['serviceaccounts', { metadata: { name: 'builder', namespace: 'default' } }],
      ['nodes', { metadata: { name: 'n1' } }],
      ['secrets', { metadata: { name: 'bound', namespace: 'default' } }],
      [
        'pods',
        {
          metadata: { name: 'web', namespace: 'default' },
          spec: { serviceAccountName: 'builder', nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] },
        },
      ],
    ] as const) {
      const { metadata } = object
      const namespace = 'namespace' in metadata ? metadata.namespace : undefined
      await remove(resource, metadata.name, namespace).catch(() => {})
      const { uid } = (await cluster.create(resource, object)).metadata
      uids.set(resource, uid ?? '')
    }
  })

  const remove = (resource: string, name: string, namespace?: string) =>
    admin.call({ verb: 'delete', resource: resourceOf(resource), namespace, name, options: { gracePeriodSeconds: 0 } })
  const request = (spec: object, options: { connection?: ApiConnection; dryRun?: boolean; name?: string } = {}) =>
    (options.connection ?? admin).call({
      verb: 'create',
      resource: resourceOf('serviceaccounts'),
      subresource: 'token',
      namespace: 'default',
      name: options.name ?? 'builder',
      body: { spec },
      options: { dryRun: options.dryRun },
    }) as Promise<TokenRequest>
  const tokenFor = async (spec: object = {}) => (await request(spec)).status?.token ?? assert.fail()
  const refused = (token: string) => assert.rejects(accounts.authenticate(bearer(token)), { message: 'Unauthorized' })
  const ref = (kind: string, name: string, uid?: string) => ({ boundObjectRef: { apiVersion: 'v1', kind, name, uid } })

  it('say who, for how long and for whom', async () => {
    const { spec, status } = await request({ expirationSeconds: 600 })
    assert.deepEqual([spec?.audiences, spec?.expirationSeconds], [[issuerUrl], 600])
    assert.equal(status?.expirationTimestamp, '2026-01-01T00:10:00Z')
    const user = await accounts.authenticate(bearer(status?.token ?? ''))
    assert.equal(user?.name, 'system:serviceaccount:default:builder')
    assert.equal(user?.uid, uids.get('serviceaccounts'))
    assert.deepEqual(user?.groups, ['system:serviceaccounts', 'system:serviceaccounts:default'])
    assert.match(user?.extra?.['authentication.kubernetes.io/credential-id']?.[0] ?? '', /^JTI=/)
  })

  it('come by WebSocket protocol too', async () => {
    const encoded = Buffer.from(await tokenFor()).toString('base64url')
    const headers = { 'sec-websocket-protocol': `v4.channel.k8s.io, base64url.bearer.authorization.k8s.io.${encoded}` }
    const user = await accounts.authenticate({ authorization: undefined, clientCertificate: undefined, headers })
    assert.equal(user?.name, 'system:serviceaccount:default:builder')
  })

  it('end in time', async () => {
    const token = await tokenFor({ expirationSeconds: 600 })
    now_ms += 599_000
    assert.ok(await accounts.authenticate(bearer(token)))
    now_ms += 1000
    await refused(token)
  })

  it('are for their audience only', async () => {
    await refused(await tokenFor({ audiences: ['vault'] }))
    assert.ok(await accounts.authenticate(bearer(await tokenFor({ audiences: ['vault', issuerUrl] }))))
  })

  it('end with their account, even when one of the same name comes', async () => {
    const token = await tokenFor()
    await remove('serviceaccounts', 'builder', 'default')
    await refused(token)
    await cluster.create('serviceaccounts', { metadata: { name: 'builder', namespace: 'default' } })
    await refused(token)
  })

  for (const [resource, kind, name, namespace] of [
    ['pods', 'Pod', 'web', 'default'],
    ['secrets', 'Secret', 'bound', 'default'],
    ['nodes', 'Node', 'n1', undefined],
  ] as const)
    it(`end with the ${kind} that they are bound to`, async () => {
      const token = await tokenFor(ref(kind, name, uids.get(resource)))
      assert.ok(await accounts.authenticate(bearer(token)))
      await remove(resource, name, namespace)
      await refused(token)
    })

  it('of pods say where they run', async () => {
    const token = await tokenFor(ref('Pod', 'web', uids.get('pods')))
    const { extra } = (await accounts.authenticate(bearer(token))) ?? assert.fail()
    assert.deepEqual(extra?.['authentication.kubernetes.io/pod-name'], ['web'])
    assert.deepEqual(extra?.['authentication.kubernetes.io/node-name'], ['n1'])
    assert.deepEqual(extra?.['authentication.kubernetes.io/node-uid'], [uids.get('nodes')])
  })

  it('that kubelets mount live long', async () => {
    const token = await tokenFor({ expirationSeconds: 3607, ...ref('Pod', 'web', uids.get('pods')) })
    const { exp, iat, 'kubernetes.io': bound } = decode(token)
    assert.deepEqual([exp - iat, bound.warnafter - iat], [365 * 24 * 3600, 3607])
    assert.equal(decode(await tokenFor({ expirationSeconds: 3607 })).exp - iat, 3607)
  })

  it('are none of ours when anything was changed', async () => {
    const token = await tokenFor()
    const [header = '', payload = '', signature = ''] = token.split('.')
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const changed = encode({ ...decode(token), sub: 'system:serviceaccount:kube-system:admin' })
    const otherKey = newKey()
    const forged = sign('sha256', Buffer.from(`${header}.${payload}`), { key: otherKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')
    const flipped = Buffer.from(signature, 'base64url')
    flipped[10] = (flipped[10] ?? 0) ^ 1
    const fakes = [
      `${header}.${changed}.${signature}`,
      `${header}.${payload}.${forged}`,
      `${header}.${payload}.${flipped.toString('base64url')}`,
      `${encode({ alg: 'none' })}.${payload}.`,
      `${encode({ alg: 'HS256' })}.${payload}.${signature}`,
      `${header}.${payload}`,
      `${token}.more`,
      'x.y.z',
      '..',
    ]
    for (const fake of fakes) assert.equal(await accounts.authenticate(bearer(fake)), undefined, fake)
    const foreign = createTokenIssuer({ privateKey, issuer: 'https://elsewhere', audiences: [issuerUrl], clock, random: seededRandom(2) })
    const content = {
      namespace: 'default',
      serviceAccount: { name: 'builder', uid: uids.get('serviceaccounts') ?? '' },
      audiences: [issuerUrl],
      lifetime_s: 600,
    }
    assert.equal(await accounts.authenticate(bearer(foreign.issue(content).token)), undefined)
    assert.ok(await accounts.authenticate(bearer(token)))
  })

  it('can be checked by anyone with the published keys', async () => {
    const paths = openIdPaths(issuer)
    const document = JSON.parse(String(paths['/.well-known/openid-configuration']?.().body))
    assert.deepEqual([document.issuer, document.jwks_uri], [issuerUrl, `${issuerUrl}/openid/v1/jwks`])
    assert.deepEqual(document.id_token_signing_alg_values_supported, ['ES256'])
    const keys = createLocalJWKSet(JSON.parse(String(paths['/openid/v1/jwks']?.().body)))
    const options = { issuer: issuerUrl, audience: issuerUrl, currentDate: new Date(now_ms) }
    const { payload } = await jwtVerify(await tokenFor(), keys, options)
    assert.equal(payload.sub, 'system:serviceaccount:default:builder')
  })

  describe('requests', () => {
    const message = async (work: Promise<unknown>): Promise<[number, string]> => {
      const error: unknown = await work.then(
        () => assert.fail('it was not refused'),
        reason => reason,
      )
      assert.ok(error instanceof StatusError, String(error))
      return [error.code, error.message]
    }

    it('are refused for what is not there or not meant', async () => {
      assert.deepEqual(await message(request({}, { name: 'nobody' })), [404, 'serviceaccounts "nobody" not found'])
      assert.deepEqual(await message(request(ref('Pod', 'none'))), [404, 'pods "none" not found'])
      assert.deepEqual(await message(request(ref('Pod', 'web', 'other'))), [
        409,
        'Operation cannot be fulfilled on pods "web": the UID in the bound object reference (other) does not match the UID in record. The object might have been deleted and then recreated',
      ])
      await cluster.create('serviceaccounts', { metadata: { name: 'second', namespace: 'default' } })
      assert.deepEqual(await message(request(ref('Pod', 'web'), { name: 'second' })), [
        400,
        'cannot bind token for serviceaccount "second" to pod running with different serviceaccount name.',
      ])
      assert.equal((await message(request(ref('ConfigMap', 'x'))))[0], 422)
      const [code, text] = await message(request({ expirationSeconds: 5 }))
      assert.equal(code, 422)
      assert.match(text, /spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes/)
    })

    it('of a dry run get no token that works', async () => {
      assert.equal((await request({}, { dryRun: true })).status?.token, '')
    })

    it('of nodes are for pods that they run', async () => {
      const node = cluster.as('system:node:n1', 'system:nodes')
      const asNode = (spec: object) => request(spec, { connection: node })
      const { status } = await asNode(ref('Pod', 'web', uids.get('pods')))
      assert.ok(status?.token)
      const forbidden = 'serviceaccounts "builder" is forbidden: '
      assert.deepEqual(await message(asNode({})), [403, `${forbidden}node requested token not bound to a pod`])
      assert.deepEqual(await message(asNode(ref('Pod', 'web'))), [403, `${forbidden}node requested token with a pod binding without a uid`])
      const elsewhere = {
        metadata: { name: 'away', namespace: 'default' },
        spec: { serviceAccountName: 'builder', nodeName: 'n2', containers: [{ name: 'c', image: 'i' }] },
      }
      const away = await cluster.create('pods', elsewhere)
      assert.deepEqual(await message(asNode(ref('Pod', 'away', away.metadata.uid))), [
        403,
        `${forbidden}node requested token bound to a pod scheduled on a different node`,
      ])
      await remove('pods', 'away', 'default')
    })
  })

  describe('reviews', () => {
    const review = async (token: string, audiences?: string[]) => {
      const resource = { group: 'authentication.k8s.io', version: 'v1', resource: 'tokenreviews' }
      return ((await admin.call({ verb: 'create', resource, body: { spec: { token, audiences } } })) as TokenReview).status
    }

    it('say whose token it is', async () => {
      const status = await review(await tokenFor())
      assert.equal(status?.authenticated, true)
      assert.deepEqual(status?.user?.groups, ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'])
      assert.deepEqual(status?.audiences, [issuerUrl])
      assert.deepEqual((await review(await tokenFor({ audiences: ['vault', 'x'] }), ['vault']))?.audiences, ['vault'])
      assert.equal((await review('fixed'))?.user?.username, 'fixed')
    })

    it('say why it is none', async () => {
      const token = await tokenFor({ expirationSeconds: 600 })
      assert.match((await review(token, ['vault']))?.error ?? '', /is invalid for the target audiences \["vault"\]/)
      now_ms += 600_000
      assert.equal((await review(token))?.error, '[invalid bearer token, service account token has expired]')
      assert.deepEqual(await review('nonsense'), { authenticated: false, error: 'invalid bearer token', user: {} })
    })

    it('say who one is', async () => {
      const resource = { group: 'authentication.k8s.io', version: 'v1', resource: 'selfsubjectreviews' }
      await cluster.create('clusterroles', {
        metadata: { name: 'me' },
        rules: [{ verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] }],
      })
      const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'alice' }]
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'me' }
      await cluster.create('clusterrolebindings', { metadata: { name: 'me' }, roleRef, subjects })
      const answer = (await cluster.as('alice', 'team').call({ verb: 'create', resource, body: {} })) as unknown as { status: object }
      assert.deepEqual(answer.status, { userInfo: { username: 'alice', groups: ['team', 'system:authenticated'] } })
    })
  })
})
