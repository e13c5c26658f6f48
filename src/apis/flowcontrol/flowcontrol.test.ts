import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, createCases, created, defaultCases, statusCases, updateCases, updated } from '../testing/cases.ts'
import { mandatoryFlowSchemas, mandatoryPriorityLevels, suggestedFlowSchemas, suggestedPriorityLevels } from './bootstrap.ts'
import { flowSchemaKind } from './flow-schema.ts'
import { priorityLevelConfigurationKind } from './priority-level-configuration.ts'

const resourceRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] }
const rule = { subjects: [{ kind: 'User', user: { name: 'alice' } }], resourceRules: [resourceRule] }
const schema = {
  kind: flowSchemaKind,
  valid: { metadata: { name: 'mine' }, spec: { priorityLevelConfiguration: { name: 'level' }, rules: [rule] } },
}
const rules = (change: object) => ({ spec: { rules: [{ ...rule, ...change }] } })
const resource = (change: object) => rules({ resourceRules: [{ ...resourceRule, ...change }] })
const urls = (...nonResourceURLs: string[]) => rules({ nonResourceRules: [{ verbs: ['get'], nonResourceURLs }] })
const at = 'spec.rules[0]'

defaultCases(schema, [[{}, 'spec.matchingPrecedence', 1000]])

createCases(schema, [
  ['precedence below one', { spec: { matchingPrecedence: -1 } }, 'spec.matchingPrecedence: Invalid value: -1: must be a positive value'],
  [
    'precedence too high',
    { spec: { matchingPrecedence: 10_001 } },
    'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000',
  ],
  [
    'the first precedence',
    { spec: { matchingPrecedence: 1 } },
    "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
  ],
  [
    'unknown distinguisher',
    { spec: { distinguisherMethod: { type: 'ByHat' } } },
    'spec.distinguisherMethod.type: Unsupported value: "ByHat": supported values: "ByNamespace", "ByUser"',
  ],
  [
    'no level',
    { spec: { priorityLevelConfiguration: { name: '' } } },
    'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
  ],
  ['nobody', rules({ subjects: [] }), `${at}.subjects: Required value: subjects must contain at least one value`],
  [
    'nothing',
    rules({ resourceRules: [] }),
    `${at}: Required value: at least one of resourceRules and nonResourceRules has to be non-empty`,
  ],
  [
    'a subject of two kinds',
    rules({ subjects: [{ kind: 'Group', group: { name: 'g' }, user: { name: 'u' } }] }),
    `${at}.subjects[0].user: Forbidden: user is forbidden when subject kind is not 'User'`,
  ],
  [
    'a subject of none',
    rules({ subjects: [{ kind: 'Group' }] }),
    `${at}.subjects[0].group: Required value: group is required when subject kind is 'Group'`,
  ],
  [
    'an unknown subject',
    rules({ subjects: [{ kind: 'toString' }] }),
    `${at}.subjects[0].kind: Unsupported value: "toString": supported values: "Group", "ServiceAccount", "User"`,
  ],
  [
    'all verbs and one more',
    resource({ verbs: ['*', 'get'] }),
    `${at}.resourceRules[0].verbs: Invalid value: ["*","get"]: if '*' is present, must not specify other verbs`,
  ],
  [
    'no namespace',
    resource({ namespaces: [] }),
    `${at}.resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace`,
  ],
  ['only the cluster', resource({ namespaces: [], clusterScope: true })],
  ['paths', urls('/a/b', '/c/*', '/')],
  [
    'all paths and one more',
    urls('*', '/a'),
    `${at}.nonResourceRules[0].nonResourceURLs: Invalid value: ["*","/a"]: if '*' is present, must not specify other non-resource URLs`,
  ],
  [
    'a path in the middle',
    urls('/a/*/b'),
    `${at}.nonResourceRules[0].nonResourceURLs[0]: Invalid value: "/a/*/b": wildcard can only do suffix matching`,
  ],
  ['a path without a slash', urls('a'), `${at}.nonResourceRules[0].nonResourceURLs[0]: Invalid value: "a": must start with slash`],
])

updateCases(schema, [['of everything', { spec: { matchingPrecedence: 5, priorityLevelConfiguration: { name: 'other' } } }]])
statusCases(schema, [['a condition', { status: { conditions: [{ type: 'Dangling', status: 'True' }] } }]])

const queuing = (change: object) => ({ spec: { limited: { limitResponse: { type: 'Queue', queuing: change } } } })
const level = {
  kind: priorityLevelConfigurationKind,
  valid: { metadata: { name: 'mine' }, spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } },
}
const path = 'spec.limited.limitResponse'

