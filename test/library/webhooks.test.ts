import assert from 'node:assert/strict'
import { request as httpsRequest } from 'node:https'
import { after, describe, it } from 'node:test'
import { definition, establish, version } from '../support/custom-resources.ts'
import { findKubectls } from '../support/kubectls.ts'
import { type Answer, sharedLibraryCluster } from '../support/library.ts'
import { denying, patching, startWebhookServer } from '../support/webhook-server.ts'

/** Admission webhooks as their authors and those whose requests they judge see them. */

const configurations = '/apis/admissionregistration.k8s.io/v1'
const core = '/api/v1/namespaces/default'
const merge = { 'content-type': 'application/merge-patch+json' }

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind.
type Any = any

const configMaps = { operations: ['CREATE', 'UPDATE', 'DELETE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }
const pods = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }

describe('admission webhooks', async () => {
  const library = await sharedLibraryCluster({ nodes: 1 })
  const { send, kubectl } = library
  const server = await startWebhookServer(['localhost', 'hook.shop.svc'])
  after(() => server.close())
  const newest = findKubectls().at(-1)
  let last = 0

  const must = async (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Any> => {
    const answer = await send(method, path, { body, headers })
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`)
    return answer.json
  }
  const refusal = ({ status, json }: Answer) => [status, json.reason, json.message]
  /** Configures webhooks for one test only; each selects by the test's own label unless it says otherwise. */
  const configure = async (type: 'mutating' | 'validating', webhooks: readonly Any[], labels = {}) => {
    last++
    const label = { test: `t${last}` }
    const path = `${configurations}/${type}webhookconfigurations`
    const complete = webhooks.map((webhook, index) => ({
      name: `hook-${index}.example.com`,
      clientConfig: server.clientConfig(`/t${last}-${index}`),
      rules: [configMaps],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      objectSelector: { matchLabels: label },
      ...webhook,
    }))
    const metadata = { name: `t${last}`, labels }
    await must('POST', path, { metadata, webhooks: complete })
    const number = last
    return {
      labels: label,
      path: `${path}/t${last}`,
      answer: (index: number, verdict: (request: Any) => Any) => server.answer(`/t${number}-${index}`, verdict),
      asked: (index: number) => server.asked(`/t${number}-${index}`),
      remove: () => must('DELETE', `${path}/t${number}`),
      configMap: (name: string, data = {}, metadata = {}) => ({ metadata: { name, labels: label, ...metadata }, data }),
      pod: (name: string) => ({ metadata: { name, labels: label }, spec: { containers: [{ name: 'c', image: 'image' }] } }),
    }
  }

  it('deny what does not comply, on create, update and delete, in the words of the webhook', async () => {
    const hook = await configure('validating', [{}])
    hook.answer(0, ({ object, operation, oldObject }) => {
      const data = (object ?? oldObject).data ?? {}
      return data.bad === 'yes' ? denying(`${operation} of something bad`, { reason: 'Forbidden', code: 403 }) : {}
    })
    const prefix = 'admission webhook "hook-0.example.com" denied the request: '
    const create = await send('POST', `${core}/configmaps`, { body: hook.configMap('denied', { bad: 'yes' }) })
    assert.deepEqual(refusal(create), [403, 'Forbidden', `${prefix}CREATE of something bad`])
    await must('POST', `${core}/configmaps`, hook.configMap('judged', { bad: 'no' }))
    const put = await send('PUT', `${core}/configmaps/judged`, { body: hook.configMap('judged', { bad: 'yes' }) })
    assert.deepEqual(refusal(put), [403, 'Forbidden', `${prefix}UPDATE of something bad`])
    const patched = await send('PATCH', `${core}/configmaps/judged`, { body: { data: { bad: 'yes' } }, headers: merge })
    assert.deepEqual(refusal(patched), [403, 'Forbidden', `${prefix}UPDATE of something bad`])
    hook.answer(0, ({ operation }) => (operation === 'DELETE' ? denying('', { reason: 'because' }) : {}))
    const deleted = await send('DELETE', `${core}/configmaps/judged`)
    assert.deepEqual(refusal(deleted), [400, 'because', `${prefix}because`])
    hook.answer(0, () => ({ allowed: false }))
    const silent = await send('DELETE', `${core}/configmaps/judged`)
    assert.equal(silent.json.message, 'admission webhook "hook-0.example.com" denied the request without explanation')
    const review = hook.asked(0).find(({ request }: Any) => request.operation === 'DELETE')
    assert.equal(review.request.object, null)
    assert.equal(review.request.oldObject.metadata.name, 'judged')
    assert.equal(review.request.options.kind, 'DeleteOptions')
    await hook.remove()
    await must('DELETE', `${core}/configmaps/judged`)
  })

  it('are shown the whole request', async () => {
    const hook = await configure('validating', [{ timeoutSeconds: 7 }])
    hook.answer(0, () => ({}))
    await must('POST', `${core}/configmaps?fieldManager=tester&dryRun=All`, hook.configMap('shown', { a: 'b' }))
    const [{ url, apiVersion, kind, request }] = hook.asked(0)
    assert.match(url, /\?timeout=7s$/)
    assert.deepEqual([apiVersion, kind], ['admission.k8s.io/v1', 'AdmissionReview'])
    const { uid, object, userInfo, ...rest } = request
    const configMap = { group: '', version: 'v1', kind: 'ConfigMap' }
    const resource = { group: '', version: 'v1', resource: 'configmaps' }
    assert.deepEqual(rest, {
      kind: configMap,
      resource,
      requestKind: configMap,
      requestResource: resource,
      name: 'shown',
      namespace: 'default',
      operation: 'CREATE',
      oldObject: null,
      dryRun: true,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'tester', dryRun: ['All'] },
    })
    assert.match(uid, /^[0-9a-f-]{36}$/)
    assert.deepEqual(userInfo, { username: 'admin', groups: ['system:masters', 'system:authenticated'] })
    assert.deepEqual([object.kind, object.apiVersion, object.data], ['ConfigMap', 'v1', { a: 'b' }])
    await hook.remove()
  })

  it('change objects one after the other, and what they add is completed with defaults', async () => {
    const two = await configure('mutating', [{}, {}])
    two.answer(0, ({ object }) => (object.data?.start ? patching({ op: 'add', path: '/data/first', value: 'yes' }) : {}))
    two.answer(1, ({ object }) => (object.data?.first ? patching({ op: 'add', path: '/data/second', value: 'yes' }) : {}))
    const { data } = await must('POST', `${core}/configmaps`, two.configMap('ordered', { start: 'yes' }))
    assert.deepEqual(data, { start: 'yes', first: 'yes', second: 'yes' })
    await two.remove()

    const pod = await configure('mutating', [{ rules: [pods] }])
    pod.answer(0, () => patching({ op: 'add', path: '/spec/initContainers', value: [{ name: 'added', image: 'image' }] }))
    const { spec } = await must('POST', `${core}/pods`, pod.pod('completed'))
    assert.equal(spec.initContainers[0].terminationMessagePolicy, 'File')
    // What runs in the second round gives the new container what every container gets.
    assert.match(spec.initContainers[0].volumeMounts[0].name, /^kube-api-access-/)
    await pod.remove()
  })

  it('are asked only about requests that satisfy their match conditions', async () => {
    const conditions = [
      { name: 'not-for-robots', expression: "!request.userInfo.username.startsWith('robot')" },
      { name: 'wanted', expression: "object != null && has(object.data.judge) && object.data.judge == 'yes'" },
    ]
    const hook = await configure('validating', [{ matchConditions: conditions }])
    hook.answer(0, () => denying('no', { code: 403 }))
    await must('POST', `${core}/configmaps`, hook.configMap('unjudged', { judge: 'no' }))
    assert.equal(hook.asked(0).length, 0)
    const judged = await send('POST', `${core}/configmaps`, { body: hook.configMap('judged', { judge: 'yes' }) })
    assert.equal(judged.status, 403)
    await must('DELETE', `${core}/configmaps/unjudged`)
    await hook.remove()

    const failing = await configure('mutating', [{ matchConditions: [{ name: 'a', expression: "object.nope == 'a'" }] }])
    const refused = await send('POST', `${core}/configmaps`, { body: failing.configMap('x') })
    const error = "expression 'object.nope == 'a'' resulted in error: no such key: nope"
    assert.deepEqual(refusal(refused), [403, 'Forbidden', `configmaps "x" is forbidden: ${error}`])
    await failing.remove()
    const open = await configure('mutating', [
      { failurePolicy: 'Ignore', matchConditions: [{ name: 'a', expression: "object.nope == 'a'" }] },
    ])
    await must('POST', `${core}/configmaps?dryRun=All`, open.configMap('x'))
    assert.equal(open.asked(0).length, 0)
    await open.remove()
  })

  it('are asked again if they wish, once something after them changed the object', async () => {
    const both = await configure('mutating', [{ reinvocationPolicy: 'IfNeeded' }, {}])
    both.answer(0, ({ object }) => (object.data?.later ? patching({ op: 'add', path: '/data/seen', value: object.data.later }) : {}))
    both.answer(1, ({ object }) => (object.data?.later ? {} : patching({ op: 'add', path: '/data', value: { later: 'yes' } })))
    const { data } = await must('POST', `${core}/configmaps`, both.configMap('again'))
    assert.deepEqual(data, { later: 'yes', seen: 'yes' })
    assert.deepEqual([both.asked(0).length, both.asked(1).length], [2, 1])
    await both.remove()
  })

  it('that take too long, are not there or answer nonsense refuse the request, or let it pass if they may fail', async () => {
    const slow = await configure('validating', [{ timeoutSeconds: 1 }])
    slow.answer(0, () => undefined)
    const late = await send('POST', `${core}/configmaps`, { body: slow.configMap('slow') })
    const url = `https://127.0.0.1:${server.port}/t${last}-0`
    const failed = 'Internal error occurred: failed calling webhook "hook-0.example.com": '
    assert.deepEqual(refusal(late), [
      500,
      'InternalError',
      `${failed}failed to call webhook: Post "${url}?timeout=1s": context deadline exceeded`,
    ])
    await must('PATCH', slow.path, [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }], {
      'content-type': 'application/json-patch+json',
    })
    await must('POST', `${core}/configmaps`, slow.configMap('slow'))
    await slow.remove()

    const strange = await configure('validating', [{}])
    const cases: readonly [Any, string][] = [
      [{ uid: 'other' }, 'received invalid webhook response: expected response.uid='],
      [patching({ op: 'remove', path: '/data' }), 'received invalid webhook response: validating webhook may not return response.patch'],
    ]
    for (const [answer, text] of cases) {
      strange.answer(0, () => answer)
      const { json } = await send('POST', `${core}/configmaps`, { body: strange.configMap('strange') })
      assert.ok(json.message.startsWith(failed + text), json.message)
    }
    await strange.remove()

    const absent = await configure('mutating', [
      { clientConfig: { service: { namespace: 'shop', name: 'none', path: '/x' }, caBundle: server.caBundle } },
    ])
    const { json } = await send('POST', `${core}/configmaps`, { body: absent.configMap('absent') })
    assert.equal(json.message, `${failed}failed to call webhook: Post "https://none.shop.svc:443/x?timeout=10s": service "none" not found`)
    await absent.remove()

    const untrusted = await configure('validating', [{ clientConfig: { url: `https://127.0.0.1:${server.port}/x` } }])
    const closed = await send('POST', `${core}/configmaps`, { body: untrusted.configMap('closed') })
    assert.match(closed.json.message, /tls: failed to verify certificate: x509: certificate signed by unknown authority$/)
    await untrusted.remove()
  })

  it('that may fail are not got past by going away while they are asked', async () => {
    const { cluster } = library
    const hook = await configure('validating', [{ failurePolicy: 'Ignore' }])
    const gone = Promise.withResolvers<void>()
    hook.answer(0, ({ name }) => (name === 'sneaked' ? gone.resolve() : {}))
    const sneaking = httpsRequest(`${cluster.server}${core}/configmaps`, {
      method: 'POST',
      ca: cluster.certificateAuthority,
      headers: { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' },
    })
    sneaking.on('error', () => {})
    sneaking.end(JSON.stringify(hook.configMap('sneaked')))
    await gone.promise
    sneaking.destroy()
    for (const name of ['a', 'b', 'c', 'd']) await must('POST', `${core}/configmaps`, hook.configMap(`after-${name}`))
    assert.equal((await send('GET', `${core}/configmaps/sneaked`)).status, 404)
    await hook.remove()
  })

  it('are reached as a service of the cluster, under its name', async () => {
    await must('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } })
    const service = { metadata: { name: 'hook' }, spec: { type: 'ExternalName', externalName: 'localhost' } }
    await must('POST', '/api/v1/namespaces/shop/services', service)
    const clientConfig = { service: { namespace: 'shop', name: 'hook', path: '/service', port: server.port }, caBundle: server.caBundle }
    const hook = await configure('validating', [{ clientConfig }])
    server.answer('/service', () => denying('by the service'))
    const { json } = await send('POST', `${core}/configmaps`, { body: hook.configMap('served') })
    assert.equal(json.message, 'admission webhook "hook-0.example.com" denied the request: by the service')
    await hook.remove()
  })

  it('act by the labels of namespaces, for namespaces themselves too', async () => {
    const everywhere = { operations: ['CREATE', 'UPDATE'], apiGroups: ['*'], apiVersions: ['*'], resources: ['namespaces', 'configmaps'] }
    const hook = await configure('validating', [
      { rules: [everywhere], namespaceSelector: { matchLabels: { watched: 'yes' } }, objectSelector: {} },
    ])
    hook.answer(0, ({ name }) => (name === 'fine' ? {} : denying('watched')))
    assert.equal(
      (await send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'bad', labels: { watched: 'yes' } } } })).status,
      400,
    )
    await must('POST', '/api/v1/namespaces', { metadata: { name: 'fine', labels: { watched: 'yes' } } })
    await must('POST', '/api/v1/namespaces', { metadata: { name: 'other' } })
    assert.equal((await send('POST', '/api/v1/namespaces/fine/configmaps', { body: { metadata: { name: 'x' } } })).status, 400)
    await must('POST', '/api/v1/namespaces/other/configmaps', { metadata: { name: 'x' } })
    assert.equal(hook.asked(0)[0].request.namespace, 'bad')
    await hook.remove()
  })

  it('count an object by its labels before and after', async () => {
    const hook = await configure('validating', [{ rules: [{ ...configMaps, operations: ['UPDATE'] }] }])
    hook.answer(0, () => denying('keep the label'))
    await must('POST', `${core}/configmaps`, hook.configMap('labelled'))
    const without = await send('PATCH', `${core}/configmaps/labelled`, { body: { metadata: { labels: null } }, headers: merge })
    assert.equal(without.status, 400)
    await hook.remove()
  })

  it('are asked about other versions of a resource in the version of their rules, unless they want an exact match', async () => {
    const rules = [{ operations: ['CREATE'], apiGroups: ['events.k8s.io'], apiVersions: ['v1'], resources: ['events'] }]
    const hook = await configure('validating', [{ rules }, { rules, matchPolicy: 'Exact' }])
    hook.answer(0, () => ({}))
    hook.answer(1, () => denying('asked exactly'))
    const involvedObject = { kind: 'Pod', name: 'a', namespace: 'default' }
    await must('POST', `${core}/events`, {
      ...hook.configMap('event'),
      data: undefined,
      involvedObject,
      message: 'text',
      reason: 'Test',
      type: 'Normal',
    })
    const [{ request }] = hook.asked(0)
    assert.deepEqual(request.kind, { group: 'events.k8s.io', version: 'v1', kind: 'Event' })
    assert.deepEqual(request.requestKind, { group: '', version: 'v1', kind: 'Event' })
    assert.deepEqual([request.object.apiVersion, request.object.note, request.object.regarding.name], ['events.k8s.io/v1', 'text', 'a'])
    await hook.remove()
  })

  it('see subresources as what they are', async () => {
    const apps = '/apis/apps/v1/namespaces/default'
    const rules = [{ operations: ['UPDATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments/scale'] }]
    const hook = await configure('mutating', [{ rules, objectSelector: {} }])
    hook.answer(0, ({ object }) => (object.spec.replicas > 3 ? patching({ op: 'replace', path: '/spec/replicas', value: 3 }) : {}))
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'image' }] } }
    await must('POST', `${apps}/deployments`, {
      metadata: { name: 'web' },
      spec: { replicas: 0, selector: { matchLabels: { app: 'web' } }, template },
    })
    const scaled = await must('PATCH', `${apps}/deployments/web/scale`, { spec: { replicas: 5 } }, merge)
    assert.equal(scaled.spec.replicas, 3)
    const [{ request }] = hook.asked(0)
    assert.deepEqual(request.kind, { group: 'autoscaling', version: 'v1', kind: 'Scale' })
    assert.deepEqual([request.subResource, request.oldObject.kind, request.oldObject.spec.replicas], ['scale', 'Scale', 0])
    await hook.remove()
    await must('DELETE', `${apps}/deployments/web`)
  })

  it('judge and change custom resources, in the version of their rules', async () => {
    const properties = { data: { type: 'object', properties: { start: { type: 'string' }, first: { type: 'string' } } } }
    const versions = [version('v1', { properties }), version('v2', { properties }, { storage: false })]
    await establish(library, definition({ group: 'hooks.example.com', versions }))
    const rules = [{ operations: ['*'], apiGroups: ['hooks.example.com'], apiVersions: ['v1'], resources: ['ships'] }]
    const hook = await configure('mutating', [{ rules }])
    const judge = await configure('validating', [{ rules, objectSelector: { matchLabels: { judged: 'yes' } } }])
    // The schema has no field for the second one.
    hook.answer(0, ({ object }) =>
      object ? patching({ op: 'add', path: '/data/first', value: 'yes' }, { op: 'add', path: '/data/other', value: 'yes' }) : {},
    )
    judge.answer(0, ({ operation, object }) => (operation === 'DELETE' || object.data.start !== 'good' ? denying(`no ${operation}`) : {}))
    const ships = (of: string) => `/apis/hooks.example.com/${of}/namespaces/default/ships`
    const ship = (name: string, start: string) => ({
      kind: 'Ship',
      metadata: { name, labels: { ...hook.labels, judged: 'yes' } },
      data: { start },
    })
    const body = (of: string, name: string, start: string) => ({ apiVersion: `hooks.example.com/${of}`, ...ship(name, start) })
    const created = await must('POST', ships('v2'), body('v2', 'one', 'good'))
    assert.deepEqual([created.apiVersion, created.data], ['hooks.example.com/v2', { start: 'good', first: 'yes' }])
    const [{ request }] = hook.asked(0)
    assert.deepEqual([request.kind.version, request.requestKind.version, request.object.apiVersion], ['v1', 'v2', 'hooks.example.com/v1'])
    const message = async (answer: Promise<Answer>) => (await answer).json.message
    const denied = 'admission webhook "hook-0.example.com" denied the request: no '
    assert.equal(await message(send('POST', ships('v1'), { body: body('v1', 'two', 'bad') })), `${denied}CREATE`)
    assert.equal(
      await message(send('PATCH', `${ships('v2')}/one`, { body: { data: { start: 'bad' } }, headers: merge })),
      `${denied}UPDATE`,
    )
    assert.equal(await message(send('DELETE', `${ships('v2')}/one`)), `${denied}DELETE`)
    await hook.remove()
    await judge.remove()
  })

  it('are asked before anybody connects to a pod', async () => {
    const rules = [{ operations: ['CONNECT'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods/attach', 'pods/exec'] }]
    const hook = await configure('validating', [{ rules, objectSelector: {} }])
    hook.answer(0, ({ object }) => denying(`${object.kind} of ${object.container}: ${object.command ?? ''}`))
    await must('POST', `${core}/pods`, hook.pod('connected'))
    const attach = await send('POST', `${core}/pods/connected/attach?container=c&stdin=true`)
    assert.equal(attach.json.message, 'admission webhook "hook-0.example.com" denied the request: PodAttachOptions of c: ')
    const [{ request }] = hook.asked(0)
    assert.deepEqual([request.operation, request.subResource, request.object.stdin, request.options], ['CONNECT', 'attach', true, null])
    if (newest) {
      const exec = await kubectl(newest.path, ['exec', 'connected', '-c', 'c', '--', 'ls', '-l'])
      assert.match(exec.stderr, /denied the request: PodExecOptions of c: ls,-l/)
    }
    await hook.remove()
  })

  it('are left out of a dry run unless they have no side effects in one, and warnings reach the client', async () => {
    const hook = await configure('mutating', [{ sideEffects: 'NoneOnDryRun' }])
    hook.answer(0, ({ dryRun }) => ({ warnings: [dryRun ? 'only tried' : 'really done'] }))
    const tried = await send('POST', `${core}/configmaps?dryRun=All`, { body: hook.configMap('dry') })
    assert.equal(tried.headers.warning, '299 - "only tried"')
    const done = await send('POST', `${core}/configmaps`, { body: hook.configMap('dry') })
    assert.equal(done.headers.warning, '299 - "really done"')
    await hook.remove()
  })

  it('have no say about webhook configurations', async () => {
    const everything = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }
    const hook = await configure('validating', [{ rules: [everything], objectSelector: { matchLabels: { locked: 'out' } } }])
    hook.answer(0, () => denying('everything'))
    const other = await configure('mutating', [], { locked: 'out' })
    assert.equal(
      (await send('POST', `${core}/configmaps`, { body: { metadata: { name: 'locked', labels: { locked: 'out' } } } })).status,
      400,
    )
    await other.remove()
    await hook.remove()
  })

  it('change nothing for good: the namespace of an object stays, and patches have bounds', async () => {
    const hook = await configure('mutating', [{}])
    hook.answer(0, () => patching({ op: 'replace', path: '/metadata/namespace', value: 'kube-system' }))
    const moved = await send('POST', `${core}/configmaps`, { body: hook.configMap('moved') })
    assert.match(moved.json.message, /the namespace of the provided object does not match the namespace sent on the request/)
    hook.answer(0, () => patching(...Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/data', value: null }))))
    const exploded = await send('POST', `${core}/configmaps`, { body: hook.configMap('exploded') })
    assert.match(exploded.json.message, /The allowed maximum operations in a JSON patch is 10000, got 10001/)
    hook.answer(0, () => patching({ op: 'add', path: '/unknown', value: 1 }, { op: 'add', path: '/metadata/labels/known', value: 'yes' }))
    const added = await must('POST', `${core}/configmaps`, hook.configMap('pruned'))
    assert.deepEqual([added.unknown, added.metadata.labels.known], [undefined, 'yes'])
    hook.answer(0, ({ operation }) => (operation === 'DELETE' ? patching({ op: 'add', path: '/x', value: 1 }) : {}))
    const deleted = await send('DELETE', `${core}/configmaps/pruned`)
    assert.match(deleted.json.message, /attempted to modify the object, which is not supported for this operation/)
    await hook.remove()
  })

  it('act the moment they are configured, changed or removed, one by one and as a collection', async () => {
    const hooks = [await configure('validating', [{}], { many: 'yes' })]
    const [first] = hooks as [Awaited<ReturnType<typeof configure>>]
    first.answer(0, () => denying('no'))
    const attempt = async () => (await send('POST', `${core}/configmaps?dryRun=All`, { body: first.configMap('moment') })).status
    assert.equal(await attempt(), 400)
    const operations = (list: readonly string[]) => [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: list }]
    await must('PATCH', first.path, operations(['UPDATE']), { 'content-type': 'application/json-patch+json' })
    assert.equal(await attempt(), 201)
    await must('PATCH', first.path, operations(['CREATE']), { 'content-type': 'application/json-patch+json' })
    assert.equal(await attempt(), 400)
    const listed = await must('GET', `${configurations}/validatingwebhookconfigurations?labelSelector=many%3Dyes`)
    assert.equal(listed.items.length, 1)
    await must('DELETE', `${configurations}/validatingwebhookconfigurations?labelSelector=many%3Dyes`)
    assert.equal(await attempt(), 201)
  })

  it('are counted', async () => {
    const { text } = await send('GET', '/metrics')
    for (const name of [
      'apiserver_admission_webhook_admission_duration_seconds_count{name="hook-0.example.com",operation="CREATE",rejected="true",type="validating"}',
      'apiserver_admission_webhook_rejection_count{error_type="no_error",name="hook-0.example.com",operation="CREATE",rejection_code="403",type="validating"}',
      'apiserver_admission_webhook_rejection_count{error_type="calling_webhook_error",name="hook-0.example.com",operation="CREATE",rejection_code="500",type="validating"}',
      'apiserver_admission_webhook_fail_open_count{name="hook-0.example.com",type="validating"} 1',
      'apiserver_admission_webhook_request_total{code="200",name="hook-0.example.com",operation="CREATE",rejected="false",type="admit"}',
    ])
      assert.ok(text.includes(name), name)
  })

  it('are shown by kubectl', { skip: !newest && 'no kubectl' }, async () => {
    const hook = await configure('mutating', [{}])
    hook.answer(0, () => denying('a reason to know'))
    const { path = '' } = newest ?? {}
    const listed = await kubectl(path, ['get', 'mutatingwebhookconfigurations'])
    assert.match(listed.stdout, /NAME +WEBHOOKS +AGE\nt\d+ +1 +/)
    const denied = await kubectl(
      path,
      ['create', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', ...hook.configMap('shown') }),
    )
    assert.equal(
      denied.stderr,
      'Error from server: error when creating "STDIN": admission webhook "hook-0.example.com" denied the request: a reason to know\n',
    )
    await hook.remove()
  })
})
