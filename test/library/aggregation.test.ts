import assert from 'node:assert/strict'
import { request as httpsRequest } from 'node:https'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { connect } from 'node:tls'
import { startExtensionServer } from '../support/extension-server.ts'
import { findKubectls } from '../support/kubectls.ts'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

/** A server that extends the API, as its author, its users and their clients see it. */

const apiServices = '/apis/apiregistration.k8s.io/v1/apiservices'
const name = 'v1alpha1.wardle.example.com'
const root = '/apis/wardle.example.com/v1alpha1'
const flunders = `${root}/namespaces/default/flunders`

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind.
type Any = any

describe('API aggregation', async () => {
  const { send, kubectl, cluster } = await sharedLibraryCluster({ nodes: 0 })
  const must = async (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Any> => {
    const answer = await send(method, path, { body, headers })
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`)
    return answer.json
  }
  const { data } = await must('GET', '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication')
  const extension = await startExtensionServer(['api.shop.svc'], data['requestheader-client-ca-file'])
  after(() => extension.close())
  const newest = findKubectls().at(-1)
  const condition = async (of = name) => (await must('GET', `${apiServices}/${of}`)).status.conditions?.[0]
  const becomes = (reason: string) =>
    eventually(
      `${name} says ${reason}`,
      10_000,
      () => condition(),
      one => one?.reason === reason,
    )
  const spec = {
    group: 'wardle.example.com',
    version: 'v1alpha1',
    service: { namespace: 'shop', name: 'api', port: extension.port },
    caBundle: extension.caBundle,
    groupPriorityMinimum: 2000,
    versionPriority: 200,
  }

  it('has an APIService for everything that is served here', async () => {
    await eventually(
      'v1. is there',
      5000,
      () => send('GET', `${apiServices}/v1.`),
      ({ status }) => status === 200,
    )
    await eventually(
      'v1.apps is available',
      5000,
      () => condition('v1.apps'),
      one => one?.status === 'True',
    )
    const { items } = await must('GET', apiServices)
    const names = items.map(({ metadata }: Any) => metadata.name)
    for (const one of ['v1.', 'v1.apps', 'v2.autoscaling', 'v1.rbac.authorization.k8s.io', 'v1.events.k8s.io'])
      assert.ok(names.includes(one), one)
    const apps = items.find(({ metadata }: Any) => metadata.name === 'v1.apps')
    assert.equal(apps.metadata.labels['kube-aggregator.kubernetes.io/automanaged'], 'onstart')
    assert.deepEqual(apps.spec, { group: 'apps', version: 'v1', groupPriorityMinimum: 17_800, versionPriority: 15 })
    const { type, status, reason, message } = await condition('v1.apps')
    assert.deepEqual([type, status, reason, message], ['Available', 'True', 'Local', 'Local APIServices are always available'])
    await must('DELETE', `${apiServices}/v1.apps`)
    await eventually(
      'v1.apps is back',
      5000,
      () => send('GET', `${apiServices}/v1.apps`),
      answer => answer.status === 200,
    )
  })

  it('tells extension servers whom to believe', () => {
    assert.match(data['client-ca-file'], /BEGIN CERTIFICATE/)
    assert.notEqual(data['client-ca-file'], data['requestheader-client-ca-file'])
    assert.equal(data['requestheader-allowed-names'], '["front-proxy-client"]')
    assert.equal(data['requestheader-username-headers'], '["X-Remote-User"]')
  })

  it('says what keeps a server from answering, and answers 503 meanwhile', async () => {
    await must('POST', apiServices, { metadata: { name }, spec })
    await becomes('ServiceNotFound')
    const away = await send('GET', flunders)
    assert.deepEqual([away.status, away.text], [503, 'service unavailable\n'])
    await must('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } })
    await must('POST', '/api/v1/namespaces/shop/services', { metadata: { name: 'api' }, spec: { ports: [{ port: extension.port }] } })
    await becomes('EndpointsNotFound')
    await must('DELETE', '/api/v1/namespaces/shop/services/api')
    await becomes('ServiceNotFound')
    const external = { type: 'ExternalName', externalName: 'localhost' }
    await must('POST', '/api/v1/namespaces/shop/services', { metadata: { name: 'api' }, spec: external })
    await becomes('Passed')
    const { text } = await send('GET', '/metrics')
    assert.ok(text.includes(`aggregator_unavailable_apiservice{name="${name}"} 0`))
    assert.match(text, /aggregator_unavailable_apiservice_total\{name="v1alpha1\.wardle\.example\.com",reason="ServiceNotFound"\} [1-9]/)
  })

  it('hands requests on with who sends them, and nothing that would let the server be them', async () => {
    const flunder = { apiVersion: 'wardle.example.com/v1alpha1', kind: 'Flunder', metadata: { name: 'one' }, spec: {} }
    const created = await send('POST', `${flunders}?fieldManager=x`, {
      body: flunder,
      headers: { 'x-remote-group': 'forged', 'impersonate-user': 'ann', 'impersonate-group': 'devs' },
    })
    assert.equal(created.status, 403, 'ann may not create flunders')
    const rules = [{ apiGroups: ['wardle.example.com'], resources: ['flunders'], verbs: ['create'] }]
    await must('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', { metadata: { name: 'flunder' }, rules })
    const subjects = [{ kind: 'User', name: 'ann', apiGroup: 'rbac.authorization.k8s.io' }]
    const roleRef = { kind: 'ClusterRole', name: 'flunder', apiGroup: 'rbac.authorization.k8s.io' }
    await must('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', { metadata: { name: 'flunder' }, subjects, roleRef })
    const headers = {
      'x-remote-group': 'forged',
      'impersonate-user': 'ann',
      'impersonate-group': 'devs',
      'impersonate-extra-scopes': 'all',
    }
    const { status, json } = await send('POST', `${flunders}?fieldManager=x`, { body: flunder, headers })
    assert.deepEqual([status, json.metadata.uid], [201, 'u'])
    const seen = extension.requests.findLast(({ method }) => method === 'POST')
    assert.equal(seen?.url, `${flunders}?fieldManager=x`)
    const told = Object.entries(seen?.headers ?? {}).filter(([header]) => /^x-remote|^authorization|^impersonate|^host/.test(header))
    assert.deepEqual(Object.fromEntries(told), {
      host: `api.shop.svc:${extension.port}`,
      'x-remote-user': 'ann',
      'x-remote-group': 'devs, system:authenticated',
      'x-remote-extra-scopes': 'all',
    })
  })

  it('streams watches', async () => {
    const { hostname, port } = new URL(cluster.server)
    const events: string[] = []
    const headers = { authorization: `Bearer ${cluster.token}`, 'accept-encoding': 'gzip' }
    const request = httpsRequest({
      host: hostname,
      port,
      ca: cluster.certificateAuthority,
      path: `${flunders}?watch=true`,
      headers,
      agent: false,
    })
    request.on('response', response => response.on('data', part => events.push(String(part))))
    request.on('error', () => undefined)
    request.end()
    const until = (what: string, count: number) =>
      eventually(
        what,
        5000,
        async () => extension.emit({ type: 'ADDED' }) ?? events.length,
        seen => seen >= count,
      )
    await until('an event comes', 1)
    await until('another comes', 2)
    assert.equal(events[0], '{"type":"ADDED"}\n')
    request.destroy()
  })

  it('hands over connections', async () => {
    const { hostname, port } = new URL(cluster.server)
    const socket = connect({ host: hostname, port: Number(port), ca: cluster.certificateAuthority, ALPNProtocols: ['http/1.1'] })
    socket.write(
      `GET ${flunders}/one HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\nAuthorization: Bearer ${cluster.token}\r\n\r\n`,
    )
    let text = ''
    socket.on('data', part => {
      text += part
    })
    await eventually(
      'it was switched',
      5000,
      async () => text,
      all => all.endsWith('admin'),
    )
    socket.write(' hello')
    await eventually(
      'it echoes',
      5000,
      async () => text,
      all => all.endsWith('admin hello'),
    )
    socket.destroy()
  })

  it('lets no server lead a client elsewhere', async () => {
    const { status, text, headers } = await send('GET', `${root}/redirect`)
    assert.deepEqual([status, headers.location], [502, undefined])
    assert.match(text, /the backend attempted to redirect this request, which is not permitted/)
  })

  it('shows one API', async () => {
    const accept = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' }
    const { items } = await must('GET', '/apis', undefined, accept)
    const [version] = items.find(({ metadata }: Any) => metadata.name === 'wardle.example.com').versions
    assert.deepEqual([version.version, version.freshness], ['v1alpha1', 'Current'])
    assert.deepEqual(version.resources, [
      {
        resource: 'flunders',
        responseKind: { group: 'wardle.example.com', version: 'v1alpha1', kind: 'Flunder' },
        scope: 'Namespaced',
        singularResource: 'flunder',
        verbs: ['create', 'delete', 'get', 'list', 'watch'],
        shortNames: ['fl'],
        subresources: [
          { subresource: 'status', responseKind: { group: 'wardle.example.com', version: 'v1alpha1', kind: 'Flunder' }, verbs: ['get'] },
        ],
      },
    ])
    const { groups } = await must('GET', '/apis')
    assert.equal(groups.find((one: Any) => one.name === 'wardle.example.com').preferredVersion.version, 'v1alpha1')
    assert.equal((await must('GET', '/apis/wardle.example.com')).kind, 'APIGroup')
    assert.equal((await must('GET', root)).resources.length, 2)
    const { paths } = await must('GET', '/openapi/v3')
    assert.equal(paths['apis/wardle.example.com/v1alpha1'].serverRelativeURL, `/openapi/v3${root}?hash=ABC`)
    assert.ok((await must('GET', `/openapi/v3${root}?hash=ABC`)).components.schemas['com.example.wardle.Flunder'])
    const v2 = await must('GET', '/openapi/v2')
    assert.ok(v2.definitions['com.example.wardle.Flunder'] && v2.definitions['io.k8s.api.core.v1.Pod'] && v2.paths[`${root}/`])
  })

  it('is what kubectl sees', { skip: !newest && 'no kubectl' }, async () => {
    const { path = '' } = newest ?? {}
    const services = await kubectl(path, ['get', 'apiservices'])
    assert.match(services.stdout, /NAME +SERVICE +AVAILABLE +AGE\n/)
    assert.match(services.stdout, /v1\.apps +Local +True +/)
    assert.match(services.stdout, /v1alpha1\.wardle\.example\.com +shop\/api +True +/)
    const listed = await kubectl(path, ['get', 'fl', '-o', 'name'])
    assert.equal(listed.stdout, 'flunder.wardle.example.com/one\n', listed.stderr)
    const explained = await kubectl(path, ['explain', 'flunders'])
    assert.match(explained.stdout, /A flunder\./, explained.stderr)
    const waited = await kubectl(path, ['wait', '--for=condition=Available', `apiservice/${name}`, '--timeout=5s'])
    assert.match(waited.stdout, /condition met/)
  })

  const flunder = (name: string, metadata: object = {}) => ({
    apiVersion: 'wardle.example.com/v1alpha1',
    kind: 'Flunder',
    metadata: { name, ...metadata },
    spec: {},
  })
  const statusOf = async (path: string) => (await send('GET', path)).status

  it('collects what its objects own, and those of them that nobody owns any more', async () => {
    const owner = await must('POST', flunders, flunder('owner'))
    const ownedBy = ({ apiVersion, kind, metadata }: Any) => ({
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }],
    })
    const configMaps = '/api/v1/namespaces/default/configmaps'
    const local = await must('POST', configMaps, { metadata: { name: 'local', ...ownedBy(owner) } })
    await must('POST', flunders, flunder('owned', ownedBy({ apiVersion: 'v1', kind: 'ConfigMap', metadata: local.metadata })))
    await must('DELETE', `${flunders}/owner`)
    for (const path of [`${configMaps}/local`, `${flunders}/owned`])
      await eventually(
        `${path} is collected`,
        10_000,
        () => statusOf(path),
        status => status === 404,
      )
    assert.equal(await statusOf(`${flunders}/one`), 200)
  })

  it('collects what belonged to an object that came and went unseen', async () => {
    extension.silent = true
    const { apiVersion, kind, metadata } = await must('POST', flunders, flunder('ghost'))
    const ownerReferences = [{ apiVersion, kind, name: 'ghost', uid: metadata.uid }]
    const configMaps = '/api/v1/namespaces/default/configmaps'
    await must('POST', configMaps, { metadata: { name: 'haunted', ownerReferences } })
    // Long enough for its owner to be found alive.
    await delay(300)
    assert.equal(await statusOf(`${configMaps}/haunted`), 200)
    await must('DELETE', `${flunders}/ghost`)
    extension.silent = false
    await eventually(
      'it is collected',
      10_000,
      () => statusOf(`${configMaps}/haunted`),
      status => status === 404,
    )
  })

  it('empties a namespace that ends of its objects, and waits for a server that is away', async () => {
    const far = `${root}/namespaces/far/flunders`
    await must('POST', '/api/v1/namespaces', { metadata: { name: 'far' } })
    for (const one of ['a', 'b']) await must('POST', far, flunder(one))
    // The service leads nowhere for a while.
    const service = '/api/v1/namespaces/shop/services/api'
    const merge = { 'content-type': 'application/merge-patch+json' }
    await must('PATCH', service, { spec: { type: 'ClusterIP', externalName: null, ports: [{ port: extension.port }] } }, merge)
    await becomes('EndpointsNotFound')
    await must('DELETE', '/api/v1/namespaces/far')
    const failure = await eventually(
      'the namespace says what it waits for',
      10_000,
      async () =>
        (await must('GET', '/api/v1/namespaces/far')).status.conditions?.find(
          ({ type }: Any) => type === 'NamespaceDeletionDiscoveryFailure',
        ),
      one => one?.status === 'True',
    )
    assert.deepEqual(
      [failure.reason, failure.message],
      [
        'DiscoveryFailed',
        'Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: wardle.example.com/v1alpha1: stale GroupVersion discovery: wardle.example.com/v1alpha1',
      ],
    )
    await must(
      'PATCH',
      service,
      { spec: { type: 'ExternalName', externalName: 'localhost', clusterIP: '', clusterIPs: null, ports: null } },
      merge,
    )
    await becomes('Passed')
    await eventually(
      'the namespace is gone',
      20_000,
      () => statusOf('/api/v1/namespaces/far'),
      status => status === 404,
    )
    assert.deepEqual(
      (await must('GET', `${root}/flunders`)).items.map(({ metadata }: Any) => metadata.name),
      ['one'],
    )
  })

  it('forgets a server that is taken away', async () => {
    await must('DELETE', `${apiServices}/${name}`)
    assert.equal((await send('GET', flunders)).status, 404)
    const { groups } = await must('GET', '/apis')
    assert.equal(
      groups.some((one: Any) => one.name === 'wardle.example.com'),
      false,
    )
  })
})
