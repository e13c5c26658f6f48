/**
 * What a running cluster costs: proportional set size and CPU of every process that `proa status` names, over time.
 * `node bench/memory.ts [--name proa] [--seconds 60] [--every 5]`
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/base/index.ts'
import { pause } from './load/bench.ts'
import { type Usage, usageOf } from './load/process-usage.ts'
import { rounded } from './load/statistics.ts'

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'proa' },
    seconds: { type: 'string', default: '60' },
    every: { type: 'string', default: '5' },
  },
})

interface ComponentProcess {
  readonly component: string
  readonly pid: number
}

interface Sample {
  readonly at_ms: number
  readonly usage: readonly Usage[]
}

const clock = systemClock()
const processes = listProcesses(values.name)
const samples = await sample(Number(values.seconds) * 1000, Number(values.every) * 1000)
process.stdout.write(`${JSON.stringify(report(samples))}\n`)

function listProcesses(name: string): readonly ComponentProcess[] {
  const proa = join(import.meta.dirname, '../proa')
  const status = JSON.parse(execFileSync(proa, ['status', '--name', name, '-o', 'json'], { encoding: 'utf8' }))
  return (status as { processes: readonly ComponentProcess[] }).processes
}

/** The timers of the clock keep no process alive: this one is kept by an interval's worth of waiting on a channel. */
async function sample(length_ms: number, every_ms: number): Promise<readonly Sample[]> {
  const keepAlive = new MessageChannel()
  keepAlive.port1.onmessage = () => {}
  const start = clock.monotonic()
  const samples: Sample[] = []
  for (;;) {
    const at_ms = clock.monotonic() - start
    samples.push({ at_ms, usage: processes.map(({ pid }) => usageOf(pid)) })
    if (at_ms >= length_ms) break
    await pause(clock, Math.min(every_ms, length_ms - at_ms))
  }
  keepAlive.port1.close()
  return samples
}

function report(samples: readonly Sample[]) {
  const first = samples[0] as Sample
  const last = samples.at(-1) as Sample
  const elapsed_s = (last.at_ms - first.at_ms) / 1000
  const each = processes.map(({ component, pid }, index) => {
    const usage = samples.map(one => one.usage[index] as Usage)
    const sizes = usage.map(({ pss_mib }) => pss_mib)
    const cpu_s = (usage.at(-1)?.cpu_s ?? 0) - (usage[0]?.cpu_s ?? 0)
    return {
      component,
      pid,
      pss_mib: rounded(sizes.reduce((sum, size) => sum + size, 0) / sizes.length, 1),
      pss_max_mib: Math.max(...sizes),
      pss_last_mib: sizes.at(-1) ?? 0,
      cpu_percent: rounded((cpu_s / elapsed_s) * 100, 2),
    }
  })
  const total = (read: (one: (typeof each)[number]) => number, decimals: number) =>
    rounded(
      each.reduce((sum, one) => sum + read(one), 0),
      decimals,
    )
  return {
    seconds: rounded(elapsed_s, 1),
    samples: samples.length,
    processes: each,
    total: {
      pss_mib: total(one => one.pss_mib, 1),
      pss_last_mib: total(one => one.pss_last_mib, 1),
      cpu_percent: total(one => one.cpu_percent, 2),
    },
  }
}
