import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createMetrics, silentLogger, systemClock, systemRandom } from '../../base/index.ts'
import { openStorage } from '../../storage/index.ts'
import type { Storage } from '../../storage/storage.ts'
import { parseEncryptionConfiguration } from './configuration.ts'
import { openEncryption } from './index.ts'

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64')
const file = (entries: string) => `apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n${entries}`
const secrets = (...providers: string[]) => file(`- resources: [secrets]\n  providers: [${providers.join(', ')}]\n`)
const withKeys = (kind: string, ...names: (readonly [string, number])[]) =>
  `{${kind}: {keys: [${names.map(([name, byte]) => `{name: ${name}, secret: "${key(byte)}"}`).join(', ')}]}}`
const actor = { user: 'tester', userAgent: 'test' }
const secretKey = '/registry/core/secrets/default/hidden'
const value = (text: string) => Buffer.from(JSON.stringify({ kind: 'Secret', text }))

describe('encryption at rest', () => {
  let directory = ''
  let configuration = ''
  const open: { storage: Storage; close(): Promise<void> }[] = []
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'proa-encryption-'))
    configuration = join(directory, 'encryption.yaml')
  })
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close()
    rmSync(directory, { recursive: true })
  })
  const start = async (options: { encrypted?: boolean; automaticReload?: boolean } = {}) => {
    const { encrypted = true, automaticReload } = options
    const encryption = openEncryption({
      file: encrypted ? configuration : undefined,
      automaticReload,
      random: systemRandom(),
      logger: silentLogger,
    })
    const storage = await openStorage({
      directory: join(directory, 'journal'),
      transform: encryption.transform,
      clock: systemClock(),
      logger: silentLogger,
      metrics: createMetrics(),
      clusterId: 'test',
    })
    encryption.start(storage)
    const started = {
      storage,
      encryption,
      put: (path: string, text: string) => storage.commit([], [{ type: 'put', key: path, value: value(text) }], actor),
      read: (path: string) => JSON.parse(Buffer.from(storage.committed.get(path)?.value ?? []).toString()).text as string,
      async close() {
        encryption.close()
        await encryption.settled()
        await storage.close()
      },
    }
    open.push(started)
    return started
  }
  const restart = async (options?: Parameters<typeof start>[0]) => {
    for (const one of open.splice(0)) await one.close()
    return start(options)
  }
  /** Everything on disk, the write-ahead log included. */
  const onDisk = () =>
    readdirSync(join(directory, 'journal'))
      .map(name => readFileSync(join(directory, 'journal', name), 'latin1'))
      .join('')

  for (const kind of ['aesgcm', 'aescbc', 'secretbox']) {
    it(`hides with ${kind} what its rule names, and shows it after a restart`, async () => {
      writeFileSync(configuration, secrets(withKeys(kind, ['key1', 1]), '{identity: {}}'))
      const { put, read } = await start()
      await put(secretKey, 'correct-horse')
      await put('/registry/core/configmaps/default/open', 'in plain sight')
      assert.equal(read(secretKey), 'correct-horse')
      const bytes = onDisk()
      assert.ok(!bytes.includes('correct-horse'))
      assert.ok(bytes.includes(`k8s:enc:${kind}:v1:key1:`))
      assert.ok(bytes.includes('in plain sight'))
      assert.equal((await restart()).read(secretKey), 'correct-horse')
    })
  }

  it('a new first key writes anew what others wrote, once, and then the old one may go', async () => {
    writeFileSync(configuration, secrets(withKeys('aesgcm', ['old', 1])))
    const first = await start()
    await first.put(secretKey, 'staple')
    writeFileSync(configuration, secrets(withKeys('secretbox', ['new', 2]), withKeys('aesgcm', ['old', 1])))
    const second = await restart()
    const before = second.storage.committed.revision
    await second.encryption.settled()
    assert.equal(second.storage.committed.revision, before + 1)
    await second.storage.compact(second.storage.committed.revision)
    const third = await restart()
    await third.encryption.settled()
    assert.equal(third.storage.committed.revision, before + 1)
    await third.storage.compact(third.storage.committed.revision)
    writeFileSync(configuration, secrets(withKeys('secretbox', ['new', 2])))
    assert.equal((await restart()).read(secretKey), 'staple')
  })

  it('what was plain is hidden when encryption is switched on, and plain again when identity comes first', async () => {
    const first = await start({ encrypted: false })
    await first.put(secretKey, 'plain once')
    writeFileSync(configuration, secrets(withKeys('aesgcm', ['k', 1]), '{identity: {}}'))
    const second = await restart()
    await second.encryption.settled()
    assert.equal(second.read(secretKey), 'plain once')
    assert.ok(onDisk().includes('k8s:enc:aesgcm:v1:k:'))
    writeFileSync(configuration, secrets('{identity: {}}', withKeys('aesgcm', ['k', 1])))
    const third = await restart()
    await third.encryption.settled()
    await third.storage.compact(third.storage.committed.revision)
    assert.equal((await restart({ encrypted: false })).read(secretKey), 'plain once')
  })

  it('remembers nothing of what was deleted', async () => {
    writeFileSync(configuration, secrets(withKeys('aesgcm', ['k', 1])))
    const { put, storage, encryption } = await start()
    await put(secretKey, 'gone soon')
    const { isStale } = encryption.transform
    assert.equal(isStale(secretKey), false)
    await storage.commit([], [{ type: 'delete', key: secretKey }], actor)
    // As of a key that it never saw.
    assert.deepEqual([isStale(secretKey), isStale(`${secretKey}-other`)], [true, true])
    const again = await restart()
    assert.equal(again.encryption.transform.isStale(secretKey), true)
  })

  it('does not start without the key that wrote, and says which', async () => {
    writeFileSync(configuration, secrets(withKeys('aesgcm', ['lost', 1])))
    await (await start()).put(secretKey, 'x')
    await assert.rejects(
      restart({ encrypted: false }),
      /hidden: it is encrypted \(aesgcm:v1:lost\), but there is no --encryption-provider-config/,
    )
    writeFileSync(configuration, secrets(withKeys('aesgcm', ['lost', 2])))
    await assert.rejects(start(), /no key in .*encryption\.yaml fits/)
  })

  it('a value that was moved to another key is not shown', async () => {
    writeFileSync(configuration, secrets(withKeys('aesgcm', ['k', 1])))
    const { transform } = openEncryption({ file: configuration, random: systemRandom(), logger: silentLogger })
    const hidden = transform.encode(secretKey, value('mine'))
    assert.deepEqual(Buffer.from(transform.decode(secretKey, hidden)), value('mine'))
    assert.throws(() => transform.decode('/registry/core/secrets/default/other', hidden), /no key in/)
  })

  it('follows its file where that is wanted; a file with mistakes changes nothing', async () => {
    writeFileSync(configuration, secrets(withKeys('aesgcm', ['one', 1])))
    const { put, storage } = await start({ automaticReload: true })
    await put(secretKey, 'x')
    const replace = (text: string) => {
      writeFileSync(`${configuration}.new`, text)
      renameSync(`${configuration}.new`, configuration)
    }
    replace('nonsense')
    replace(secrets(withKeys('aesgcm', ['two', 2]), withKeys('aesgcm', ['one', 1])))
    const revision = storage.committed.revision
    await new Promise<void>(resolve => {
      const listening = storage.watch('/registry/', revision, () => {
        listening.close()
        resolve()
      })
    })
    assert.ok(onDisk().includes('k8s:enc:aesgcm:v1:two:'))
  })
})

