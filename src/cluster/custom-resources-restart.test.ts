import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ApiConnection } from '../apimachinery/connection.ts'
import type { KubernetesObject } from '../apimachinery/meta.ts'
import { createLogger, createMetrics, sleep, systemClock, systemRandom } from '../base/index.ts'
import { createTokenKey, memoryAuthority } from './certificates.ts'
import { openControlPlane } from './control-plane.ts'

const definitions = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' }
const ships = { group: 'example.com', version: 'v1', resource: 'ships' }
const schema = { type: 'object', properties: { spec: { type: 'object', properties: { rig: { type: 'string', default: 'sloop' } } } } }
const definition = {
  metadata: { name: 'ships.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'ships', kind: 'Ship' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
}

test('definitions in the store are served as soon as the API is', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'proa-definitions-'))
  const clock = systemClock()
  const random = systemRandom()
  const authority = await memoryAuthority({ clock, random })
  const client = await authority.sign({ commonName: 'test', addresses: ['127.0.0.1'], usage: 'server' })
  const options = {
    clock,
    random,
    logger: createLogger({ clock, level: 'error', write: line => void process.stderr.write(line) }),
    metrics: createMetrics(),
    clusterId: random.uuid(),
    journalDirectory: directory,
    podCidr: '10.42.0.0/16',
    serviceCidr: '10.43.0.0/16',
    authority: authority.certificate,
    tokenKey: await createTokenKey(),
    kubeletClient: client,
    frontProxy: { authority: authority.certificate, client },
    apiAddress: '127.0.0.1',
    apiPort: 6443,
  }
  const once = async (run: (connection: ApiConnection) => Promise<void>) => {
    const controlPlane = await openControlPlane(options as Parameters<typeof openControlPlane>[0])
    try {
      await run(controlPlane.server.connect({ name: 'admin', groups: ['system:masters'] }))
    } finally {
      await controlPlane.close()
    }
  }
  try {
    await once(async connection => {
      await connection.call({ verb: 'create', resource: definitions, body: definition })
      const create = () =>
        connection.call({ verb: 'create', resource: ships, namespace: 'default', body: { metadata: { name: 'one' }, spec: {} } })
      for (let tries = 0; ; tries++) {
        try {
          await create()
          break
        } catch (error) {
          if (tries === 100) throw error
          await sleep(clock, 20)
        }
      }
    })
    await once(async connection => {
      const read = await connection.call({ verb: 'get', resource: ships, namespace: 'default', name: 'one' })
      assert.deepEqual((read as KubernetesObject & { spec: object }).spec, { rig: 'sloop' })
    })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
