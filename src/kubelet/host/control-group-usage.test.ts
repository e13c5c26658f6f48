import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { controlGroupReadings } from './control-group-usage.ts'

/** Plain files in place of the kernel's. */
function machine(context: { after(done: () => void): void }, mounts: readonly string[], files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'proa-group-usage-'))
  context.after(() => rmSync(root, { recursive: true }))
  writeFileSync(join(root, 'mountinfo'), mounts.map(line => line.replace('ROOT', root)).join('\n'))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), `${content}\n`)
  }
  return controlGroupReadings(join(root, 'mountinfo'), join(root, 'proc'))
}

const device = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:  5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5
  eth0:  7000 70 1 0 0 0 0 0 8000 80 2 0 0 0 0 0
veth1a:  1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1`

describe('usage of control groups', () => {
  const usage = {
    cpuUsage_ns: 2_500_000,
    memoryUsage_bytes: 9000,
    memoryWorkingSet_bytes: 6000,
    memoryResident_bytes: 4000,
    pageFaults: 12,
    majorPageFaults: 3,
    memoryLimit_bytes: 65_536,
    processes: 2,
  }
  const network = [{ name: 'eth0', received_bytes: 7000, receiveErrors: 1, sent_bytes: 8000, sendErrors: 2 }]

  test('version 2', async context => {
    const readings = machine(context, ['35 24 0:30 / ROOT rw,nosuid shared:9 - cgroup2 cgroup2 rw'], {
      'pod/cpu.stat': 'usage_usec 2500\nuser_usec 2000',
      'pod/memory.current': '9000',
      'pod/memory.max': '65536',
      'pod/memory.stat': 'anon 4000\ninactive_anon 1\ninactive_file 3000\npgfault 12\npgmajfault 3',
      'pod/pids.current': '2',
      'pod/cgroup.procs': '17\n18',
      'proc/17/net/dev': device,
    })
    assert.deepEqual(await readings.usage('/pod'), usage)
    assert.deepEqual(await readings.interfaces('/pod'), network)
    assert.equal(await readings.usage('/gone'), undefined)
    assert.equal(await readings.interfaces('/gone'), undefined)
  })

  test('version 2, without a limit', async context => {
    const readings = machine(context, ['35 24 0:30 / ROOT rw,nosuid shared:9 - cgroup2 cgroup2 rw'], {
      'pod/cpu.stat': 'usage_usec 2500',
      'pod/memory.current': '9000',
      'pod/memory.max': 'max',
      'pod/memory.stat': 'anon 4000',
    })
    const { memoryLimit_bytes, processes } = (await readings.usage('/pod')) ?? {}
    assert.deepEqual([memoryLimit_bytes, processes], [undefined, undefined])
  })

  test('version 1: each controller has its own hierarchy, and a version 2 beside them counts nothing', async context => {
    const readings = machine(
      context,
      [
        '30 24 0:26 / ROOT/cpu rw shared:1 - cgroup cgroup rw,cpu,cpuacct',
        '31 24 0:27 / ROOT/memory rw shared:2 - cgroup cgroup rw,memory',
        '32 24 0:28 / ROOT/pids rw shared:3 - cgroup cgroup rw,pids',
        '33 24 0:29 / ROOT/unified rw shared:4 - cgroup2 cgroup2 rw',
      ],
      {
        'cpu/pod/cpuacct.usage': '2500000',
        'memory/pod/memory.usage_in_bytes': '9000',
        'memory/pod/memory.limit_in_bytes': '65536',
        'memory/pod/memory.stat': 'rss 1\ntotal_rss 4000\ntotal_inactive_file 3000\ntotal_pgfault 12\ntotal_pgmajfault 3',
        'memory/free/memory.usage_in_bytes': '1',
        'memory/free/memory.limit_in_bytes': '9223372036854771712',
        'memory/free/memory.stat': '',
        'cpu/free/cpuacct.usage': '1',
        'pids/pod/pids.current': '2',
        'cpu/pod/cgroup.procs': '17',
        'proc/17/net/dev': device,
      },
    )
    assert.deepEqual(await readings.usage('/pod'), usage)
    assert.deepEqual(await readings.interfaces('/pod'), network)
    assert.equal((await readings.usage('/free'))?.memoryLimit_bytes, undefined)
  })
})
