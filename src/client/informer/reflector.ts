import { StatusError } from '../../apimachinery/api-errors.ts'
import type { CallOptions, WatchEvent } from '../../apimachinery/connection.ts'
import { formatGroupVersion, type KubernetesList, type KubernetesObject } from '../../apimachinery/meta.ts'
import { sleep } from '../../base/index.ts'
import { createBackoff } from '../backoff.ts'
import type { InformerOptions } from './index.ts'

export interface ReflectorOptions<T extends KubernetesObject> extends InformerOptions<T> {
  readonly signal: AbortSignal
  /** A complete list; what is not in it is gone. */
  readonly replace: (items: readonly T[], resourceVersion: string) => void
  readonly apply: (event: WatchEvent<T>) => void
}

const pageSize = 500

/**
 * Lists, then watches from there; when a watch ends it goes on where it was, and lists again only if the server
 * no longer has what happened since. Ends with its signal.
 */
export async function runReflector<T extends KubernetesObject>(options: ReflectorOptions<T>): Promise<void> {
  const { kind, signal, clock, random, logger } = options
  const backoff = createBackoff({ random, first_ms: 800, maximum_ms: 30_000 })
  let resourceVersion: string | undefined
  while (!signal.aborted) {
    const started = clock.monotonic()
    try {
      resourceVersion ??= await listAll(options)
      resourceVersion = await watchFrom(options, resourceVersion, reached => {
        resourceVersion = reached
        backoff.reset()
      })
      // A server that ends watches at once must not be asked in a tight loop.
      if (clock.monotonic() - started > 1000) continue
    } catch (error) {
      if (signal.aborted) return
      if (isTooOld(error)) {
        resourceVersion = undefined
        logger.info(`watch of ${kind.resource} is too old for the server; listing again`)
      } else {
        logger.warn(`following ${kind.resource} failed; trying again in a moment`, { error })
      }
    }
    await sleep(clock, backoff.next_ms(), signal).catch(() => {})
  }
}

const isTooOld = (error: unknown) => error instanceof StatusError && (error.code === 410 || error.reason === 'Expired')

async function listAll<T extends KubernetesObject>(options: ReflectorOptions<T>): Promise<string> {
  const items: T[] = []
  let page: CallOptions = { limit: pageSize }
  for (;;) {
    const list = await fetchPage(options, page)
    for (const item of list.items) items.push(asStored(options, item))
    if (!list.metadata.continue) {
      const resourceVersion = list.metadata.resourceVersion ?? ''
      options.replace(items, resourceVersion)
      return resourceVersion
    }
    page = { limit: pageSize, continue: list.metadata.continue }
  }
}

async function fetchPage<T extends KubernetesObject>(options: ReflectorOptions<T>, page: CallOptions): Promise<KubernetesList<T>> {
  const { connection, resource, selection, signal } = options
  const { namespace, ...selectors } = selection
  const list: unknown = await connection.call({ verb: 'list', resource, namespace, options: { ...selectors, ...page }, signal })
  return list as KubernetesList<T>
}

/** Returns the version to go on from when the server ends the watch. */
async function watchFrom<T extends KubernetesObject>(
  options: ReflectorOptions<T>,
  from: string,
  onProgress: (resourceVersion: string) => void,
): Promise<string> {
  const { connection, resource, selection, random, signal, apply } = options
  const { namespace, ...selectors } = selection
  // Watches of many clients shall not end together.
  const timeoutSeconds = 300 + Math.floor(random.next() * 300)
  let resourceVersion = from
  const call = { ...selectors, resourceVersion, allowWatchBookmarks: true, timeoutSeconds }
  for await (const event of connection.watch({ verb: 'watch', resource, namespace, options: call, signal })) {
    if (signal.aborted) break
    apply({ type: event.type, object: asStored(options, event.object as T) })
    resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion
    onProgress(resourceVersion)
  }
  return resourceVersion
}

/** List items come without type meta, and nobody here reads managedFields. */
function asStored<T extends KubernetesObject>({ kind }: ReflectorOptions<T>, object: T): T {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, apiVersion: formatGroupVersion(kind.group, kind.version), kind: kind.kind, metadata }
}
