import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ContainerdConfiguration, containerdConfiguration } from './configuration.ts'
import { machineFacts } from './machine.ts'

const configuration: ContainerdConfiguration = {
  version: '1.6.20',
  rootDirectory: '/var/lib/proa/a"b/containerd',
  stateDirectory: '/run/proa/x/state',
  socket: '/run/proa/x/containerd.sock',
  ociRuntime: { name: 'crun', path: '/usr/bin/crun', stateDirectory: '/run/proa/x/oci' },
  pauseImage: 'proa.internal/pause:1',
  cni: { binaryDirectory: '/usr/lib/cni', configurationDirectory: '/var/lib/proa/x/cni' },
  registryDirectory: '/var/lib/proa/x/certs.d',
  restrictOomScoreAdjust: true,
  appArmor: false,
}

/** `table -> key -> value as written`, which is all that these files use of TOML. */
function parse(text: string): Record<string, Record<string, string>> {
  const tables: Record<string, Record<string, string>> = { '': {} }
  let table = ''
  for (const line of text.split('\n').filter(Boolean)) {
    const header = /^\[(.+)\]$/.exec(line)
    if (header) {
      table = header[1] as string
      assert.ok(!tables[table], `table ${table} stands twice`)
      tables[table] = {}
      continue
    }
    const [, key, value] = /^(\w+) = (.+)$/.exec(line) ?? assert.fail(`not a setting: ${line}`)
    ;(tables[table] as Record<string, string>)[key as string] = value as string
  }
  return tables
}

describe("containerd's configuration", () => {
  it('has the second shape for 1.x', () => {
    for (const version of ['1.6.20', '1.7.24']) {
      const tables = parse(containerdConfiguration({ ...configuration, version }))
      assert.equal(tables['']?.version, '2')
      assert.equal(tables['']?.root, '"/var/lib/proa/a\\"b/containerd"')
      const cri = tables['plugins."io.containerd.grpc.v1.cri"']
      assert.equal(cri?.sandbox_image, '"proa.internal/pause:1"')
      assert.equal(cri?.restrict_oom_score_adj, 'true')
      assert.equal(cri?.disable_apparmor, 'true')
      const crun = tables['plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun.options']
      assert.deepEqual(crun, { BinaryName: '"/usr/bin/crun"', Root: '"/run/proa/x/oci"', SystemdCgroup: 'false' })
    }
  })

  it('has the third shape from 2.0 on', () => {
    const tables = parse(containerdConfiguration({ ...configuration, version: '2.1.4', restrictOomScoreAdjust: false }))
    assert.equal(tables['']?.version, '3')
    assert.equal(tables['plugins."io.containerd.cri.v1.images".pinned_images']?.sandbox, '"proa.internal/pause:1"')
    assert.equal(tables['plugins."io.containerd.cri.v1.runtime"']?.restrict_oom_score_adj, 'false')
    assert.equal(tables['plugins."io.containerd.cri.v1.runtime".cni']?.bin_dirs, '["/usr/lib/cni"]')
    assert.equal(tables['plugins."io.containerd.cri.v1.runtime".containerd']?.default_runtime_name, '"crun"')
  })

  it('names nothing of the machine’s own containerd', () => {
    for (const version of ['1.6.20', '2.1.4'])
      assert.doesNotMatch(containerdConfiguration({ ...configuration, version }), /\/(run|var\/lib|opt|etc)\/containerd/)
  })
})

describe('facts of the machine', () => {
  const files = (texts: Record<string, string>) => ({
    read: (path: string) => texts[path],
    exists: (path: string) => path in texts,
  })
  it('tells hybrid cgroups, and a root that may not lower OOM scores', () => {
    const facts = machineFacts(
      files({ '/proc/self/status': 'CapEff:\t000001fffeffffff\n', '/sys/fs/cgroup/unified/cgroup.controllers': '' }),
    )
    assert.deepEqual(facts, { restrictOomScoreAdjust: true, appArmor: false, hybridCgroups: true, cgroupVersion: 1 })
  })
  it('tells version 2, all capabilities and AppArmor', () => {
    const facts = machineFacts(
      files({
        '/proc/self/status': 'CapEff:\t000001ffffffffff\n',
        '/sys/fs/cgroup/cgroup.controllers': 'cpu',
        '/sys/module/apparmor/parameters/enabled': 'Y\n',
        '/sbin/apparmor_parser': '',
      }),
    )
    assert.deepEqual(facts, { restrictOomScoreAdjust: false, appArmor: true, hybridCgroups: false, cgroupVersion: 2 })
  })
})
