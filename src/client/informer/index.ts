/**
 * Informers: a local, always current picture of a resource. In process it is a view of the server's committed objects,
 * without a copy; elsewhere a cache that lists once and then watches. Both behave the same, as one contract suite shows.
 */
import type { ApiConnection, ResourceName, ViewScope } from '../../apimachinery/connection.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { parseFieldSelector } from '../../apimachinery/selectors.ts'
import type { Clock, Logger, Random } from '../../base/index.ts'
import type { Informer, Selection } from '../types.ts'
import { createCacheInformer } from './cache-informer.ts'
import { createViewInformer } from './view-informer.ts'

export interface InformerOptions<T extends KubernetesObject> {
  readonly connection: ApiConnection
  readonly kind: Kind<T>
  readonly resource: ResourceName
  readonly selection: Selection
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

export interface RunningInformer<T extends KubernetesObject> extends Informer<T> {
  close(): Promise<void>
}

export function createInformer<T extends KubernetesObject>(options: InformerOptions<T>): RunningInformer<T> {
  const view = options.connection.view?.(options.resource, scopeOf(options.selection))
  return view ? createViewInformer({ ...options, view }) : createCacheInformer(options)
}

/** A view is narrowed as far as its opener's rights may be; the rest of a selection is decided object by object. */
function scopeOf({ namespace, fieldSelector, metadataOnly }: Selection): ViewScope {
  const name = parseFieldSelector(fieldSelector ?? '').find(({ field, operator }) => field === 'metadata.name' && operator === '=')?.value
  return { namespace, name, fieldSelector, metadataOnly }
}
