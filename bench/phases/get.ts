import type { Bench } from '../load/bench.ts'
import { drive } from '../load/drive.ts'
import { collection, configMap } from '../load/objects.ts'

/** One object again and again, then pods all over the collection where there are any. */
export async function getObjects(bench: Bench, pods: { readonly path: string; readonly count: number } | undefined): Promise<void> {
  const { api, clock, scaled } = bench
  const path = collection(await bench.namespace('get'), 'configmaps')
  const made = await api.send('POST', path, { body: configMap('one') })
  if (made.status !== 201) throw new Error(`create ConfigMap one: answered ${made.status} ${made.body}`)
  const getOne = () => api.send('GET', `${path}/one`)
  await bench.phase('get_one_c1', async () => ({ ...(await drive(clock, scaled(3000), 1, getOne)) }))
  await bench.phase('get_one_c64', async () => ({ ...(await drive(clock, scaled(20_000), 64, getOne)) }))
  if (!pods) return
  // A prime step visits the pods in an order that no cache of neighbours likes.
  const getPod = (index: number) => api.send('GET', `${pods.path}/p-${(index * 7919) % pods.count}`)
  await bench.phase('get_pods_spread_c64', async () => ({ ...(await drive(clock, scaled(20_000), 64, getPod)) }))
}
