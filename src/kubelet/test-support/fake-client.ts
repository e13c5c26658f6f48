import { alreadyExists, conflict, notFound } from '../../apimachinery/api-errors.ts'
import type { WatchEvent } from '../../apimachinery/connection.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { ChangeHandler, Client, Informer, Patch, RequestOptions, Selection } from '../../client/types.ts'
import { eventQueue } from '../runtime/event-queue.ts'

/** A small API server in memory, as far as a kubelet uses one. */
export interface FakeClient extends Client {
  /** Writes as somebody else than the kubelet. */
  put<T extends KubernetesObject>(kind: Kind<T>, object: T): T
  /** As `kubectl delete`: with a grace period the object stays until somebody deletes it again with none. */
  requestDeletion<T extends KubernetesObject>(kind: Kind<T>, namespace: string, name: string, gracePeriodSeconds: number): void
  /** Every write of the kubelet: `patch pods/default/web status`. */
  readonly writes: readonly string[]
}

/** A kind of whatever objects. */
type AnyKind = Pick<Kind, 'resource' | 'group'>

type Change = { readonly old: KubernetesObject | undefined; readonly current: KubernetesObject | undefined }

export function fakeClient(now: () => number): FakeClient {
  const objects = new Map<string, KubernetesObject>()
  const listeners = new Set<(resource: string, change: Change) => void>()
  const writes: string[] = []
  let revision = 0
  let uids = 0

  const keyOf = (kind: AnyKind, namespace: string | undefined, name: string) => `${kind.resource}/${namespace ?? ''}/${name}`
  const find = (kind: AnyKind, namespace: string | undefined, name: string) =>
    objects.get(keyOf(kind, namespace, name)) ?? fail(notFound(kind, name))

  function store(kind: AnyKind, object: KubernetesObject): KubernetesObject {
    const key = keyOf(kind, object.metadata.namespace, object.metadata.name ?? '')
    const old = objects.get(key)
    const metadata = {
      ...object.metadata,
      uid: object.metadata.uid ?? old?.metadata.uid ?? `uid-${++uids}`,
      resourceVersion: String(++revision),
    }
    // Its own copy, frozen, so that nobody changes what others read.
    const current = freeze(structuredClone({ ...object, metadata })) as KubernetesObject
    objects.set(key, current)
    tell(kind, { old, current })
    return current
  }

  function tell(kind: AnyKind, change: Change): void {
    for (const listener of [...listeners]) listener(kind.resource, change)
  }

  function remove(kind: AnyKind, namespace: string | undefined, name: string): void {
    const old = find(kind, namespace, name)
    revision++
    objects.delete(keyOf(kind, namespace, name))
    tell(kind, { old, current: undefined })
  }

  const listOf = (kind: AnyKind, { namespace, fieldSelector }: Selection) =>
    [...objects]
      .filter(([key]) => key.startsWith(`${kind.resource}/`))
      .map(([, object]) => object)
      .filter(object => (namespace === undefined || object.metadata.namespace === namespace) && selects(fieldSelector, object))

  const client: FakeClient = {
    writes,
    put: (kind, object) => store(kind, object) as never,
    requestDeletion(kind, namespace, name, gracePeriodSeconds) {
      if (gracePeriodSeconds === 0) return remove(kind, namespace, name)
      const object = find(kind, namespace, name)
      const deletionTimestamp = new Date(now() + gracePeriodSeconds * 1000).toISOString()
      store(kind, { ...object, metadata: { ...object.metadata, deletionTimestamp, deletionGracePeriodSeconds: gracePeriodSeconds } })
    },
    get: async (kind, namespace, name) => find(kind, namespace, name) as never,
    list: async (kind, namespace, options) =>
      ({
        metadata: { resourceVersion: String(revision) },
        items: listOf(kind, { namespace, fieldSelector: options?.fieldSelector }),
      }) as never,
    watch: (kind, namespace, options) => watch(kind, { namespace, fieldSelector: options?.fieldSelector }, options) as never,
    async create(kind, object) {
      writes.push(`create ${keyOf(kind, object.metadata.namespace, object.metadata.name ?? '')}`)
      if (objects.has(keyOf(kind, object.metadata.namespace, object.metadata.name ?? '')))
        throw alreadyExists(kind, object.metadata.name ?? '')
      return store(kind, object) as never
    },
    async update(kind, object) {
      writes.push(`update ${keyOf(kind, object.metadata.namespace, object.metadata.name ?? '')}`)
      find(kind, object.metadata.namespace, object.metadata.name ?? '')
      return store(kind, object) as never
    },
    updateSubresource: () => Promise.reject(new Error('the kubelet updates no subresources')),
    updateStatus: () => Promise.reject(new Error('the kubelet patches statuses')),
    async patch(kind, namespace, name, patch: Patch, options) {
      writes.push(`patch ${keyOf(kind, namespace, name)} ${options?.subresource ?? ''}`.trim())
      const before = find(kind, namespace, name)
      const body = patch.body as { readonly metadata?: { readonly uid?: string } }
      if (body.metadata?.uid !== undefined && body.metadata.uid !== before.metadata.uid)
        throw conflict(kind, name, 'the UID is another one')
      return store(kind, merge(before, body) as KubernetesObject) as never
    },
    async delete(kind, namespace, name) {
      writes.push(`delete ${keyOf(kind, namespace, name)}`)
      remove(kind, namespace, name)
    },
    deleteCollection: () => Promise.reject(new Error('a kubelet deletes no collections')),
    getSubresource: () => Promise.reject(new Error('a node reads no subresources')),
    async createSubresource(_kind, _namespace, name, subresource, body) {
      writes.push(`create ${name}/${subresource}`)
      const { spec } = body as { spec: { expirationSeconds: number } }
      const expirationTimestamp = new Date(now() + spec.expirationSeconds * 1000).toISOString()
      return { ...(body as object), status: { token: `token-${name}-${++uids}`, expirationTimestamp } } as never
    },
    informer: (kind, selection = {}) => informer(kind, selection) as never,
    async close() {
      listeners.clear()
    },
  }

  async function* watch(kind: AnyKind, selection: Selection, options?: RequestOptions): AsyncIterable<WatchEvent> {
    const queue = eventQueue<WatchEvent>(options?.signal ?? new AbortController().signal)
    const stop = listen(kind, selection, ({ old, current }) => {
      if (current) queue.push({ type: old ? 'MODIFIED' : 'ADDED', object: current })
      else if (old) queue.push({ type: 'DELETED', object: old })
    })
    try {
      yield* queue
    } finally {
      stop()
    }
  }

  function listen(kind: AnyKind, { namespace, fieldSelector }: Selection, handle: (change: Change) => void): () => void {
    const chosen = (object: KubernetesObject | undefined) =>
      object && (namespace === undefined || object.metadata.namespace === namespace) && selects(fieldSelector, object) ? object : undefined
    const listener = (resource: string, change: Change) => {
      const old = chosen(change.old)
      const current = chosen(change.current)
      if (resource === kind.resource && (old ?? current)) handle({ old, current })
    }
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  function informer(kind: AnyKind, selection: Selection): Informer<KubernetesObject> {
    return {
      synced: Promise.resolve(),
      isSynced: true,
      get: (namespace, name) => objects.get(keyOf(kind, namespace, name)),
      list: namespace => listOf(kind, { ...selection, namespace: namespace ?? selection.namespace }),
      addIndex() {},
      byIndex: () => [],
      onChange(handler: ChangeHandler<KubernetesObject>) {
        for (const object of listOf(kind, selection)) handler(undefined, object)
        return listen(kind, selection, ({ old, current }) => handler(old, current))
      },
      reached: async () => {},
    }
  }

  return client
}

function fail(error: Error): never {
  throw error
}

function selects(fieldSelector: string | undefined, object: KubernetesObject): boolean {
  if (!fieldSelector) return true
  const [path = '', value = ''] = fieldSelector.split('=')
  const found = path.split('.').reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], object)
  return (found ?? '') === value
}

const mergeKeys: Readonly<Record<string, string>> = { conditions: 'type', podIPs: 'ip', hostIPs: 'ip', addresses: 'type' }

/** Strategic merge, as far as statuses need it. */
function merge(before: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const result: Record<string, unknown> = isRecord(before) ? { ...before } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else if (Array.isArray(value) && mergeKeys[key])
      result[key] = mergeList((result[key] as unknown[] | undefined) ?? [], value, mergeKeys[key])
    else result[key] = merge(result[key], value)
  }
  return result
}

function mergeList(before: readonly unknown[], patch: readonly unknown[], key: string): unknown[] {
  const replaces = patch.some(item => isRecord(item) && item.$patch === 'replace')
  const items = patch.filter(item => !(isRecord(item) && item.$patch !== undefined))
  if (replaces) return items
  const result = [...before]
  for (const item of items) {
    const index = result.findIndex(old => isRecord(old) && isRecord(item) && old[key] === item[key])
    if (index < 0) result.push(merge(undefined, item))
    else result[index] = merge(result[index], item)
  }
  return result
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value)
    for (const part of Object.values(value)) freeze(part)
  }
  return value
}
