import type { Clock } from '../../src/base/index.ts'
import type { Api } from './api.ts'
import { type Processes, usageOfAll } from './process-usage.ts'
import { rounded } from './statistics.ts'

/** What every phase gets: the server, how much of the full load to make, and where to write figures. */
export interface Bench {
  readonly api: Api
  readonly clock: Clock
  /** A full run's count, scaled; at least 1. */
  scaled(count: number): number
  /** Runs a phase and keeps its figures under `name`, with the CPU time and memory of the processes. */
  phase(name: string, run: () => Promise<Figures>): Promise<void>
  /** A namespace of this run, with its default service account there. */
  namespace(suffix: string): Promise<string>
  memory(): Record<string, number>
}

export type Figures = Readonly<Record<string, unknown>>

export interface BenchRoom {
  readonly api: Api
  readonly clock: Clock
  readonly processes: Processes
  readonly scale: number
  /** Begins the names of this run's namespaces. */
  readonly tag: string
  readonly report: (line: string) => void
}

export interface Recorder extends Bench {
  readonly phases: Readonly<Record<string, Figures>>
  readonly namespaces: readonly string[]
}

export function createBench({ api, clock, processes, scale, tag, report }: BenchRoom): Recorder {
  const phases: Record<string, Figures> = {}
  const namespaces: string[] = []
  const memory = () => Object.fromEntries(Object.entries(usageOfAll(processes)).map(([name, { rss_mib }]) => [`${name}_mib`, rss_mib]))
  return {
    api,
    clock,
    phases,
    namespaces,
    memory,
    scaled: count => Math.max(1, Math.round(count * scale)),
    async phase(name, run) {
      const before = cpuTimes(processes)
      const start = clock.monotonic()
      const figures = await run()
      const wall_s = rounded((clock.monotonic() - start) / 1000)
      phases[name] = { wall_s, cpu_s: cpuSpent(before, cpuTimes(processes)), rss: memory(), ...figures }
      report(`${name} ${JSON.stringify(phases[name])}`)
    },
    async namespace(suffix) {
      const name = `${tag}-${suffix}`
      await makeNamespace(api, clock, name)
      namespaces.push(name)
      return name
    },
  }
}

function cpuTimes(processes: Processes): Record<string, number> {
  const own = process.cpuUsage()
  const others = Object.entries(usageOfAll(processes)).map(([name, { cpu_s }]) => [name, cpu_s])
  return { ...Object.fromEntries(others), client: (own.user + own.system) / 1e6 }
}

function cpuSpent(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  const spent: Record<string, number> = {}
  let server_total = 0
  for (const [name, value] of Object.entries(after)) {
    const delta = value - (before[name] ?? 0)
    spent[name] = rounded(delta)
    if (name !== 'client') server_total += delta
  }
  return { ...spent, server_total: rounded(server_total) }
}

/** Pods need the default service account; where no controller makes it, it is made here. */
export async function makeNamespace(api: Api, clock: Clock, name: string): Promise<void> {
  const made = await api.send('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } })
  if (made.status !== 201) throw new Error(`create namespace ${name}: answered ${made.status} ${made.body}`)
  const accounts = `/api/v1/namespaces/${name}/serviceaccounts`
  const deadline = clock.monotonic() + 5000
  while (clock.monotonic() < deadline) {
    if ((await api.send('GET', `${accounts}/default`)).status === 200) return
    await pause(clock, 50)
  }
  await api.send('POST', accounts, { body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } } })
}

export const pause = (clock: Clock, delay_ms: number): Promise<void> =>
  new Promise(resolve => {
    clock.setTimer(delay_ms, resolve)
  })
