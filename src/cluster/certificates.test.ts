import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { systemClock, systemRandom } from '../base/index.ts'
import { memoryAuthority, openAuthority, openLeaf, openTokenKey } from './certificates.ts'

const directory = mkdtempSync(join(tmpdir(), 'proa-pki-'))
after(() => rmSync(directory, { recursive: true }))
const context = { clock: systemClock(), random: systemRandom() }
const request = {
  commonName: 'system:node:a',
  organizations: ['system:nodes', 'others'],
  dnsNames: ['a'],
  addresses: ['127.0.0.1'],
  usage: 'both',
} as const

test('an authority is made once and signs leaves that verify against it', async () => {
  const authority = await openAuthority(directory, context)
  assert.equal((await openAuthority(directory, context)).certificate, authority.certificate)
  const leaf = await openLeaf(directory, 'leaf', authority, request, context.clock)
  const certificate = new X509Certificate(leaf.certificate)
  assert.ok(certificate.verify(new X509Certificate(authority.certificate).publicKey))
  assert.equal(certificate.subject, 'O=system:nodes\nO=others\nCN=system:node:a')
  assert.ok(certificate.checkIP('127.0.0.1') && certificate.checkHost('a'))
  assert.equal(certificate.ca, false)
})

test('a leaf is kept while it is good, and signed anew when a name is missing or its end is near', async () => {
  const authority = await openAuthority(directory, context)
  const first = await openLeaf(directory, 'renewed', authority, request, context.clock)
  assert.equal((await openLeaf(directory, 'renewed', authority, request, context.clock)).certificate, first.certificate)
  const moved = await openLeaf(directory, 'renewed', authority, { ...request, addresses: ['127.0.0.1', '192.0.2.7'] }, context.clock)
  assert.notEqual(moved.certificate, first.certificate)
  const later = { ...context.clock, now: () => context.clock.now() + 300 * 86_400_000 }
  assert.notEqual((await openLeaf(directory, 'renewed', authority, request, later)).certificate, moved.certificate)
})

test("a key that is not its certificate's, as a crash between the two leaves it, is replaced with it", async () => {
  const authority = await openAuthority(directory, context)
  const torn = await openLeaf(directory, 'torn', authority, request, context.clock)
  const other = await openLeaf(directory, 'other', authority, request, context.clock)
  writeFileSync(join(directory, 'torn.key'), other.key)
  const whole = await openLeaf(directory, 'torn', authority, request, context.clock)
  assert.notEqual(whole.certificate, torn.certificate)
  assert.ok(new X509Certificate(whole.certificate).checkPrivateKey(createPrivateKey(whole.key)))
})

test('a leaf of another authority is signed anew', async () => {
  const before = await openLeaf(directory, 'moved', await memoryAuthority(context), request, context.clock)
  const authority = await openAuthority(directory, context)
  const now = await openLeaf(directory, 'moved', authority, request, context.clock)
  assert.notEqual(now.certificate, before.certificate)
  assert.ok(new X509Certificate(now.certificate).verify(new X509Certificate(authority.certificate).publicKey))
})

test('keys are readable by their owner alone', async () => {
  await openTokenKey(directory)
  for (const file of ['ca.key', 'leaf.key', 'service-account.key']) assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600)
})

test('a damaged certificate is an error that is not papered over', async () => {
  const authority = await openAuthority(directory, context)
  await openLeaf(directory, 'damaged', authority, request, context.clock)
  writeFileSync(join(directory, 'damaged.crt'), readFileSync(join(directory, 'damaged.crt'), 'utf8').slice(0, 80))
  await assert.rejects(openLeaf(directory, 'damaged', authority, request, context.clock))
})
