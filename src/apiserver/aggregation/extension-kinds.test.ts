import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RemoteDescription, RemoteResource } from './description.ts'
import { createExtensionKinds } from './extension-kinds.ts'
import type { RemoteGroupVersion } from './remote.ts'

const remote = (version: string, versionPriority: number, isAvailable = true): RemoteGroupVersion => ({
  name: `${version}.example.com`,
  group: 'example.com',
  version,
  groupPriority: 1,
  versionPriority,
  isAvailable,
  destination: { at: { url: 'https://nowhere' } },
})
const resource = (name: string, verbs: readonly string[] = ['delete', 'list']): RemoteResource => ({
  name,
  singularName: '',
  namespaced: true,
  kind: name,
  verbs,
})
const describe = (name: string): RemoteDescription => ({
  resources: name.startsWith('v2') ? [resource('ships'), resource('ships/status')] : [resource('ships'), resource('boats')],
})

test('a resource is there once, in the preferred version, and those of servers that are away are not', () => {
  const kindsOf = createExtensionKinds()
  const namesOf = (...remotes: RemoteGroupVersion[]) => {
    const { kinds, away } = kindsOf(remotes, describe)
    return [kinds.map(({ version, resource: name }) => `${version} ${name}`), away]
  }
  assert.deepEqual(namesOf(remote('v1', 1), remote('v2', 2)), [['v2 ships', 'v1 boats'], []])
  assert.deepEqual(namesOf(remote('v1', 1), remote('v2', 2, false)), [['v1 ships', 'v1 boats'], ['example.com/v2']])
  assert.deepEqual(namesOf(), [[], []])
})

test('what was described in the same way is the same kind', () => {
  const kindsOf = createExtensionKinds()
  const kindNow = (verbs: readonly string[]) => kindsOf([remote('v1', 1)], () => ({ resources: [resource('ships', verbs)] })).kinds[0]
  const first = kindNow(['list'])
  assert.equal(kindNow(['list']), first)
  assert.notEqual(kindNow(['list', 'watch']), first)
})
