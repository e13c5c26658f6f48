import assert from 'node:assert/strict'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Duplex } from 'node:stream'
import { after, before, beforeEach, describe, it } from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { WebSocket } from 'ws'
import { createMetrics, silentLogger, systemClock } from '../../base/index.ts'
import { type NodeAttributes, type NodePod, type NodeServer, type NodeServerOptions, type NodeUser, startNodeServer } from './index.ts'
import { type SpdyConnection, spdyConnection } from './spdy/index.ts'
import { createTestCertificates, type TestCertificates } from './test-support/certificates.ts'
import { type FakeRuntime, fakeRuntime } from './test-support/fake-runtime.ts'
import { clientFrames } from './test-support/websocket-frames.ts'

const text = (stream: ReadableStream<Uint8Array>) => new Response(stream).text()
const endless = { written: 0 }

const commands: Parameters<typeof fakeRuntime>[0] = {
  async cat({ stdin, stdout }) {
    for await (const part of stdin) await stdout.write(part)
    return 0
  },
  async fail({ stdout, stderr }) {
    await stdout.write(Buffer.from('out'))
    await stderr.write(Buffer.from('err'))
    return 3
  },
  async size({ size, stdout }) {
    const { width, height } = await size
    await stdout.write(Buffer.from(`${height} ${width}`))
    return 0
  },
  async yes({ stdout }) {
    for (endless.written = 0; ; endless.written += 16_384) await stdout.write(Buffer.alloc(16_384))
  },
  async attached({ stdout }) {
    await stdout.write(Buffer.from('running'))
    return 0
  },
}

/** As the kernel counts it: CPU time passes from one reading to the next. */
let counted_ns = 0
const count = () => {
  counted_ns += 1e6
  return counted_ns
}
const groups = ['/proa/pods', '/proa/pods/one', '/proa/pods/one/c1']
const controlGroups: NonNullable<NodeServerOptions['controlGroups']> = {
  usage: async path =>
    groups.includes(path)
      ? {
          cpuUsage_ns: count(),
          memoryUsage_bytes: 900,
          memoryWorkingSet_bytes: 600,
          memoryResident_bytes: 400,
          pageFaults: 12,
          majorPageFaults: 3,
          memoryLimit_bytes: path.endsWith('c1') ? 1000 : undefined,
          processes: 2,
        }
      : undefined,
  interfaces: async path =>
    path === '/proa/pods/one/s1' ? [{ name: 'eth0', received_bytes: 1, receiveErrors: 2, sent_bytes: 3, sendErrors: 4 }] : undefined,
}

