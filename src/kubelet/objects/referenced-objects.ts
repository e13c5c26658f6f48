import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { type ConfigMap, configMapKind } from '../../apis/core/config-map.ts'
import { type Secret, secretKind } from '../../apis/core/secret.ts'
import { type Clock, type Logger, sleep } from '../../base/index.ts'
import type { Client } from '../../client/types.ts'

/**
 * The ConfigMaps and Secrets that pods of this node refer to, and no others: each is listed and watched by name while a pod uses it.
 * `changed` is told which pods used an object when it changed.
 */
export interface ReferencedObjects {
  configMap(namespace: string, name: string, podUid: string): Promise<ConfigMap | undefined>
  secret(namespace: string, name: string, podUid: string): Promise<Secret | undefined>
  /** The pod no longer uses anything. */
  release(podUid: string): void
  close(): void
}

interface Watched {
  /** Ends with the first answer, be it an error. */
  readonly answered: PromiseWithResolvers<void>
  current: KubernetesObject | undefined
  /** Why nothing is known; the next try may succeed. */
  failure: Error | undefined
  readonly users: Set<string>
  readonly stop: AbortController
}

interface Options {
  readonly client: Client
  readonly clock: Clock
  readonly logger: Logger
  readonly changed: (podUid: string) => void
}

const retry_ms = 1000
const pause_ms = 100

export function createReferencedObjects({ client, clock, logger, changed }: Options): ReferencedObjects {
  const watched = new Map<string, Watched>()

  async function get<T extends KubernetesObject>(kind: Kind<T>, namespace: string, name: string, podUid: string): Promise<T | undefined> {
    const key = `${kind.resource}/${namespace}/${name}`
    const known = watched.get(key)
    const entry = known ?? start(kind, namespace, name)
    if (!known) watched.set(key, entry)
    entry.users.add(podUid)
    await entry.answered.promise
    if (entry.failure) throw new Error(`read ${kind.singular} ${namespace}/${name}: ${entry.failure.message}`, { cause: entry.failure })
    return entry.current as T | undefined
  }

  function start<T extends KubernetesObject>(kind: Kind<T>, namespace: string, name: string): Watched {
    const answered = Promise.withResolvers<void>()
    const entry: Watched = { answered, current: undefined, failure: undefined, users: new Set(), stop: new AbortController() }
    follow(kind, namespace, name, entry).catch(error =>
      logger.error(`watch of ${kind.singular} ended; pods of this node no longer see its changes`, { namespace, name, error }),
    )
    return entry
  }

  async function follow<T extends KubernetesObject>(kind: Kind<T>, namespace: string, name: string, entry: Watched): Promise<void> {
    const fieldSelector = `metadata.name=${name}`
    const { signal } = entry.stop
    while (!signal.aborted) {
      try {
        const list = await client.list(kind, namespace, { fieldSelector, signal })
        learn(
          entry,
          list.items.find(object => object.metadata.name === name),
        )
        const options = { fieldSelector, resourceVersion: list.metadata.resourceVersion, allowWatchBookmarks: true, signal }
        for await (const { type, object } of client.watch(kind, namespace, options)) {
          if (type !== 'BOOKMARK') learn(entry, type === 'DELETED' ? undefined : object)
        }
        await sleep(clock, pause_ms, signal).catch(() => {})
      } catch (error) {
        if (signal.aborted) break
        // What was known before stays in use: running pods need not notice.
        if (entry.current === undefined) entry.failure = error as Error
        entry.answered.resolve()
        logger.warn(`follow ${kind.singular} ${namespace}/${name}: trying again`, { error })
        await sleep(clock, retry_ms, signal).catch(() => {})
      }
    }
    entry.answered.resolve()
  }

  function learn(entry: Watched, object: KubernetesObject | undefined): void {
    const isChange = entry.failure !== undefined || entry.current?.metadata.resourceVersion !== object?.metadata.resourceVersion
    entry.current = object
    entry.failure = undefined
    entry.answered.resolve()
    if (isChange) for (const podUid of entry.users) changed(podUid)
  }

  return {
    configMap: (namespace, name, podUid) => get(configMapKind, namespace, name, podUid),
    secret: (namespace, name, podUid) => get(secretKind, namespace, name, podUid),
    release(podUid) {
      for (const [key, entry] of watched) {
        if (!entry.users.delete(podUid) || entry.users.size) continue
        entry.stop.abort()
        watched.delete(key)
      }
    },
    close() {
      for (const entry of watched.values()) entry.stop.abort()
      watched.clear()
    },
  }
}
