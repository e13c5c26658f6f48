import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ContainerConfig, type ContainerRuntime, type ContainerStatus, labels, RuntimeError, type SandboxConfig } from './types.ts'

/**
 * What every container runtime has to do for the kubelet, as tests. Each runtime's test file calls it with a way to make one.
 * Nothing here depends on how long something takes, only on what is there afterwards.
 */
export interface ContractSubject {
  readonly runtime: ContainerRuntime
  /** An image that is present or can be pulled, with a shell. */
  readonly image: string
  /** Commands for it. The simulated runtime has behaviours for images instead, which these select. */
  readonly runForever: ContractImage
  readonly exitWith3: ContractImage
  readonly ignoresStopSignal: ContractImage
  readonly logDirectory: string
  readonly cgroupParent: string
  /** Lets time pass until `done` holds. */
  readonly until: (done: () => Promise<boolean>) => Promise<void>
  readonly close: () => Promise<void>
}

export interface ContractImage {
  readonly image: string
  readonly command: readonly string[]
}

export function runtimeContract(name: string, make: () => Promise<ContractSubject>): void {
  describe(`container runtime contract: ${name}`, () => {
    let subject: ContractSubject
    before(async () => {
      subject = await make()
    })
    after(() => subject.close())

    const sandboxOf = (uid: string, attempt = 0): SandboxConfig => ({
      name: `pod-${uid}`,
      namespace: 'contract',
      uid,
      attempt,
      hostname: `pod-${uid}`,
      logDirectory: `${subject.logDirectory}/${uid}`,
      dns: { servers: ['10.43.0.10'], searches: ['cluster.local'], options: ['ndots:5'] },
      labels: { [labels.podName]: `pod-${uid}`, [labels.podNamespace]: 'contract', [labels.podUid]: uid },
      annotations: { 'contract/annotation': 'kept' },
      cgroupParent: `${subject.cgroupParent}/pod${uid}`,
      sysctls: {},
      namespaces: { network: 'pod', pid: 'container', ipc: 'pod' },
      security: { privileged: false, supplementalGroups: [] },
    })

    const containerOf = (
      sandbox: SandboxConfig,
      { command }: ContractImage,
      imageId: string,
      userImage: string,
      attempt = 0,
    ): ContainerConfig => ({
      name: 'main',
      attempt,
      image: imageId,
      userImage,
      command,
      args: [],
      workingDirectory: '',
      environment: [{ name: 'GREETING', value: 'hello' }],
      mounts: [],
      devices: [],
      labels: { ...sandbox.labels, [labels.containerName]: 'main' },
      annotations: { 'io.kubernetes.container.restartCount': String(attempt) },
      logPath: `main-${attempt}.log`,
      stdin: false,
      stdinOnce: false,
      tty: false,
      resources: { cpuShares: 2 },
      security: {
        privileged: false,
        namespaces: sandbox.namespaces,
        addCapabilities: [],
        dropCapabilities: [],
        supplementalGroups: [],
        readOnlyRootFilesystem: false,
        noNewPrivileges: false,
        maskedPaths: undefined,
        readOnlyPaths: undefined,
      },
    })

    async function present(image: string): Promise<string> {
      const known = await subject.runtime.imageStatus(image)
      return known?.id ?? subject.runtime.pullImage(image, undefined, undefined)
    }

    async function started(sandbox: SandboxConfig, sandboxId: string, image: ContractImage, attempt = 0): Promise<string> {
      const { runtime } = subject
      const id = await runtime.createContainer(
        sandboxId,
        containerOf(sandbox, image, await present(image.image), image.image, attempt),
        sandbox,
      )
      await runtime.startContainer(id)
      return id
    }

    const ended = async (id: string): Promise<ContainerStatus> => {
      await subject.until(async () => (await subject.runtime.containerStatus(id))?.state === 'exited')
      return (await subject.runtime.containerStatus(id)) ?? assert.fail('the container is gone')
    }

    test('tells its version and that it is ready', async () => {
      assert.notEqual((await subject.runtime.version()).name, '')
      assert.deepEqual((({ runtimeReady, networkReady }) => ({ runtimeReady, networkReady }))(await subject.runtime.status()), {
        runtimeReady: true,
        networkReady: true,
      })
    })

    test('a sandbox has an address, labels and annotations, and can be listed, stopped and removed twice', async () => {
      const { runtime } = subject
      const id = await runtime.runSandbox(sandboxOf('a', 1))
      const status = await runtime.sandboxStatus(id)
      assert.equal(status?.ready, true)
      assert.equal(status?.attempt, 1)
      assert.ok((status?.addresses.length ?? 0) > 0)
      assert.equal(status?.labels[labels.podUid], 'a')
      assert.equal(status?.annotations['contract/annotation'], 'kept')
      assert.ok((await runtime.listSandboxes()).some(sandbox => sandbox.id === id && sandbox.uid === 'a'))
      await runtime.stopSandbox(id)
      await runtime.stopSandbox(id)
      assert.equal((await runtime.sandboxStatus(id))?.ready, false)
      await runtime.removeSandbox(id)
      await runtime.removeSandbox(id)
      assert.equal(await runtime.sandboxStatus(id), undefined)
    })

    test('a container goes from created to running to exited, and its exit code is known', async () => {
      const { runtime } = subject
      const sandbox = sandboxOf('b')
      const sandboxId = await runtime.runSandbox(sandbox)
      const image = await present(subject.exitWith3.image)
      const id = await runtime.createContainer(sandboxId, containerOf(sandbox, subject.exitWith3, image, subject.exitWith3.image), sandbox)
      const created = await runtime.containerStatus(id)
      assert.equal(created?.state, 'created')
      assert.equal(created?.sandboxId, sandboxId)
      assert.equal(created?.labels[labels.containerName], 'main')
      await runtime.startContainer(id)
      const status = await ended(id)
      assert.equal(status.exitCode, 3)
      assert.equal(status.reason, 'Error')
      assert.ok((status.finishedAt_ms ?? 0) >= (status.startedAt_ms ?? Number.POSITIVE_INFINITY))
      assert.notEqual(status.imageId, '')
      await runtime.removeContainer(id)
      await runtime.removeContainer(id)
      assert.equal(await runtime.containerStatus(id), undefined)
      await runtime.removeSandbox(sandboxId)
    })

    test('stopping gives time and then kills; stopping twice is fine', async () => {
      const { runtime } = subject
      const sandbox = sandboxOf('c')
      const sandboxId = await runtime.runSandbox(sandbox)
      const id = await started(sandbox, sandboxId, subject.ignoresStopSignal)
      const stop = runtime.stopContainer(id, 1)
      await subject.until(async () => (await runtime.containerStatus(id))?.state === 'exited')
      await stop
      assert.equal((await runtime.containerStatus(id))?.exitCode, 137)
      await runtime.stopContainer(id, 1)
      await runtime.removeSandbox(sandboxId)
    })

    test('removing a sandbox takes its containers along', async () => {
      const { runtime } = subject
      const sandbox = sandboxOf('d')
      const sandboxId = await runtime.runSandbox(sandbox)
      const id = await started(sandbox, sandboxId, subject.runForever)
      assert.equal((await runtime.containerStatus(id))?.state, 'running')
      await runtime.stopSandbox(sandboxId)
      await runtime.removeSandbox(sandboxId)
      assert.equal(await runtime.containerStatus(id), undefined)
      assert.ok(!(await runtime.listContainers()).some(container => container.id === id))
    })

    test('tells by an event that a container stopped', async () => {
      const { runtime } = subject
      const sandbox = sandboxOf('e')
      const sandboxId = await runtime.runSandbox(sandbox)
      const listening = new AbortController()
      const seen: string[] = []
      const following = (async () => {
        for await (const event of runtime.events(listening.signal)) if (event.type === 'stopped') seen.push(event.containerId)
      })()
      const id = await started(sandbox, sandboxId, subject.runForever)
      const stop = runtime.stopContainer(id, 1)
      await subject.until(async () => seen.includes(id))
      await stop
      listening.abort()
      await following
      await runtime.removeSandbox(sandboxId)
    })

    test('refuses what does not exist, as RuntimeErrors', async () => {
      const { runtime } = subject
      const sandbox = sandboxOf('f')
      const sandboxId = await runtime.runSandbox(sandbox)
      const unknown = containerOf(
        sandbox,
        subject.runForever,
        'sha256:0000000000000000000000000000000000000000000000000000000000000000',
        'unknown:1',
      )
      await assert.rejects(runtime.createContainer(sandboxId, unknown, sandbox), RuntimeError)
      await assert.rejects(
        runtime.startContainer('no-such-container'),
        (error: unknown) => error instanceof RuntimeError && error.reason === 'NotFound',
      )
      await assert.rejects(runtime.execSync('no-such-container', ['true'], 1), RuntimeError)
      assert.equal(await runtime.containerStatus('no-such-container'), undefined)
      assert.equal(await runtime.sandboxStatus('no-such-sandbox'), undefined)
      assert.equal(await runtime.imageStatus('no-such-image-anywhere:1'), undefined)
      await runtime.removeSandbox(sandboxId)
    })

    test('executes a command in a running container', async () => {
      const { runtime } = subject
      const sandbox = sandboxOf('g')
      const sandboxId = await runtime.runSandbox(sandbox)
      const id = await started(sandbox, sandboxId, subject.runForever)
      assert.equal((await runtime.execSync(id, ['true'], 10)).exitCode, 0)
      assert.ok((await runtime.containerStats()).some(stats => stats.id === id && stats.podUid === 'g'))
      const images = await runtime.imageFilesystem()
      assert.ok(images === undefined || (images.mountpoint.startsWith('/') && images.used_bytes >= 0))
      await runtime.removeSandbox(sandboxId)
    })
  })
}
