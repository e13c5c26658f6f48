import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type KubernetesObject as ClientObject, KubeConfig, type KubernetesListObject, makeInformer } from '@kubernetes/client-node'
import { defineKind, fieldErrors, type Kind, nameColumn, schema, startCluster, topLevel } from '../../src/index.ts'
import { findKubectls } from '../support/kubectls.ts'
import { openLibraryCluster, sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

const { int32, keyedList, object, optional, text } = schema

const Crew = object('com.example.v1.CrewMember', 'Someone on board.', {
  name: { ...optional(1, text, 'What they are called.'), required: true as const },
  duty: optional(2, text, 'What they do.'),
})
const ShipSpec = object('com.example.v1.ShipSpec', 'What a ship should be.', {
  masts: optional(1, int32, 'How many masts it carries.', { default: 2 }),
  crew: optional(2, keyedList(Crew, 'name'), 'Who sails it.', { patchStrategy: 'merge', patchMergeKey: 'name' }),
})
const ShipStatus = object('com.example.v1.ShipStatus', 'How a ship is.', { harbour: optional(1, text, 'Where it lies.') })
const Ship = topLevel('com.example.v1.Ship', 'A vessel under sail.', {
  spec: optional(2, ShipSpec, 'What it should be.'),
  status: optional(3, ShipStatus, 'How it is.'),
})
type Ship = schema.Infer<typeof Ship>

const shipKind: Kind<Ship> = defineKind({
  kind: 'Ship',
  resource: 'ships',
  shortNames: ['sh'],
  categories: ['all'],
  group: 'example.com',
  version: 'v1',
  schema: Ship,
  scope: 'Namespaced',
  columns: [
    nameColumn,
    { name: 'Masts', type: 'integer', description: 'Its masts.', priority: 0, cell: (ship: Ship) => ship.spec?.masts ?? 0 },
  ],
  strategy: {
    prepareForUpdate: (ship, old) => ({ ...ship, status: old.status }),
    validate: ({ spec }) => ((spec?.masts ?? 0) < 0 ? [fieldErrors.invalidField('spec.masts', spec?.masts, 'must not be negative')] : []),
    allowUnconditionalUpdate: true,
  },
  subresources: {
    status: {
      kind: 'Ship',
      verbs: ['get', 'patch', 'update'],
      action: { type: 'fields', prepare: (ship: Ship, old: Ship) => ({ ...ship, spec: old.spec }) },
    },
  },
})
const anyShip = shipKind as unknown as Kind

const manifest = (masts: number, extra = '') => `apiVersion: example.com/v1
kind: Ship
metadata: {name: vela}
spec:
  masts: ${masts}
  crew: [{name: ada, duty: helm}]
${extra}`

const kubectl = findKubectls().at(-1)
const needsKubectl = kubectl ? false : 'no kubectl here'
const kubectlPath = kubectl?.path ?? 'kubectl'

function clientConfig({ cluster }: Awaited<ReturnType<typeof openLibraryCluster>>): KubeConfig {
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    { name: 'proa', server: cluster.server, caData: Buffer.from(cluster.certificateAuthority).toString('base64'), skipTLSVerify: false },
    { name: 'admin', token: cluster.token },
  )
  return config
}