describe('encryption configuration', () => {
  const parse = (text: string) => parseEncryptionConfiguration(text, 'e.yaml', systemRandom())

  it('the first entry that names a resource decides; wildcards stand for a group or everything', () => {
    const providers = withKeys('aesgcm', ['k', 1])
    const rules = parse(
      file(
        `- {resources: [secrets, deployments.apps], providers: [${providers}]}\n- {resources: ["*.apps"], providers: [{identity: {}}]}\n- {resources: ["*."], providers: [{identity: {}}]}\n- {resources: ["*.*"], providers: [${providers}]}\n`,
      ),
    )
    const first = (group: string, resource: string) => rules.findIndex(rule => rule.fits(group, resource))
    assert.deepEqual(
      [first('', 'secrets'), first('apps', 'deployments'), first('apps', 'replicasets'), first('', 'pods'), first('example.com', 'things')],
      [0, 0, 1, 2, 3],
    )
  })

  const refused: readonly [text: string, error: RegExp][] = [
    [secrets('{kms: {name: k, endpoint: "unix:///x"}}'), /kms: key servers are not supported/],
    [
      secrets('{aesgcm: {keys: [{name: a, secret: "c2hvcnQ="}]}}'),
      /keys\[0\]\.secret: expected length of the provided key is one of 16, 24, 32, got 5/,
    ],
    [secrets('{aesgcm: {keys: []}}'), /keys: Required value/],
    [secrets('{}'), /does not contain any of the expected providers/],
    [secrets(`{identity: {}, aesgcm: {keys: [{name: a, secret: "${key(1)}"}]}}`), /more than one provider/],
    [secrets(withKeys('secretbox', ['a', 1], ['a', 2])), /Duplicate value: "a"/],
    [file('- {resources: [], providers: [{identity: {}}]}'), /resources: Required value/],
    [file('- {resources: ["*"], providers: [{identity: {}}]}'), /Invalid value: "\*"/],
    [secrets('{identity: {}}').replace('providers', 'provider'), /unknown field "resources\[0\]\.provider"/],
  ]
  for (const [text, error] of refused) {
    it(`refuses: ${error.source}`, () =>
      assert.throws(
        () => parse(text),
        (thrown: Error) => error.test(thrown.message) && !thrown.message.includes('c2hvcnQ='),
      ))
  }
})
