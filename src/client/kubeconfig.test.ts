import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { mergeContext, readKubeconfig, removeContext, resolveContext, writeKubeconfig } from './kubeconfig.ts'

const foreign = `apiVersion: v1
kind: Config
current-context: work
preferences: {colors: true}
clusters:
- name: work
  cluster: {server: 'https://work:6443', extensions: [{name: x, extension: {since: 2026-01-01}}]}
users:
- name: me
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: login, args: [a]}
contexts:
- name: work
  context: {cluster: work, user: me, namespace: team}
`
const proa = { name: 'proa', cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority-data': 'Y2E=' }, user: { token: 't' } }

describe('kubeconfig', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
  })
  after(() => rm(folder, { recursive: true }))

  test('adding and removing a context leaves everything else as it was', async () => {
    const path = join(folder, 'foreign')
    await writeFile(path, foreign, { mode: 0o644 })
    const original = await readKubeconfig(path)
    await writeKubeconfig(path, mergeContext(original, { ...proa, current: true }))
    const merged = await readKubeconfig(path)
    assert.equal(merged['current-context'], 'proa')
    assert.deepEqual(merged.preferences, { colors: true })
    assert.deepEqual(merged.users?.[0], original.users?.[0])
    assert.deepEqual(merged.clusters?.[0], original.clusters?.[0])
    assert.deepEqual(
      merged.contexts?.map(one => one.name),
      ['work', 'proa'],
    )
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.deepEqual(removeContext(merged, 'proa'), { ...original, 'current-context': '' })
    assert.deepEqual(
      (await readdir(folder)).filter(name => name.endsWith('.new')),
      [],
    )
  })

  test('merging again replaces, and what others use is not removed', () => {
    const once = mergeContext({}, proa)
    const twice = mergeContext(once, { ...proa, cluster: { server: 'https://127.0.0.1:7443' } })
    assert.deepEqual(twice.clusters, [{ name: 'proa', cluster: { server: 'https://127.0.0.1:7443' } }])
    const shared = { ...twice, contexts: [...(twice.contexts ?? []), { name: 'mine', context: { cluster: 'proa', user: 'other' } }] }
    const left = removeContext(shared, 'proa')
    assert.equal(left.clusters?.length, 1)
    assert.deepEqual(left.users, [])
    assert.equal(removeContext(left, 'unknown'), left)
  })

  test('an absent file is empty, a damaged one is refused and stays', async () => {
    assert.deepEqual((await readKubeconfig(join(folder, 'absent'))).contexts, [])
    const path = join(folder, 'damaged')
    for (const text of ['{', '- a', 'users: 3']) {
      await writeFile(path, text)
      await assert.rejects(readKubeconfig(path), /nothing was changed/)
      assert.equal(await readFile(path, 'utf8'), text)
    }
  })

  test('a link stays a link', async () => {
    await writeFile(join(folder, 'target'), foreign)
    await symlink(join(folder, 'target'), join(folder, 'link'))
    await writeKubeconfig(join(folder, 'link'), mergeContext(await readKubeconfig(join(folder, 'link')), proa))
    assert.ok((await readFile(join(folder, 'target'), 'utf8')).includes('proa'))
  })

  test('resolves a context with data, files beside it and tokens', async () => {
    await writeFile(join(folder, 'cert.pem'), 'CERT')
    const path = join(folder, 'config')
    const config = mergeContext(
      {},
      { ...proa, user: { 'client-certificate': 'cert.pem', 'client-key-data': 'S0VZ' }, current: true, namespace: 'n' },
    )
    const resolved = await resolveContext(config, path)
    assert.deepEqual(
      [resolved.server, resolved.namespace, resolved.certificateAuthority, resolved.clientCertificate, resolved.clientKey],
      ['https://127.0.0.1:6443', 'n', 'ca', 'CERT', 'KEY'],
    )
    await assert.rejects(resolveContext(config, path, 'nope'), /context "nope" does not exist/)
  })
})
