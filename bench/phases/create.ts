import type { Bench } from '../load/bench.ts'
import { drive } from '../load/drive.ts'
import { collection, configMap, pod } from '../load/objects.ts'

export async function createConfigMaps(bench: Bench): Promise<void> {
  for (const concurrency of [1, 16, 64]) {
    const path = collection(await bench.namespace(`cm${concurrency}`), 'configmaps')
    const create = (index: number) => bench.api.send('POST', path, { body: configMap(`cm-${index}`) })
    await bench.phase(`create_configmap_c${concurrency}`, async () => ({
      ...(await drive(bench.clock, bench.scaled(5000), concurrency, create)),
    }))
  }
}

/** Leaves the pods there for reads and lists; answers their collection. */
export async function createPods(bench: Bench, count: number): Promise<string> {
  const path = collection(await bench.namespace('pods'), 'pods')
  const create = (index: number) => bench.api.send('POST', path, { body: pod(`p-${index}`, index) })
  await bench.phase('create_pods_c64', async () => ({ ...(await drive(bench.clock, count, 64, create)) }))
  return path
}
