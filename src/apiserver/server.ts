import { serviceUnavailable } from '../apimachinery/api-errors.ts'
import type { ApiConnection } from '../apimachinery/connection.ts'
import type { Kind } from '../apimachinery/kind.ts'
import type { UserInfo } from '../apimachinery/request.ts'
import { type ConnectOptions, createConnection } from './connection.ts'
import { createDocuments } from './discovery/documents.ts'
import { healthChecks } from './discovery/health.ts'
import { measureServer } from './discovery/server-metrics.ts'
import { createFairness, debugPaths, type Fairness } from './fairness/index.ts'
import { limits } from './limits.ts'
import { createStoredObjects } from './operations/stored-objects.ts'
import { createObjectEncoder } from './registry/encode.ts'
import { createEncodedCache } from './registry/encoded-cache.ts'
import type { Registry } from './registry/registry.ts'
import { createServiceAllocator } from './registry/service-allocator.ts'
import { answerStatus } from './request/answer.ts'
import { handleRequest } from './request/handle.ts'
import { createInflightRequests } from './request/inflight.ts'
import { createRequestMetrics } from './request/metrics.ts'
import { createPieceBuffers } from './request/piece-buffers.ts'
import { createTablePrinter } from './request/table.ts'
import { handleUpgrade } from './request/upgrade.ts'
import { createResourceCatalog } from './resources.ts'
import type { ServerRoom } from './server-room.ts'
import { ownReviews, ownSubresources } from './subresources/index.ts'
import type { ApiServerOptions, HttpAnswer, HttpRequest, HttpUpgrade, StoredObjects } from './types.ts'
import { createBookmarks } from './watch/bookmarks.ts'
import { createFrameForms } from './watch/frames.ts'
import { releaseHistory } from './watch/release-history.ts'
import { createSharedItems } from './watch/shared-items.ts'
import { createYamlReader } from './yaml/index.ts'

export interface ApiServer {
  /** The API for callers in this process, as this user. */
  connect(user: UserInfo, options?: ConnectOptions): ApiConnection
  /** Answers a request, always: errors become a Status. */
  handle(request: HttpRequest): Promise<HttpAnswer>
  /** Takes back a chunk of an answer's body that has gone to the client, to write another one into it. Nobody has to. */
  giveBack(chunk: Uint8Array): void
  upgrade(upgrade: HttpUpgrade): Promise<HttpAnswer | undefined>
  /** Serves a kind from now on, or serves it as it is now. */
  registerKind(kind: Kind): void
  unregisterKind(group: string, resource: string): void
  /** Serves a resource by these kinds, one for each version, or no longer where there are none. */
  replaceKinds(group: string, resource: string, kinds: readonly Kind[]): void
  /** Called after a kind was registered or unregistered. */
  onKindsChanged(listener: () => void): () => void
  readonly objects: StoredObjects
  /** Told by whoever follows the stored flow schemas and priority levels. */
  readonly fairness: Fairness
  /** Empty when ready; otherwise the names of the checks that fail. */
  readonly unready: readonly string[]
  /** No new work; watches and connections in process end. The store is the caller's. */
  close(): Promise<void>
}

export function createApiServer(options: ApiServerOptions): ApiServer {
  const { storage, clock, random, logger, metrics, freezeObjects = false } = options
  const closing = new AbortController()
  const catalog = createResourceCatalog(options.kinds)
  const cache = createEncodedCache(limits.encodedCacheBytes)
  const encoder = createObjectEncoder(cache, freezeObjects)
  const buffers = createPieceBuffers(limits.listChunkBytes, limits.keptPieces)
  const services = createServiceAllocator(storage, random, options.serviceRanges)
  const registry: Registry = {
    storage,
    clock,
    random,
    catalog,
    admission: options.admission,
    reserving: options.admission.filter(step => step.reserve),
    // Admission reads and writes stored objects by the registry that asks it.
    get objects() {
      return objects
    },
    encoder,
    services,
    freezeObjects,
  }
  const objects: StoredObjects = createStoredObjects(registry)
  const bookmarks = createBookmarks(storage, clock)
  const stopReleasing = releaseHistory(storage)
  const inflight = createInflightRequests()
  const fairness = createFairness({
    clock,
    metrics,
    seats: options.seats ?? limits.readRequests + limits.writeRequests,
    wait_ms: limits.turnWait_ms,
  })
  const checks = healthChecks({
    storage: () => storage.trouble || undefined,
    startHooks: options.startHooks ?? {},
    shutdown: () => (closing.signal.aborted ? 'process is shutting down' : undefined),
  })
  const table = createTablePrinter(encoder, buffers, clock, freezeObjects)
  const room: ServerRoom = {
    registry,
    catalog,
    objects,
    handlers: {
      ...options.handlers,
      subresources: { ...ownSubresources(clock), ...options.handlers.subresources },
      reviews: { ...ownReviews(clock), ...options.handlers.reviews },
    },
    encoder,
    cache,
    watchFrames: createFrameForms({ encoder, cache: createEncodedCache(limits.frameCacheBytes), table }),
    sharedItems: createSharedItems(),
    buffers,
    table,
    bookmarks,
    documents: createDocuments({
      catalog,
      clock,
      logger,
      metrics,
      version: options.version,
      health: checks,
      aggregation: options.aggregation,
      paths: { ...debugPaths(fairness), ...options.paths },
    }),
    aggregation: options.aggregation,
    authenticators: options.authenticators,
    anonymous: options.anonymous ?? { enabled: true },
    authorizer: options.authorizer,
    audit: options.audit,
    yaml: createYamlReader({ clock, entry: options.yamlEntry }),
    inflight,
    fairness,
    metrics: createRequestMetrics(metrics, clock, inflight, catalog),
    clock,
    random,
    logger,
  }
  measureServer(metrics, storage, catalog, options.version)
  const connections = new Set<ApiConnection>()
  const kindListeners = new Set<() => void>()

  return {
    objects,
    fairness,
    connect(user, connectOptions = {}) {
      const connection = createConnection(room, user, connectOptions)
      connections.add(connection)
      return {
        ...connection,
        close() {
          connections.delete(connection)
          return connection.close()
        },
      }
    },
    giveBack: buffers.giveBack,
    async handle(request) {
      if (closing.signal.aborted) return answerStatus(serviceUnavailable('the server is shutting down').status, undefined)
      return handleRequest(room, request)
    },
    upgrade: upgrade => handleUpgrade(room, upgrade),
    registerKind(kind) {
      catalog.register(kind)
      for (const listener of kindListeners) listener()
    },
    unregisterKind(group, resource) {
      catalog.unregister(group, resource)
      for (const listener of kindListeners) listener()
    },
    replaceKinds(group, resource, kinds) {
      const { generation } = catalog
      catalog.replace(group, resource, kinds)
      if (catalog.generation !== generation) for (const listener of kindListeners) listener()
    },
    onKindsChanged(listener) {
      kindListeners.add(listener)
      return () => void kindListeners.delete(listener)
    },
    get unready() {
      return Object.entries(checks.readyz).flatMap(([name, check]) => (check() === undefined ? [] : [name]))
    },
    async close() {
      closing.abort(new Error('the API server is closing'))
      await Promise.all([...connections].map(connection => connection.close()))
      bookmarks.close()
      stopReleasing()
      services.close()
      await room.yaml.close()
      await options.audit?.close()
    },
  }
}
