import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { definitionPath, definitionsPath, isEstablished } from '../support/custom-resources.ts'
import { findKubectls } from '../support/kubectls.ts'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

const directory = fileURLToPath(new URL('../manifests/custom-resources/', import.meta.url))
const kubectl = findKubectls().at(-1)

/** Definitions with the features that widespread operators use, installed and used as their users do. */
describe('definitions as operators bring them', { skip: kubectl ? false : 'no kubectl here' }, async () => {
  const opened = await sharedLibraryCluster()
  const { send } = opened
  const run = (words: readonly string[], input?: unknown) =>
    opened.kubectl(kubectl?.path ?? '', words, input === undefined ? undefined : JSON.stringify(input))
  const object = (apiVersion: string, kind: string, name: string, rest: object) => ({
    apiVersion,
    kind,
    metadata: { name, namespace: 'default' },
    ...rest,
  })
  const apply = (input: unknown, ...words: string[]) => run(['apply', '-f', '-', ...words], input)

  before(async () => {
    const applied = await run(['apply', '--server-side', '-f', directory])
    assert.equal(applied.status, 0, applied.stderr)
    assert.equal(applied.stdout.match(/serverside-applied/g)?.length, readdirSync(directory).length)
    await eventually(
      'all are established',
      5000,
      async () => (await send('GET', definitionsPath)).json.items,
      items => items.every(isEstablished),
    )
  })

  const route = (spec: object) => object('traffic.example.com/v1', 'Route', 'web', { spec })

  it('routes: defaults within defaults, keyed lists, rules', async () => {
    const backends = [{ name: 'a' }, { name: 'a', port: 81, weight: 3 }]
    const applied = await apply(route({ hosts: ['example.com'], rules: [{ matches: [{}], backends }] }))
    assert.match(applied.stdout, /route\.traffic\.example\.com\/web created/, applied.stderr)
    const { spec } = (await send('GET', '/apis/traffic.example.com/v1/namespaces/default/routes/web')).json
    assert.deepEqual(spec.rules, [
      {
        matches: [{ path: { type: 'Prefix', value: '/' } }],
        backends: [
          { name: 'a', port: 80, weight: 1 },
          { name: 'a', port: 81, weight: 3 },
        ],
      },
    ])
    assert.match((await run(['get', 'routes'])).stdout, /NAME\s+HOSTS\s+AGE\nweb\s+\["example.com"\]\s+/)
    const refused = [
      [
        { rules: [{ matches: [{ path: { value: 'x' } }] }] },
        /spec\.rules\[0\]\.matches\[0\]\.path\.value: Invalid value: "object": value must be an absolute path/,
      ],
      [{ rules: [{ matches: [{ path: { value: '/a//b' } }] }] }, /path: Invalid value: "object": no empty segments in \/a\/\/b/],
      [
        { rules: [{ redirect: {}, backends: [{ name: 'a' }] }] },
        /spec\.rules\[0\]: Invalid value: "object": a rule redirects or has backends, not both/,
      ],
      [{ rules: [{ backends: [{ name: 'a', weight: 0 }] }] }, /spec: Invalid value: "object": some backend must have a weight/],
      [
        { rules: [{ backends: [{ name: 'a' }, { name: 'a' }] }] },
        /spec\.rules\[0\]\.backends\[1\]: Duplicate value: \{"name":"a","port":80\}/,
      ],
      [{ hosts: ['a.b', 'a.b'] }, /spec\.hosts\[1\]: Duplicate value: "a\.b"/],
      [{ hosts: ['A'] }, /spec\.hosts\[0\] in body should match/],
      [{ rules: [] }, /spec\.rules in body should have at least 1 items/],
    ] as const
    for (const [wrong, message] of refused) {
      const { status, json } = await send('POST', '/apis/traffic.example.com/v1/namespaces/default/routes?dryRun=All', {
        body: route(wrong),
      })
      assert.equal(status, 422, JSON.stringify(wrong))
      assert.match(json.message, message)
    }
    const old = await run([
      'get',
      'routes.v1beta1.traffic.example.com',
      'web',
      '-o',
      'jsonpath={.apiVersion} {.spec.rules[0].backends[1].weight}',
    ])
    assert.equal(old.stdout, 'traffic.example.com/v1beta1 3')
    assert.match(old.stderr, /Warning: traffic\.example\.com\/v1beta1 is old; use v1/)
    assert.match((await run(['get', 'traffic-api'])).stdout, /web/)
    assert.match((await run(['explain', 'routes.spec.rules.backends.weight'])).stdout, /FIELD: weight <integer>/)
  })

  it('monitors: integers or strings, choices, open fields and embedded objects', async () => {
    const monitor = (spec: object) =>
      object('watch.example.com/v1', 'Monitor', 'web', { spec: { selector: { matchLabels: { a: 'b' } }, ...spec } })
    const podTemplate = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { labels: { a: 'b' } },
      spec: { containers: [{ name: 'a', image: 'b' }] },
    }
    const endpoints = [
      { targetPort: 8080, limit: '1.5Gi', interval: '1m30s', auth: { basic: { user: 'me' } } },
      { targetPort: 'http', limit: 5 },
    ]
    const spec = { endpoints, resources: { cpu: 1, memory: '1Gi' }, extra: [{ any: { thing: [1, null] } }], podTemplate }
    assert.match((await apply(monitor(spec))).stdout, /created/)
    const stored = (await send('GET', '/apis/watch.example.com/v1/namespaces/default/monitors/web')).json
    assert.deepEqual(stored.spec, { selector: { matchLabels: { a: 'b' } }, ...spec })
    const refused = [
      [{ endpoints: [{ targetPort: true }] }, /spec\.endpoints\[0\]\.targetPort in body must be of type integer,string: "boolean"/],
      [{ endpoints: [{ limit: 'lots' }] }, /limit in body should match/],
      [
        { endpoints: [{ auth: { basic: { user: 'a' }, token: { file: 'b' } } }] },
        /"spec\.endpoints\[0\]\.auth" must validate one and only one schema \(oneOf\)\. Found 2 valid alternatives/,
      ],
      [{ endpoints: [{ auth: {} }] }, /must validate one and only one schema \(oneOf\)\. Found none valid/],
      [{ endpoints: [], podTemplate: { kind: 'Pod' } }, /spec\.podTemplate\.apiVersion: Required value: must not be empty/],
    ] as const
    for (const [wrong, message] of refused) {
      const { json } = await send('POST', '/apis/watch.example.com/v1/namespaces/default/monitors?dryRun=All', { body: monitor(wrong) })
      assert.match(json.message, message)
    }
    const mine = await apply(monitor({ endpoints, selector: { matchLabels: { c: 'd' } } }), '--server-side', '--field-manager=other')
    assert.match(mine.stderr, /conflict with "kubectl-client-side-apply" using watch\.example\.com\/v1: \.spec\.selector/)
  })

  it('flows: whatever is in them stays, and columns find it', async () => {
    const steps = { a: { b: [{ c: [null], d: 1.5 }] } }
    const flow = object('work.example.com/v1alpha1', 'Flow', 'build', {
      spec: { entry: 'main', steps },
      status: {
        phase: 'Done',
        steps: 3,
        finishedAt: new Date(Date.now() - 3_600_000).toISOString(),
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    })
    assert.match((await apply(flow)).stdout, /created/)
    const list = (await send('GET', '/apis/work.example.com/v1alpha1/namespaces/default/flows')).json
    assert.deepEqual([list.kind, list.items[0].spec.steps], ['FlowCollection', steps])
    assert.match((await run(['get', 'fl'])).stdout, /NAME\s+STATUS\s+READY\s+FINISHED\nbuild\s+Done\s+True\s+60m/)
    assert.match((await run(['get', 'fl', '-o', 'wide'])).stdout, /STEPS[\s\S]*build\s+Done\s+True\s+3/)
    assert.equal((await apply({ ...flow, spec: undefined }, '--dry-run=server')).status, 1)
    const edited = await opened.kubectl(kubectl?.path ?? '', ['edit', 'flow', 'build'], undefined, {
      KUBE_EDITOR: "sed -i 's/entry: main/entry: other/'",
    })
    assert.match(edited.stdout, /flow\.work\.example\.com\/build edited/, edited.stderr)
    assert.equal((await run(['get', 'flow', 'build', '-o', 'jsonpath={.spec.entry}'])).stdout, 'other')
    assert.match((await run(['wait', '--for=jsonpath={.status.phase}=Done', 'flow/build', '--timeout=5s'])).stdout, /condition met/)
  })

  it('definitions themselves are listed, told and deleted like all objects', async () => {
    assert.match((await run(['get', 'crd', 'flows.work.example.com'])).stdout, /NAME\s+CREATED AT\nflows\.work\.example\.com\s+20\d\d-/)
    const status = `${definitionPath('flows.work.example.com')}/status`
    const body = [{ op: 'add', path: '/status/conditions/-', value: { type: 'Mine', status: 'True', reason: 'Test', message: '' } }]
    const patched = await send('PATCH', status, { body, headers: { 'content-type': 'application/json-patch+json' } })
    assert.ok(patched.json.status.conditions.some(({ type }: { type: string }) => type === 'Mine'))
    assert.ok(patched.json.status.conditions.some(({ type }: { type: string }) => type === 'Established'))
    const listed = (await send('GET', `${definitionsPath}?labelSelector=suite%3Dcustom`)).json.items
    assert.deepEqual(
      listed.map(({ metadata }: { metadata: { name: string } }) => metadata.name),
      ['flows.work.example.com'],
    )
    await send('DELETE', `${definitionsPath}?labelSelector=suite%3Dcustom`)
    await eventually(
      'it is gone with its objects',
      5000,
      async () => (await send('GET', definitionPath('flows.work.example.com'))).status,
      one => one === 404,
    )
    assert.equal((await send('GET', definitionPath('routes.traffic.example.com'))).status, 200)
  })
})
