import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { InformerOptions, RunningInformer } from './index.ts'
import { createHandlers, createIndexes, createRevisionWaiters } from './observers.ts'
import { runReflector } from './reflector.ts'

/** An informer that keeps its own copy, filled by listing and kept current by watching. */
export function createCacheInformer<T extends KubernetesObject>(options: InformerOptions<T>): RunningInformer<T> {
  const { kind, selection, logger } = options
  const objects = new Map<string, Map<string, T>>()
  const handlers = createHandlers<T>(kind.resource, logger)
  const indexes = createIndexes<T>()
  let revision = 0
  let isSynced = false
  const waiters = createRevisionWaiters(() => revision)
  const synced = Promise.withResolvers<void>()
  // Nobody may be waiting when the informer is closed before its first list.
  synced.promise.catch(() => {})
  const stop = new AbortController()

  function put(namespace: string, name: string, current: T | undefined): T | undefined {
    const group = objects.get(namespace)
    const old = group?.get(name)
    if (current === undefined) {
      group?.delete(name)
      if (group?.size === 0) objects.delete(namespace)
    } else if (group) group.set(name, current)
    else objects.set(namespace, new Map([[name, current]]))
    return old
  }

  function change({ metadata: { namespace = '', name = '', resourceVersion } }: KubernetesObject, current: T | undefined): void {
    const old = put(namespace, name, current)
    if (!old && !current) return
    if (old && current && old.metadata.resourceVersion === resourceVersion) return
    indexes.change(old, current)
    handlers.dispatch(old, current)
  }

  function advance(resourceVersion: string): void {
    const reached = Number(resourceVersion)
    if (reached > revision) revision = reached
    waiters.advance()
  }

  const running = runReflector<T>({
    ...options,
    signal: stop.signal,
    replace(items, resourceVersion) {
      const present = new Set(items.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`))
      const gone = list().filter(({ metadata }) => !present.has(`${metadata.namespace ?? ''}/${metadata.name}`))
      for (const object of gone) change(object, undefined)
      for (const object of items) change(object, object)
      isSynced = true
      synced.resolve()
      advance(resourceVersion)
    },
    apply({ type, object }) {
      if (type !== 'BOOKMARK') change(object, type === 'DELETED' ? undefined : object)
      advance(object.metadata.resourceVersion ?? '0')
    },
  })

  function list(namespace?: string): readonly T[] {
    if (namespace !== undefined) return [...(objects.get(namespace)?.values() ?? [])]
    return [...objects.values()].flatMap(group => [...group.values()])
  }

  return {
    synced: synced.promise,
    get isSynced() {
      return isSynced
    },
    get: (namespace, name) => objects.get(namespace ?? '')?.get(name),
    list,
    addIndex: (name, keys) => indexes.add(name, keys, list()),
    byIndex: (name, key) => indexes.get(name, key),
    onChange: handler => handlers.add(handler, list()),
    reached: waiters.reached,
    async close() {
      const reason = new Error(`the informer for ${kind.resource}${selection.namespace ? ` in ${selection.namespace}` : ''} was closed`)
      stop.abort(reason)
      synced.reject(reason)
      waiters.close(reason)
      await running
    },
  }
}
