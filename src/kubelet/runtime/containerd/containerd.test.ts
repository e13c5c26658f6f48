import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runtimeContract } from '../contract.ts'
import { type ContainerConfig, RuntimeError, type RuntimeEvent, type SandboxConfig } from '../types.ts'
import { importImage, machineFacts, pauseImage } from './index.ts'
import {
  busyboxArchive,
  busyboxImage,
  containerConfig,
  missingForContainerd,
  sandboxConfig,
  startTestContainerd,
  type TestContainerd,
  testSubnet,
  until,
} from './test-support/containerd.ts'
import { startTestRegistry } from './test-support/registry.ts'

const missing = missingForContainerd()
if (missing) process.stdout.write(`containerd tests did not run: ${missing}\n`)

describe('containers by a real containerd', { skip: missing }, () => {
  let containerd: TestContainerd
  before(async () => {
    containerd = await startTestContainerd()
  })
  after(() => containerd.stop())

  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
  const shell = (script: string, changes: Partial<ContainerConfig> = {}) => containerConfig(['sh', '-c', script], changes)
  const sleeping = (changes: Partial<ContainerConfig> = {}) => shell('sleep 1000', changes)

  const start = async (config: ContainerConfig, sandbox: SandboxConfig = sandboxConfig(containerd)) => {
    const { runtime } = containerd
    const sandboxId = await runtime.runSandbox(sandbox)
    const id = await runtime.createContainer(sandboxId, config, sandbox)
    await runtime.startContainer(id)
    return { sandboxId, id, sandbox, log: path.join(sandbox.logDirectory, config.logPath) }
  }
  const exited = (id: string) =>
    until(`the end of ${id}`, async () => (await containerd.runtime.containerStatus(id))?.state === 'exited').then(() =>
      containerd.runtime.containerStatus(id),
    )
  const run = async (id: string, script: string) => text((await containerd.runtime.execSync(id, ['sh', '-c', script], 10)).stdout).trim()

  it('is ready, and says what it is', async () => {
    const version = await containerd.runtime.version()
    assert.equal(version.name, 'containerd')
    assert.equal(version.apiVersion, 'v1')
    assert.deepEqual(await containerd.runtime.status(), { runtimeReady: true, networkReady: true, message: '' })
  })

  it('runs a pod and keeps what the kubelet wrote on it', async () => {
    const { runtime } = containerd
    const { sandboxId, id, sandbox, log } = await start(shell('echo out; echo err >&2; exit 3'))
    const status = await exited(id)
    assert.equal(status?.exitCode, 3)
    assert.equal(status?.reason, 'Error')
    assert.equal(status?.sandboxId, sandboxId)
    assert.equal(status?.logPath, log)
    assert.equal(status?.annotations['io.kubernetes.container.hash'], 'abc')
    assert.ok((status?.finishedAt_ms ?? 0) >= (status?.startedAt_ms ?? Number.POSITIVE_INFINITY))
    assert.match(readFileSync(log, 'utf8'), /^\S+ stdout F out$/m)
    assert.match(readFileSync(log, 'utf8'), /^\S+ stderr F err$/m)

    const found = await runtime.sandboxStatus(sandboxId)
    assert.equal(found?.uid, sandbox.uid)
    assert.equal(found?.ready, true)
    assert.deepEqual(found?.labels, sandbox.labels)
    assert.ok(found?.addresses[0]?.startsWith(testSubnet.replace('0/24', '')))
    assert.ok((await runtime.listSandboxes()).some(({ id }) => id === sandboxId))
    const listed = (await runtime.listContainers()).find(container => container.id === id)
    assert.equal(listed?.state, 'exited')
    assert.equal(listed?.sandboxId, sandboxId)
  })

  it('passes on environment, command, directory, mounts, user and limits', async () => {
    const volume = path.join(containerd.directory, 'pods', 'volume')
    mkdirSync(volume, { recursive: true })
    writeFileSync(path.join(volume, 'file'), 'from the volume')
    const base = sleeping()
    const { id } = await start({
      ...base,
      workingDirectory: '/tmp',
      environment: [{ name: 'GREETING', value: 'hello $HOME' }],
      mounts: [{ hostPath: volume, containerPath: '/data', readOnly: true, propagation: 'private' }],
      resources: { cpuShares: 102, cpuPeriod_us: 100_000, cpuQuota_us: 20_000, memoryLimit_bytes: 64 * 2 ** 20, oomScoreAdjust: 900 },
      security: { ...base.security, runAsUser: 0, runAsGroup: 102, supplementalGroups: [7], readOnlyRootFilesystem: true },
    })
    assert.equal(await run(id, 'echo "$GREETING"; pwd; cat /data/file'), 'hello $HOME\n/tmp\nfrom the volume')
    assert.equal(await run(id, 'id -u; id -g; id -G'), '0\n102\n102 7')
    assert.equal(
      await run(id, 'touch /x 2>&1 || touch /data/y 2>&1 || echo no'),
      'touch: /x: Read-only file system\ntouch: /data/y: Read-only file system\nno',
    )
    assert.equal(await run(id, 'cat /proc/1/oom_score_adj'), '900')
    assert.equal(await run(id, 'cat /etc/resolv.conf'), 'search default.svc.cluster.local\nnameserver 10.43.0.10\noptions ndots:5')
  })

  it('shows a volume that is mounted after containerd has started', async () => {
    const folder = path.join(containerd.directory, 'pods', 'memory')
    mkdirSync(folder, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder])
    try {
      writeFileSync(path.join(folder, 'file'), 'in memory')
      const { id } = await start(
        sleeping({ mounts: [{ hostPath: folder, containerPath: '/data', readOnly: false, propagation: 'private' }] }),
      )
      assert.equal(await run(id, 'cat /data/file; echo back > /data/other'), 'in memory')
      assert.equal(readFileSync(path.join(folder, 'other'), 'utf8'), 'back\n')
      await containerd.runtime.stopContainer(id, 0)
      await containerd.runtime.removeContainer(id)
    } finally {
      execFileSync('umount', [folder])
    }
  })

  it('kills what needs more memory than it may have, and says so', async () => {
    const { id } = await start(shell('tail /dev/zero', { resources: { memoryLimit_bytes: 24 * 2 ** 20, oomScoreAdjust: 1000 } }))
    const status = await exited(id)
    assert.equal(status?.exitCode, 137)
    assert.equal(status?.reason, 'OOMKilled')
  })

  it('kills a container as one where control groups are of version 2', {
    skip: machineFacts().cgroupVersion === 1 && 'control groups are of version 1 here',
  }, async () => {
    const { id } = await start(
      shell('tail /dev/zero; sleep 1000', { resources: { memoryLimit_bytes: 24 * 2 ** 20, oomScoreAdjust: 1000 } }),
    )
    const status = await exited(id)
    assert.deepEqual([status?.exitCode, status?.reason], [137, 'OOMKilled'])
  })

  it('changes limits of a running container', async () => {
    const { id } = await start(sleeping())
    await containerd.runtime.updateContainerResources(id, { memoryLimit_bytes: 32 * 2 ** 20 })
    const limit = await run(id, 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max')
    assert.equal(limit, String(32 * 2 ** 20))
  })

  it('runs commands to their end, with exit code and outputs apart', async () => {
    const { id } = await start(sleeping())
    const result = await containerd.runtime.execSync(id, ['sh', '-c', 'echo out; echo err >&2; exit 4'], 10)
    assert.deepEqual([result.exitCode, text(result.stdout), text(result.stderr)], [4, 'out\n', 'err\n'])
    await assert.rejects(
      containerd.runtime.execSync(id, ['sleep', '100'], 1),
      (error: unknown) => error instanceof RuntimeError && error.reason === 'Timeout',
    )
  })

  it('streams a command with half-closed input and its exit code', async () => {
    const { id } = await start(sleeping())
    const stream = await containerd.runtime.exec(id, {
      command: ['sh', '-c', 'cat; echo done >&2; exit 5'],
      stdin: true,
      stdout: true,
      stderr: true,
      tty: false,
    })
    const input = stream.stdin?.getWriter()
    await input?.write(Buffer.from('to the end'))
    await input?.close()
    assert.equal(await new Response(stream.stdout).text(), 'to the end')
    assert.equal(await new Response(stream.stderr).text(), 'done\n')
    const status = (await stream.result) as { status: string; reason: string; details: object }
    assert.equal(status.reason, 'NonZeroExitCode')
    assert.deepEqual(status.details, { causes: [{ reason: 'ExitCode', message: '5' }] })
    stream.close()
  })

  it('gives a terminal its size', async () => {
    const { id } = await start(sleeping())
    const command = ['sh', '-c', 'until [ "$(stty size 2>&1)" = "31 87" ]; do sleep 0.01; done; stty size']
    const stream = await containerd.runtime.exec(id, { command, stdin: true, stdout: true, stderr: true, tty: true })
    stream.resize(87, 31)
    assert.equal(await new Response(stream.stdout).text(), '31 87\r\n')
    stream.close()
  })

  it('attaches to what runs', async () => {
    const { id } = await start(shell('read line; echo "got $line"; sleep 1000', { stdin: true }))
    const stream = await containerd.runtime.attach(id, { stdin: true, stdout: true, stderr: true, tty: false })
    const reader = stream.stdout?.getReader()
    await stream.stdin?.getWriter().write(Buffer.from('a line\n'))
    assert.equal(text((await reader?.read())?.value ?? new Uint8Array(0)), 'got a line\n')
    stream.close()
  })

  it("forwards to a pod's port, and tells why it can't", async () => {
    const { sandboxId, id } = await start(shell('echo page > /tmp/index.html; httpd -f -p 8080 -h /tmp'))
    await until('the server', async () => (await run(id, 'wget -q -O - http://127.0.0.1:8080/ || true')) === 'page')
    const stream = await containerd.runtime.portForward(sandboxId, 8080)
    await stream.input.getWriter().write(Buffer.from('GET / HTTP/1.0\r\n\r\n'))
    assert.match(await new Response(stream.output).text(), /page\n$/)
    assert.equal(await stream.error, '')
    stream.close()
    const refused = await containerd.runtime.portForward(sandboxId, 9)
    assert.match(await refused.error, /connection refused/)
    refused.close()
  })

  it('tells of what happens, and by then the state can be read', async () => {
    const { runtime } = containerd
    const stop = new AbortController()
    const events: RuntimeEvent[] = []
    const states: (string | undefined)[] = []
    const reading = (async () => {
      for await (const event of runtime.events(stop.signal)) {
        events.push(event)
        if (event.type === 'stopped') states.push((await runtime.containerStatus(event.containerId))?.state)
        if (event.type === 'stopped') stop.abort()
      }
    })()
    const { id } = await start(shell('exit 0'))
    await reading
    const own = events.filter(({ containerId }) => containerId === id).map(({ type }) => type)
    assert.deepEqual(own, ['created', 'started', 'stopped'])
    assert.deepEqual(states, ['exited'])
  })

  it('writes on after its log was rotated', async () => {
    const { id, log } = await start(shell('echo before; read line; echo after; sleep 1000', { stdin: true }))
    await until('the first line', async () => readFileSync(log, 'utf8').includes('before'))
    renameSync(log, `${log}.1`)
    await containerd.runtime.reopenContainerLog(id)
    const stream = await containerd.runtime.attach(id, { stdin: true, stdout: false, stderr: false, tty: false })
    await stream.stdin?.getWriter().write(Buffer.from('\n'))
    await until('the second line', async () => readFileSync(log, 'utf8').includes('after'))
    stream.close()
  })

  it('knows its images by name and id', async () => {
    const image = await containerd.runtime.imageStatus(busyboxImage)
    assert.deepEqual(image?.tags, [busyboxImage])
    assert.equal((await containerd.runtime.imageStatus(image?.id ?? ''))?.id, image?.id)
    assert.equal(await containerd.runtime.imageStatus('proa.test/none:1'), undefined)
    assert.ok((await containerd.runtime.listImages()).some(({ tags }) => tags.includes(pauseImage)))
    await containerd.runtime.removeImage('proa.test/none:1')
  })

  it('says why an image can not be had', async () => {
    await assert.rejects(
      containerd.runtime.pullImage('127.0.0.1:9/none:1', undefined, undefined),
      (error: unknown) => error instanceof RuntimeError && /failed to pull and unpack image "127.0.0.1:9\/none:1"/.test(error.message),
    )
    const file = path.join(containerd.directory, 'broken.tar')
    writeFileSync(file, 'no archive')
    await assert.rejects(importImage({ ctr: '/usr/bin/ctr', socket: containerd.socket, path: file }), /import images from .*broken.tar/)
  })

  it('pulls by tag and digest for who has the password, and again after a pull that broke', async () => {
    const { runtime } = containerd
    const archive = await busyboxArchive('proa.test/pulled:1', { User: 'web', Env: ['PATH=/bin', 'MADE=for the registry'] })
    const registry = await startTestRegistry('team/pulled', archive, 'robot:secret')
    try {
      const byTag = `${registry.address}/team/pulled:1`
      const byDigest = `${registry.address}/team/pulled@${registry.digest}`
      const auth = { username: 'robot', password: 'secret' }
      await assert.rejects(
        runtime.pullImage(byTag, undefined, undefined),
        /401 Unauthorized|authorization failed|no basic auth credentials/,
      )
      await assert.rejects(runtime.pullImage(byTag, { ...auth, password: 'wrong' }, undefined), RuntimeError)
      await assert.rejects(runtime.pullImage(`${registry.address}/team/pulled:2`, auth, undefined), /not found/)
      // containerd itself asks for the rest of a broken layer some times before it gives up.
      registry.breakLayers(1000)
      await assert.rejects(runtime.pullImage(byTag, auth, undefined), RuntimeError)
      registry.breakLayers(0)
      const id = await runtime.pullImage(byTag, auth, undefined)
      const image = await runtime.imageStatus(byTag)
      assert.equal(image?.id, id)
      assert.deepEqual(image?.digests, [byDigest])
      assert.equal(image?.username, 'web')
      assert.equal(await runtime.pullImage(byDigest, { auth: Buffer.from('robot:secret').toString('base64') }, undefined), id)
      const { id: running } = await start(sleeping({ image: id, userImage: byTag }))
      assert.equal(await run(running, 'id -un; echo $MADE'), 'web\nfor the registry')
      assert.equal((await runtime.containerStatus(running))?.imageId, byDigest)
    } finally {
      await registry.close()
    }
  })

  it('gives up a pull that nobody waits for', async () => {
    const gone = new AbortController()
    const pull = containerd.runtime.pullImage('127.0.0.1:9/none:2', undefined, undefined, gone.signal)
    gone.abort()
    await assert.rejects(pull, RuntimeError)
  })

  it("shares the machine's network, processes and rights where a pod asks for them", async () => {
    const { id } = await start(sleeping(), sandboxConfig(containerd, { namespaces: { network: 'node', pid: 'container', ipc: 'pod' } }))
    const own = execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).trim()
    assert.equal(await run(id, 'readlink /proc/self/ns/net'), own)

    const base = sleeping()
    const sandbox = sandboxConfig(containerd, {
      namespaces: { network: 'pod', pid: 'pod', ipc: 'pod' },
      security: { privileged: true, supplementalGroups: [] },
      sysctls: { 'net.ipv4.ip_local_port_range': '20000 30000' },
    })
    const security = { ...base.security, privileged: true, namespaces: sandbox.namespaces }
    const { id: privileged } = await start({ ...base, security }, sandbox)
    assert.match(await run(privileged, 'cat /proc/1/cmdline | tr "\\0" " "'), /^\/pause/)
    assert.match(await run(privileged, 'cat /proc/sys/net/ipv4/ip_local_port_range'), /^20000\s30000$/)
    assert.equal(await run(privileged, 'mkdir /m; mount -t tmpfs tmpfs /m && echo mounted'), 'mounted')
    // The first process of the shared namespace reaps what others leave behind.
    await run(privileged, '(sleep 0.01 &) ; exit 0')
    await until('no zombie', async () => !(await run(privileged, 'ps -o stat,comm')).includes('Z'))
  })

  it('forgives stopping and removing twice, and reports what is not there', async () => {
    const { runtime } = containerd
    const { sandboxId, id } = await start(sleeping())
    for (const _ of [1, 2]) await runtime.stopContainer(id, 0)
    assert.equal((await runtime.containerStatus(id))?.exitCode, 137)
    for (const _ of [1, 2]) await runtime.removeContainer(id)
    for (const _ of [1, 2]) await runtime.stopSandbox(sandboxId)
    for (const _ of [1, 2]) await runtime.removeSandbox(sandboxId)
    assert.equal(await runtime.containerStatus(id), undefined)
    assert.equal(await runtime.sandboxStatus(sandboxId), undefined)
    await assert.rejects(runtime.startContainer(id), (error: unknown) => error instanceof RuntimeError && error.reason === 'NotFound')
  })

  it('counts what containers use', async () => {
    const { id } = await start(sleeping({ labels: { 'io.kubernetes.pod.uid': 'some-uid' } }))
    const stats = (await containerd.runtime.containerStats()).find(entry => entry.id === id)
    assert.equal(stats?.name, 'main')
    assert.equal(stats?.podUid, 'some-uid')
    assert.ok((stats?.cpuUsage_ns ?? 0) > 0)
    assert.ok((stats?.memoryWorkingSet_bytes ?? 0) > 0)
  })

  it('loses containerd by SIGKILL and keeps its containers', async () => {
    const { runtime } = containerd
    const { id, sandboxId } = await start(
      // Renamed into place: a reader never finds the file empty.
      shell('i=0; while true; do i=$((i+1)); echo $i > /tmp/next; mv /tmp/next /tmp/count; sleep 0.01; done'),
    )
    await until('the count to begin', async () => (await run(id, 'cat /tmp/count 2>/dev/null')) !== '')
    const events = runtime.events(new AbortController().signal)[Symbol.asyncIterator]()
    const lost = assert.rejects(events.next(), (error: unknown) => error instanceof RuntimeError && error.reason === 'Unavailable')
    const before = await run(id, 'cat /tmp/count; cat /proc/1/stat | cut -d" " -f22')
    await containerd.restart()
    await lost
    assert.equal((await runtime.containerStatus(id))?.state, 'running')
    assert.equal((await runtime.sandboxStatus(sandboxId))?.ready, true)
    const now = await run(id, 'cat /tmp/count; cat /proc/1/stat | cut -d" " -f22')
    assert.equal(now.split('\n')[1], before.split('\n')[1], 'the process is the same one')
    await until('the count to go on', async () => Number(await run(id, 'cat /tmp/count')) > Number(before.split('\n')[0]))
    // What is new after the restart finds the mounts of before.
    await start(sleeping())
  })

  it('starts a pod (figures only)', async () => {
    const rounds: number[][] = []
    for (let round = 0; round < 5; round++) {
      const { runtime } = containerd
      const sandbox = sandboxConfig(containerd)
      const times = [performance.now()]
      const sandboxId = await runtime.runSandbox(sandbox)
      times.push(performance.now())
      const id = await runtime.createContainer(sandboxId, sleeping(), sandbox)
      times.push(performance.now())
      await runtime.startContainer(id)
      times.push(performance.now())
      rounds.push(times.slice(1).map((time, index) => time - (times[index] ?? 0)))
    }
    const median = (index: number) => Math.round(rounds.map(round => round[index] ?? 0).sort((a, b) => a - b)[2] ?? 0)
    process.stdout.write(`pod start, median of 5: sandbox ${median(0)} ms, create ${median(1)} ms, start ${median(2)} ms\n`)
    assert.equal(rounds.length, 5)
  })
})

if (!missing)
  runtimeContract('containerd', async () => {
    const containerd = await startTestContainerd()
    return {
      runtime: containerd.runtime,
      image: busyboxImage,
      runForever: { image: busyboxImage, command: ['sleep', '1000'] },
      exitWith3: { image: busyboxImage, command: ['sh', '-c', 'exit 3'] },
      ignoresStopSignal: { image: busyboxImage, command: ['sh', '-c', 'trap "" TERM; while true; do sleep 1; done'] },
      logDirectory: path.join(containerd.directory, 'logs'),
      cgroupParent: `${containerd.cgroupRoot}/contract`,
      until: done => until('the contract', done),
      close: () => containerd.stop(),
    }
  })