describe('a kind that a program brings along', async () => {
  const opened = await sharedLibraryCluster({ kinds: [anyShip] })
  const { cluster, send } = opened
  const run = async (...words: string[]) => {
    const { status, stdout, stderr } = await opened.kubectl(kubectlPath, words)
    assert.equal(status, 0, `kubectl ${words.join(' ')}: ${stderr}`)
    return stdout
  }
  const apply = (text: string, ...words: string[]) => opened.kubectl(kubectlPath, ['apply', '-f', '-', ...words], text)

  it('is in discovery and in both OpenAPI documents', async () => {
    const list = (await send('GET', '/apis/example.com/v1')).json
    assert.deepEqual(
      list.resources.map(({ name }: { name: string }) => name),
      ['ships', 'ships/status'],
    )
    const aggregated = await send('GET', '/apis', {
      headers: { accept: 'application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList' },
    })
    assert.ok(aggregated.json.items.some((group: { metadata: { name: string } }) => group.metadata.name === 'example.com'))
    const version3 = (await send('GET', '/openapi/v3/apis/example.com/v1')).json
    assert.equal(version3.components.schemas['com.example.v1.ShipSpec'].properties.masts.default, 2)
    const version2 = (await send('GET', '/openapi/v2')).json
    assert.equal(version2.definitions['com.example.v1.Ship'].description, 'A vessel under sail.')
    assert.deepEqual(version2.definitions['com.example.v1.Ship']['x-kubernetes-group-version-kind'], [
      { group: 'example.com', kind: 'Ship', version: 'v1' },
    ])
  })

  it('is known to kubectl: api-resources, explain, apply both ways, patches, get, describe, delete', { skip: needsKubectl }, async () => {
    assert.match(await run('api-resources', '--api-group=example.com'), /^ships\s+sh\s+example\.com\/v1\s+true\s+Ship$/m)
    assert.match(await run('explain', 'ships.spec.crew', '--recursive'), /Who sails it[\s\S]*duty\s+<string>/)
    assert.match((await apply(manifest(3))).stdout, /ship\.example\.com\/vela created/)
    assert.match((await apply(manifest(3))).stdout, /vela unchanged/)
    assert.match((await apply(manifest(4))).stdout, /vela configured/)
    const misspelt = await apply(manifest(4).replace('masts', 'mast'))
    assert.match(misspelt.stderr, /unknown field "spec\.mast"/)
    const refused = await apply(manifest(-1))
    assert.match(refused.stderr, /The Ship "vela" is invalid: spec\.masts: Invalid value: -1: must not be negative/)
    await run('patch', 'ship', 'vela', '-p', '{"spec":{"crew":[{"name":"bo","duty":"cook"}]}}')
    assert.equal(await run('get', 'sh', 'vela', '-o', 'jsonpath={.spec.crew[*].name}'), 'bo ada')
    const conflict = await apply(manifest(5), '--server-side', '--field-manager=other')
    assert.match(conflict.stderr, /conflict with "kubectl-client-side-apply" using example\.com\/v1: \.spec\.masts/)
    assert.match((await apply(manifest(5), '--server-side', '--force-conflicts', '--field-manager=other')).stdout, /serverside-applied/)
    await run('patch', 'ship', 'vela', '--subresource=status', '--type=merge', '-p', '{"status":{"harbour":"Lau"},"spec":{"masts":9}}')
    assert.equal(await run('get', 'ship', 'vela', '-o', 'jsonpath={.spec.masts} {.status.harbour}'), '5 Lau')
    assert.match(await run('get', 'all'), /ship\.example\.com\/vela\s+5/)
    assert.match(await run('describe', 'ship', 'vela'), /Masts:\s+5/)
    assert.match(await run('delete', 'ship', 'vela'), /deleted/)
  })

  it('is followed by informers, our own and those of client-node', async () => {
    const config = clientConfig(opened)
    const path = '/apis/example.com/v1/namespaces/default/ships'
    const informer = makeInformer<ClientObject>(
      config,
      path,
      async () => (await send('GET', path)).json as KubernetesListObject<ClientObject>,
    )
    const seen: string[] = []
    informer.on('add', ship => seen.push(`add ${ship.metadata?.name}`))
    informer.on('delete', ship => seen.push(`delete ${ship.metadata?.name}`))
    const own = cluster.client.informer(shipKind)
    try {
      await informer.start()
      await own.synced
      await cluster.client.create(shipKind, { metadata: { name: 'lakatoi', namespace: 'default' } })
      await eventually(
        'client-node sees it',
        5000,
        async () => seen,
        events => events.includes('add lakatoi'),
      )
      assert.equal(own.get('default', 'lakatoi')?.spec, undefined)
      await cluster.client.patch(shipKind, 'default', 'lakatoi', { type: 'merge', body: { spec: {} } })
      await eventually(
        'the default is there',
        5000,
        async () => own.get('default', 'lakatoi'),
        ship => ship?.spec?.masts === 2,
      )
      await cluster.client.delete(shipKind, 'default', 'lakatoi')
      await eventually(
        'client-node sees it go',
        5000,
        async () => seen,
        events => events.includes('delete lakatoi'),
      )
      assert.equal(own.get('default', 'lakatoi'), undefined)
    } finally {
      await informer.stop()
    }
  })

  it('goes with its owner, and with its namespace', async () => {
    const owner = (await send('POST', '/api/v1/namespaces/default/configmaps', { body: { metadata: { name: 'owner' } } })).json
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }]
    const ships = '/apis/example.com/v1/namespaces/default/ships'
    const named = (name: string, metadata = {}) => ({ apiVersion: 'example.com/v1', kind: 'Ship', metadata: { name, ...metadata } })
    assert.equal((await send('POST', ships, { body: named('owned', { ownerReferences }) })).status, 201)
    const shipOwner = (await send('POST', ships, { body: named('owns') })).json
    const byShip = [{ apiVersion: 'example.com/v1', kind: 'Ship', name: 'owns', uid: shipOwner.metadata.uid }]
    await send('POST', '/api/v1/namespaces/default/configmaps', { body: { metadata: { name: 'of-a-ship', ownerReferences: byShip } } })
    await send('DELETE', '/api/v1/namespaces/default/configmaps/owner')
    await send('DELETE', `${ships}/owns`)
    const statusOf = (path: string) => async () => (await send('GET', path)).status
    await eventually('the ship goes with its owner', 10_000, statusOf(`${ships}/owned`), status => status === 404)
    await eventually(
      'what a ship owns goes with it',
      10_000,
      statusOf('/api/v1/namespaces/default/configmaps/of-a-ship'),
      status => status === 404,
    )

    await send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'fleet' } } })
    await send('POST', '/apis/example.com/v1/namespaces/fleet/ships', { body: named('last') })
    await send('DELETE', '/api/v1/namespaces/fleet')
    await eventually('the namespace goes with its ship', 10_000, statusOf('/api/v1/namespaces/fleet'), status => status === 404)
  })
})

