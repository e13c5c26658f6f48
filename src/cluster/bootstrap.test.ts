import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Client } from '../client/index.ts'
import { publishAuthorities } from './bootstrap.ts'

test('other authorities are told to extension servers, and nothing else of what they read', async () => {
  const patches: unknown[] = []
  const client = { patch: async (...asked: unknown[]) => patches.push(asked.slice(1)) } as unknown as Client
  await publishAuthorities(client, { clientCa: 'old and new', frontProxyCa: 'proxies' })
  const data = { 'client-ca-file': 'old and new', 'requestheader-client-ca-file': 'proxies' }
  assert.deepEqual(patches, [['kube-system', 'extension-apiserver-authentication', { type: 'merge', body: { data } }]])
})
