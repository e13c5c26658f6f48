import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Case, cells, change, createCases, created, defaultCases, updateCases, updated } from '../testing/cases.ts'
import { jobKind } from './job.ts'

const job = {
  kind: jobKind,
  valid: {
    metadata: { name: 'sum', uid: 'u1' },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1' }] } } },
  },
}
const spec = (by: object) => ({ spec: by })
const indexed = (by: object) => spec({ completionMode: 'Indexed', completions: 5, ...by })
const notNegative = 'must be greater than or equal to 0'
const labels = {
  'controller-uid': 'u1',
  'batch.kubernetes.io/controller-uid': 'u1',
  'job-name': 'sum',
  'batch.kubernetes.io/job-name': 'sum',
}

defaultCases(job, [
  [{}, 'spec.completions', 1],
  [{}, 'spec.parallelism', 1],
  [spec({ completions: 3 }), 'spec.parallelism', 1],
  [spec({ parallelism: 3 }), 'spec.completions', undefined],
  [{}, 'spec.backoffLimit', 6],
  [indexed({ backoffLimitPerIndex: 1 }), 'spec.backoffLimit', 2147483647],
  [{}, 'spec.completionMode', 'NonIndexed'],
  [{}, 'spec.suspend', false],
  [{}, 'spec.manualSelector', false],
  [{}, 'spec.podReplacementPolicy', 'TerminatingOrFailed'],
  [spec({ podFailurePolicy: { rules: [] } }), 'spec.podReplacementPolicy', 'Failed'],
  [
    spec({ podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'A' }] }] } }),
    'spec.podFailurePolicy.rules.0.onPodConditions.0.status',
    'True',
  ],
  [spec({ template: { metadata: { labels: { a: 'b' } } } }), 'metadata.labels', { a: 'b' }],
  [{ metadata: { labels: { c: 'd' } }, ...spec({ template: { metadata: { labels: { a: 'b' } } } }) }, 'metadata.labels', { c: 'd' }],
  [{}, 'spec.template.spec.terminationGracePeriodSeconds', 30],
])

