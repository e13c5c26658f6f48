import { alreadyExists, expired, modifiedConflict, notFound } from '../../apimachinery/api-errors.ts'
import type { ApiCall, ApiConnection, ResourceChange, ResourceName, ResourceView, WatchEvent } from '../../apimachinery/connection.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { applyMergePatch } from '../../apimachinery/patch/index.ts'
import { parseFieldSelector, parseLabelSelector } from '../../apimachinery/selectors.ts'

/** A small API server in memory: no validation, but versions, conflicts, watches and compaction are as real ones have them. */
export interface FakeApi {
  /** With views, as in the server's own process, or without, as from afar. */
  connect(options: { readonly views: boolean }): ApiConnection
  readonly calls: ApiCall[]
  /** Forgets history: watches from before get 410. */
  compact(): void
  /** Ends all watches, as a server that restarts does. */
  breakWatches(): void
  /** Called before each call; what it throws is the answer. */
  intercept: ((call: ApiCall) => void) | undefined
}

interface Logged {
  readonly revision: number
  readonly resource: string
  readonly old: KubernetesObject | undefined
  readonly current: KubernetesObject | undefined
}

export function createFakeApi(): FakeApi {
  const objects = new Map<string, KubernetesObject>()
  const calls: ApiCall[] = []
  let log: Logged[] = []
  let revision = 1
  let compacted = 1
  let epoch = 0
  const listeners = new Set<(entry: Logged) => void>()
  const wakes = new Set<() => void>()

  const groupResource = ({ group, resource }: ResourceName) => ({ group, resource })
  const keyOf = (resource: ResourceName, namespace: string | undefined, name: string) =>
    `${resource.group}/${resource.resource}/${namespace ?? ''}/${name}`
  const prefixOf = (resource: ResourceName) => `${resource.group}/${resource.resource}/`
  const inResource = (resource: ResourceName, namespace?: string): KubernetesObject[] => {
    const prefix = prefixOf(resource) + (namespace === undefined ? '' : `${namespace}/`)
    return [...objects]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object)
  }

  function commit(resource: ResourceName, key: string, current: KubernetesObject | undefined): KubernetesObject {
    const old = objects.get(key)
    revision++
    const stored = current && { ...current, metadata: { uid: `uid-${revision}`, ...current.metadata, resourceVersion: String(revision) } }
    if (stored) objects.set(key, stored)
    else objects.delete(key)
    const entry = { revision, resource: prefixOf(resource), old, current: stored }
    log.push(entry)
    for (const listener of [...listeners]) listener(entry)
    for (const wake of [...wakes]) wake()
    return stored ?? { ...(old as KubernetesObject), metadata: { ...old?.metadata, resourceVersion: String(revision) } }
  }

  function answer(call: ApiCall): KubernetesObject {
    const { verb, resource, namespace, name = '', body } = call
    const key = keyOf(resource, namespace, name)
    const existing = objects.get(key)
    if (verb === 'list') return list(call) as unknown as KubernetesObject
    if (verb === 'create') {
      const created = structuredClone(body) as KubernetesObject
      const newKey = keyOf(resource, namespace, created.metadata.name ?? '')
      if (objects.has(newKey)) throw alreadyExists(groupResource(resource), created.metadata.name ?? '')
      return commit(resource, newKey, created)
    }
    if (!existing) throw notFound(groupResource(resource), name)
    if (verb === 'get') return existing
    if (verb === 'delete') return commit(resource, key, undefined)
    if (verb === 'update') {
      const updated = structuredClone(body) as KubernetesObject
      const given = updated.metadata.resourceVersion
      if (given !== undefined && given !== existing.metadata.resourceVersion) throw modifiedConflict(groupResource(resource), name)
      return commit(resource, key, updated)
    }
    if (verb === 'patch') return commit(resource, key, applyMergePatch(existing, body) as KubernetesObject)
    throw new Error(`the fake API does not know ${verb}`)
  }

  function selects({ options = {} }: ApiCall, object: KubernetesObject | undefined): boolean {
    if (!object) return false
    const fields = parseFieldSelector(options.fieldSelector ?? '')
    const value = (field: string) => (field === 'metadata.name' ? object.metadata.name : object.metadata.namespace)
    return (
      parseLabelSelector(options.labelSelector ?? '').matches(object.metadata.labels) &&
      fields.every(one => (value(one.field) === one.value) === (one.operator === '='))
    )
  }

  /** Pages by position, at the revision of the first page; enough for clients that follow `continue`. */
  function list(call: ApiCall) {
    const { options = {} } = call
    const [at = String(revision), from = '0'] = options.continue?.split(':') ?? []
    if (Number(at) < compacted) throw expired('The provided continue parameter is too old')
    const all = inResource(call.resource, call.namespace).filter(object => selects(call, object))
    const end = options.limit ? Number(from) + options.limit : all.length
    const rest = end < all.length ? { continue: `${at}:${end}` } : {}
    return { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: at, ...rest }, items: all.slice(Number(from), end) }
  }

  async function* watch(call: ApiCall): AsyncGenerator<WatchEvent> {
    calls.push(call)
    intercept.run(call)
    let position = Number(call.options?.resourceVersion ?? revision)
    if (position < compacted) throw expired(`too old resource version: ${position} (${compacted})`)
    const mine = epoch
    while (!call.signal?.aborted && epoch === mine) {
      const next = log.find(entry => entry.revision > position)
      if (next) {
        position = next.revision
        const event = next.resource === prefixOf(call.resource) ? eventOf(call, next) : undefined
        if (event) yield event
      } else await nextChange(call.signal)
    }
  }

  function eventOf(call: ApiCall, { old, current, revision: at }: Logged): WatchEvent | undefined {
    const inNamespace = call.namespace === undefined || (current ?? old)?.metadata.namespace === call.namespace
    if (!inNamespace) return undefined
    const before = selects(call, old)
    if (current && selects(call, current)) return { type: before ? 'MODIFIED' : 'ADDED', object: current }
    if (!before || !old) return undefined
    return { type: 'DELETED', object: { ...old, metadata: { ...old.metadata, resourceVersion: String(at) } } }
  }

  function nextChange(signal: AbortSignal | undefined): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        wakes.delete(wake)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      wakes.add(wake)
      signal?.addEventListener('abort', wake, { once: true })
    })
  }

  const viewOf = (resource: ResourceName): ResourceView => ({
    get: (namespace, name) => objects.get(keyOf(resource, namespace, name)),
    list: namespace => inResource(resource, namespace),
    get revision() {
      return revision
    },
    subscribe(listener) {
      const hear = (entry: Logged) => {
        if (entry.resource === prefixOf(resource))
          listener({ old: entry.old, new: entry.current, revision: entry.revision } as ResourceChange)
      }
      listeners.add(hear)
      return () => void listeners.delete(hear)
    },
  })

  const intercept = { run: (_call: ApiCall): void => undefined }
  return {
    calls,
    connect: ({ views }) => ({
      async call(call) {
        call.signal?.throwIfAborted()
        calls.push(call)
        intercept.run(call)
        return answer(call)
      },
      watch,
      ...(views && { view: viewOf }),
      close: async () => {},
    }),
    compact() {
      compacted = revision
      log = []
    },
    breakWatches() {
      epoch++
      for (const wake of [...wakes]) wake()
    },
    get intercept() {
      return intercept.run
    },
    set intercept(run) {
      intercept.run = run ?? (() => undefined)
    },
  }
}
