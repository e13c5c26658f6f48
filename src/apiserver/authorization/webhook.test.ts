import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RequestAttributes } from '../../apimachinery/request.ts'
import { createMetrics, silentLogger } from '../../base/index.ts'
import { createManualClock } from '../../client/testing/manual-clock.ts'
import type { Authorization } from '../types.ts'
import { type AuthorizationWebhookOptions, unionAuthorizer, webhookAuthorizer } from './index.ts'

const pods: RequestAttributes = {
  verb: 'list',
  path: '/api/v1/pods',
  isResourceRequest: true,
  group: '',
  version: 'v1',
  resource: 'pods',
  subresource: '',
  namespace: 'own',
  name: '',
  fieldSelector: 'spec.nodeName=n1,status.phase!=Failed',
  labelSelector: 'app in (a,b),!old',
}
const jane = { name: 'jane', groups: ['dev'], extra: { scope: ['x'] } }

describe('several authorizers', () => {
  const answering = (decision: Authorization, slow = false) => ({ authorize: () => (slow ? Promise.resolve(decision) : decision) })
  const refusing = (reason: string, slow = false) => answering({ allowed: false, reason }, slow)

  it('let system:masters do everything, at once', () => {
    const masters = { name: 'a', groups: ['system:masters'] }
    assert.deepEqual(unionAuthorizer([answering({ allowed: false, denied: true, reason: '' })]).authorize(masters, pods), {
      allowed: true,
      reason: '',
    })
  })

  it('gather the reasons of those that refuse', async () => {
    assert.deepEqual(await unionAuthorizer([refusing('first', true), refusing('second'), refusing('')]).authorize(jane, pods), {
      allowed: false,
      reason: 'first\nsecond',
    })
  })

  it('stop at the first that allows or denies, whether it answers at once or not', async () => {
    const allowed = { allowed: true, reason: 'yes' }
    const denied = { allowed: false, denied: true, reason: 'never' }
    assert.equal(unionAuthorizer([refusing('no'), answering(allowed), answering(denied)]).authorize(jane, pods), allowed)
    assert.equal(await unionAuthorizer([refusing('no', true), answering(denied, true), answering(allowed)]).authorize(jane, pods), denied)
  })
})

describe('authorization webhook', () => {
  const setUp = (answers: (object | Error)[], options: Partial<AuthorizationWebhookOptions> = {}) => {
    const clock = createManualClock()
    const asked: { readonly spec: object }[] = []
    const authorizer = webhookAuthorizer({
      name: 'outside',
      client: {
        url: 'https://authz.example',
        async post(body) {
          asked.push(JSON.parse(body))
          const answer = answers.shift() ?? new Error('asked too often')
          if (answer instanceof Error) throw answer
          return { status: answer }
        },
      },
      authorizedTtl_ms: 300_000,
      unauthorizedTtl_ms: 30_000,
      failurePolicy: 'NoOpinion',
      clock,
      logger: silentLogger,
      metrics: createMetrics(),
      ...options,
    })
    return { clock, asked, ask: async (attributes = pods) => authorizer.authorize(jane, attributes) }
  }

  it('asks with a review of the request, selectors included', async () => {
    const { ask, asked } = setUp([{ allowed: true, reason: 'because' }])
    assert.deepEqual(await ask(), { allowed: true, reason: 'because' })
    assert.deepEqual(asked[0]?.spec, {
      resourceAttributes: {
        namespace: 'own',
        verb: 'list',
        version: 'v1',
        resource: 'pods',
        fieldSelector: {
          requirements: [
            { key: 'spec.nodeName', operator: 'In', values: ['n1'] },
            { key: 'status.phase', operator: 'NotIn', values: ['Failed'] },
          ],
        },
        labelSelector: {
          requirements: [
            { key: 'app', operator: 'In', values: ['a', 'b'] },
            { key: 'old', operator: 'DoesNotExist' },
          ],
        },
      },
      user: 'jane',
      groups: ['dev'],
      extra: { scope: ['x'] },
    })
  })

  it('believes an answer for a while, a refusal for less long, and asks once at a time', async () => {
    const { ask, asked, clock } = setUp([{ allowed: true }, { allowed: false }, { allowed: true }])
    assert.deepEqual(
      (await Promise.all([ask(), ask()])).map(({ allowed }) => allowed),
      [true, true],
    )
    await clock.advance(299_000)
    await ask()
    assert.equal(asked.length, 1)
    await clock.advance(2000)
    assert.equal((await ask()).allowed, false)
    await clock.advance(31_000)
    assert.equal((await ask()).allowed, true)
    assert.equal(asked.length, 3)
  })

  it('that fails has no opinion or denies, as its policy says, and is asked again', async () => {
    const failing = setUp([new Error('down'), { allowed: true }])
    assert.deepEqual(await failing.ask(), { allowed: false, reason: '', error: 'down' })
    assert.equal((await failing.ask()).allowed, true)
    assert.equal((await setUp([new Error('down')], { failurePolicy: 'Deny' }).ask()).denied, true)
    assert.equal((await setUp([{ allowed: true, denied: true }], { failurePolicy: 'Deny' }).ask()).denied, true)
  })

  it('is asked only where its conditions hold', async () => {
    const { ask, asked } = setUp([], { matches: review => review.spec.resourceAttributes?.namespace !== 'own' })
    assert.deepEqual(await ask(), { allowed: false, reason: '' })
    assert.equal(asked.length, 0)
  })
})
