import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Secret } from '../../apis/core/secret.ts'
import { silentLogger } from '../../base/index.ts'
import { createManualClock } from '../../client/testing/manual-clock.ts'
import type { Credentials } from '../types.ts'
import { parseAuthenticationConfiguration } from './authentication-configuration.ts'
import { bootstrapTokenAuthenticator, parseTokenFile, webhookTokenAuthenticator } from './index.ts'
import { issuerOfFlags } from './oidc-flags.ts'

const bearer = (token: string): Credentials => ({ authorization: `Bearer ${token}`, clientCertificate: undefined, headers: {} })

describe('token file', () => {
  it('holds token, user, uid and groups', () => {
    const warnings: string[] = []
    const users = parseTokenFile(
      't1,jane,1,"dev,ops"\n\nt2,john,2\n# no token\n,nobody,3\nt1,janet,4,"a ""b"""\n',
      'f',
      message => void warnings.push(message),
    )
    assert.deepEqual(users, {
      t1: { name: 'janet', uid: '4', groups: ['a "b"'] },
      t2: { name: 'john', uid: '2', groups: [] },
    })
    assert.deepEqual(warnings, [
      'read token file f, line 5: empty token, left out',
      'read token file f, line 6: a token that stood before; this line counts',
    ])
    assert.throws(
      () => parseTokenFile('secret-token,jane', 'f', () => undefined),
      (error: Error) => !error.message.includes('secret-token'),
    )
  })
})

describe('bootstrap token', () => {
  const clock = createManualClock()
  const secret = (data: Record<string, string> = {}, rest: object = {}): Secret => ({
    metadata: { name: 'bootstrap-token-abcdef' },
    type: 'bootstrap.kubernetes.io/token',
    data: Object.fromEntries(
      Object.entries({ 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true', ...data }).map(
        ([key, value]) => [key, Buffer.from(value).toString('base64')],
      ),
    ),
    ...rest,
  })
  const ask = async (held: Secret | undefined, token = 'abcdef.0123456789abcdef') =>
    bootstrapTokenAuthenticator({ secret: name => (name === 'bootstrap-token-abcdef' ? held : undefined), clock }).authenticate(
      bearer(token),
    )
  const user = { name: 'system:bootstrap:abcdef', groups: ['system:bootstrappers'] }

  it('is a user of its own with the groups that it gives', async () => {
    assert.deepEqual(await ask(secret()), user)
    assert.deepEqual(await ask(secret({ 'auth-extra-groups': 'system:bootstrappers:b,system:bootstrappers:a' })), {
      ...user,
      groups: ['system:bootstrappers', 'system:bootstrappers:a', 'system:bootstrappers:b'],
    })
    assert.deepEqual(await ask(secret({ expiration: '2026-01-01T00:00:01Z' })), user)
  })

  for (const [what, held, token] of [
    ['unknown', undefined],
    ['another secret', secret(), 'abcdef.0123456789abcdee'],
    ['not of this form', secret(), 'ABCDEF.0123456789abcdef'],
    ['expired', secret({ expiration: '2025-12-31T23:59:59Z' })],
    ['of an expiration that is none', secret({ expiration: 'soon' })],
    ['for signing only', secret({ 'usage-bootstrap-authentication': 'false' })],
    ['of another id', secret({ 'token-id': 'ghijkl' })],
    ['of another type', secret({}, { type: 'Opaque' })],
    ['being deleted', secret({}, { metadata: { name: 'bootstrap-token-abcdef', deletionTimestamp: 'x' } })],
    ['for a foreign group', secret({ 'auth-extra-groups': 'system:masters' })],
  ] as const) {
    it(`that is ${what} is nobody's`, async () => assert.equal(await ask(held, token), undefined))
  }
})

describe('authentication webhook', () => {
  const setUp = (answers: (object | Error)[]) => {
    const clock = createManualClock()
    const asked: { readonly spec: object }[] = []
    const post = async (body: string) => {
      asked.push(JSON.parse(body))
      const answer = answers.shift() ?? new Error('asked too often')
      if (answer instanceof Error) throw answer
      return { status: answer }
    }
    const client = { url: 'https://tokens.example', post }
    const authenticator = webhookTokenAuthenticator({
      client,
      version: 'v1',
      audiences: ['api'],
      cacheTtl_ms: 120_000,
      clock,
      logger: silentLogger,
    })
    return { clock, asked, ask: () => authenticator.authenticate(bearer('t')) }
  }
  const jane = { authenticated: true, user: { username: 'jane', uid: '1', groups: ['dev'] } }

  it('is asked once in a while about a token', async () => {
    const { ask, asked, clock } = setUp([jane, { authenticated: false }])
    assert.deepEqual(await Promise.all([ask(), ask()]), Array(2).fill({ name: 'jane', uid: '1', groups: ['dev'] }))
    await clock.advance(119_000)
    await ask()
    assert.deepEqual(asked, [
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {}, spec: { token: 't', audiences: ['api'] } },
    ])
    await clock.advance(2000)
    assert.equal(await ask(), undefined)
    assert.equal(await ask(), undefined)
    assert.equal(asked.length, 2)
  })

  it('counts for its audiences only; its failures are not remembered', async () => {
    assert.equal(await setUp([{ ...jane, audiences: ['other'] }]).ask(), undefined)
    assert.equal((await setUp([{ ...jane, audiences: ['other', 'api'] }]).ask())?.name, 'jane')
    const failing = setUp([new Error('down'), jane])
    assert.equal(await failing.ask(), undefined)
    assert.equal((await failing.ask())?.name, 'jane')
  })
})

