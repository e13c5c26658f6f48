import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { RequestAttributes } from '../../apimachinery/request.ts'
import { createClassifier } from './classify.ts'

type Schemas = Parameters<typeof createClassifier>[0]

it('nobody takes the place of another by a name that looks like a name and a group', () => {
  const rule = (subjects: object[]) => ({ subjects, nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] })
  const administrators = { name: 'administrators', rules: [rule([{ kind: 'Group', group: { name: 'masters' } }])] }
  const others = { name: 'others', rules: [rule([{ kind: 'User', user: { name: '*' } }])] }
  const classify = createClassifier([administrators, others] as object[] as Schemas)
  const attributes: RequestAttributes = {
    verb: 'get',
    path: '/version',
    isResourceRequest: false,
    group: '',
    version: '',
    resource: '',
    subresource: '',
    namespace: '',
    name: '',
  }
  const schemaOf = (name: string, groups: string[]) => (classify({ name, groups }, attributes).schema as { name: string }).name
  assert.equal(schemaOf('jane', ['masters', 'staff']), 'administrators')
  assert.equal(schemaOf('jane\nmasters', ['staff']), 'others')
})
