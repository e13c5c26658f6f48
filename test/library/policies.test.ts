import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findKubectls } from '../support/kubectls.ts'
import { type Answer, sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

/** Admission policies as those who write them and those whose requests they judge see them. */

const policies = '/apis/admissionregistration.k8s.io/v1'
const core = '/api/v1/namespaces/default'
const merge = { 'content-type': 'application/merge-patch+json' }

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind.
type Any = any

const configMaps = { operations: ['CREATE', 'UPDATE', 'DELETE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }
const deployments = { operations: ['CREATE', 'UPDATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }

describe('admission policies', async () => {
  const { send, kubectl } = await sharedLibraryCluster({ nodes: 1 })
  const newest = findKubectls().at(-1)
  let last = 0

  const must = async (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Any> => {
    const answer = await send(method, path, { body, headers })
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`)
    return answer.json
  }
  const refusal = ({ status, json }: Answer) => [status, json.reason, json.message]

  /** Puts a policy into force for one test only; each is about the test's own label unless it says otherwise. */
  const enforce = async (type: 'validating' | 'mutating', spec: Any, binding: Any = {}) => {
    const name = `t${++last}`
    const label = { test: name }
    const matchConstraints = { resourceRules: [configMaps], objectSelector: { matchLabels: label }, ...spec.matchConstraints }
    await must('POST', `${policies}/${type}admissionpolicies`, { metadata: { name }, spec: { ...spec, matchConstraints } })
    const actions = type === 'validating' ? { validationActions: ['Deny'] } : {}
    await must('POST', `${policies}/${type}admissionpolicybindings`, {
      metadata: { name },
      spec: { policyName: name, ...actions, ...binding },
    })
    return {
      name,
      label,
      prefix: (object: string) => `${object} is forbidden: ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: `,
      configMap: (of: string, data: object = {}) => ({ metadata: { name: of, labels: label }, data }),
      create: (of: string, data: object = {}) =>
        send('POST', `${core}/configmaps`, { body: { metadata: { name: of, labels: label }, data } }),
      async remove() {
        await must('DELETE', `${policies}/${type}admissionpolicybindings/${name}`)
        await must('DELETE', `${policies}/${type}admissionpolicies/${name}`)
      },
    }
  }
  const validations = (...expressions: Any[]) => ({
    validations: expressions.map(one => (typeof one === 'string' ? { expression: one } : one)),
  })

  it('deny what does not comply, from the moment they are stored', async () => {
    const policy = await enforce('validating', {
      variables: [
        { name: 'size', expression: 'size(object.data)' },
        { name: 'double', expression: 'variables.size * 2' },
      ],
      ...validations('request.operation == "DELETE" || variables.double <= 2', {
        expression: "request.operation == 'DELETE' || !('bad' in object.data)",
        messageExpression: "'no ' + request.operation + ' of bad things in ' + namespaceObject.metadata.name",
        reason: 'Forbidden',
      }),
    })
    const prefix = policy.prefix('configmaps "a"')
    const expression = 'request.operation == "DELETE" || variables.double <= 2'
    assert.deepEqual(refusal(await policy.create('a', { x: '1', y: '2' })), [422, 'Invalid', `${prefix}failed expression: ${expression}`])
    const bad = await policy.create('a', { bad: '1' })
    assert.deepEqual(refusal(bad), [403, 'Forbidden', `${prefix}no CREATE of bad things in default`])
    assert.deepEqual(bad.json.details.causes, [{ message: bad.json.message.replace('configmaps "a" is forbidden: ', '') }])
    await must('POST', `${core}/configmaps`, policy.configMap('a', { x: '1' }))
    const patched = await send('PATCH', `${core}/configmaps/a`, { body: { data: { bad: '1', x: null } }, headers: merge })
    assert.deepEqual(refusal(patched), [403, 'Forbidden', `${prefix}no UPDATE of bad things in default`])
    await must('DELETE', `${core}/configmaps/a`)
    await policy.remove()
    await must('POST', `${core}/configmaps?dryRun=All`, policy.configMap('a', { bad: '1' }))
  })

  it('warn and note, if the binding wants no more', async () => {
    const policy = await enforce('validating', validations({ expression: 'false', message: 'think again' }), {
      validationActions: ['Warn', 'Audit'],
    })
    const answer = await send('POST', `${core}/configmaps?dryRun=All`, { body: policy.configMap('b') })
    assert.equal(answer.status, 201)
    const text = `Validation failed for ValidatingAdmissionPolicy '${policy.name}' with binding '${policy.name}': think again`
    assert.equal(answer.headers.warning, `299 - "${text}"`)
    await policy.remove()
  })

  it('fail closed or open, as they say', async () => {
    const closed = await enforce('validating', validations("object.data.nope == 'a'"))
    const message = `${closed.prefix('configmaps "c"')}expression 'object.data.nope == 'a'' resulted in error: no such key: nope`
    assert.deepEqual(refusal(await closed.create('c', { a: '1' })), [422, 'Invalid', message])
    await closed.remove()
    const open = await enforce('validating', { failurePolicy: 'Ignore', ...validations("object.data.nope == 'a'") })
    await must('POST', `${core}/configmaps?dryRun=All`, open.configMap('c'))
    await open.remove()
    const costly = await enforce(
      'validating',
      validations('lists.range(2000).all(a, lists.range(2000).all(b, a + b >= 0)) || object == null'),
    )
    const refused = await costly.create('c')
    assert.match(refused.json.message, /resulted in error: operation cancelled: actual cost limit exceeded$/)
    await costly.remove()
  })

  it('are about what matches, and nothing else', async () => {
    const rule = { ...configMaps, resourceNames: ['named'] }
    const policy = await enforce('validating', {
      matchConstraints: { resourceRules: [rule], excludeResourceRules: [{ ...configMaps, operations: ['UPDATE'] }] },
      matchConditions: [{ name: 'wanted', expression: "!has(object.data) || !('exempt' in object.data)" }],
      ...validations('false'),
    })
    assert.equal((await policy.create('other')).status, 201)
    assert.equal((await policy.create('named')).status, 422)
    assert.equal((await policy.create('named', { exempt: '' })).status, 201)
    await must('PATCH', `${core}/configmaps/named`, { data: { exempt: null, more: 'a' } }, merge)
    await policy.remove()
    await must('DELETE', `${core}/configmaps/named`)
    await must('DELETE', `${core}/configmaps/other`)

    const elsewhere = await enforce('validating', validations('false'), {
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } },
    })
    assert.equal((await elsewhere.create('free')).status, 201)
    const there = await send('POST', '/api/v1/namespaces/kube-system/configmaps', { body: elsewhere.configMap('caught') })
    assert.equal(there.status, 422)
    await elsewhere.remove()
    await must('DELETE', `${core}/configmaps/free`)
  })

  it('take parameters by name and by labels, from the namespace of the request or another', async () => {
    await must('POST', `${core}/configmaps`, { metadata: { name: 'limits', labels: { kind: 'limits' } }, data: { most: '1' } })
    const spec = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, ...validations('size(object.data) <= int(params.data.most)') }
    const byName = await enforce('validating', spec, { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } })
    assert.equal((await byName.create('p', { a: '1', b: '2' })).status, 422)
    await must('POST', `${core}/configmaps?dryRun=All`, byName.configMap('p', { a: '1' }))
    const missing = await send('POST', '/api/v1/namespaces/kube-system/configmaps', { body: byName.configMap('p', { a: '1' }) })
    const problem = 'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'
    assert.deepEqual(refusal(missing), [422, 'Invalid', byName.prefix('configmaps "p"') + problem])
    await byName.remove()
    const bySelector = await enforce('validating', spec, {
      paramRef: { selector: { matchLabels: { kind: 'limits' } }, namespace: 'default', parameterNotFoundAction: 'Allow' },
    })
    const there = await send('POST', '/api/v1/namespaces/kube-system/configmaps', { body: bySelector.configMap('p', { a: '1', b: '2' }) })
    assert.equal(there.status, 422)
    await must('DELETE', `${core}/configmaps/limits`)
    await must('POST', `${core}/configmaps?dryRun=All`, bySelector.configMap('p', { a: '1', b: '2' }))
    await bySelector.remove()
    const unknown = await enforce('validating', { ...spec, paramKind: { apiVersion: 'rules.example.com/v1', kind: 'Limit' } })
    const refused = await unknown.create('p')
    const text = `configmaps "p" is forbidden: ValidatingAdmissionPolicy '${unknown.name}' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'rules.example.com/v1, Kind=Limit'`
    assert.deepEqual(refusal(refused), [422, 'Invalid', text])
    await unknown.remove()
  })

  it('ask the authorizer', async () => {
    const policy = await enforce(
      'validating',
      validations({
        expression:
          "authorizer.group('').resource('secrets').namespace('default').check('get').allowed() && !authorizer.serviceAccount('default', 'default').path('/metrics').check('get').allowed()",
      }),
    )
    await must('POST', `${core}/configmaps?dryRun=All`, policy.configMap('q'))
    const as = { 'impersonate-user': 'ann', 'impersonate-group': 'writers' }
    const rule = { apiGroups: [''], resources: ['configmaps'], verbs: ['create'] }
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
    await must('POST', `${rbac}/roles`, { metadata: { name: 'writers' }, rules: [rule] })
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'writers' }
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'writers' }]
    await must('POST', `${rbac}/rolebindings`, { metadata: { name: 'writers' }, roleRef, subjects })
    const refused = await send('POST', `${core}/configmaps`, { body: policy.configMap('q'), headers: as })
    assert.match(refused.json.message, /denied request: failed expression: authorizer/)
    await policy.remove()
    const own = await enforce('validating', validations("authorizer.requestResource.check('approve').allowed()"))
    await must('POST', `${core}/configmaps?dryRun=All`, own.configMap('q'))
    assert.equal((await send('POST', `${core}/configmaps`, { body: own.configMap('q'), headers: as })).status, 422)
    await own.remove()
  })

  it('change objects by what is wanted, merged as apply merges', async () => {
    const policy = await enforce('mutating', {
      matchConstraints: { resourceRules: [deployments] },
      mutations: [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: {
            expression: `Object{
              metadata: Object.metadata{annotations: {"note": "by policy"}},
              spec: Object.spec{replicas: 3, template: Object.spec.template{spec: Object.spec.template.spec{
                containers: object.spec.template.spec.containers.map(c, Object.spec.template.spec.containers{name: c.name, imagePullPolicy: "Never"}),
                initContainers: [Object.spec.template.spec.initContainers{name: "first", image: "image"}]
              }}}
            }`,
          },
        },
      ],
    })
    const metadata = { name: 'web', labels: policy.label }
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          { name: 'c', image: 'image:1' },
          { name: 'd', image: 'image:2' },
        ],
      },
    }
    const body = { metadata, spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template } }
    const created = await must('POST', '/apis/apps/v1/namespaces/default/deployments?dryRun=All', body)
    assert.equal(created.spec.replicas, 3)
    assert.equal(created.metadata.annotations.note, 'by policy')
    const { containers, initContainers } = created.spec.template.spec
    assert.deepEqual(
      containers.map((one: Any) => [one.name, one.image, one.imagePullPolicy]),
      [
        ['c', 'image:1', 'Never'],
        ['d', 'image:2', 'Never'],
      ],
    )
    // What is added gets its defaults.
    assert.deepEqual([initContainers[0].name, initContainers[0].terminationMessagePolicy], ['first', 'File'])
    await policy.remove()
  })

  it('change objects by patches, with parameters and variables', async () => {
    await must('POST', `${core}/configmaps`, { metadata: { name: 'labels' }, data: { team: 'blue' } })
    const policy = await enforce(
      'mutating',
      {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        variables: [{ name: 'path', expression: '"/metadata/labels/" + jsonpatch.escapeKey("example.com/team")' }],
        mutations: [
          {
            patchType: 'JSONPatch',
            jsonPatch: { expression: '[JSONPatch{op: "add", path: variables.path, value: params.data.team}]' },
          },
          {
            patchType: 'JSONPatch',
            jsonPatch: {
              expression:
                'has(object.data) ? [JSONPatch{op: "test", path: "/data/a", value: "other"}, JSONPatch{op: "remove", path: "/data/a"}] : []',
            },
          },
        ],
      },
      { paramRef: { name: 'labels', parameterNotFoundAction: 'Deny' } },
    )
    const { metadata, data } = await must('POST', `${core}/configmaps?dryRun=All`, policy.configMap('patched', { a: 'b' }))
    assert.deepEqual(metadata.labels, { ...policy.label, 'example.com/team': 'blue' })
    assert.deepEqual(data, { a: 'b' })
    await policy.remove()
    await must('DELETE', `${core}/configmaps/labels`)
  })

  it('say what is wrong with a change', async () => {
    const apply = (expression: string) => ({ mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }] })
    const cases: readonly (readonly [spec: object, message: string])[] = [
      [
        apply('Object{data: Object.other{a: "b"}}'),
        'type mismatch: unexpected type name "Object.other", expected "Object.data", which matches field name path from root Object type',
      ],
      [
        apply('Object{nope: 1}'),
        'error applying patch: failed to convert patch object to typed object: .nope: field not declared in schema',
      ],
      [apply('Object{data: {"a": object.data.b}}'), `expression 'Object{data: {"a": object.data.b}}' resulted in error: no such key: b`],
      [
        { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/data/b"}]' } }] },
        'JSON Patch: remove operation does not apply: Unable to remove nonexistent key: b: missing value',
      ],
    ]
    for (const [spec, message] of cases) {
      const policy = await enforce('mutating', spec)
      const refused = await policy.create('x', { a: '1' })
      const prefix = `policy '${policy.name}' with binding '${policy.name}' denied request: `
      assert.deepEqual(refusal(refused), [403, 'Invalid', prefix + message])
      await policy.remove()
    }
  })

  it('are carried out again if they wish, once something after them changed the object', async () => {
    const set = (key: string, unless: string) => ({
      mutations: [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: { expression: `has(object.data) && "${unless}" in object.data ? Object{data: {"${key}": "yes"}} : Object{}` },
        },
      ],
    })
    const first = await enforce('mutating', { reinvocationPolicy: 'IfNeeded', ...set('seen', 'later') })
    const label = { matchLabels: first.label }
    const second = await enforce('mutating', { ...set('later', 'start'), matchConstraints: { objectSelector: label } })
    const { data } = await must('POST', `${core}/configmaps?dryRun=All`, first.configMap('again', { start: '' }))
    assert.deepEqual(data, { start: '', later: 'yes', seen: 'yes' })
    await first.remove()
    await second.remove()
  })

  it('see requests in the version that they are about', async () => {
    const autoscalers = { operations: ['CREATE'], apiGroups: ['autoscaling'], apiVersions: ['v1'], resources: ['horizontalpodautoscalers'] }
    const policy = await enforce('validating', {
      matchConstraints: { resourceRules: [autoscalers] },
      ...validations({
        expression: 'object.spec.targetCPUUtilizationPercentage < 50',
        messageExpression: "request.kind.version + ' of a request for ' + request.requestKind.version",
      }),
    })
    const metric = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
    const body = { metadata: { name: 'web', labels: policy.label }, spec: { scaleTargetRef, maxReplicas: 3, metrics: [metric] } }
    const refused = await send('POST', '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers', { body })
    assert.match(refused.json.message, /denied request: v1 of a request for v2$/)
    await policy.remove()
    const exact = await enforce('validating', {
      matchConstraints: { resourceRules: [autoscalers], matchPolicy: 'Exact' },
      ...validations('false'),
    })
    const same = { ...body, metadata: { name: 'web', labels: exact.label } }
    await must('POST', '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers?dryRun=All', same)
    await exact.remove()
  })

  it('are about custom resources as about any other, and take parameters from them', async () => {
    const properties = {
      spec: {
        type: 'object',
        properties: {
          replicas: { type: 'integer' },
          names: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
          most: { type: 'integer' },
        },
      },
    }
    const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties } } }]
    const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' }
    const definition = { metadata: { name: 'widgets.example.com' }, spec: { group: 'example.com', scope: 'Namespaced', names, versions } }
    await must('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)
    const path = '/apis/example.com/v1/namespaces/default/widgets'
    const rule = { operations: ['CREATE'], apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['widgets'] }
    await must('POST', path, { metadata: { name: 'limits' }, apiVersion: 'example.com/v1', kind: 'Widget', spec: { most: 2 } })
    const policy = await enforce(
      'validating',
      {
        paramKind: { apiVersion: 'example.com/v1', kind: 'Widget' },
        matchConstraints: { resourceRules: [rule] },
        ...validations('object.spec.replicas <= params.spec.most', "object.spec.replica == 'a' || true"),
      },
      { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } },
    )
    const change = await enforce('mutating', {
      matchConstraints: { resourceRules: [rule], objectSelector: {} },
      mutations: [
        { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{spec: Object.spec{names: ["added"]}}' } },
        { patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "add", path: "/spec/most", value: 7}]' } },
      ],
    })
    const widget = (replicas: number) => ({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w', labels: policy.label },
      spec: { replicas, names: ['own'] },
    })
    const refused = await send('POST', path, { body: widget(3) })
    assert.match(
      refused.json.message,
      /^widgets.example.com "w" is forbidden: .* failed expression: object.spec.replicas <= params.spec.most$/,
    )
    const created = await must('POST', path, widget(2))
    assert.deepEqual(created.spec, { replicas: 2, names: ['own', 'added'], most: 7 })
    const read = () => must('GET', `${policies}/validatingadmissionpolicies/${policy.name}`)
    const { status } = await eventually('the policy is checked', 10_000, read, one => one.status !== undefined)
    const [warning] = status.typeChecking.expressionWarnings
    assert.deepEqual(warning, {
      fieldRef: 'spec.validations[1].expression',
      warning:
        "example.com/v1, Kind=Widget: ERROR: <input>:1:12: undefined field 'replica'\n | object.spec.replica == 'a' || true\n | ...........^\n",
    })
    await policy.remove()
    await change.remove()
  })

  it('count in metrics', async () => {
    const policy = await enforce('validating', validations('false'))
    await policy.create('counted')
    const { text } = await send('GET', '/metrics')
    const labels = `enforcement_action="deny",error_type="no_error",policy="${policy.name}",policy_binding="${policy.name}"`
    assert.ok(text.includes(`apiserver_validating_admission_policy_check_total{${labels}} 1`), text)
    await policy.remove()
  })

  it('never concern policies themselves', async () => {
    const everything = { operations: ['*'], apiGroups: ['admissionregistration.k8s.io'], apiVersions: ['*'], resources: ['*'] }
    const policy = await enforce('validating', {
      matchConstraints: { resourceRules: [everything], objectSelector: {} },
      ...validations('false'),
    })
    await must('PATCH', `${policies}/validatingadmissionpolicies/${policy.name}`, { metadata: { labels: { a: 'b' } } }, merge)
    await policy.remove()
  })

  it('are told of by kubectl as by any cluster', { skip: newest ? false : 'no kubectl was found' }, async () => {
    const path = newest?.path ?? ''
    const policy = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'no-latest' },
      spec: {
        matchConstraints: { resourceRules: [deployments] },
        validations: [
          {
            expression: "object.spec.template.spec.containers.all(c, !c.image.endsWith(':latest'))",
            messageExpression: "'deployment ' + object.metadata.nam + ' uses the tag latest'",
            message: 'the tag latest is not for us',
          },
        ],
      },
    }
    const binding = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'no-latest' },
      spec: { policyName: 'no-latest', validationActions: ['Deny'] },
    }
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [policy, binding] })
    const applied = await kubectl(path, ['apply', '-f', '-'], list)
    assert.match(applied.stdout, /validatingadmissionpolicy.admissionregistration.k8s.io\/no-latest created/)
    const refused = await kubectl(path, ['create', 'deployment', 'web', '--image=web:latest'])
    assert.equal(
      refused.stderr.trim(),
      "error: failed to create deployment: deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'no-latest' with binding 'no-latest' denied request: the tag latest is not for us",
    )
    const waited = await kubectl(path, [
      'wait',
      'validatingadmissionpolicy/no-latest',
      '--for=jsonpath={.status.observedGeneration}=1',
      '--timeout=20s',
    ])
    assert.match(waited.stdout, /condition met/)
    const { status } = await must('GET', `${policies}/validatingadmissionpolicies/no-latest`)
    assert.deepEqual(status, {
      observedGeneration: 1,
      typeChecking: {
        expressionWarnings: [
          {
            fieldRef: 'spec.validations[0].messageExpression',
            warning:
              "apps/v1, Kind=Deployment: ERROR: <input>:1:32: undefined field 'nam'\n | 'deployment ' + object.metadata.nam + ' uses the tag latest'\n | ...............................^\n",
          },
        ],
      },
    })
    const table = await kubectl(path, ['get', 'validatingadmissionpolicy'])
    assert.match(table.stdout, /^NAME +VALIDATIONS +PARAMKIND +AGE\nno-latest +1 +<unset> /)
    await kubectl(path, ['delete', 'validatingadmissionpolicy,validatingadmissionpolicybinding', 'no-latest'])
  })
})
