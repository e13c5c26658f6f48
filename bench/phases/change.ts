import type { Bench } from '../load/bench.ts'
import { drive } from '../load/drive.ts'
import { collection, configMap } from '../load/objects.ts'

/** Merge patch, server-side apply, PUT and DELETE of ConfigMaps. */
export async function changeObjects(bench: Bench): Promise<void> {
  const { api, clock, scaled } = bench
  const path = collection(await bench.namespace('patch'), 'configmaps')
  const objects = scaled(500)
  const nameOf = (index: number) => `x-${index % objects}`
  await drive(clock, objects, 32, index => api.send('POST', path, { body: configMap(nameOf(index)) }))
  for (const concurrency of [1, 16]) {
    const total = scaled(concurrency === 1 ? 1000 : 3000)
    const patch = (index: number) =>
      api.send('PATCH', `${path}/${nameOf(index)}`, {
        body: `{"data":{"seq":"${concurrency}-${index}"}}`,
        contentType: 'application/merge-patch+json',
      })
    const apply = (index: number) =>
      api.send('PATCH', `${path}/${nameOf(index)}?fieldManager=bench&force=true`, {
        body: configMap(nameOf(index), `s${concurrency}-${index}`),
        contentType: 'application/apply-patch+yaml',
      })
    await bench.phase(`patch_merge_c${concurrency}`, async () => ({ ...(await drive(clock, total, concurrency, patch)) }))
    await bench.phase(`apply_ssa_c${concurrency}`, async () => ({ ...(await drive(clock, total, concurrency, apply)) }))
  }
  const put = (index: number) => api.send('PUT', `${path}/${nameOf(index)}`, { body: configMap(nameOf(index), `z${index}`) })
  await bench.phase('update_put_c16', async () => ({ ...(await drive(clock, scaled(3000), 16, put)) }))
  const remove = (index: number) => api.send('DELETE', `${path}/${nameOf(index)}`)
  await bench.phase('delete_c16', async () => ({ ...(await drive(clock, objects, 16, remove)) }))
}
