import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { Logger } from '../../base/index.ts'
import type { ChangeHandler } from '../types.ts'

/** `namespace/name`, or the name alone for objects of the whole cluster. */
export const keyOf = ({ metadata: { namespace, name } }: KubernetesObject): string => (namespace ? `${namespace}/${name}` : (name ?? ''))

/** Those who are told of changes. One that throws is logged and doesn't keep the others from hearing. */
export interface Handlers<T> {
  /** Tells the new handler of `current` first. */
  add(handler: ChangeHandler<T & KubernetesObject>, current: Iterable<T>): () => void
  dispatch(old: T | undefined, current: T | undefined): void
}

export function createHandlers<T extends KubernetesObject>(resource: string, logger: Logger): Handlers<T> {
  let handlers: readonly ChangeHandler<T>[] = []
  const tell = (handler: ChangeHandler<T>, old: T | undefined, current: T | undefined) => {
    try {
      handler(old, current)
    } catch (error) {
      const object = current ?? old
      logger.error(`a handler of ${resource} failed on ${object ? keyOf(object) : 'an object'}; later changes are still passed on`, {
        error,
      })
    }
  }
  return {
    add(handler, current) {
      handlers = [...handlers, handler]
      for (const object of current) tell(handler, undefined, object)
      return () => {
        handlers = handlers.filter(one => one !== handler)
      }
    },
    dispatch(old, current) {
      // A handler that comes during the round has been told of the current state and must not hear of this change again.
      for (const handler of handlers) tell(handler, old, current)
    },
  }
}

/** Objects by what their indexes say; kept in step by `change`. */
export interface Indexes<T> {
  add(name: string, keys: (object: T) => readonly string[], current: Iterable<T>): void
  change(old: T | undefined, current: T | undefined): void
  get(name: string, key: string): readonly T[]
}

export function createIndexes<T extends KubernetesObject>(): Indexes<T> {
  interface Index {
    readonly keys: (object: T) => readonly string[]
    readonly objects: Map<string, Map<string, T>>
  }
  const indexes = new Map<string, Index>()
  const insert = ({ keys, objects }: Index, object: T) => {
    for (const key of keys(object)) {
      const group = objects.get(key)
      if (group) group.set(keyOf(object), object)
      else objects.set(key, new Map([[keyOf(object), object]]))
    }
  }
  const remove = ({ keys, objects }: Index, object: T) => {
    for (const key of keys(object)) {
      const group = objects.get(key)
      group?.delete(keyOf(object))
      if (group?.size === 0) objects.delete(key)
    }
  }
  return {
    add(name, keys, current) {
      if (indexes.has(name)) return
      const index = { keys, objects: new Map() }
      indexes.set(name, index)
      for (const object of current) insert(index, object)
    },
    change(old, current) {
      for (const index of indexes.values()) {
        if (old) remove(index, old)
        if (current) insert(index, current)
      }
    },
    get(name, key) {
      const index = indexes.get(name)
      if (!index) throw new Error(`index ${JSON.stringify(name)} was asked for before addIndex`)
      return [...(index.objects.get(key)?.values() ?? [])]
    },
  }
}

/** Those who wait until a revision has been reached. */
export interface RevisionWaiters {
  reached(resourceVersion: string, signal?: AbortSignal): Promise<void>
  advance(): void
  close(reason: Error): void
}

export function createRevisionWaiters(current: () => number): RevisionWaiters {
  const waiting = new Set<{ readonly revision: number; readonly resolve: () => void; readonly reject: (reason: unknown) => void }>()
  return {
    reached(resourceVersion, signal) {
      const revision = Number(resourceVersion)
      if (!Number.isSafeInteger(revision))
        return Promise.reject(new Error(`resourceVersion ${JSON.stringify(resourceVersion)} is no revision`))
      if (current() >= revision) return Promise.resolve()
      if (signal?.aborted) return Promise.reject(signal.reason)
      return new Promise((resolve, reject) => {
        const settle = () => {
          waiting.delete(waiter)
          signal?.removeEventListener('abort', abort)
        }
        const abort = () => waiter.reject(signal?.reason)
        const waiter = {
          revision,
          resolve: () => {
            settle()
            resolve()
          },
          reject: (reason: unknown) => {
            settle()
            reject(reason)
          },
        }
        signal?.addEventListener('abort', abort, { once: true })
        waiting.add(waiter)
      })
    },
    advance() {
      if (waiting.size === 0) return
      const now = current()
      for (const waiter of [...waiting]) if (now >= waiter.revision) waiter.resolve()
    },
    close(reason) {
      for (const waiter of [...waiting]) waiter.reject(reason)
    },
  }
}
