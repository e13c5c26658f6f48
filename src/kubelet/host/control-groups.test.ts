import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { controlGroups } from './control-groups.ts'

/** Plain directories in place of the kernel's: what is written where. */
function machine(context: { after(done: () => void): void }, mounts: readonly string[]) {
  const root = mkdtempSync(join(tmpdir(), 'proa-control-groups-'))
  context.after(() => rmSync(root, { recursive: true }))
  const mountInfo = join(root, 'mountinfo')
  writeFileSync(mountInfo, mounts.map(line => line.replace('ROOT', root)).join('\n'))
  return { root, groups: controlGroups(mountInfo), read: (path: string) => readFileSync(join(root, path), 'utf8') }
}

describe('control groups', () => {
  const unified = ['35 24 0:30 / ROOT rw,nosuid shared:9 - cgroup2 cgroup2 rw']
  const limits = { cpuShares: 204, cpuPeriod_us: 100_000, cpuQuota_us: 20_000, memoryLimit_bytes: 67_108_864 }

  test('version 2: each ancestor hands its controllers down, the group has the limits and no swap', async context => {
    const { root, groups, read } = machine(context, unified)
    writeFileSync(join(root, 'cgroup.controllers'), 'cpuset cpu io memory hugetlb pids rdma misc\n')
    mkdirSync(join(root, 'proa/pod'), { recursive: true })
    writeFileSync(join(root, 'proa/pod/memory.swap.max'), '1')
    await groups.setControlGroup('/proa/pod', limits)
    for (const group of ['.', 'proa', 'proa/pod']) assert.equal(read(`${group}/cgroup.subtree_control`), '+cpu +cpuset +memory +pids +io')
    assert.equal(read('proa/pod/cpu.weight'), '8')
    assert.equal(read('proa/pod/cpu.max'), '20000 100000')
    assert.equal(read('proa/pod/memory.max'), '67108864')
    assert.equal(read('proa/pod/memory.swap.max'), '0')
    await groups.setControlGroup('/proa/pod', {})
    assert.equal(read('proa/pod/cpu.max'), 'max 100000')
    assert.equal(read('proa/pod/memory.max'), 'max')
  })

  test('version 2 without some controllers and without an account of swap', async context => {
    const { root, groups, read } = machine(context, unified)
    writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory\n')
    await groups.setControlGroup('/proa/pod', limits)
    assert.equal(read('proa/cgroup.subtree_control'), '+cpu +memory')
    assert.ok(!readdirSync(join(root, 'proa/pod')).includes('memory.swap.max'))
    assert.deepEqual(await groups.controlGroupsBelow('/proa'), ['pod'])
  })

  test('version 1: each controller has its own hierarchy, and a version 2 beside them is left alone', async context => {
    const { root, groups, read } = machine(context, [
      '30 24 0:26 / ROOT/cpu rw shared:1 - cgroup cgroup rw,cpu,cpuacct',
      '31 24 0:27 / ROOT/memory rw shared:2 - cgroup cgroup rw,memory',
      '32 24 0:28 / ROOT/unified rw shared:3 - cgroup2 cgroup2 rw',
    ])
    await groups.setControlGroup('/proa/pod', limits)
    assert.equal(read('cpu/proa/pod/cpu.shares'), '204')
    assert.equal(read('cpu/proa/pod/cpu.cfs_quota_us'), '20000')
    assert.equal(read('memory/proa/pod/memory.limit_in_bytes'), '67108864')
    assert.deepEqual(readdirSync(root).sort(), ['cpu', 'memory', 'mountinfo'])
  })
})
