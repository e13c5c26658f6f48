import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { containerOf, forever, idle, observePods, type PodObserver, pod, shell } from '../support/pods.ts'
import {
  cannotRunContainers,
  eventually,
  noteRealContainers,
  patiently,
  type RealCluster,
  runProgram,
  startProgram,
  startRealCluster,
} from '../support/real-cluster.ts'

const namespace = 'node-tests'
const inNamespace = ['-n', namespace]
/** Of probes that are about something else: a busy machine takes seconds for what should be milliseconds. */
const timeoutSeconds = 60

describe('what a node does with pods', { skip: cannotRunContainers ?? false, concurrency: 2 }, () => {
  let cluster: RealCluster
  let pods: PodObserver
  /** A directory of the machine that pods mount, to leave notes that outlive them. */
  const shared = mkdtempSync(join(tmpdir(), 'proa-node-tests-'))
  before(async () => {
    cluster = await startRealCluster('node-tests', ['busybox', 'nginx'])
    pods = observePods(cluster, namespace)
    await cluster.read('create', 'namespace', namespace)
  })
  after(async () => {
    await cluster?.remove()
    rmSync(shared, { recursive: true, force: true })
  })

  const kubectl = (...words: string[]) => cluster.read(...inNamespace, ...words)
  const tryKubectl = (...words: string[]) => cluster.kubectl(...inNamespace, ...words)
  const apply = (...objects: object[]) => cluster.applyObjects(inNamespace, objects)
  const inside = (name: string, script: string) => kubectl('exec', name, '--', 'sh', '-c', script)
  const real = (name: string, run: (context: TestContext) => Promise<void>) =>
    test(name, async context => {
      await run(context)
      noteRealContainers(context)
    })
  const sharedVolume = { name: 'shared', hostPath: { path: shared, type: 'Directory' } }
  const sharedMount = { name: 'shared', mountPath: '/shared' }

  describe('lives of containers', { concurrency: 2 }, () => {
    real('init containers run one after the other, sidecars start among them and go on', async () => {
      const volumeMounts = [{ name: 'notes', mountPath: '/notes' }]
      const note = (word: string) => `echo ${word} >> /notes/order`
      await apply(
        pod('initialized', [shell('main', `${note('main')}; ${forever}`, { volumeMounts })], {
          volumes: [{ name: 'notes', emptyDir: {} }],
          initContainers: [
            shell('first', `sleep 0.3; ${note('first')}`, { volumeMounts }),
            shell('sidecar', `sleep 0.3; ${note('sidecar')}; touch /notes/started; ${forever}`, {
              volumeMounts,
              restartPolicy: 'Always',
              startupProbe: { exec: { command: ['cat', '/notes/started'] }, periodSeconds: 1, timeoutSeconds, failureThreshold: 120 },
            }),
            shell('second', note('second'), { volumeMounts }),
          ],
        }),
      )
      const observed = await pods.ready('initialized')
      assert.equal(await inside('initialized', 'cat /notes/order'), 'first\nsidecar\nsecond\nmain\n')
      assert.equal(containerOf(observed, 'first').state.terminated?.reason, 'Completed')
      assert.ok(containerOf(observed, 'sidecar').state.running)
      assert.match(await kubectl('get', 'pod', 'initialized', '--no-headers'), /^initialized\s+2\/2\s+Running\s+0\s/)
    })

    real('a pod whose main container is done ends its sidecars and succeeds', async () => {
      await apply(
        pod('sided', [shell('main', 'sleep 0.5')], {
          restartPolicy: 'Never',
          initContainers: [shell('sidecar', forever, { restartPolicy: 'Always' })],
        }),
      )
      const observed = await pods.phase('sided', 'Succeeded')
      assert.equal(containerOf(observed, 'main').state.terminated?.exitCode, 0)
      await pods.until('sided', 'has ended its sidecar', one => containerOf(one, 'sidecar').state.terminated !== undefined)
    })

    real('a failing init container keeps the others from starting', async () => {
      await apply(
        pod('init-fails', [shell('main', forever)], { restartPolicy: 'Never', initContainers: [shell('broken', 'exit 4')] }),
        pod('init-retries', [shell('main', forever)], { initContainers: [shell('broken', 'exit 4')] }),
      )
      const failed = await pods.phase('init-fails', 'Failed')
      assert.equal(containerOf(failed, 'broken').state.terminated?.exitCode, 4)
      assert.equal(containerOf(failed, 'main').state.waiting?.reason, 'PodInitializing')
      await pods.until(
        'init-retries',
        'waits before it retries',
        one => containerOf(one, 'broken').state.waiting?.reason === 'CrashLoopBackOff',
      )
      await eventually(
        'the column says so',
        60_000,
        () => kubectl('get', 'pod', 'init-retries', '--no-headers'),
        text => /Init:CrashLoopBackOff/.test(text),
      )
    })

    real('restart policies decide what happens to a container that ended', async () => {
      const once = (code: number) => `if [ -e /notes/again ]; then ${forever}; else touch /notes/again; exit ${code}; fi`
      const notes = { volumes: [{ name: 'notes', emptyDir: {} }] }
      const volumeMounts = [{ name: 'notes', mountPath: '/notes' }]
      await apply(
        pod('never-done', [shell('main', 'exit 0')], { restartPolicy: 'Never' }),
        pod('never-failed', [shell('main', 'echo -n the reason > /dev/termination-log; exit 3')], { restartPolicy: 'Never' }),
        pod('on-failure-done', [shell('main', 'exit 0')], { restartPolicy: 'OnFailure' }),
        pod('on-failure-again', [shell('main', once(7), { volumeMounts })], { restartPolicy: 'OnFailure', ...notes }),
        pod('always-again', [shell('main', once(0), { volumeMounts })], { restartPolicy: 'Always', ...notes }),
      )
      await pods.phase('never-done', 'Succeeded')
      await pods.phase('on-failure-done', 'Succeeded')
      const failed = containerOf(await pods.phase('never-failed', 'Failed'), 'main')
      const { exitCode, reason, message } = failed.state.terminated ?? {}
      assert.deepEqual(
        { exitCode, reason, message, restarts: failed.restartCount },
        { exitCode: 3, reason: 'Error', message: 'the reason', restarts: 0 },
      )
      for (const [name, code] of [
        ['on-failure-again', 7],
        ['always-again', 0],
      ] as const) {
        const again = await pods.until(name, 'runs again', one => {
          const status = one.status.containerStatuses?.[0]
          return status?.restartCount === 1 && status.state.running !== undefined
        })
        assert.equal(containerOf(again, 'main').lastState.terminated?.exitCode, code)
      }
    })

    real('postStart and preStop run inside the container; one that fails is an event', async () => {
      await apply(
        pod(
          'hooked',
          [
            shell('main', `trap 'echo term >> /shared/hooks; exit 0' TERM; ${idle}`, {
              volumeMounts: [sharedMount],
              lifecycle: {
                postStart: { exec: { command: ['sh', '-c', 'echo started >> /shared/hooks'] } },
                preStop: { exec: { command: ['sh', '-c', 'echo stopping >> /shared/hooks; sleep 0.5'] } },
              },
            }),
          ],
          { volumes: [sharedVolume], terminationGracePeriodSeconds: 20 },
        ),
        pod('hook-fails', [shell('main', forever, { lifecycle: { postStart: { exec: { command: ['sh', '-c', 'exit 9'] } } } })]),
      )
      await pods.ready('hooked')
      await kubectl('delete', 'pod', 'hooked', patiently)
      assert.equal(readFileSync(join(shared, 'hooks'), 'utf8'), 'started\nstopping\nterm\n')
      const events = await eventually(
        'the event',
        60_000,
        () => pods.events('hook-fails', 'FailedPostStartHook'),
        list => list.length > 0,
      )
      assert.match(events[0] as string, /PostStartHook failed/)
      await kubectl('delete', 'pod', 'hook-fails', '--wait=false')
    })

    real('a container has its grace period to end, and not longer', async () => {
      await apply(
        pod(
          'takes-leave',
          [
            shell('main', `trap 'sleep 1; echo good bye > /shared/leave; exit 0' TERM; ${idle}`, {
              volumeMounts: [sharedMount],
            }),
          ],
          {
            volumes: [sharedVolume],
            terminationGracePeriodSeconds: 30,
          },
        ),
        pod('stays', [shell('main', `trap 'echo not yet' TERM; ${idle}`)], { terminationGracePeriodSeconds: 1 }),
      )
      await Promise.all(['takes-leave', 'stays'].map(pods.ready))
      await kubectl('delete', 'pod', 'takes-leave', 'stays', patiently)
      assert.equal(readFileSync(join(shared, 'leave'), 'utf8'), 'good bye\n')
    })

    real('a pod whose sandbox died gets another one at once', async () => {
      await apply(pod('bereft', [shell('main', forever)]))
      const { metadata } = await pods.ready('bereft')
      const sandbox = readdirSync('/proc').find(
        pid => readProcess(pid, 'cmdline') === '/pause\0' && readProcess(pid, 'cgroup').includes(`pod${metadata.uid}/`),
      )
      assert.ok(sandbox, 'the process of the sandbox is found')
      process.kill(Number(sandbox), 'SIGKILL')
      await pods.until('bereft', 'runs again', one => containerOf(one, 'main').restartCount === 1 && containerOf(one, 'main').ready, 30_000)
      assert.match((await pods.events('bereft', 'SandboxChanged')).join(), /Pod sandbox changed, it will be killed and re-created/)
    })

    real('memory over the limit is OOMKilled, processor time stays within its limit', async () => {
      // Both counters are read inside, so a busy machine can only make the share smaller.
      const burn = `a=$(cut -d' ' -f1 /proc/uptime); i=0; while [ "$(cut -d. -f1 /proc/uptime)" -lt $((\${a%.*} + 4)) ]; do i=$((i+1)); done
        echo "$a $(cut -d' ' -f1 /proc/uptime)"; times`
      await apply(
        pod('eats', [shell('main', 'tail -c 200m /dev/zero', { resources: { limits: { memory: '24Mi' } } })], { restartPolicy: 'Never' }),
        pod('burns', [shell('main', burn, { resources: { limits: { cpu: '200m' } } })], { restartPolicy: 'Never' }),
      )
      await pods.phase('eats', 'Failed')
      // The runtime may learn why after it has learnt that the process ended.
      const eaten = await pods.until('eats', 'says why', one => containerOf(one, 'main').state.terminated?.reason === 'OOMKilled')
      assert.equal(containerOf(eaten, 'main').state.terminated?.exitCode, 137)
      await pods.phase('burns', 'Succeeded')
      const [span, ...times] = (await kubectl('logs', 'burns')).trim().split('\n') as [string, ...string[]]
      const [begun, ended] = span.split(' ').map(Number) as [number, number]
      const used = [...times.join(' ').matchAll(/(\d+)m([\d.]+)s/g)].reduce(
        (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
        0,
      )
      assert.ok(used > 0 && used < (ended - begun) * 0.3, `used ${used} s of ${ended - begun} s`)
    })
  })

  describe('probes', { concurrency: 2 }, () => {
    real('nothing else is probed, and no traffic comes, before the startup probe passes', async () => {
      const probe = (script: string) => ({ exec: { command: ['sh', '-c', script] }, periodSeconds: 1, timeoutSeconds })
      await apply(
        pod('starts-slowly', [
          shell('main', forever, {
            startupProbe: { ...probe('test -e /tmp/started'), failureThreshold: 120 },
            livenessProbe: { ...probe('echo live >> /tmp/probed'), failureThreshold: 1 },
            readinessProbe: probe('echo ready >> /tmp/probed'),
          }),
        ]),
      )
      await eventually(
        'the startup probe fails',
        30_000,
        () => pods.events('starts-slowly', 'Unhealthy'),
        list => list.some(message => message.startsWith('Startup probe failed')),
      )
      const waiting = containerOf(await pods.get('starts-slowly'), 'main')
      assert.deepEqual([waiting.started, waiting.ready], [false, false])
      assert.equal((await tryKubectl('exec', 'starts-slowly', '--', 'test', '-e', '/tmp/probed')).status, 1)
      await inside('starts-slowly', 'touch /tmp/started')
      assert.equal(containerOf(await pods.ready('starts-slowly'), 'main').started, true)
    })

    real('readiness follows its probe, by command, HTTP and TCP', async () => {
      const nginx = (name: string, readinessProbe: object) => ({
        name,
        image: 'nginx:1.22',
        imagePullPolicy: 'IfNotPresent',
        readinessProbe,
      })
      const quickly = { periodSeconds: 1, timeoutSeconds }
      const checked = `printf 'server { listen 80; location / { if ($http_x_probe != yes) { return 503; } return 200 ok; } }' > /etc/nginx/conf.d/default.conf; exec nginx -g 'daemon off;'`
      await apply(
        pod('by-command', [shell('main', forever, { readinessProbe: { exec: { command: ['test', '-e', '/tmp/ready'] }, ...quickly } })]),
        pod('by-http', [
          {
            ...nginx('main', { httpGet: { path: '/', port: 80, httpHeaders: [{ name: 'X-Probe', value: 'yes' }] }, ...quickly }),
            command: ['sh', '-c', checked],
          },
        ]),
        pod('by-http-refused', [
          {
            ...nginx('main', { httpGet: { path: '/', port: 'web' }, ...quickly }),
            ports: [{ name: 'web', containerPort: 80 }],
            command: ['sh', '-c', checked],
          },
        ]),
        pod('by-tcp', [nginx('main', { tcpSocket: { port: 80 }, ...quickly })]),
        pod('by-tcp-closed', [nginx('main', { tcpSocket: { port: 81 }, ...quickly })]),
      )
      await Promise.all(['by-http', 'by-tcp'].map(pods.ready))
      const complaint = async (name: string, pattern: RegExp) =>
        eventually(
          `${name} complains`,
          30_000,
          () => pods.events(name, 'Unhealthy'),
          list => list.some(message => pattern.test(message)),
        )
      await complaint('by-http-refused', /^Readiness probe failed: HTTP probe failed with statuscode: 503$/)
      await complaint('by-tcp-closed', /^Readiness probe failed: dial tcp .*:81: connect: connection refused$/)
      for (const name of ['by-http-refused', 'by-tcp-closed', 'by-command'])
        assert.equal(containerOf(await pods.get(name), 'main').ready, false, name)
      await inside('by-command', 'touch /tmp/ready')
      await pods.ready('by-command')
      await inside('by-command', 'rm /tmp/ready')
      await pods.until('by-command', 'is no longer ready', one => !containerOf(one, 'main').ready)
    })

    real('a container whose liveness probe fails is restarted', async () => {
      await apply(
        pod('dies', [
          shell('main', forever, {
            livenessProbe: {
              exec: { command: ['sh', '-c', 'echo not well; test ! -e /tmp/ill'] },
              periodSeconds: 1,
              timeoutSeconds,
              failureThreshold: 2,
            },
          }),
        ]),
      )
      await pods.ready('dies')
      const first = containerOf(await pods.get('dies'), 'main').containerID
      await inside('dies', 'touch /tmp/ill')
      const again = await pods.until(
        'dies',
        'runs again',
        one => containerOf(one, 'main').restartCount === 1 && containerOf(one, 'main').ready,
      )
      assert.notEqual(containerOf(again, 'main').containerID, first)
      assert.match((await pods.events('dies', 'Unhealthy')).join('\n'), /Liveness probe failed: not well/)
      assert.match((await pods.events('dies', 'Killing')).join('\n'), /Container main failed liveness probe, will be restarted/)
    })
  })

  describe('what a container finds', { concurrency: 2 }, () => {
    real('environment from values, ConfigMaps, Secrets and fields', async () => {
      await apply(
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { COLOUR: 'blue', SIZE: 'large' } },
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'password' }, stringData: { word: 'sesame' } },
        pod(
          'environment',
          [
            shell('main', forever, {
              resources: { limits: { cpu: '500m', memory: '64Mi' } },
              envFrom: [{ prefix: 'FROM_', configMapRef: { name: 'settings' } }, { configMapRef: { name: 'no-such', optional: true } }],
              env: [
                { name: 'PLAIN', value: 'plain' },
                { name: 'EXPANDED', value: '$(PLAIN) and $(FROM_SIZE), $$(PLAIN), $(UNKNOWN)' },
                { name: 'KEY', valueFrom: { configMapKeyRef: { name: 'settings', key: 'COLOUR' } } },
                { name: 'ABSENT', valueFrom: { configMapKeyRef: { name: 'settings', key: 'no-such', optional: true } } },
                { name: 'SECRET', valueFrom: { secretKeyRef: { name: 'password', key: 'word' } } },
                { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                { name: 'LABEL', valueFrom: { fieldRef: { fieldPath: "metadata.labels['tier']" } } },
                { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
                { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
                { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
              ],
            }),
          ],
          {},
          { labels: { tier: 'web' } },
        ),
      )
      const { status } = await pods.ready('environment')
      const values = Object.fromEntries(
        (await inside('environment', 'env'))
          .trim()
          .split('\n')
          .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      )
      const expected = {
        FROM_COLOUR: 'blue',
        FROM_SIZE: 'large',
        PLAIN: 'plain',
        EXPANDED: 'plain and large, $(PLAIN), $(UNKNOWN)',
        KEY: 'blue',
        ABSENT: undefined,
        SECRET: 'sesame',
        POD: 'environment',
        LABEL: 'web',
        IP: status.podIP,
        MEMORY: '64',
        CPU: '500',
        HOSTNAME: 'environment',
        KUBERNETES_SERVICE_PORT: '443',
      }
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map(name => [name, values[name]])), expected)
    })

    real('volumes of every kind, and their updates while the pod runs', async () => {
      writeFileSync(join(shared, 'from-the-machine'), 'here\n')
      const file = (name: string, mode: string) =>
        inside('volumes', `stat -Lc %a ${name}`).then(text => assert.equal(text, `${mode}\n`, name))
      await apply(
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'page' }, data: { text: 'one', other: 'two' } },
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' }, stringData: { key: 'old' } },
        pod(
          'volumes',
          [
            shell('main', forever, {
              volumeMounts: [
                { name: 'disk', mountPath: '/disk' },
                { name: 'memory', mountPath: '/memory' },
                sharedMount,
                { name: 'page', mountPath: '/page' },
                { name: 'page', mountPath: '/fixed', subPath: 'text' },
                { name: 'chosen', mountPath: '/chosen' },
                { name: 'key', mountPath: '/key', readOnly: true },
                { name: 'downward', mountPath: '/downward' },
                { name: 'projected', mountPath: '/projected' },
              ],
            }),
            shell('other', forever, { volumeMounts: [{ name: 'disk', mountPath: '/disk' }] }),
          ],
          {
            volumes: [
              { name: 'disk', emptyDir: {} },
              { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '4Mi' } },
              sharedVolume,
              { name: 'page', configMap: { name: 'page' } },
              { name: 'chosen', configMap: { name: 'page', items: [{ key: 'other', path: 'deep/file', mode: 0o400 }] } },
              { name: 'key', secret: { secretName: 'key', defaultMode: 0o440 } },
              {
                name: 'downward',
                downwardAPI: {
                  items: [
                    { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
                    { path: 'name', fieldRef: { fieldPath: 'metadata.name' } },
                  ],
                },
              },
              {
                name: 'projected',
                projected: {
                  sources: [
                    { serviceAccountToken: { path: 'token', audience: 'vault', expirationSeconds: 3600 } },
                    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
                    { secret: { name: 'key', items: [{ key: 'key', path: 'secret' }] } },
                  ],
                },
              },
            ],
          },
          { labels: { stage: 'first' } },
        ),
      )
      await pods.ready('volumes')
      await inside('volumes', 'echo shared > /disk/file')
      assert.equal(await kubectl('exec', 'volumes', '-c', 'other', '--', 'cat', '/disk/file'), 'shared\n')
      assert.match(await inside('volumes', 'grep " /memory " /proc/mounts'), /^tmpfs \/memory tmpfs .*size=4096k/)
      assert.notEqual((await tryKubectl('exec', 'volumes', '--', 'sh', '-c', 'head -c 8m /dev/zero > /memory/much')).status, 0)
      assert.equal(await inside('volumes', 'cat /shared/from-the-machine; echo back > /shared/from-the-pod'), 'here\n')
      assert.equal(readFileSync(join(shared, 'from-the-pod'), 'utf8'), 'back\n')
      assert.equal(
        await inside('volumes', 'cat /page/text /fixed /chosen/deep/file /key/key /downward/name /projected/secret'),
        'oneonetwooldvolumesold',
      )
      assert.equal(await inside('volumes', 'ls /chosen'), 'deep\n')
      await file('/page/text', '644')
      await file('/chosen/deep/file', '400')
      await file('/key/key', '440')
      assert.notEqual((await tryKubectl('exec', 'volumes', '--', 'touch', '/key/new')).status, 0)
      assert.match(await inside('volumes', 'cat /projected/ca.crt'), /BEGIN CERTIFICATE/)
      const claims = JSON.parse(
        Buffer.from((await inside('volumes', 'cat /projected/token')).split('.')[1] as string, 'base64url').toString(),
      )
      assert.deepEqual([claims.aud, claims.sub], [['vault'], `system:serviceaccount:${namespace}:default`])
      assert.equal(claims['kubernetes.io'].pod.name, 'volumes')

      await kubectl('patch', 'configmap', 'page', '-p', '{"data":{"text":"changed"}}')
      await kubectl('patch', 'secret', 'key', '-p', '{"stringData":{"key":"new"}}')
      await kubectl('label', 'pod', 'volumes', 'stage=second', '--overwrite')
      await eventually(
        'the changed files',
        90_000,
        () => inside('volumes', 'cat /page/text /key/key /projected/secret /downward/labels'),
        text => text.startsWith('changednewnew') && text.includes('stage="second"'),
      )
      assert.equal(await inside('volumes', 'cat /fixed'), 'one', 'a subPath keeps what it was at the start')
    })

    real('a pod that lacks what it refers to waits, says what, and starts when it comes', async () => {
      await apply(
        pod('lacks-volume', [shell('main', forever, { volumeMounts: [{ name: 'late', mountPath: '/late' }] })], {
          volumes: [{ name: 'late', configMap: { name: 'late' } }],
        }),
        pod('lacks-key', [shell('main', forever, { env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'late', key: 'key' } } }] })]),
      )
      const messages = await eventually(
        'the event',
        60_000,
        () => pods.events('lacks-volume', 'FailedMount'),
        list => list.length > 0,
      )
      assert.match(messages[0] as string, /^MountVolume.SetUp failed for volume "late" : configmap "late" not found$/)
      const waiting = await pods.until(
        'lacks-key',
        'waits',
        one => containerOf(one, 'main').state.waiting?.reason === 'CreateContainerConfigError',
      )
      assert.equal(containerOf(waiting, 'main').state.waiting?.message, 'secret "late" not found')
      await apply(
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late' }, data: { file: 'text' } },
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'late' }, stringData: { key: 'value' } },
      )
      await Promise.all(['lacks-volume', 'lacks-key'].map(pods.ready))
      assert.equal(await inside('lacks-volume', 'cat /late/file'), 'text')
    })

    real('users, groups, read-only roots and the host name are as asked', async () => {
      await apply(
        pod(
          'secured',
          [
            shell('main', forever, {
              securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
              volumeMounts: [{ name: 'disk', mountPath: '/disk' }],
            }),
          ],
          {
            hostname: 'named',
            securityContext: { runAsUser: 1000, runAsGroup: 2000, fsGroup: 3000, supplementalGroups: [4000], runAsNonRoot: true },
            volumes: [{ name: 'disk', emptyDir: {} }],
          },
        ),
        pod('refused', [shell('main', forever, { securityContext: { runAsNonRoot: true } })]),
      )
      await pods.ready('secured')
      assert.match(await inside('secured', 'id'), /^uid=1000 gid=2000 groups=(?=.*\b3000\b)(?=.*\b4000\b)/)
      assert.equal(await inside('secured', 'hostname; touch /disk/file && stat -c %g /disk/file'), 'named\n3000\n')
      assert.notEqual((await tryKubectl('exec', 'secured', '--', 'touch', '/file')).status, 0)
      assert.match(await inside('secured', 'grep CapEff /proc/1/status'), /0000000000000000/)
      const refused = await pods.until(
        'refused',
        'is refused',
        one => containerOf(one, 'main').state.waiting?.reason === 'CreateContainerConfigError',
      )
      assert.match(containerOf(refused, 'main').state.waiting?.message ?? '', /container has runAsNonRoot and image will run as root/)
    })
  })

  describe('reaching into pods', { concurrency: 2 }, () => {
    real('logs: whole, tail, since, with times, followed, and of the container before', async () => {
      await apply(
        pod('talks', [
          shell(
            'main',
            'mkfifo /go; for i in 1 2 3 4 5; do echo line $i; done; read it < /go; echo to stderr >&2; read it < /go; echo the last; exit 0',
          ),
          shell('quiet', forever),
        ]),
      )
      await pods.ready('talks')
      const log = (...words: string[]) => kubectl('logs', 'talks', '-c', 'main', ...words)
      const goOn = () => kubectl('exec', 'talks', '-c', 'main', '--', 'sh', '-c', 'echo > /go')
      const lines = 'line 1\nline 2\nline 3\nline 4\nline 5\nto stderr\n'
      // Two streams keep no order between them but that of what is seen before the other begins.
      await eventually('the lines', 10_000, log, text => text.endsWith('line 5\n'))
      await goOn()
      await eventually('the lines of both streams', 10_000, log, text => text === lines)
      assert.equal(await log('--tail=2'), 'line 5\nto stderr\n')
      assert.equal(await log('--tail=0'), '')
      assert.equal(await log('--since=1h'), lines)
      assert.equal(await log('--since-time=2030-01-01T00:00:00Z'), '')
      assert.equal(await log('--limit-bytes=6'), 'line 1')
      assert.match(await log('--timestamps', '--tail=1'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z to stderr\n$/)
      assert.match(
        (await tryKubectl('logs', 'talks', '-c', 'main', '--previous')).stderr,
        /previous terminated container "main" in pod "talks" not found/,
      )
      assert.match((await tryKubectl('logs', 'talks', '-c', 'no-such')).stderr, /container no-such is not valid for pod talks/)
      const followed = startProgram('kubectl', ['--kubeconfig', cluster.kubeconfig, ...inNamespace, 'logs', '-f', 'talks', '-c', 'main'])
      try {
        await eventually(
          'the followed lines',
          20_000,
          async () => followed.output(),
          text => text.includes('line 5'),
        )
        await goOn()
        await eventually(
          'the line that comes later',
          20_000,
          async () => followed.output(),
          text => text.includes('the last'),
        )
        // The container has ended, so following it does too.
        await followed.ended
      } finally {
        await followed.stop()
      }
      await pods.until('talks', 'runs again', one => containerOf(one, 'main').restartCount === 1)
      assert.equal(await log('--previous'), `${lines}the last\n`)
    })

    real('exec gives exit codes, streams and errors', async () => {
      await apply(pod('works', [shell('main', forever)]))
      await pods.ready('works')
      const failed = await tryKubectl('exec', 'works', '--', 'sh', '-c', 'echo out; echo err >&2; exit 42')
      assert.deepEqual([failed.status, failed.stdout, failed.stderr.split('\n')[0]], [42, 'out\n', 'err'])
      const absent = await tryKubectl('exec', 'works', '--', 'no-such-program')
      assert.notEqual(absent.status, 0)
      assert.match(absent.stderr, /no-such-program/)
      const input = 'x'.repeat(300_000)
      const words = ['--kubeconfig', cluster.kubeconfig, ...inNamespace, 'exec', '-i', 'works', '--']
      const counted = await runProgram('kubectl', [...words, 'wc', '-c'], { input })
      assert.equal(counted.stdout.trim(), '300000', 'input has an end')
      const echoed = await runProgram('kubectl', [...words, 'cat'], { input })
      assert.ok(echoed.stdout === input, 'input comes back as it was sent')
      // kubectl before 1.33 drops what arrives before it has set up its streams ("Unknown stream id 1"), hence the pause.
      assert.equal((await kubectl('exec', 'works', '--', 'sh', '-c', 'sleep 3; head -c 3000000 /dev/zero')).length, 3_000_000)
      assert.match((await tryKubectl('exec', 'no-such-pod', '--', 'true')).stderr, /pods "no-such-pod" not found/)
    })

    real('cp carries files and directories both ways', async () => {
      await apply(pod('copies', [shell('main', forever)]))
      await pods.ready('copies')
      const tree = join(shared, 'tree')
      mkdirSync(join(tree, 'deep'), { recursive: true })
      writeFileSync(join(tree, 'deep', 'file'), 'content\n')
      writeFileSync(join(tree, 'large'), Buffer.alloc(2_000_000, 'large '))
      await kubectl('cp', tree, 'copies:/tmp/tree')
      assert.equal(await inside('copies', 'cat /tmp/tree/deep/file; wc -c < /tmp/tree/large'), 'content\n2000000\n')
      await kubectl('cp', 'copies:/tmp/tree', join(shared, 'returned'))
      assert.equal(readFileSync(join(shared, 'returned/deep/file'), 'utf8'), 'content\n')
      assert.ok(readFileSync(join(shared, 'returned/large')).equals(readFileSync(join(tree, 'large'))))
    })
  })

  real('the machine keeps nothing of a pod that is deleted', async () => {
    await apply(pod('leaves', [shell('main', forever)]))
    const { metadata } = await pods.ready('leaves')
    const directory = join(cluster.dataDirectory, 'kubelet/pods', metadata.uid)
    assert.ok(existsSync(directory))
    await kubectl('delete', 'pod', 'leaves', patiently)
    assert.equal(existsSync(directory), false)
  })
})

function readProcess(pid: string, file: 'cmdline' | 'cgroup'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // Not a process, or one that has just ended.
    return ''
  }
}
