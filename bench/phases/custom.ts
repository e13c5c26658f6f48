import { type Bench, pause } from '../load/bench.ts'
import { drive } from '../load/drive.ts'
import { collection, configMap } from '../load/objects.ts'

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const group = 'bench.example.com'

const definition = (plural: string, kind: string, properties: object) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural, kind },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties } } }],
  },
})

/** What a ConfigMap holds, as a custom resource. */
const record = (name: string) => {
  const { data, metadata } = configMap(name)
  return { apiVersion: `${group}/v1`, kind: 'Record', metadata, data }
}

/** Create, get and list a custom kind beside ConfigMaps with the same payload, turn by turn. */
export async function compareCustomKind(bench: Bench): Promise<void> {
  const { api, clock, scaled } = bench
  const text = { type: 'string' }
  await establish(bench, definition('records', 'Record', { data: { type: 'object', properties: { payload: text, seq: text } } }))
  const namespace = await bench.namespace('custom')
  const kinds = [
    { name: 'configmap', path: collection(namespace, 'configmaps'), object: configMap },
    { name: 'custom', path: `/apis/${group}/v1/namespaces/${namespace}/records`, object: record },
  ]
  const count = scaled(5000)
  const each = async (phase: string, run: (kind: (typeof kinds)[number]) => Promise<object>) => {
    for (const kind of kinds) await bench.phase(`${phase}_${kind.name}`, async () => ({ ...(await run(kind)) }))
  }
  await each('create_c16', ({ path, object }) => drive(clock, count, 16, index => api.send('POST', path, { body: object(`r-${index}`) })))
  await each('get_c64', ({ path }) => drive(clock, scaled(20_000), 64, index => api.send('GET', `${path}/r-${(index * 7919) % count}`)))
  await each('list_c1', ({ path }) => drive(clock, scaled(40), 1, () => api.send('GET', path, { discard: true })))
  const change = (index: number) => ({ data: { seq: String(index) } })
  await each('patch_c16', ({ path }) =>
    drive(clock, scaled(2000), 16, index =>
      api.send('PATCH', `${path}/r-${index % count}`, { body: change(index), contentType: 'application/merge-patch+json' }),
    ),
  )
  for (const { path } of kinds) await api.send('DELETE', path, { discard: true })
  await api.send('DELETE', `${definitions}/records.${group}`)
}

/** A hundred definitions of fifty properties each: how soon each one is served, and what they cost in memory. */
export async function manyDefinitions(bench: Bench): Promise<void> {
  const { api, clock } = bench
  const properties = Object.fromEntries(
    Array.from({ length: 50 }, (_, index) => [
      `property${index}`,
      {
        type: index % 2 ? 'string' : 'integer',
        description: `What property ${index} of these objects is for, in a sentence of usual length.`,
      },
    ]),
  )
  const spec = { type: 'object', properties }
  const count = bench.scaled(100)
  const made = Array.from({ length: count }, (_, index) => definition(`things${index}`, `Thing${index}`, { spec }))
  await bench.phase('definitions', async () => {
    const before = bench.memory()
    const served = await drive(clock, count, 4, async index => {
      await establish(bench, made[index] as ReturnType<typeof definition>)
      return api.send('GET', `/apis/${group}/v1/namespaces/default/things${index}`)
    })
    await pause(clock, 5000)
    const start = clock.monotonic()
    const openApi = await api.send('GET', '/openapi/v2', { discard: true })
    return {
      ...served,
      rss_before: before,
      rss_after: bench.memory(),
      openapi_v2_ms: Math.round(clock.monotonic() - start),
      openapi_v2_bytes: openApi.bytes,
    }
  })
  for (const { metadata } of made) await api.send('DELETE', `${definitions}/${metadata.name}`)
}

async function establish({ api, clock }: Bench, body: ReturnType<typeof definition>): Promise<void> {
  const created = await api.send('POST', definitions, { body })
  if (created.status !== 201) throw new Error(`create ${body.metadata.name}: answered ${created.status} ${created.body}`)
  const path = `/apis/${group}/v1/${body.spec.names.plural}`
  while ((await api.send('GET', path)).status !== 200) await pause(clock, 2)
}