defaultCases(level, [
  [{}, 'spec.limited.nominalConcurrencyShares', 30],
  [{}, 'spec.limited.lendablePercent', 0],
  [queuing({}), 'spec.limited.limitResponse.queuing.queues', 64],
  [queuing({}), 'spec.limited.limitResponse.queuing.handSize', 8],
  [queuing({}), 'spec.limited.limitResponse.queuing.queueLengthLimit', 50],
])

createCases(level, [
  ['shares of none', { spec: { limited: { nominalConcurrencyShares: 0 } } }],
  [
    'exempt',
    { spec: { type: 'Exempt', limited: null } },
    "spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if the name is 'exempt'",
  ],
  ['limited without limits', { spec: { limited: null } }, 'spec.limited: Required value: must not be empty when type is Limited'],
  ['unknown type', { spec: { type: 'Free' } }, 'spec.type: Unsupported value: "Free": supported values: "Exempt", "Limited"'],
  [
    'negative shares',
    { spec: { limited: { nominalConcurrencyShares: -1 } } },
    'spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
  ],
  [
    'lending more than all',
    { spec: { limited: { lendablePercent: 101 } } },
    'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
  ],
  [
    'borrowing less than nothing',
    { spec: { limited: { borrowingLimitPercent: -1 } } },
    'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
  ],
  [
    'queues without queueing',
    { spec: { limited: { limitResponse: { queuing: {} } } } },
    `${path}.queuing: Forbidden: must be nil if limited type is not Queue`,
  ],
  [
    'queueing without queues',
    { spec: { limited: { limitResponse: { type: 'Queue' } } } },
    `${path}.queuing: Required value: must not be empty if limited type is Queue`,
  ],
  [
    'a hand of more than there are',
    queuing({ queues: 4, handSize: 5 }),
    `${path}.queuing.handSize: Invalid value: 5: should not be greater than queues (4)`,
  ],
  [
    'a hand that no hash can deal',
    queuing({ queues: 1000, handSize: 10 }),
    `${path}.queuing.handSize: Invalid value: 10: required entropy bits of deckSize 1000 and handSize 10 should not be greater than 60`,
  ],
  ['negative length', queuing({ queueLengthLimit: -1 }), `${path}.queuing.queueLengthLimit: Invalid value: -1: must be positive`],
])

updateCases(level, [['of shares', { spec: { limited: { nominalConcurrencyShares: 5 } } }]])
statusCases(level, [['a condition', { status: { conditions: [{ type: 'Any', status: 'True' }] } }]])

test('flow control: what every cluster has is valid as it is', () => {
  for (const one of [...mandatoryFlowSchemas, ...suggestedFlowSchemas]) {
    const object = created(flowSchemaKind, one)
    assert.deepEqual(flowSchemaKind.strategy.validate(object), [])
    assert.deepEqual(object.spec, one.spec, 'defaults add nothing')
  }
  for (const one of [...mandatoryPriorityLevels, ...suggestedPriorityLevels])
    assert.deepEqual(priorityLevelConfigurationKind.strategy.validate(created(priorityLevelConfigurationKind, one)), [])
})

test('flow control: what is mandatory can be changed in nothing but what is set aside for the exempt', () => {
  const [exempt, catchAll] = mandatoryPriorityLevels
  const change = (one: object, by: object) =>
    priorityLevelConfigurationKind.strategy.validate(created(priorityLevelConfigurationKind, { ...one, ...by }))
  assert.deepEqual(change(exempt as object, { spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 9 } } }), [])
  assert.equal(
    change(catchAll as object, { spec: { type: 'Limited', limited: { nominalConcurrencyShares: 9, limitResponse: { type: 'Reject' } } } })
      .length,
    1,
  )
})

test('flow control: generation counts specs; columns', () => {
  const old = created(flowSchemaKind, schema.valid)
  assert.equal(old.metadata.generation, 1)
  assert.equal(updated(flowSchemaKind, { ...schema.valid, metadata: { name: 'mine', labels: { a: 'b' } } }, old).metadata.generation, 1)
  assert.deepEqual(cells(flowSchemaKind, old), ['mine', 'level', 1000, '<none>', '<unknown>', '?'])
  assert.deepEqual(cells(priorityLevelConfigurationKind, created(priorityLevelConfigurationKind, level.valid)), [
    'mine',
    'Limited',
    30,
    '<none>',
    '<none>',
    '<none>',
    '<unknown>',
  ])
})
