import { type Namespace, namespaceKind } from '../../apis/core/namespace.ts'
import { type Service, serviceKind } from '../../apis/core/service.ts'
import { type EndpointSlice, endpointSliceKind } from '../../apis/discovery/endpoint-slice.ts'
import type { Clock } from '../../base/index.ts'
import type { Client } from '../../client/types.ts'
import type { ToThread } from './messages.ts'
import { recordsOf } from './records.ts'

/** Tells the server's thread what changes in the cluster, what changes together in one message. */
export interface DnsFeed {
  /** Tells everything anew, to a thread that knows nothing. */
  restart(): void
  close(): void
}

export function startDnsFeed(client: Client, clock: Clock, tell: (message: ToThread) => void): DnsFeed {
  const services = client.informer(serviceKind)
  const slices = client.informer(endpointSliceKind)
  const namespaces = client.informer(namespaceKind)
  slices.addIndex('service', serviceKeyOf)
  let dirty = new Set<string>()
  let dirtyNamespaces = new Set<string>()
  let scheduled = false
  let closed = false
  let isSynced = false

  function flush(): void {
    scheduled = false
    if (closed) return
    if (dirty.size) tell({ type: 'services', services: [...dirty].map(key => [key, recordsAt(key)] as const) })
    const changed = [...dirtyNamespaces]
    const exists = (name: string) => namespaces.get(undefined, name) !== undefined
    if (changed.length) tell({ type: 'namespaces', added: changed.filter(exists), removed: changed.filter(name => !exists(name)) })
    dirty = new Set()
    dirtyNamespaces = new Set()
  }

  function recordsAt(key: string) {
    const [namespace = '', name = ''] = key.split('/')
    const service = services.get(namespace, name)
    return service && recordsOf(service, slices.byIndex('service', key))
  }

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    void clock.yield().then(flush)
  }

  const markService = (key: string) => {
    dirty.add(key)
    schedule()
  }
  const unsubscribe = [
    services.onChange((old, current) => markService(keyOf((current ?? old) as Service))),
    slices.onChange((old, current) => {
      for (const key of new Set([...serviceKeyOf(old), ...serviceKeyOf(current)])) if (isOfInterest(key)) markService(key)
    }),
    namespaces.onChange((old, current) => {
      if (old && current) return
      dirtyNamespaces.add(((current ?? old) as Namespace).metadata.name ?? '')
      schedule()
    }),
  ]

  /** Only headless services have endpoints in DNS. */
  function isOfInterest(key: string): boolean {
    const [namespace = '', name = ''] = key.split('/')
    const service = services.get(namespace, name)
    return service !== undefined && (service.spec?.clusterIP === 'None' || !service.spec?.clusterIP)
  }

  Promise.all([services.synced, slices.synced, namespaces.synced]).then(
    () => {
      isSynced = true
      tellAll()
    },
    // The client was closed first; nobody is left to be told.
    () => {},
  )

  function tellAll(): void {
    if (closed || !isSynced) return
    for (const service of services.list()) dirty.add(keyOf(service))
    for (const namespace of namespaces.list()) dirtyNamespaces.add(namespace.metadata.name ?? '')
    flush()
    tell({ type: 'synced' })
  }

  return {
    restart: tellAll,
    close() {
      closed = true
      for (const end of unsubscribe) end()
    },
  }
}

const keyOf = ({ metadata }: Service): string => `${metadata.namespace}/${metadata.name}`

function serviceKeyOf(slice: EndpointSlice | undefined): string[] {
  const name = slice?.metadata.labels?.['kubernetes.io/service-name']
  return name ? [`${slice?.metadata.namespace}/${name}`] : []
}
