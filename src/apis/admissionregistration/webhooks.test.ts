import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Case, cells, createCases, created, defaultCases, updated } from '../testing/cases.ts'
import { mutatingWebhookConfigurationKind } from './mutating-webhook-configuration.ts'
import { validatingWebhookConfigurationKind } from './validating-webhook-configuration.ts'

const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }
const webhook = {
  name: 'check.example.com',
  clientConfig: { url: 'https://hooks.example.com/check' },
  rules: [rule],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
}
const valid = { metadata: { name: 'check' }, webhooks: [webhook] }
const validating = { kind: validatingWebhookConfigurationKind, valid }
const mutating = { kind: mutatingWebhookConfigurationKind, valid }
const one = (by: object) => ({ webhooks: [{ ...webhook, ...by }] })
const rules = (by: object) => one({ rules: [{ ...rule, ...by }] })
const at = (url: string) => one({ clientConfig: { url } })
const service = (by: object) => one({ clientConfig: { service: { namespace: 'shop', name: 'hook', ...by } } })
const form = '; desired format: https://host[/path]'

const common: readonly Case[] = [
  ['no webhooks', { webhooks: null }],
  ['no name', one({ name: '' }), 'webhooks[0].name: Required value'],
  [
    'a name of one part',
    one({ name: 'check' }),
    'webhooks[0].name: Invalid value: "check": should be a domain with at least two segments separated by dots',
  ],
  ['two of a name', { webhooks: [webhook, webhook] }, 'webhooks[1].name: Duplicate value: "check.example.com"'],
  ['no operations', rules({ operations: [] }), 'webhooks[0].rules[0].operations: Required value'],
  [
    'all operations and one',
    rules({ operations: ['*', 'CREATE'] }),
    'webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations',
  ],
  [
    'an unknown operation',
    rules({ operations: ['READ'] }),
    'webhooks[0].rules[0].operations[0]: Unsupported value: "READ": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
  ],
  ['no groups', rules({ apiGroups: [] }), 'webhooks[0].rules[0].apiGroups: Required value'],
  [
    'all groups and one',
    rules({ apiGroups: ['*', 'apps'] }),
    'webhooks[0].rules[0].apiGroups: Invalid value: ["*","apps"]: if \'*\' is present, must not specify other API groups',
  ],
  ['no versions', rules({ apiVersions: [] }), 'webhooks[0].rules[0].apiVersions: Required value'],
  ['an empty version', rules({ apiVersions: [''] }), 'webhooks[0].rules[0].apiVersions[0]: Required value'],
  [
    'all versions and one',
    rules({ apiVersions: ['v1', '*'] }),
    'webhooks[0].rules[0].apiVersions: Invalid value: ["v1","*"]: if \'*\' is present, must not specify other API versions',
  ],
  ['no resources', rules({ resources: [] }), 'webhooks[0].rules[0].resources: Required value'],
  ['an empty resource', rules({ resources: [''] }), 'webhooks[0].rules[0].resources[0]: Required value'],
  ['a resource with its subresources', rules({ resources: ['pods', 'pods/*'] })],
  ['all resources and a subresource', rules({ resources: ['*', 'pods/log'] })],
  [
    'a subresource that another item covers',
    rules({ resources: ['pods/*', 'pods/log'] }),
    'webhooks[0].rules[0].resources[1]: Invalid value: "pods/log": if \'pods/*\' is present, must not specify pods/log',
  ],
  [
    'a subresource that all resources cover',
    rules({ resources: ['*/scale', 'pods/scale'] }),
    'webhooks[0].rules[0].resources[1]: Invalid value: "pods/scale": if \'*/scale\' is present, must not specify pods/scale',
  ],
  [
    'everything and more',
    rules({ resources: ['*/*', 'pods'] }),
    'webhooks[0].rules[0].resources: Invalid value: ["*/*","pods"]: if \'*/*\' is present, must not specify other resources',
  ],
  [
    'all resources and one',
    rules({ resources: ['*', 'pods'] }),
    'webhooks[0].rules[0].resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources',
  ],
  [
    'an unknown scope',
    rules({ scope: 'World' }),
    'webhooks[0].rules[0].scope: Unsupported value: "World": supported values: "*", "Cluster", "Namespaced"',
  ],
  [
    'an unknown failure policy',
    one({ failurePolicy: 'Retry' }),
    'webhooks[0].failurePolicy: Unsupported value: "Retry": supported values: "Fail", "Ignore"',
  ],
  [
    'an unknown match policy',
    one({ matchPolicy: 'Some' }),
    'webhooks[0].matchPolicy: Unsupported value: "Some": supported values: "Equivalent", "Exact"',
  ],
  ['no side effects named', one({ sideEffects: null }), 'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun'],
  [
    'side effects',
    one({ sideEffects: 'Some' }),
    'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
  ],
  [
    'a long timeout',
    one({ timeoutSeconds: 31 }),
    'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
  ],
  [
    'no time at all',
    one({ timeoutSeconds: 0 }),
    'webhooks[0].timeoutSeconds: Invalid value: 0: the timeout value must be between 1 and 30 seconds',
  ],
  [
    'selectors',
    one({ namespaceSelector: { matchLabels: { '-': 'a' } }, objectSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }),
    "webhooks[0].namespaceSelector.matchLabels: Invalid value: \"-\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    "webhooks[0].objectSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
  ],
  ['nowhere', one({ clientConfig: {} }), 'webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
  [
    'at two places',
    one({ clientConfig: { url: 'https://a', service: { namespace: 'a', name: 'b' } } }),
    'webhooks[0].clientConfig: Required value: exactly one of url or service is required',
  ],
  ['plain HTTP', at('http://a'), `webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme${form}`],
  ['no host', at('https:///a'), `webhooks[0].clientConfig.url: Invalid value: "": host must be specified${form}`],
  ['a user', at('https://ann@a'), 'webhooks[0].clientConfig.url: Invalid value: "ann": user information is not permitted in the URL'],
  ['a fragment', at('https://a#b'), 'webhooks[0].clientConfig.url: Invalid value: "b": fragments are not permitted in the URL'],
  ['a query', at('https://a?b=c'), 'webhooks[0].clientConfig.url: Invalid value: "b=c": query parameters are not permitted in the URL'],
  ['an address of IPv6', at('https://[fd00::1]:8443/a')],
  [
    'no URL',
    at('https://a b'),
    `webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse "https://a b": invalid URI${form}`,
  ],
  ['a service', service({ path: '/a/b/', port: 8443 })],
  [
    'a service without names',
    service({ namespace: '', name: '' }),
    'webhooks[0].clientConfig.service.name: Required value: service name is required',
    'webhooks[0].clientConfig.service.namespace: Required value: service namespace is required',
  ],
  [
    'a port that is none',
    service({ port: 0 }),
    'webhooks[0].clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
  ],
  ['no path at all', service({ path: '' })],
  [
    'a relative path',
    service({ path: 'a' }),
    'webhooks[0].clientConfig.service.path: Invalid value: "a": must start with a \'/\'',
    'webhooks[0].clientConfig.service.path: Invalid value: "a": segment[0] may not be empty',
  ],
  ['empty parts', service({ path: '/a//b' }), 'webhooks[0].clientConfig.service.path: Invalid value: "/a//b": segment[1] may not be empty'],
  ['two slashes', service({ path: '//' }), 'webhooks[0].clientConfig.service.path: Invalid value: "//": segment[0] may not be empty'],
  [
    'no versions of reviews',
    one({ admissionReviewVersions: [] }),
    'webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1',
  ],
  [
    'unknown versions of reviews',
    one({ admissionReviewVersions: ['v2', 'v2'] }),
    'webhooks[0].admissionReviewVersions[1]: Invalid value: "v2": duplicate version',
    'webhooks[0].admissionReviewVersions: Invalid value: ["v2","v2"]: must include at least one of v1, v1beta1',
  ],
  ['a version of reviews that we know among others', one({ admissionReviewVersions: ['v2', 'v1'] })],
]
createCases(validating, common)
createCases(mutating, [
  ...common,
  [
    'an unknown reinvocation policy',
    one({ reinvocationPolicy: 'Always' }),
    'webhooks[0].reinvocationPolicy: Unsupported value: "Always": supported values: "IfNeeded", "Never"',
  ],
])
for (const kind of [validating, mutating as typeof validating])
  defaultCases(kind, [
    [{}, 'webhooks.0.failurePolicy', 'Fail'],
    [{}, 'webhooks.0.matchPolicy', 'Equivalent'],
    [{}, 'webhooks.0.namespaceSelector', {}],
    [{}, 'webhooks.0.objectSelector', {}],
    [{}, 'webhooks.0.timeoutSeconds', 10],
    [{}, 'webhooks.0.rules.0.scope', '*'],
    [service({}), 'webhooks.0.clientConfig.service.port', 443],
    [{}, 'webhooks.0.reinvocationPolicy', kind.kind === (mutatingWebhookConfigurationKind as unknown) ? 'Never' : undefined],
  ])

test('the generation counts changes of webhooks', () => {
  const old = created(validatingWebhookConfigurationKind, valid)
  assert.equal(old.metadata.generation, 1)
  const labelled = updated(validatingWebhookConfigurationKind, { ...old, metadata: { ...old.metadata, labels: { a: 'b' } } }, old)
  assert.equal(labelled.metadata.generation, 1)
  assert.equal(updated(validatingWebhookConfigurationKind, { ...old, webhooks: [] }, old).metadata.generation, 2)
})

test('a row shows how many webhooks there are', () => {
  assert.deepEqual(cells(mutatingWebhookConfigurationKind, valid).slice(0, 2), ['check', 1])
})
