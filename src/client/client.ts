import type { ApiCall, ApiConnection, CallOptions, ResourceName, WatchEvent } from '../apimachinery/connection.ts'
import type { Kind } from '../apimachinery/kind.ts'
import { formatGroupVersion, type KubernetesList, type KubernetesObject } from '../apimachinery/meta.ts'
import type { Clock, Logger, Random } from '../base/index.ts'
import { createInformer, type RunningInformer } from './informer/index.ts'
import type { Client, Informer, RequestOptions, Selection } from './types.ts'

export interface ClientOptions {
  /** Closed together with the client. */
  readonly connection: ApiConnection
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Named as the owner of what this client writes. */
  readonly fieldManager?: string
}

/** The typed client over a connection, in process or over HTTPS. */
export function createClient({ connection, clock, random, logger, fieldManager }: ClientOptions): Client {
  const informers = new Map<string, RunningInformer<KubernetesObject>>()
  let closed = false

  const call = async <T>(kind: AnyKind, rest: Omit<ApiCall, 'resource'>): Promise<T> =>
    (await connection.call({ resource: resourceOf(kind), ...rest })) as T
  const readOptions = ({ signal, ...options }: RequestOptions = {}) => ({ options, signal })
  const writeOptions = ({ signal, ...options }: RequestOptions = {}): { options: CallOptions; signal: AbortSignal | undefined } => ({
    options: fieldManager === undefined || options.fieldManager !== undefined ? options : { ...options, fieldManager },
    signal,
  })

  function write<T extends KubernetesObject>(
    verb: 'create' | 'update',
    kind: Kind<T>,
    object: T,
    options?: RequestOptions,
    subresource?: string,
  ) {
    const { namespace, name } = object.metadata
    const body = withTypeMeta(kind, object)
    return call<T>(kind, {
      verb,
      namespace,
      ...(verb === 'update' && { name }),
      ...(subresource && { subresource }),
      body,
      ...writeOptions(options),
    })
  }

  function informer<T extends KubernetesObject>(kind: Kind<T>, selection: Selection = {}): Informer<T> {
    if (closed) throw new Error(`informer for ${kind.resource} was asked for after its client was closed`)
    const { namespace, labelSelector, fieldSelector, metadataOnly } = selection
    const key = JSON.stringify([kind.group, kind.version, kind.resource, namespace, labelSelector, fieldSelector, metadataOnly])
    let running = informers.get(key) as RunningInformer<T> | undefined
    if (!running) {
      running = createInformer({ connection, kind, resource: resourceOf(kind), selection, clock, random, logger })
      informers.set(key, running as unknown as RunningInformer<KubernetesObject>)
    }
    return running
  }

  return {
    get: (kind, namespace, name, options) => call(kind, { verb: 'get', namespace, name, ...readOptions(options) }),
    list: <T extends KubernetesObject>(kind: Kind<T>, namespace?: string, options?: RequestOptions) =>
      call<KubernetesList<T>>(kind, { verb: 'list', namespace, ...readOptions(options) }),
    watch: <T extends KubernetesObject>(kind: Kind<T>, namespace?: string, options?: RequestOptions) =>
      connection.watch({ verb: 'watch', resource: resourceOf(kind), namespace, ...readOptions(options) }) as AsyncIterable<WatchEvent<T>>,
    create: (kind, object, options) => write('create', kind, object, options),
    update: (kind, object, options) => write('update', kind, object, options),
    updateStatus: (kind, object, options) => write('update', kind, object, options, 'status'),
    updateSubresource: (kind, object, subresource, options) => write('update', kind, object, options, subresource),
    patch(kind, namespace, name, patch, options = {}) {
      const { subresource, ...rest } = options
      return call(kind, { verb: 'patch', namespace, name, subresource, body: patch.body, patchType: patch.type, ...writeOptions(rest) })
    },
    async delete(kind, namespace, name, options) {
      await call(kind, { verb: 'delete', namespace, name, ...readOptions(options) })
    },
    async deleteCollection(kind, namespace, options) {
      await call(kind, { verb: 'deletecollection', namespace, ...readOptions(options) })
    },
    getSubresource: (kind, namespace, name, subresource, options) =>
      call(kind, { verb: 'get', namespace, name, subresource, ...readOptions(options) }),
    createSubresource: (kind, namespace, name, subresource, body, options) =>
      call(kind, { verb: 'create', namespace, name, subresource, body, ...writeOptions(options) }),
    informer,
    async close() {
      if (closed) return
      closed = true
      await Promise.all([...informers.values()].map(running => running.close()))
      await connection.close()
    },
  }
}

type AnyKind = Pick<Kind, 'group' | 'version' | 'resource'>

const resourceOf = ({ group, version, resource }: AnyKind): ResourceName => ({ group, version, resource })

function withTypeMeta<T extends KubernetesObject>(kind: Kind<T>, object: T): T {
  const apiVersion = formatGroupVersion(kind.group, kind.version)
  return object.kind === kind.kind && object.apiVersion === apiVersion ? object : { ...object, apiVersion, kind: kind.kind }
}
