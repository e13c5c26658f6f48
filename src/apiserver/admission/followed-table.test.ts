import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceView } from '../../apimachinery/connection.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { followedTable } from './followed-table.ts'

function storedNames(...names: string[]) {
  const listeners = new Set<() => void>()
  const view = {
    list: (): readonly KubernetesObject[] => names.map(name => ({ metadata: { name } })),
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  } as unknown as ResourceView
  const add = (name: string) => {
    names.push(name)
    for (const listener of listeners) listener()
  }
  return { view, add, listeners }
}

test('a table is made once for each state of what is stored', () => {
  let made = 0
  const followed = followedTable((policies = [], bindings = []) => {
    made++
    return [...policies, ...bindings].map(({ metadata }) => metadata.name).join()
  })
  assert.equal(followed.table(), '')
  const policies = storedNames('a')
  const bindings = storedNames('b')
  followed.attach(policies.view, bindings.view)
  assert.deepEqual([followed.table(), followed.table(), made], ['a,b', 'a,b', 2])
  bindings.add('c')
  policies.add('d')
  assert.deepEqual([followed.table(), made], ['a,d,b,c', 3])
  followed.close()
  assert.equal(policies.listeners.size + bindings.listeners.size, 0)
})
