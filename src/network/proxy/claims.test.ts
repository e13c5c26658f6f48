import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Service } from '../../apis/core/service.ts'
import type { EndpointSlice } from '../../apis/discovery/endpoint-slice.ts'
import { cannotMakeNetworks } from '../test-support/namespaces.ts'
import { type Claims, createClaimStore } from './claims.ts'
import { createFakeNft, type FakeNft } from './fake-nft.ts'
import { systemNft } from './nft.ts'
import { serviceClaims } from './service-claims.ts'
import { skeleton } from './table.ts'

const table = 'proa-test-services'
const empty = skeleton({ name: table, podCidrs: ['10.42.0.0/16', 'fd42::/64'], serviceCidrs: ['10.43.0.0/16'] })
const node = { name: 'node-1' }

/** A service of few possible shapes, so that changes often meet. */
const shape = fc.record({
  index: fc.integer({ min: 0, max: 3 }),
  affinity: fc.boolean(),
  timeout: fc.constantFrom(60, 10800),
  local: fc.boolean(),
  external: fc.boolean(),
  nodePort: fc.boolean(),
  protocol: fc.constantFrom('TCP', 'UDP'),
  endpoints: fc.array(fc.integer({ min: 2, max: 6 }), { maxLength: 4 }),
  gone: fc.boolean(),
})
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never

function claimsOf({ index, affinity, timeout, local, external, nodePort, protocol, endpoints }: Shape): Claims {
  const service: Service = {
    metadata: { namespace: 'default', name: `s${index}` },
    spec: {
      type: nodePort ? 'NodePort' : 'ClusterIP',
      clusterIP: `10.43.0.${index + 1}`,
      clusterIPs: [`10.43.0.${index + 1}`, `fd43::${index + 1}`],
      // All want the same one, so that who has it changes.
      externalIPs: external ? ['192.0.2.1'] : [],
      sessionAffinity: affinity ? 'ClientIP' : 'None',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: timeout } },
      externalTrafficPolicy: local ? 'Local' : 'Cluster',
      ports: [{ port: 80, protocol, ...(nodePort && { nodePort: 30000 + index }) }],
    },
  }
  const slice = (family: 4 | 6): EndpointSlice => ({
    metadata: { name: `s${index}-${family}` },
    addressType: `IPv${family}`,
    ports: [{ name: '', port: 8080, protocol }],
    endpoints: endpoints.map(last => ({
      addresses: [family === 4 ? `10.42.0.${last}` : `fd42::${last}`],
      nodeName: last % 2 ? 'node-1' : 'node-2',
    })),
  })
  return serviceClaims(service, [slice(4), slice(6)], node)
}

const targets = ['service-ips', 'node-ports', 'unserved-ips', 'unserved-ports', 'hairpin', 'cluster-ips'].flatMap(name => [
  `${name}-4`,
  `${name}-6`,
])
const stateOf = (nft: FakeNft): object =>
  Object.fromEntries(
    targets.map(target => [
      target,
      [...nft.elements(table, target)].map(([key, value]) => `${key} ${value} ${rulesAt(nft, value)}`).sort(),
    ]),
  )
const rulesAt = (nft: FakeNft, verdict: string) => (verdict.startsWith('goto ') ? nft.rules(table, verdict.slice(5)).join('; ') : '')

test('changes one by one lead to the same table as writing it anew', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(shape, { maxLength: 12 }), async shapes => {
      const [steps, anew] = [createFakeNft(), createFakeNft()]
      const [store, fresh] = [createClaimStore(table), createClaimStore(table)]
      await steps.apply(empty + store.all())
      for (const one of shapes) {
        const owner = `service default/s${one.index}`
        const claims = one.gone ? undefined : claimsOf(one)
        store.set(owner, claims)
        fresh.set(owner, claims)
        const commands = store.takeChanges()
        if (commands) await steps.apply(commands)
      }
      await anew.apply(empty + fresh.all())
      assert.deepEqual(stateOf(steps), stateOf(anew))
      assert.equal(store.takeChanges(), '')
    }),
    { numRuns: 300 },
  )
})

test('the kernel takes what the fake takes', { skip: cannotMakeNetworks() ?? false }, async () => {
  const shapes = fc.sample(shape, { numRuns: 40, seed: 7 })
  const store = createClaimStore(table)
  let commands = [empty + store.all()]
  for (const one of shapes) {
    store.set(`service default/s${one.index}`, one.gone ? undefined : claimsOf(one))
    commands = [...commands, store.takeChanges()]
  }
  // Each step is a transaction of its own, in a network namespace that ends with the shell.
  const script = commands
    .filter(Boolean)
    .map(text => `nft -f - <<'END'\n${text}END\n`)
    .join('')
  const outcome = systemNft(['unshare', '-n', 'sh', '-ec', script])
  await outcome.apply('')
})

test('of two owners of a key the first by name has it, whatever comes first', async () => {
  const nft = createFakeNft()
  const store = createClaimStore(table)
  await nft.apply(empty + store.all())
  const claims = (value: string): Claims => ({
    elements: [{ target: 'host-ports-4', key: 'tcp . 80', value }],
    chains: [],
    affinity: [],
    udpTargets: [],
  })
  const holder = async () => {
    const commands = store.takeChanges()
    if (commands) await nft.apply(commands)
    return nft.elements(table, 'host-ports-4').get('tcp . 80')
  }
  store.set('pod default/b', claims('10.42.0.3 . 80'))
  assert.equal(await holder(), '10.42.0.3 . 80')
  store.set('pod default/a', claims('10.42.0.2 . 80'))
  assert.equal(await holder(), '10.42.0.2 . 80')
  assert.deepEqual(
    store.conflictsOf('pod default/b').map(one => one.holder),
    ['pod default/a'],
  )
  assert.deepEqual(store.conflictsOf('pod default/a'), [])
  store.set('pod default/a', undefined)
  assert.equal(await holder(), '10.42.0.3 . 80')
})

test('the kernel tells whether the table is there', { skip: cannotMakeNetworks() ?? false }, async () => {
  const network = `proa-nft-${process.pid}`
  execFileSync('ip', ['netns', 'add', network])
  try {
    const nft = systemNft(['nsenter', `--net=/run/netns/${network}`, 'nft'])
    assert.equal(await nft.hasTable(table), false)
    await nft.apply(empty)
    assert.equal(await nft.hasTable(table), true)
    await assert.rejects(nft.apply(`delete chain inet ${table} not-there\n`), /No such file or directory/)
  } finally {
    execFileSync('ip', ['netns', 'delete', network])
  }
})