describe('issuers of tokens', () => {
  const read = (jwt: string) =>
    parseAuthenticationConfiguration(`{apiVersion: apiserver.config.k8s.io/v1, kind: AuthenticationConfiguration, jwt: [${jwt}]}`, 'a.yaml')
  const issuer = 'issuer: {url: "https://issuer.example", audiences: [a]}'

  it('map claims by name or by CEL, and check claims and users', () => {
    const [entry] = read(`{${issuer},
      claimValidationRules: [{claim: hd, requiredValue: example.com}, {expression: "claims.exp - claims.iat <= 3600", message: too long}],
      claimMappings: {username: {expression: "claims.email.split('@')[0]"}, groups: {claim: roles, prefix: "oidc:"}, uid: {claim: sub},
        extra: [{key: example.com/tenant, valueExpression: claims.tenant}]},
      userValidationRules: [{expression: "!user.username.startsWith('system:')", message: reserved}]}`).issuers
    const claims = { hd: 'example.com', iat: 0, exp: 3600, email: 'jane@example.com', roles: ['dev'], sub: '42', tenant: 't1' }
    assert.deepEqual(entry?.userOf(claims), {
      name: 'jane',
      groups: ['oidc:dev'],
      uid: '42',
      extra: { 'example.com/tenant': ['t1'] },
    })
    assert.throws(() => entry?.userOf({ ...claims, hd: 'other' }), /claim "hd" does not have its required value/)
    assert.throws(() => entry?.userOf({ ...claims, exp: 3601 }), /too long/)
    assert.throws(() => entry?.userOf({ ...claims, email: 'system:admin@x' }), /reserved/)
    assert.throws(() => entry?.userOf({ ...claims, email: undefined }), /evaluate/)
  })

  for (const [jwt, error] of [
    ['{issuer: {url: "http://a", audiences: [a]}}', /URL scheme must be https/],
    ['{issuer: {url: "https://a"}}', /audiences: Required value/],
    ['{issuer: {url: "https://a", audiences: [a, b]}}', /audienceMatchPolicy must be MatchAny/],
    [`{${issuer}}`, /username: Required value/],
    [`{${issuer}, claimMappings: {username: {claim: sub}}}`, /prefix is required when claim is set/],
    [`{${issuer}, claimMappings: {username: {expression: "claims.("}}}`, /username\.expression: Invalid value: .*compilation failed/s],
    [
      `{${issuer}, claimMappings: {username: {claim: sub, prefix: ""}}}, {${issuer}, claimMappings: {username: {claim: sub, prefix: ""}}}`,
      /Duplicate value/,
    ],
  ] as const) {
    it(`refuse ${error.source}`, () => assert.throws(() => read(jwt), error))
  }

  it("by flags have upstream's prefixes", () => {
    const flags = { oidcIssuerUrl: 'https://issuer.example', oidcClientId: 'a' }
    assert.equal(issuerOfFlags(flags).userOf({ sub: 'jane' }).name, 'https://issuer.example#jane')
    assert.equal(issuerOfFlags({ ...flags, oidcUsernamePrefix: '-' }).userOf({ sub: 'jane' }).name, 'jane')
    const byMail = issuerOfFlags({
      ...flags,
      oidcUsernameClaim: 'email',
      oidcGroupsClaim: 'g',
      oidcGroupsPrefix: 'o:',
      oidcRequiredClaim: 'a=b',
    })
    assert.deepEqual(byMail.userOf({ email: 'j@x', email_verified: true, g: 'one', a: 'b' }), { name: 'j@x', groups: ['o:one'] })
    assert.throws(() => byMail.userOf({ email: 'j@x', email_verified: false, a: 'b' }), /not verified/)
    assert.throws(() => byMail.userOf({ email: 'j@x' }), /required value/)
  })
})