describe('a kind that is registered and removed while the cluster runs', async () => {
  const opened = await sharedLibraryCluster()
  const { cluster, send } = opened
  const ships = '/apis/example.com/v1/namespaces/default/ships'

  it('is there, is followed, is collected, and is gone', async () => {
    assert.equal((await send('GET', ships)).status, 404)
    cluster.registerKind(anyShip)
    const owner = (await send('POST', ships, { body: { apiVersion: 'example.com/v1', kind: 'Ship', metadata: { name: 'one' } } })).json
    assert.equal(owner.kind, 'Ship')
    const reference = { apiVersion: 'example.com/v1', kind: 'Ship', name: 'one', uid: owner.metadata.uid }
    await send('POST', '/api/v1/namespaces/default/configmaps', { body: { metadata: { name: 'owned', ownerReferences: [reference] } } })
    await send('DELETE', `${ships}/one`)
    const owned = async () => (await send('GET', '/api/v1/namespaces/default/configmaps/owned')).status
    await eventually('what it owned is collected', 10_000, owned, status => status === 404)
    if (kubectl) {
      const explained = await opened.kubectl(kubectl.path, ['explain', 'ship.spec'])
      assert.match(explained.stdout, /masts\s+<integer>/)
    }

    cluster.unregisterKind('example.com', 'ships')
    assert.equal((await send('GET', ships)).status, 404)
    assert.doesNotMatch((await send('GET', '/apis')).text, /example\.com/)
    assert.doesNotMatch((await send('GET', '/openapi/v3')).text, /example\.com/)
    assert.doesNotMatch((await send('GET', '/openapi/v2')).text, /example\.com/)
    if (kubectl) {
      const missing = await opened.kubectl(kubectl.path, ['get', 'ships', '--cache-dir', `${opened.kubeconfig}-fresh`])
      assert.match(missing.stderr, /the server doesn't have a resource type "ships"/)
    }
    await send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'afterwards' } } })
    await send('DELETE', '/api/v1/namespaces/afterwards')
    const afterwards = async () => (await send('GET', '/api/v1/namespaces/afterwards')).status
    await eventually('namespaces still go', 10_000, afterwards, status => status === 404)
  })

  it('ends the watches of those who followed it', async () => {
    cluster.registerKind(anyShip)
    const ended = (async () => {
      for await (const _ of cluster.client.watch(shipKind)) void _
    })()
    await send('POST', ships, { body: { apiVersion: 'example.com/v1', kind: 'Ship', metadata: { name: 'two' } } })
    cluster.unregisterKind('example.com', 'ships')
    let over = false
    void ended.catch(() => undefined).finally(() => (over = true))
    await eventually('the watch ends', 5000, async () => over, Boolean)
  })
})

it('two clusters do not share their kinds', async () => {
  const [left, right] = await Promise.all([startCluster({ nodes: 0, kinds: [anyShip] }), startCluster({ nodes: 0 })])
  try {
    assert.equal((await left.client.list(shipKind)).items.length, 0)
    await assert.rejects(right.client.list(shipKind), /could not find the requested resource/)
  } finally {
    await Promise.all([left.close(), right.close()])
  }
})
