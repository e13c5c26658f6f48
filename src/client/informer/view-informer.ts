import type { ResourceView } from '../../apimachinery/connection.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { InformerOptions, RunningInformer } from './index.ts'
import { createHandlers, createIndexes, createRevisionWaiters } from './observers.ts'
import { selectionFilter } from './selection.ts'

/** An informer in the server's own process: it reads the committed objects themselves and keeps nothing but its indexes. */
export function createViewInformer<T extends KubernetesObject>(
  options: Pick<InformerOptions<T>, 'kind' | 'selection' | 'logger'> & { readonly view: ResourceView },
): RunningInformer<T> {
  const { kind, selection, logger } = options
  const view = options.view as ResourceView<T>
  const isSelected = selectionFilter(kind, selection)
  const handlers = createHandlers<T>(kind.resource, logger)
  const indexes = createIndexes<T>()
  const waiters = createRevisionWaiters(() => view.revision)
  const selected = (object: T | undefined) => (object !== undefined && (!isSelected || isSelected(object)) ? object : undefined)

  const unsubscribe = view.subscribe(change => {
    const old = selected(change.old)
    const current = selected(change.new)
    if (old || current) {
      indexes.change(old, current)
      handlers.dispatch(old, current)
    }
    waiters.advance()
  })

  function list(namespace?: string): readonly T[] {
    if (selection.namespace !== undefined && namespace !== undefined && namespace !== selection.namespace) return []
    const objects = view.list(namespace ?? selection.namespace)
    return isSelected ? objects.filter(isSelected) : objects
  }

  return {
    synced: Promise.resolve(),
    isSynced: true,
    get: (namespace, name) => selected(view.get(namespace, name)),
    list,
    addIndex: (name, keys) => indexes.add(name, keys, list()),
    byIndex: (name, key) => indexes.get(name, key),
    onChange: handler => handlers.add(handler, list()),
    reached: waiters.reached,
    async close() {
      unsubscribe()
      waiters.close(new Error(`the informer for ${kind.resource} was closed`))
    },
  }
}