describe("the node's server", () => {
  let certificates: TestCertificates
  let server: NodeServer
  let fake: FakeRuntime
  let folder: string
  let asked: { user: NodeUser; attributes: NodeAttributes }[] = []
  let allowed: (attributes: NodeAttributes) => boolean = () => true
  const pods = new Map<string, NodePod>()
  const metrics = createMetrics()
  const probes = metrics.counter('prober_probe_total', 'Probes.')

  before(async () => {
    certificates = await createTestCertificates()
    folder = mkdtempSync(path.join(tmpdir(), 'proa-node-server-'))
    fake = fakeRuntime(commands)
    fake.containers.set('c1', {
      id: 'c1',
      sandboxId: 's1',
      name: 'main',
      attempt: 0,
      state: 'running',
      createdAt_ms: 0,
      image: '',
      imageId: '',
      labels: {},
      annotations: {},
      logPath: path.join(folder, '0.log'),
    })
    pods.set('default/web', {
      sandboxId: 's1',
      controlGroup: '/proa/pods/one',
      pod: {
        metadata: { name: 'web', namespace: 'default', uid: 'uid-1' },
        spec: { containers: [{ name: 'main' }, { name: 'waiting' }, { name: 'pulling' }] },
        status: {
          startTime: '2026-01-01T00:00:00Z',
          containerStatuses: [
            { name: 'main', image: 'nginx:1', containerID: 'containerd://c1', state: { running: {} } },
            { name: 'waiting', state: { waiting: { reason: 'ContainerCreating' } } },
            { name: 'pulling', state: { waiting: { reason: 'ImagePullBackOff' } } },
          ],
        },
      },
    })
    server = await startNodeServer({
      nodeName: 'node-1',
      host: '127.0.0.1',
      port: 0,
      tls: { ...certificates.server, clientAuthority: certificates.authority },
      authenticateToken: async token => (token === 'good' ? { username: 'alice', groups: ['team'] } : undefined),
      authorize: async (user, attributes) => {
        asked.push({ user, attributes })
        return { allowed: allowed(attributes), reason: '' }
      },
      pods: { list: () => [...pods.values()], get: (namespace, name) => pods.get(`${namespace}/${name}`) },
      runtime: fake.runtime,
      clock: systemClock(),
      logger: silentLogger,
      metrics,
      controlGroups,
      podsControlGroup: '/proa/pods',
      systemProcesses: () => ({ kubelet: process.pid, runtime: 2 ** 22 + 1 }),
      podsDirectory: folder,
      logFolder: path.join(folder, 'var-log'),
      nodeUsage: async () => ({
        cpuUsage_ns: 5e9,
        memoryUsage_bytes: 4000,
        memoryWorkingSet_bytes: 3000,
        memoryAvailable_bytes: 1000,
        memoryResident_bytes: 2000,
        pageFaults: 20,
        majorPageFaults: 2,
        interfaces: [{ name: 'eth0', received_bytes: 10, receiveErrors: 0, sent_bytes: 11, sendErrors: 1 }],
        processes: 30,
        processesMaximum: 4000,
        bootTime_ms: 0,
      }),
    })
  })
  after(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })
  beforeEach(() => {
    asked = []
    allowed = () => true
  })

  const withToken = { authorization: 'Bearer good' }
  const options = () => ({ host: '127.0.0.1', port: server.port, ca: certificates.authority, agent: false as const, headers: withToken })
  const request = async (target: string, changes: https.RequestOptions = {}) => {
    const outgoing = https.request({ ...options(), path: target, ...changes }).end()
    const [response] = await once(outgoing, 'response')
    let body = ''
    for await (const part of response) body += part
    return { status: response.statusCode as number, body, type: response.headers['content-type'] as string }
  }

  const redirectOf = async (target: string) => {
    const [response] = await once(https.request({ ...options(), path: target }).end(), 'response')
    response.resume()
    return [response.statusCode, response.headers.location]
  }

  describe('who may', () => {
    it('answers nobody that it does not know', async () => {
      for (const headers of [{}, { authorization: 'Bearer bad' }])
        assert.deepEqual(await request('/pods', { headers }), { status: 401, body: 'Unauthorized', type: 'text/plain; charset=utf-8' })
      const { key, certificate } = certificates.stranger
      assert.equal((await request('/pods', { headers: {}, key, cert: certificate })).status, 401)
      assert.deepEqual(asked, [])
    })

    it('knows the bearer of a token and of a certificate', async () => {
      await request('/stats/summary')
      assert.deepEqual(asked, [
        {
          user: { username: 'alice', groups: ['team'] },
          attributes: { verb: 'get', resource: 'nodes', subresource: 'stats', name: 'node-1', path: '/stats/summary' },
        },
      ])
      const { key, certificate } = certificates.client
      await request('/pods', { headers: {}, key, cert: certificate })
      assert.deepEqual(asked[1]?.user, { username: 'kube-apiserver', groups: ['system:masters', 'second', 'system:authenticated'] })
    })

    it('asks for the finer right, then for the one that includes all', async () => {
      allowed = ({ subresource }) => subresource === 'proxy'
      assert.equal((await request('/pods')).status, 200)
      assert.deepEqual(
        asked.map(({ attributes }) => attributes.subresource),
        ['pods', 'proxy'],
      )
      allowed = () => false
      assert.deepEqual(
        (await request('/containerLogs/default/web/main')).body,
        'Forbidden (user=alice, verb=get, resource=nodes, subresource(s)=[proxy])',
      )
    })

    it('asks before it upgrades', async () => {
      allowed = () => false
      await assert.rejects(spdy('/exec/default/web/main?command=cat&output=1', 'v4.channel.k8s.io'), /403 Forbidden/)
      assert.equal(asked[0]?.attributes.verb, 'create')
    })
  })

  describe('plain requests', () => {
    it('says that it is well, and what it runs', async () => {
      assert.equal((await request('/healthz')).body, 'ok')
      const list = JSON.parse((await request('/pods')).body)
      assert.deepEqual([list.kind, list.items[0].metadata.name], ['PodList', 'web'])
      assert.equal((await request('/nothing')).status, 404)
      assert.equal((await request('/pods', { method: 'DELETE' })).status, 405)
      assert.equal((await request('/exec/default/web/main?command=cat&output=1', { method: 'POST' })).status, 400)
    })

    it('tells which pods run', async () => {
      pods.set('default/over', { sandboxId: undefined, pod: { metadata: { name: 'over', namespace: 'default', uid: 'uid-2' } } })
      try {
        const { kind, items } = JSON.parse((await request('/runningpods/')).body)
        assert.deepEqual([kind, items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)], ['PodList', ['web']])
      } finally {
        pods.delete('default/over')
      }
    })

    it("shows the machine's log folder, and nothing beside it", async () => {
      const logs = path.join(folder, 'var-log')
      mkdirSync(path.join(logs, 'pods & more'), { recursive: true })
      writeFileSync(path.join(logs, 'syslog'), 'one\ntwo\n')
      writeFileSync(path.join(logs, 'old.gz'), Buffer.from([0x1f, 0x8b, 8, 0]))
      writeFileSync(path.join(folder, 'secret'), 'hidden')
      const page = await request('/logs/')
      assert.deepEqual([page.status, page.type], [200, 'text/html; charset=utf-8'])
      assert.deepEqual(page.body.match(/<a .*/g), [
        '<a href="old.gz">old.gz</a>',
        '<a href="pods%20%26%20more/">pods &amp; more/</a>',
        '<a href="syslog">syslog</a>',
      ])
      assert.deepEqual(await request('/logs/syslog'), { status: 200, body: 'one\ntwo\n', type: 'text/plain; charset=utf-8' })
      assert.equal((await request('/logs/syslog', { method: 'HEAD' })).body, '')
      assert.equal((await request('/logs/old.gz')).type, 'application/octet-stream')
      for (const [from, to] of [
        ['/logs', 'logs/'],
        ['/logs/pods%20&%20more', 'pods%20&%20more/'],
        ['/logs/syslog/', '../syslog'],
      ] as const)
        assert.deepEqual(await redirectOf(from), [301, to])
      for (const hidden of [
        '/logs/../secret',
        '/logs/%2e%2e/secret',
        '/logs/..%2fsecret',
        '/logs/x%2f..%2f..%2fsecret',
        '/logs/none',
        '/logs/a%00',
      ])
        assert.equal((await request(hidden)).status, 404, hidden)
    })

    it('tells usage', async () => {
      const summary = JSON.parse((await request('/stats/summary')).body)
      assert.equal(summary.node.memory.workingSetBytes, 3000)
      assert.equal(summary.pods[0].podRef.name, 'web')
      const metrics = (await request('/metrics/resource')).body
      assert.match(metrics, /^container_cpu_usage_seconds_total\{container="main",namespace="default",pod="web"\} 2.5 1000$/m)
      assert.match(metrics, /^pod_memory_working_set_bytes\{namespace="default",pod="web"\} 200 1000$/m)
      assert.match(metrics, /^node_cpu_usage_seconds_total 5 \d+$/m)
      assert.match(
        (await request('/metrics/cadvisor')).body,
        /^container_memory_usage_bytes\{container="main",id="c1",image="nginx:1",.*\} 300 1000$/m,
      )
    })

    it('tells at once all that programs of Go read without a look whether it is there', async () => {
      const { node, pods } = JSON.parse((await request('/stats/summary')).body)
      const [pod] = pods
      const [container] = pod.containers
      const names = ['pageFaults', 'majorPageFaults', 'rssBytes', 'workingSetBytes', 'usageBytes', 'availableBytes']
      const memory = (of: { memory: Record<string, number> }) => names.map(name => of.memory[name])
      assert.deepEqual(memory(container), [12, 3, 400, 600, 900, 400])
      assert.deepEqual(memory(pod), [12, 3, 400, 600, 900, undefined])
      assert.deepEqual(memory(node), [20, 2, 2000, 3000, 4000, 1000])
      for (const { cpu } of [container, pod, node]) assert.equal(typeof cpu.usageNanoCores, 'number')
      assert.ok(container.cpu.usageNanoCores > 0 && container.cpu.usageCoreNanoSeconds > 0)
      const { time: _, interfaces, ...first } = pod.network
      assert.deepEqual(first, { name: 'eth0', rxBytes: 1, rxErrors: 2, txBytes: 3, txErrors: 4 })
      assert.deepEqual(interfaces, [first])
      assert.deepEqual(pod.process_stats, { process_count: 2 })
      assert.equal(node.network.interfaces[0].txErrors, 1)
      const system = node.systemContainers as { name: string; memory: { rssBytes: number } }[]
      assert.deepEqual(
        system.map(({ name }) => name),
        ['kubelet', 'pods'],
      )
      assert.ok(Number(system[0]?.memory.rssBytes) > 1e6)
      assert.deepEqual([node.rlimit.maxpid, node.rlimit.curproc], [4000, 30])
      assert.ok(node.fs.capacityBytes > node.fs.availableBytes)
      assert.equal(node.runtime.imageFs.usedBytes, 700)
      assert.ok(node.runtime.imageFs.capacityBytes > 0)
    })

    it('tells of a pod without control groups what the runtime says of it', async () => {
      const { controlGroup: _, ...rest } = pods.get('default/web') as NodePod
      const before = pods.get('default/web') as NodePod
      pods.set('default/web', rest)
      try {
        const [{ containers, memory, network }] = JSON.parse((await request('/stats/summary')).body).pods
        assert.deepEqual([containers[0].cpu.usageCoreNanoSeconds, containers[0].memory.rssBytes], [2.5e9, 150])
        assert.deepEqual([memory.rssBytes, memory.pageFaults, network], [150, undefined, undefined])
      } finally {
        pods.set('default/web', before)
      }
    })

    it('tells counts of probes apart from the rest', async () => {
      probes.add({ pod: 'web' })
      assert.match((await request('/metrics/probes')).body, /^prober_probe_total\{pod="web"\} 1$/m)
      assert.doesNotMatch((await request('/metrics')).body, /prober/)
    })
  })

  describe('logs', () => {
    const line = (content: string) => `2026-01-01T00:00:00Z stdout F ${content}\n`

    it('are read with the options of the query', async () => {
      writeFileSync(path.join(folder, '0.log'), line('one') + line('two'))
      assert.deepEqual(await request('/containerLogs/default/web/main'), { status: 200, body: 'one\ntwo\n', type: 'text/plain' })
      assert.equal((await request('/containerLogs/default/web/main?tailLines=1')).body, 'two\n')
      assert.equal((await request('/containerLogs/default/web/main?tailLines=x')).status, 422)
    })

    it("say in upstream's words why there are none", async () => {
      const cases: readonly [string, number, string][] = [
        ['default/none/main', 404, 'pod does not exist'],
        ['default/web/other', 404, 'container "other" not found in pod "web"'],
        ['default/web/waiting', 400, 'container "waiting" in pod "web" is waiting to start: ContainerCreating'],
        ['default/web/pulling', 400, 'container "pulling" in pod "web" is waiting to start: trying and failing to pull image'],
        ['default/web/main?previous=true', 400, 'previous terminated container "main" in pod "web" not found'],
      ]
      for (const [target, status, body] of cases) {
        const answer = await request(`/containerLogs/${target}`)
        assert.deepEqual([answer.status, answer.body], [status, body])
      }
    })

    it('are followed until the container ends', async () => {
      writeFileSync(path.join(folder, '0.log'), line('one'))
      const outgoing = https.request({ ...options(), path: '/containerLogs/default/web/main?follow=true' }).end()
      const [response] = await once(outgoing, 'response')
      const parts = response[Symbol.asyncIterator]()
      assert.equal(String((await parts.next()).value), 'one\n')
      appendFileSync(path.join(folder, '0.log'), line('two'))
      assert.equal(String((await parts.next()).value), 'two\n')
      appendFileSync(path.join(folder, '0.log'), line('last'))
      const running = fake.containers.get('c1')
      assert.ok(running)
      fake.containers.set('c1', { ...running, state: 'exited' })
      fake.emit({ type: 'stopped', containerId: 'c1' })
      let rest = ''
      for await (const part of { [Symbol.asyncIterator]: () => parts }) rest += part
      assert.equal(rest, 'last\n')
      fake.containers.set('c1', running)
    })
  })

  const spdy = async (target: string, protocol: string | undefined): Promise<SpdyConnection> => {
    const headers = { ...withToken, connection: 'Upgrade', upgrade: 'SPDY/3.1', ...(protocol && { 'x-stream-protocol-version': protocol }) }
    const outgoing = https.request({ ...options(), method: 'POST', path: target, headers }).end()
    return new Promise((resolve, reject) => {
      outgoing.on('upgrade', (response, socket: Duplex, head) => {
        assert.equal(response.headers['x-stream-protocol-version'], protocol?.split(',')[0])
        resolve(spdyConnection(socket, { role: 'client', head }))
      })
      outgoing.on('response', async response => {
        let body = ''
        for await (const part of response) body += part
        reject(new Error(`${response.statusCode} ${body} ${response.headers['x-accepted-stream-protocol-versions'] ?? ''}`))
      })
      outgoing.on('error', reject)
    })
  }
  const webSocket = async (target: string, protocols: string[]): Promise<WebSocket> => {
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}${target}`, protocols, { ca: certificates.authority, headers: withToken })
    await once(socket, 'open')
    return socket
  }
  /** Everything that comes until the socket closes, by channel. */
  const channels = async (socket: WebSocket, base64 = false): Promise<Record<number, string>> => {
    const received: Record<number, string> = {}
    socket.on('message', (data: Buffer) => {
      const channel = base64 ? Number(String(data.subarray(0, 1))) : (data[0] as number)
      const part = base64 ? Buffer.from(String(data.subarray(1)), 'base64') : data.subarray(1)
      received[channel] = (received[channel] ?? '') + part
    })
    const [code] = await once(socket, 'close')
    assert.equal(code, 1000)
    return received
  }
  const failed = (status: string | undefined) => JSON.parse(status ?? '').details.causes

  describe('exec over WebSocket', () => {
    it('speaks v5: outputs apart, exit code, end of input', async () => {
      const failing = await channels(await webSocket('/exec/default/web/main?command=fail&output=1&error=1', ['v5.channel.k8s.io']))
      assert.deepEqual([failing[1], failing[2]], ['out', 'err'])
      assert.deepEqual(failed(failing[3]), [{ reason: 'ExitCode', message: '3' }])

      const socket = await webSocket('/exec/default/web/main?command=cat&input=1&output=1', ['v5.channel.k8s.io'])
      const received = channels(socket)
      socket.send(Buffer.from('\0to the '))
      socket.send(Buffer.from('\0end'))
      socket.send(Buffer.from([255, 0]))
      assert.deepEqual(await received, { 1: 'to the end', 3: '{"metadata":{},"status":"Success"}' })
    })

    it('puts each message in a TLS record of its own', async () => {
      const socket = tlsConnect({ port: server.port, host: '127.0.0.1', ca: certificates.authority, servername: '' })
      const closeFrame = Buffer.from([0x88, 2, 1000 >> 8, 1000 & 0xff])
      const pieces: Buffer[] = []
      // Node hands over record by record.
      const closed = new Promise<void>(resolve =>
        socket.on('data', (piece: Buffer) => {
          pieces.push(piece)
          if (piece.includes(closeFrame)) resolve()
        }),
      )
      const key = 'sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA=='
      const protocol = 'sec-websocket-protocol: v4.channel.k8s.io'
      const asked = `host: x\r\nauthorization: ${withToken.authorization}\r\nconnection: upgrade\r\nupgrade: websocket\r\n${key}\r\n${protocol}`
      socket.write(`GET /exec/default/web/main?command=fail&output=1&error=1 HTTP/1.1\r\n${asked}\r\n\r\n`)
      await closed
      socket.destroy()
      const [head, ...frames] = pieces
      assert.match(String(head), /^HTTP\/1.1 101 .*\r\n\r\n$/s)
      assert.deepEqual(
        frames.slice(0, 3).map(frame => frame.subarray(1).toString('latin1')),
        ['\x01\x01', '\x04\x01out', '\x04\x02err'],
      )
      assert.equal(frames.length, 5)
    })

    it('speaks v4, its base64 form, and the oldest one', async () => {
      const v4 = await channels(await webSocket('/exec/default/web/main?command=fail&stdout=true&stderr=true', ['v4.channel.k8s.io']))
      assert.deepEqual(failed(v4[3]), [{ reason: 'ExitCode', message: '3' }])
      const base64 = await webSocket('/exec/default/web/main?command=fail&output=1&error=1', ['v4.base64.channel.k8s.io'])
      const received = await channels(base64, true)
      assert.deepEqual([received[1], received[2]], ['out', 'err'])
      const oldest = await channels(await webSocket('/exec/default/web/main?command=fail&output=1&error=1', ['channel.k8s.io']))
      assert.equal(oldest[3], 'command terminated with non-zero exit code: exit status 3')
    })

    it('takes the first protocol of the client that it speaks', async () => {
      const socket = await webSocket('/exec/default/web/main?command=fail&output=1', [
        'v9.channel.k8s.io',
        'v4.channel.k8s.io',
        'v5.channel.k8s.io',
      ])
      assert.equal(socket.protocol, 'v4.channel.k8s.io')
      await channels(socket)
      await assert.rejects(webSocket('/exec/default/web/main?command=fail&output=1', ['v9.channel.k8s.io']), /403/)
    })

    it('passes on the size of a terminal', async () => {
      const socket = await webSocket('/exec/default/web/main?command=size&input=1&output=1&tty=1', ['v5.channel.k8s.io'])
      const received = channels(socket)
      socket.send(Buffer.from('\x04{"Width":80,"Height":24}'))
      assert.equal((await received)[1], '24 80')
    })

    it('makes a command wait for a client that does not read, and ends with it', async () => {
      const socket = await webSocket('/exec/default/web/main?command=yes&output=1', ['v5.channel.k8s.io'])
      await once(socket, 'message')
      socket.pause()
      let before = -1
      // Until nothing moves any more: buffers of sockets are the kernel's business, endless they are not.
      for (let still = 0; still < 50; ) {
        await systemClock().yield()
        still = endless.written === before ? still + 1 : 0
        before = endless.written
      }
      assert.ok(endless.written < 64 * 2 ** 20)
      socket.terminate()
      await fake.streamClosed()
    })

    it('takes commands as long as scripts', async () => {
      const script = 'x'.repeat(100_000)
      await channels(await webSocket(`/exec/default/web/main?command=fail&command=${script}&output=1`, ['v5.channel.k8s.io']))
      assert.deepEqual(fake.requests.at(-1)?.request.command, ['fail', script])
    })

    it('refuses what the request says wrong', async () => {
      const cases: readonly [string, RegExp][] = [
        ['/exec/default/none/main?command=cat&output=1', /404/],
        ['/exec/default/web/uid-2/main?command=cat&output=1', /404/],
        ['/exec/default/web/waiting?command=cat&output=1', /500/],
        ['/exec/default/web/main?command=cat', /400/],
        ['/exec/default/web/main?output=1', /400/],
        ['/exec/default/web/main?command=none&output=1', /500/],
        ['/pods', /400/],
      ]
      for (const [target, expected] of cases) await assert.rejects(webSocket(target, ['v5.channel.k8s.io']), expected)
    })
  })

  describe('exec and attach over SPDY', () => {
    it('speaks v4 with half-closed input', async () => {
      const connection = await spdy('/exec/default/web/uid-1/main?command=cat&input=1&output=1', 'v4.channel.k8s.io,v3.channel.k8s.io')
      const [error, stdin, stdout] = ['error', 'stdin', 'stdout'].map(streamtype => connection.open({ streamType: streamtype }))
      const writer = stdin?.writable.getWriter()
      await writer?.write(Buffer.from('over SPDY'))
      await writer?.close()
      assert.equal(await text(stdout?.readable as ReadableStream), 'over SPDY')
      assert.deepEqual(JSON.parse(await text(error?.readable as ReadableStream)), { metadata: {}, status: 'Success' })
      await connection.closed
    })

    it('speaks the oldest form: plain text, and only for failures', async () => {
      const connection = await spdy('/exec/default/web/main?command=fail&output=1', undefined)
      const [error, stdout] = ['error', 'stdout'].map(streamtype => connection.open({ streamtype }))
      assert.equal(await text(stdout?.readable as ReadableStream), 'out')
      assert.match(await text(error?.readable as ReadableStream), /^command terminated/)
    })

    it('names what it speaks to who speaks none of it', async () => {
      await assert.rejects(
        spdy('/exec/default/web/main?command=cat&output=1', 'v9.channel.k8s.io'),
        /403 unable to upgrade: unable to negotiate protocol: client supports \[v9.channel.k8s.io\], server accepts \[v4.channel.k8s.io .*\].*v4.channel.k8s.io/,
      )
    })

    it('attaches', async () => {
      const connection = await spdy('/attach/default/web/main?output=1', 'v4.channel.k8s.io')
      const [error, stdout] = ['error', 'stdout'].map(streamtype => connection.open({ streamtype }))
      assert.equal(await text(stdout?.readable as ReadableStream), 'running')
      await text(error?.readable as ReadableStream)
      assert.deepEqual(fake.requests.at(-1), {
        kind: 'attach',
        id: 'c1',
        request: { stdin: false, stdout: true, stderr: false, tty: false },
      })
    })
  })

  describe('port forwarding', () => {
    const forward = async (connection: SpdyConnection, port: string, requestid: string) => {
      const error = connection.open({ streamtype: 'error', port, requestid })
      await error.writable.close()
      const data = connection.open({ streamtype: 'data', port, requestid })
      const writer = data.writable.getWriter()
      await writer.write(Buffer.from(`connection ${requestid}`)).catch(() => {})
      await writer.close().catch(() => {})
      return { data: await text(data.readable), error: await text(error.readable) }
    }
    const checkConnection = async (connection: SpdyConnection) => {
      const answers = await Promise.all(['0', '1', '2'].map(id => forward(connection, '8080', id)))
      assert.deepEqual(
        answers,
        ['0', '1', '2'].map(id => ({ data: `connection ${id}`, error: '' })),
      )
      assert.deepEqual(await forward(connection, '9', '3'), { data: '', error: 'error forwarding port 9: connection refused' })
      assert.deepEqual(await forward(connection, '8080', '4'), { data: 'connection 4', error: '' })
      connection.close()
      await connection.closed
    }

    it('speaks SPDY, many connections over one', async () => {
      await checkConnection(await spdy('/portForward/default/web', 'portforward.k8s.io'))
      await checkConnection(await spdy('/portForward/default/web', undefined))
    })

    it('speaks SPDY within a WebSocket', async () => {
      const protocol = 'SPDY/3.1+portforward.k8s.io'
      const outgoing = https
        .request({
          ...options(),
          path: '/portForward/default/web',
          headers: {
            ...withToken,
            connection: 'Upgrade',
            upgrade: 'websocket',
            'sec-websocket-version': '13',
            'sec-websocket-key': Buffer.alloc(16).toString('base64'),
            'sec-websocket-protocol': protocol,
          },
        })
        .end()
      const [response, socket, head] = await once(outgoing, 'upgrade')
      assert.equal(response.headers['sec-websocket-protocol'], protocol)
      await checkConnection(spdyConnection(clientFrames(socket, head), { role: 'client' }))
    })

    it('speaks channels, two for each port', async () => {
      const socket = await webSocket('/portForward/default/web?port=8080&port=9', ['v4.channel.k8s.io'])
      const received: Record<number, Buffer> = {}
      const echoed = Promise.withResolvers<void>()
      socket.on('message', (data: Buffer) => {
        const channel = data[0] as number
        received[channel] = Buffer.concat([received[channel] ?? Buffer.alloc(0), data.subarray(1)])
        if (received[0]?.includes('hello') && received[3]?.includes('refused')) echoed.resolve()
      })
      socket.send(Buffer.from('\0hello'))
      await echoed.promise
      assert.deepEqual([received[0]?.readUInt16LE(), String(received[0]?.subarray(2))], [8080, 'hello'])
      assert.deepEqual([received[3]?.readUInt16LE(), String(received[3]?.subarray(2))], [9, 'error forwarding port 9: connection refused'])
      socket.close(1000)
      await fake.streamClosed()
    })

    it('refuses ports that are none', async () => {
      await assert.rejects(webSocket('/portForward/default/web?port=0', ['v4.channel.k8s.io']), /400/)
      await assert.rejects(webSocket('/portForward/default/web', ['v4.channel.k8s.io']), /400/)
    })
  })
})