test('Job: the selector is made from the UID, and the labels from the UID and the name', () => {
  const object = created(jobKind, job.valid)
  assert.deepEqual(object.spec?.selector, { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u1' } })
  assert.deepEqual(object.spec?.template.metadata?.labels, labels)
  assert.deepEqual([object.metadata.generation, object.status], [1, {}])
})

test('Job: with a selector of its own nothing is made', () => {
  const object = created(jobKind, change(job.valid, spec({ manualSelector: true, selector: { matchLabels: { a: 'b' } } })))
  assert.deepEqual([object.spec?.selector, object.spec?.template.metadata?.labels], [{ matchLabels: { a: 'b' } }, undefined])
})

const negative = (field: string): Case => [
  field,
  indexed({ backoffLimitPerIndex: 1, [field]: -1 }),
  `spec.${field}: Invalid value: -1: ${notNegative}`,
]
const restart = 'spec.template.spec.restartPolicy'
const requiresIndexed = 'requires indexed completion mode'

createCases(job, [
  ...['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex'].map(
    negative,
  ),
  [
    'pods that never end',
    spec({ template: { spec: { restartPolicy: null } } }),
    `${restart}: Required value: valid values: "OnFailure", "Never"`,
  ],
  [
    'restart policy',
    spec({ template: { spec: { restartPolicy: 'Sometimes' } } }),
    `${restart}: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"`,
    `${restart}: Unsupported value: "Sometimes": supported values: "Never", "OnFailure"`,
  ],
  [
    'labels of another job',
    spec({ template: { metadata: { labels: { 'job-name': 'other' } } } }),
    `spec.template.metadata.labels[job-name]: Invalid value: ${JSON.stringify({ ...labels, 'job-name': 'other' })}: must be 'sum'`,
  ],
  [
    'selector of other pods',
    spec({ selector: { matchLabels: { a: 'b' } } }),
    'spec.selector: Invalid value: {"matchLabels":{"batch.kubernetes.io/controller-uid":"u1","a":"b"}}: `selector` not auto-generated',
    `spec.template.metadata.labels: Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``,
  ],
  ['selector of its own, left out', spec({ manualSelector: true }), 'spec.selector: Required value'],
  [
    'completion mode',
    spec({ completionMode: 'Odd' }),
    'spec.completionMode: Unsupported value: "Odd": supported values: "Indexed", "NonIndexed"',
  ],
  ['indexed', indexed({})],
  [
    'indexed without completions',
    spec({ completionMode: 'Indexed', parallelism: 2 }),
    'spec.completions: Required value: when completion mode is Indexed',
  ],
  [
    'name too long for indexes',
    { metadata: { name: 'x'.repeat(62) }, ...indexed({}) },
    `metadata.name: Invalid value: "${'x'.repeat(62)}": will not able to create pod with invalid DNS label: ${'x'.repeat(62)}-4`,
  ],
  [
    'too parallel',
    indexed({ parallelism: 100001 }),
    'spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed',
  ],
  ['limit per index', spec({ backoffLimitPerIndex: 1 }), `spec.backoffLimitPerIndex: Invalid value: 1: ${requiresIndexed}`],
  [
    'failed indexes',
    spec({ maxFailedIndexes: 1 }),
    'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
    `spec.maxFailedIndexes: Invalid value: 1: ${requiresIndexed}`,
  ],
  [
    'more failed indexes than indexes',
    indexed({ backoffLimitPerIndex: 1, maxFailedIndexes: 6 }),
    'spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions',
  ],
  [
    'too many failed indexes',
    indexed({ completions: 100000, backoffLimitPerIndex: 1, maxFailedIndexes: 100001 }),
    'spec.maxFailedIndexes: Invalid value: 100001: must be less than or equal to completions',
    'spec.maxFailedIndexes: Invalid value: 100001: must be less than or equal to 100000',
  ],
  [
    'very many completions',
    indexed({ completions: 100001, parallelism: 10001, backoffLimitPerIndex: 1 }),
    'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
    'spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
  ],
  [
    'manager without domain',
    spec({ managedBy: 'me' }),
    'spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")',
  ],
  ['manager', spec({ managedBy: 'example.com/me' })],
  [
    'replacement',
    spec({ podReplacementPolicy: 'Odd' }),
    'spec.podReplacementPolicy: Unsupported value: "Odd": supported values: "Failed", "TerminatingOrFailed"',
  ],
  [
    'replacement beside a failure policy',
    spec({ podReplacementPolicy: 'TerminatingOrFailed', podFailurePolicy: { rules: [] } }),
    'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
  ],
])

const policy = (...rules: object[]) => spec({ podFailurePolicy: { rules } })
const rule = 'spec.podFailurePolicy.rules[0]'
const exitCodes = (by: object) => policy({ action: 'FailJob', onExitCodes: { operator: 'In', values: [1], ...by } })

createCases(job, [
  ['failure policy', exitCodes({ containerName: 'main' })],
  [
    'failure policy with restarts',
    change(exitCodes({}), spec({ template: { spec: { restartPolicy: 'OnFailure' } } })) as object as never,
    `${restart}: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified`,
  ],
  [
    'too many rules',
    policy(...Array.from({ length: 21 }, () => ({}))),
    'spec.podFailurePolicy.rules: Too many: 21: must have at most 20 items',
  ],
  [
    'action left out',
    policy({ onExitCodes: { operator: 'In', values: [1] } }),
    `${rule}.action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]`,
  ],
  [
    'action',
    policy({ action: 'Odd', onExitCodes: { operator: 'In', values: [1] } }),
    `${rule}.action: Unsupported value: "Odd": supported values: "Count", "FailIndex", "FailJob", "Ignore"`,
  ],
  [
    'FailIndex without indexes',
    policy({ action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } }),
    `${rule}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`,
  ],
  ['no pattern', policy({ action: 'Count' }), `${rule}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`],
  [
    'both patterns',
    policy({ action: 'Count', onExitCodes: { operator: 'In', values: [1] }, onPodConditions: [{ type: 'A' }] }),
    `${rule}: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`,
  ],
  ['operator', exitCodes({ operator: 'Like' }), `${rule}.onExitCodes.operator: Unsupported value: "Like": supported values: "In", "NotIn"`],
  [
    'container',
    exitCodes({ containerName: 'side' }),
    `${rule}.onExitCodes.containerName: Invalid value: "side": must be one of the container or initContainer names in the pod template`,
  ],
  ['no codes', exitCodes({ values: [] }), `${rule}.onExitCodes.values: Invalid value: []: at least one value is required`],
  ['success as failure', exitCodes({ values: [0] }), `${rule}.onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator`],
  ['codes twice', exitCodes({ values: [1, 1] }), `${rule}.onExitCodes.values[1]: Duplicate value: 1`],
  ['codes in disorder', exitCodes({ values: [2, 1] }), `${rule}.onExitCodes.values: Invalid value: [2,1]: must be ordered`],
  [
    'condition',
    policy({ action: 'Ignore', onPodConditions: [{ type: 'A', status: 'Maybe' }] }),
    `${rule}.onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`,
  ],
])

const success = (...rules: object[]) => indexed({ successPolicy: { rules } })
const successRule = 'spec.successPolicy.rules[0]'
const indexes = (text: string, problem: string): Case => [
  `indexes ${text}`,
  success({ succeededIndexes: text }),
  `${successRule}.succeededIndexes: Invalid value: "${text}": error parsing succeededIndexes: ${problem}`,
]

createCases(job, [
  ['success policy', success({ succeededIndexes: '0,2-4', succeededCount: 4 })],
  [
    'success policy without indexes',
    spec({ successPolicy: { rules: [{ succeededCount: 1 }] } }),
    `spec.successPolicy: Invalid value: ${requiresIndexed}`,
  ],
  [
    'no success rules',
    success(),
    'spec.successPolicy.rules: Required value: at least one rules must be specified when the spec.successPolicy is specified',
  ],
  [
    'empty success rule',
    success({}),
    `${successRule}: Required value: at least one of succeededCount or succeededIndexes must be specified`,
  ],
  ['negative count', success({ succeededCount: -1 }), `${successRule}.succeededCount: Invalid value: -1: ${notNegative}`],
  [
    'count',
    success({ succeededCount: 6 }),
    `${successRule}.succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)`,
  ],
  [
    'count of indexes',
    success({ succeededIndexes: '1-2', succeededCount: 3 }),
    `${successRule}.succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)`,
  ],
  indexes('a', 'cannot convert string to integer for index: \\"a\\"'.replaceAll('\\', '')),
  indexes('7', 'too large index: "7"'),
  indexes('2,1', 'non-increasing order, previous: 2, current: 1'),
  indexes('3-2', 'non-increasing order, previous: 3, current: 2'),
  indexes('1-2-3', 'the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\''),
])

const image = { template: { spec: { containers: [{ name: 'main', image: 'busybox:2', imagePullPolicy: 'IfNotPresent' }] } } }

updateCases(job, [
  ['of parallelism and suspend', spec({ parallelism: 3, suspend: true })],
  ['of completions', spec({ completions: 2 }), 'spec.completions: Invalid value: 2: field is immutable'],
  ['of the mode', spec({ completionMode: 'Indexed' }), 'spec.completionMode: Invalid value: "Indexed": field is immutable'],
  ['of the manager', spec({ managedBy: 'example.com/me' }), 'spec.managedBy: Invalid value: "example.com/me": field is immutable'],
])

test('Job: neither selector nor template can be changed', () => {
  const old = created(jobKind, job.valid)
  const fields = (by: object) => {
    const object = updated(jobKind, change(old, spec(by)), old)
    return (jobKind.strategy.validateUpdate?.(object, old) ?? []).map(error => `${error.field} ${error.message.slice(-18)}`)
  }
  assert.deepEqual(fields(image), ['spec.template field is immutable'])
  assert.deepEqual(fields({ template: { spec: { nodeSelector: { a: 'b' } } } }), ['spec.template field is immutable'])
  assert.deepEqual(fields({ selector: { matchLabels: { a: 'b' } } }), ['spec.selector field is immutable'])
  const policies = { podFailurePolicy: { rules: [] }, backoffLimitPerIndex: 1, successPolicy: { rules: [] } }
  assert.deepEqual(
    fields(policies),
    Object.keys(policies).map(field => `spec.${field} field is immutable`),
  )
})

updateCases({ ...job, valid: change(job.valid, spec({ suspend: true })) as typeof job.valid }, [
  [
    'of where the pods of a suspended job may go',
    spec({
      template: { metadata: { annotations: { a: 'b' } }, spec: { nodeSelector: { a: 'b' }, tolerations: [{ operator: 'Exists' }] } },
    }),
  ],
])

updateCases({ ...job, valid: change(job.valid, indexed({ parallelism: 5 })) as typeof job.valid }, [
  ['of completions and parallelism together', spec({ completions: 7, parallelism: 7 })],
  [
    'of completions alone',
    spec({ completions: 7 }),
    'spec.completions: Invalid value: 7: can only be modified in tandem with spec.parallelism',
  ],
])

test('Job: the generation counts changes of the spec, and the status is not written', () => {
  const old = created(jobKind, job.valid)
  assert.equal(updated(jobKind, change(old, spec({ parallelism: 2 })), old).metadata.generation, 2)
  assert.deepEqual(updated(jobKind, change(old, { status: { active: 2 } }), old), old)
})

test('Job: a name that is no DNS label is warned of, once', () => {
  const named = created(jobKind, change(job.valid, { metadata: { name: 'a.b' } }))
  assert.match(jobKind.strategy.warnings?.(named, undefined)[0] ?? '', /^metadata\.name: .*a DNS label is recommended: \[/)
  assert.deepEqual(jobKind.strategy.warnings?.(named, named), [])
  assert.deepEqual(jobKind.strategy.warnings?.(created(jobKind, job.valid), undefined), [])
})

test('Job: columns', () => {
  const row = (by: object) => cells(jobKind, change(job.valid, by)).slice(1, 4)
  assert.deepEqual(row({}), ['Running', '0/1', ''])
  assert.deepEqual(row({ spec: { completions: 3 }, status: { succeeded: 1, startTime: '2026-01-01T00:58:00Z' } }), ['Running', '1/3', '2m'])
  assert.deepEqual(row({ spec: { parallelism: 4 } }), ['Running', '0/1 of 4', ''])
  const finished = {
    startTime: '2026-01-01T00:00:00Z',
    completionTime: '2026-01-01T00:00:07Z',
    conditions: [{ type: 'Complete', status: 'True' }],
  }
  assert.deepEqual(row({ status: finished }), ['Complete', '0/1', '7s'])
  assert.equal(row({ status: { conditions: [{ type: 'Suspended', status: 'True' }] } })[0], 'Suspended')
  assert.equal(row({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })[0], 'Terminating')
  assert.deepEqual(cells(jobKind, created(jobKind, job.valid)).slice(4), [
    '<unknown>',
    'main',
    'busybox:1',
    'batch.kubernetes.io/controller-uid=u1',
  ])
})
