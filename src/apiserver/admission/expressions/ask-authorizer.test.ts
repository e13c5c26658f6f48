import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authorizerType, authorizerValue, compileCel } from '../../../apimachinery/cel/index.ts'
import type { RequestAttributes, UserInfo } from '../../../apimachinery/request.ts'
import type { Authorization } from '../../types.ts'
import { askAs, whenAnswered } from './ask-authorizer.ts'

const ann: UserInfo = { name: 'ann', groups: ['writers'] }

function recording(answer: (attributes: RequestAttributes) => Authorization | Promise<Authorization>) {
  const asked: { user: UserInfo; attributes: RequestAttributes }[] = []
  return {
    asked,
    authorize(user: UserInfo, attributes: RequestAttributes) {
      asked.push({ user, attributes })
      return answer(attributes)
    },
  }
}

const evaluate = async (expression: string, authorizer: ReturnType<typeof recording>) => {
  const { program } = compileCel(expression, { variables: { authorizer: authorizerType } })
  const bindings = { authorizer: authorizerValue(askAs(authorizer, ann)) }
  return whenAnswered(() => program?.evaluate(bindings).value)
}

test('an authorizer that takes its time is asked once for each question', async () => {
  const authorizer = recording(async ({ verb }) => ({ allowed: verb === 'get', reason: '' }))
  const pods = "authorizer.group('').resource('pods').namespace('a')"
  assert.equal(
    await evaluate(`${pods}.check('get').allowed() && !${pods}.check('list').allowed() && ${pods}.check('get').allowed()`, authorizer),
    true,
  )
  assert.deepEqual(
    authorizer.asked.map(({ attributes }) => attributes.verb),
    ['get', 'list'],
  )
})

test('questions are about resources, paths and service accounts', async () => {
  const authorizer = recording(() => ({ allowed: false, reason: 'no', error: 'broken' }))
  const expression =
    "authorizer.serviceAccount('ns', 'robot').group('apps').resource('deployments').subresource('scale').namespace('a').name('web').check('update').reason() + authorizer.path('/healthz').check('get').error()"
  assert.equal(await evaluate(expression, authorizer), 'nobroken')
  const [first, second] = authorizer.asked
  assert.deepEqual(first?.user, {
    name: 'system:serviceaccount:ns:robot',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'],
  })
  assert.deepEqual(first?.attributes, {
    verb: 'update',
    path: '',
    isResourceRequest: true,
    group: 'apps',
    version: '*',
    resource: 'deployments',
    subresource: 'scale',
    namespace: 'a',
    name: 'web',
  })
  assert.deepEqual([second?.user, second?.attributes.path, second?.attributes.isResourceRequest], [ann, '/healthz', false])
})

test('what is wrong beside a missing answer is not hidden', async () => {
  const failing = recording(() => Promise.reject(new Error('no connection')))
  await assert.rejects(evaluate("authorizer.path('/').check('get').allowed()", failing), /no connection/)
})
