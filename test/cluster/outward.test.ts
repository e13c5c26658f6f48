import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { forever, pod, shell } from '../support/pods.ts'
import {
  cannotRunContainers,
  eventually,
  fetchText,
  noteRealContainers,
  patiently,
  type RealCluster,
  startProgram,
  startRealCluster,
} from '../support/real-cluster.ts'
import { denying, startWebhookServer } from '../support/webhook-server.ts'

/** What the API server reaches on a real node: pods, services, the kubelet, webhooks behind services. */
describe('the API server reaches out', { skip: cannotRunContainers ?? false, concurrency: false }, () => {
  let cluster: RealCluster
  const raw = (path: string) => cluster.read('get', '--raw', path)
  const pods = '/api/v1/namespaces/default/pods'
  const services = '/api/v1/namespaces/default/services'
  const serve = 'mkdir /www; echo "<a href=\\"/rewriteme\\">$HOSTNAME</a>" > /www/index.html; exec httpd -f -p 8080 -h /www'

  before(async () => {
    cluster = await startRealCluster('outward', ['busybox'])
    const web = pod('web', [shell('c', serve, { ports: [{ name: 'http', containerPort: 8080 }] })], {}, { labels: { app: 'web' } })
    // Busy enough to tell it from an idle one, and not so busy that the rest of the machine waits for it.
    const spinning = shell('c', 'while :; do :; done', { resources: { limits: { cpu: '200m' } } })
    const busy = pod('busy', [spinning, shell('idle', forever)])
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    }
    await cluster.applyObjects([], [web, busy, service])
    await cluster.read('wait', '--for=condition=Ready', 'pod/web', 'pod/busy', patiently)
  })
  after(() => cluster?.remove())

  test('pods, services and the node through its proxies', async context => {
    assert.equal(await raw(`${pods}/web/proxy/`), `<a href="${pods}/web/proxy/rewriteme">web</a>\n`)
    assert.match(await raw(`${pods}/web:8080/proxy/index.html`), />web</)
    await eventually(
      'the service has its endpoint',
      10_000,
      () => cluster.kubectl('get', '--raw', `${services}/web:http/proxy/`),
      ({ status }) => status === 0,
    )
    assert.match(await raw(`${services}/http:web:80/proxy/`), /services\/http:web:80\/proxy\/rewriteme">web</)
    const what = '{.items[0].metadata.name}:{.items[0].status.daemonEndpoints.kubeletEndpoint.Port}'
    const [name, port] = (await cluster.read('get', 'nodes', '-o', `jsonpath=${what}`)).split(':')
    assert.equal(await raw(`/api/v1/nodes/${name}/proxy/healthz`), 'ok')
    assert.match(await raw(`/api/v1/nodes/${name}:${port}/proxy/stats/summary`), /usageCoreNanoSeconds.*rssBytes/s)
    const loop = await cluster.kubectl('get', '--raw', `${pods}/web:1/proxy/`)
    assert.match(loop.stderr, /error trying to reach service: dial tcp [0-9.]+:1: connect: connection refused/)
    noteRealContainers(context)
  })

  test('logs and commands of a pod', async context => {
    assert.equal(await cluster.read('exec', 'web', '--', 'echo', 'heard'), 'heard\n')
    assert.equal(await cluster.read('logs', 'web'), '')
    noteRealContainers(context)
  })

  test('kubectl proxy shows a page of a pod', async context => {
    const proxy = startProgram('kubectl', ['--kubeconfig', cluster.kubeconfig, 'proxy', '--port=0'])
    const address = await eventually(
      'it serves',
      10_000,
      async () => /Starting to serve on (\S+)/.exec(proxy.output())?.[1],
      found => found !== undefined,
    )
    assert.match(await fetchText(`http://${address}/api/`), /"v1"/)
    assert.match(await fetchText(`http://${address}${services}/web:http/proxy/`), /rewriteme/)
    await proxy.stop()
    noteRealContainers(context)
  })

  test('kubectl top shows what nodes and pods use', async context => {
    const nodes = await cluster.read('top', 'nodes')
    assert.match(nodes, /NAME +CPU\(cores\) +CPU(\(%\)|%) +MEMORY\(bytes\) +MEMORY(\(%\)|%) *\n\S+ +\d+m +\d+% +\d+Mi +\d+%/)
    const used = await eventually(
      'busy is busy',
      30_000,
      () => cluster.read('top', 'pods', '--containers'),
      text => /busy +c +\d{2,}m/.test(text),
    )
    assert.match(used, /POD +NAME +CPU\(cores\) +MEMORY\(bytes\)/)
    assert.match(used, /busy +idle +\dm +\d+Mi/)
    assert.match(await cluster.read('get', 'apiservices', 'v1beta1.metrics.k8s.io'), /Local +True/)
    assert.match(await cluster.read('top', 'pod', 'web'), /web +\d+m +\d+Mi/)
    noteRealContainers(context)
  })

  test('a webhook behind a service whose endpoint is no pod', async context => {
    const server = await startWebhookServer(['hook.default.svc'], cluster.nodeAddress)
    try {
      server.answer('/judge', ({ object }) => (object.metadata.name === 'bad' ? denying('it is bad') : {}))
      const labels = { 'kubernetes.io/service-name': 'hook' }
      const clientConfig = { service: { namespace: 'default', name: 'hook', path: '/judge' }, caBundle: server.caBundle }
      const rules = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }]
      const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': 'default' } }
      const hook = {
        name: 'hook.example.com',
        clientConfig,
        rules,
        namespaceSelector,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      }
      await cluster.applyObjects(
        [],
        [
          { apiVersion: 'v1', kind: 'Service', metadata: { name: 'hook' }, spec: { ports: [{ name: 'https', port: 443 }] } },
          {
            apiVersion: 'discovery.k8s.io/v1',
            kind: 'EndpointSlice',
            metadata: { name: 'hook', labels },
            addressType: 'IPv4',
            ports: [{ name: 'https', port: server.port }],
            endpoints: [{ addresses: [cluster.nodeAddress] }],
          },
          {
            apiVersion: 'admissionregistration.k8s.io/v1',
            kind: 'ValidatingWebhookConfiguration',
            metadata: { name: 'hook' },
            webhooks: [hook],
          },
        ],
      )
      const denied = await cluster.kubectl('create', 'configmap', 'bad')
      assert.equal(denied.stderr, 'error: failed to create configmap: admission webhook "hook.example.com" denied the request: it is bad\n')
      assert.match(await cluster.read('create', 'configmap', 'good'), /created/)
      await cluster.read('delete', 'validatingwebhookconfiguration', 'hook')
    } finally {
      server.close()
    }
    noteRealContainers(context)
  })
})
