import { expectObject } from '../load/api.ts'
import type { Bench, Figures } from '../load/bench.ts'
import { drive } from '../load/drive.ts'
import { percentile, rounded } from '../load/statistics.ts'

const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const protobufType = 'application/vnd.kubernetes.protobuf'

/** The same pods in every way that clients list them. */
export async function listPods(bench: Bench, path: string): Promise<void> {
  const lists = (query: string, repeat: number, accept?: string) => () => repeatList(bench, path + query, repeat, accept)
  await bench.phase('list_pods_unpaged', lists('', 7))
  await bench.phase('list_pods_unpaged_rv0', lists('?resourceVersion=0', 7))
  await bench.phase('list_pods_unpaged_protobuf', lists('', 5, protobufType))
  await bench.phase('list_pods_table', lists('', 5, tableType))
  await bench.phase('list_pods_selector_1pct', lists('?labelSelector=idx%3D7', 7))
  await bench.phase('list_pods_paged_500', () => listByPages(bench, path))
  await bench.phase('list_pods_c8_x24', async () => ({
    ...(await drive(bench.clock, 24, 8, () => bench.api.send('GET', path, { discard: true }))),
  }))
}

async function repeatList({ api }: Bench, path: string, repeat: number, accept?: string): Promise<Figures> {
  const elapsed_ms: number[] = []
  const firstByte_ms: number[] = []
  let bytes = 0
  for (let round = 0; round < repeat; round++) {
    const reply = await api.send('GET', path, { discard: true, accept })
    if (reply.status !== 200) throw new Error(`list ${path}: answered ${reply.status}`)
    elapsed_ms.push(reply.elapsed_ms)
    firstByte_ms.push(reply.firstByte_ms)
    bytes = reply.bytes
  }
  return { reps: repeat, bytes, ...spread(elapsed_ms), first_byte_p50_ms: spread(firstByte_ms).p50_ms }
}

function spread(values: number[]): { readonly min_ms: number; readonly p50_ms: number; readonly max_ms: number } {
  values.sort((left, right) => left - right)
  return { min_ms: percentile(values, 0), p50_ms: percentile(values, 0.5), max_ms: percentile(values, 1) }
}

interface Page {
  readonly metadata: { readonly continue?: string }
  readonly items: readonly unknown[]
}

async function listByPages({ api, clock }: Bench, path: string): Promise<Figures> {
  const repeat = 3
  const elapsed_ms: number[] = []
  let pages = 0
  let items = 0
  for (let round = 0; round < repeat; round++) {
    const start = clock.monotonic()
    let token: string | undefined = ''
    pages = 0
    items = 0
    while (token !== undefined) {
      const query: string = token === '' ? '' : `&continue=${encodeURIComponent(token)}`
      const page: Page = await expectObject<Page>(`list a page of ${path}`, api.send('GET', `${path}?limit=500${query}`))
      pages++
      items += page.items.length
      token = page.metadata.continue || undefined
    }
    elapsed_ms.push(rounded(clock.monotonic() - start))
  }
  return { reps: repeat, pages, items, ...spread(elapsed_ms) }
}
