import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokenReviewKind } from '../authentication/token-review.ts'
import { createCases } from '../testing/cases.ts'
import { localSubjectAccessReviewKind } from './local-subject-access-review.ts'
import { selfSubjectAccessReviewKind } from './self-subject-access-review.ts'
import { subjectAccessReviewKind } from './subject-access-review.ts'

const resourceAttributes = { verb: 'get', resource: 'pods', namespace: 'web' }
const review = { kind: subjectAccessReviewKind, valid: { spec: { user: 'ann', resourceAttributes } } }
const self = { kind: selfSubjectAccessReviewKind, valid: { spec: { resourceAttributes } } }
const local = { kind: localSubjectAccessReviewKind, valid: { ...review.valid, metadata: { namespace: 'web' } } }
const both = { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } }
const selectors = (field: string, by: object) => ({ spec: { resourceAttributes: { [field]: by } } })
const at = 'spec.resourceAttributes'

const question = [
  [
    'two questions',
    both,
    'spec.nonResourceAttributes: Invalid value: {"path":"/","verb":"get"}: cannot be specified in combination with resourceAttributes',
  ],
  [
    'no question',
    { spec: { resourceAttributes: null } },
    `${at}: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified`,
  ],
] as const

createCases(review, [
  ...question,
  ['nobody', { spec: { user: null } }, 'spec.user: Invalid value: "": at least one of user or group must be specified'],
  ['a group', { spec: { user: null, groups: ['g'] } }],
  ['a name', { metadata: { name: 'a' } }, 'metadata: Invalid value: {"name":"a"}: must be empty'],
  ['selector as text', selectors('labelSelector', { rawSelector: 'a=b' })],
  [
    'selector twice',
    selectors('labelSelector', { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'Exists' }] }),
    `${at}.labelSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements`,
  ],
  [
    'empty selector',
    selectors('fieldSelector', {}),
    `${at}.fieldSelector.requirements: Required value: when ${at}.fieldSelector is specified, requirements or rawSelector is required`,
  ],
  [
    'selector without values',
    selectors('fieldSelector', { requirements: [{ key: 'a', operator: 'In' }] }),
    `${at}.fieldSelector.requirements[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
  ],
])
createCases(self, question)
createCases(local, [
  ['another namespace', { metadata: { namespace: 'other' } }, `${at}.namespace: Invalid value: "web": must match metadata.namespace`],
  [
    'a path',
    { spec: { resourceAttributes: null, ...both.spec } },
    'spec.nonResourceAttributes: Invalid value: {"path":"/","verb":"get"}: disallowed on this kind of request',
  ],
])
createCases({ kind: tokenReviewKind, valid: { spec: { token: 't' } } }, [
  ['no token', { spec: { token: null } }, 'spec.token: Required value'],
])

test('reviews are created and never stored', () => {
  for (const kind of [review.kind, self.kind, local.kind, tokenReviewKind]) assert.deepEqual(kind.verbs, ['create'])
})
