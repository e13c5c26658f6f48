import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { configMapKind } from '../../apis/core/config-map.ts'
import { podKind } from '../../apis/core/pod.ts'
import type { PodSecurityContext } from '../../apis/core/pod-spec.ts'
import { secretKind } from '../../apis/core/secret.ts'
import type { Volume } from '../../apis/core/volume.ts'
import { seededRandom } from '../../base/index.ts'
import { linuxHost } from '../host/linux.ts'
import type { HostAccess } from '../host/types.ts'
import { startTestNode, type TestNode } from '../test-support/node.ts'

// The real file system, without what needs the rights of root.
let directory = ''
let node: TestNode
const host: HostAccess = {
  ...linuxHost({ random: seededRandom(7) }),
  mountTmpfs: path => mkdir(path, { recursive: true }).then(() => {}),
  unmountBelow: async () => {},
  setControlGroup: async () => {},
  removeControlGroup: async () => {},
  controlGroupsBelow: async () => [],
}

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'volumes-'))
  node = await startTestNode({
    host,
    directories: { pods: join(directory, 'pods'), logs: join(directory, 'logs'), memory: join(directory, 'memory') },
  })
})
after(async () => {
  await node.close()
  await rm(directory, { recursive: true })
})

let pods = 0
/** Runs a pod with one volume and gives the volume's directory. */
async function mounted(
  volume: Omit<Volume, 'name'>,
  kind: string,
  place = 'pods',
  securityContext?: PodSecurityContext,
): Promise<{ path: string; name: string }> {
  const name = `pod-${++pods}`
  node.create(
    {
      ...(securityContext && { securityContext }),
      volumes: [{ name: 'data', ...volume }],
      containers: [{ name: 'main', image: 'busybox:1.35', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    },
    { name, labels: { app: 'web', tier: 'a' } },
  )
  await settled(() => node.pod(name).status?.phase === 'Running' || node.events.some(event => event.includes('FailedMount')))
  return { path: join(directory, place, `${name}-uid`, 'volumes', `kubernetes.io~${kind}`, 'data'), name }
}

/** Files take real time; the clock of the test stands. */
async function settled(done: () => boolean | Promise<boolean>): Promise<void> {
  // The bound only ends a test that has failed, however busy the machine is.
  const bound = performance.now() + 30_000
  while (performance.now() < bound) {
    await node.clock.settle()
    if (await done()) return
  }
  assert.fail('it did not happen')
}

test('a ConfigMap becomes files, which change together when it does', async () => {
  node.client.put(configMapKind, {
    metadata: { name: 'site', namespace: 'default' },
    data: { 'a.txt': 'one', 'b.txt': 'x' },
    binaryData: { 'c.bin': 'AAEC' },
  })
  const { path } = await mounted({ configMap: { name: 'site', defaultMode: 0o640 } }, 'configmap')
  assert.equal(await readFile(join(path, 'a.txt'), 'utf8'), 'one')
  assert.deepEqual([...(await readFile(join(path, 'c.bin')))], [0, 1, 2])
  assert.equal((await stat(join(path, 'a.txt'))).mode & 0o777, 0o640)
  assert.equal(await readlink(join(path, 'a.txt')), '..data/a.txt')
  const before_ = await readlink(join(path, '..data'))
  node.client.put(configMapKind, { metadata: { name: 'site', namespace: 'default' }, data: { 'a.txt': 'two' } })
  await settled(async () => (await readFile(join(path, 'a.txt'), 'utf8')) === 'two' && !(await readdir(path)).includes('b.txt'))
  await settled(async () => !(await readdir(path)).includes(before_))
  assert.deepEqual(
    (await readdir(path)).filter(name => !name.startsWith('..')),
    ['a.txt'],
  )
})

test('items choose keys, paths and modes of a Secret, which never touches the disk', async () => {
  node.client.put(secretKind, {
    metadata: { name: 'keys', namespace: 'default' },
    data: { user: Buffer.from('me').toString('base64'), other: '' },
  })
  const { path } = await mounted(
    { secret: { secretName: 'keys', items: [{ key: 'user', path: 'deep/er/name', mode: 0o400 }] } },
    'secret',
    'memory',
  )
  assert.equal(await readFile(join(path, 'deep/er/name'), 'utf8'), 'me')
  assert.equal((await stat(join(path, 'deep/er/name'))).mode & 0o777, 0o400)
})

test('a projected volume joins a token, a ConfigMap and fields of the pod', async () => {
  node.client.put(configMapKind, { metadata: { name: 'root', namespace: 'default' }, data: { 'ca.crt': 'CA' } })
  const { path, name } = await mounted(
    {
      projected: {
        sources: [
          { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
          { configMap: { name: 'root', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
        ],
      },
    },
    'projected',
    'memory',
  )
  const first = await readFile(join(path, 'token'), 'utf8')
  assert.match(first, /^token-default-/)
  assert.equal(await readFile(join(path, 'ca.crt'), 'utf8'), 'CA')
  assert.equal(await readFile(join(path, 'labels'), 'utf8'), 'app="web"\ntier="a"')
  // Labels that change reach the files.
  const pod = node.pod(name)
  node.client.put(podKind, { ...pod, metadata: { ...pod.metadata, labels: { app: 'api' } } })
  await settled(async () => (await readFile(join(path, 'labels'), 'utf8')) === 'app="api"')
  // Four fifths of its life later the token is replaced.
  await node.clock.advance(3607 * 800 + 1000)
  await settled(async () => (await readFile(join(path, 'token'), 'utf8')) !== first)
})

for (const { who, securityContext, mode, owner, group } of [
  { who: 'everybody, where nothing is said', securityContext: undefined, mode: 0o644, owner: 0, group: 0 },
  { who: 'the user that all containers run as', securityContext: { runAsUser: 1001 }, mode: 0o600, owner: 1001, group: 0 },
  { who: 'the group of the pod', securityContext: { fsGroup: 2002 }, mode: 0o640, owner: 0, group: 2002 },
  { who: 'user and group', securityContext: { runAsUser: 1001, fsGroup: 2002 }, mode: 0o640, owner: 1001, group: 2002 },
])
  test(`a token is for ${who}`, { skip: process.getuid?.() === 0 ? false : 'only root gives files away' }, async () => {
    const sources = [{ serviceAccountToken: { path: 'token' } }]
    const { path } = await mounted({ projected: { sources } }, 'projected', 'memory', securityContext)
    const facts = await stat(join(path, 'token'))
    assert.deepEqual([facts.mode & 0o777, facts.uid, facts.gid], [mode, owner, group])
  })

test('an optional object that is missing is an empty volume, and fills when it comes', async () => {
  const { path } = await mounted({ configMap: { name: 'later', optional: true } }, 'configmap')
  assert.deepEqual(
    (await readdir(path)).filter(name => !name.startsWith('..')),
    [],
  )
  node.client.put(configMapKind, { metadata: { name: 'later', namespace: 'default' }, data: { key: 'value' } })
  await settled(async () => (await readdir(path)).includes('key'))
})

test('an emptyDir is writable for all, survives containers and goes with the pod', async () => {
  const { path, name } = await mounted({ emptyDir: {} }, 'emptydir')
  assert.equal((await stat(path)).mode & 0o777, 0o777)
  await writeFile(join(path, 'kept'), 'yes')
  const id = (await node.runtime.listContainers()).find(container => container.labels['io.kubernetes.pod.uid'] === `${name}-uid`)?.id ?? ''
  await node.runtime.stopContainer(id, 0)
  await settled(() => node.pod(name).status?.containerStatuses?.[0]?.restartCount === 1)
  assert.equal(await readFile(join(path, 'kept'), 'utf8'), 'yes')
  node.client.requestDeletion(podKind, 'default', name, 30)
  await settled(async () => !(await readdir(join(directory, 'pods'))).includes(`${name}-uid`))
})

for (const { type, made, message } of [
  { type: 'Directory', made: 'file', message: 'is not a directory' },
  { type: 'File', made: 'directory', message: 'is not a file' },
  { type: 'Socket', made: 'file', message: 'is not a socket file' },
]) {
  test(`hostPath of type ${type} refuses a ${made}`, async () => {
    const path = join(directory, `host-${type}`)
    await (made === 'file' ? writeFile(path, '') : mkdir(path))
    node.events.length = 0
    await mounted({ hostPath: { path, type } }, 'hostpath')
    assert.ok(node.events.some(event => event.includes(`hostPath type check failed: ${path} ${message}`)))
  })
}

test('hostPath creates what it is told to create', async () => {
  node.events.length = 0
  await mounted({ hostPath: { path: join(directory, 'made/dir'), type: 'DirectoryOrCreate' } }, 'hostpath')
  assert.ok((await stat(join(directory, 'made/dir'))).isDirectory())
  await mounted({ hostPath: { path: join(directory, 'made/file'), type: 'FileOrCreate' } }, 'hostpath')
  assert.ok((await stat(join(directory, 'made/file'))).isFile())
})

test('a subPath does not lead out of its volume', async () => {
  const root = join(directory, 'volume')
  await mkdir(root)
  await symlink('/etc', join(root, 'escape'))
  await assert.rejects(host.mountInside(root, 'escape/passwd', join(directory, 'target')), /leads outside of its volume/)
  await assert.rejects(host.mountInside(root, '../other', join(directory, 'target')), /leads outside of its volume/)
})
