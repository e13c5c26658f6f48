import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import type { ApiConnection, ResourceView } from '../../apimachinery/connection.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import { type ApiService, availableCondition } from '../../apis/apiregistration/api-service.ts'
import { type Clock, formatTime, type Timer } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { MetricsRegistry } from '../../base/metrics.ts'
import type { Outgoing } from '../outgoing/index.ts'
import type { StoredObjects } from '../types.ts'
import type { Aggregation } from './aggregation.ts'
import { type Availability, checkRemote, local } from './availability.ts'
import { limits } from './limits.ts'
import { apiServices, keepLocalApiServices } from './registration.ts'

export interface FollowOptions {
  readonly connection: ApiConnection
  readonly aggregation: Aggregation
  readonly outgoing: Outgoing
  readonly objects: StoredObjects
  /** APIServices, and what tells whether their services can answer. */
  readonly views: { readonly apiServices: ResourceView; readonly services: ResourceView; readonly endpointSlices: ResourceView }
  readonly kinds: () => readonly Kind[]
  readonly onKindsChanged: (listener: () => void) => () => void
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsRegistry
}

/**
 * Keeps APIServices what they should be: one for each group version that is served here, and for each that is served
 * elsewhere a condition that says whether it is there. Looks again after each change that may matter, and at servers
 * elsewhere from time to time, since they end without telling.
 */
export function followApiServices(options: FollowOptions): { close(): void } {
  const { views, logger } = options
  const closed = new AbortController()
  let isRunning = false
  let isStale = false
  let timer: Timer | undefined

  const run = async () => {
    while (isStale && !closed.signal.aborted) {
      isStale = false
      timer?.cancel()
      try {
        await lookAtAll(options, closed.signal)
      } catch (error) {
        if (!closed.signal.aborted) logger.warn('look at APIServices: failed, tried again soon or at the next change', { error })
      }
    }
    isRunning = false
    if (!closed.signal.aborted) timer = lookAgainLater(options, changed)
  }
  const changed = () => {
    isStale = true
    if (isRunning || closed.signal.aborted) return
    isRunning = true
    void run()
  }
  // Services and endpoints come and go all the time: only those that answer for an API matter.
  const matters = (namespace: string | undefined, name: string | undefined) =>
    (views.apiServices.list() as readonly ApiService[]).some(
      ({ spec }) => spec?.service && spec.service.namespace === namespace && spec.service.name === name,
    )
  const unsubscribe = [
    options.onKindsChanged(changed),
    views.apiServices.subscribe(changed),
    views.services.subscribe(change => {
      const { namespace, name } = (change.new ?? change.old)?.metadata ?? {}
      if (matters(namespace, name)) changed()
    }),
    views.endpointSlices.subscribe(change => {
      const { namespace, labels } = (change.new ?? change.old)?.metadata ?? {}
      if (matters(namespace, labels?.['kubernetes.io/service-name'])) changed()
    }),
  ]
  changed()
  return {
    close() {
      for (const stop of unsubscribe) stop()
      timer?.cancel()
      closed.abort(new Error('following APIServices ended'))
    },
  }
}

function lookAgainLater({ aggregation, clock }: FollowOptions, look: () => void): Timer | undefined {
  if (aggregation.remotes.length === 0) return undefined
  const isSettled = aggregation.remotes.every(({ isAvailable }) => isAvailable)
  return clock.setTimer(isSettled ? limits.checkInterval_ms : limits.recheck_ms, look)
}

async function lookAtAll(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { connection, kinds, views } = options
  const list = () => views.apiServices.list() as readonly ApiService[]
  await keepLocalApiServices(connection, kinds(), list())
  await Promise.all(list().map(apiService => lookAt(options, apiService, signal)))
}

async function lookAt(options: FollowOptions, apiService: ApiService, signal: AbortSignal): Promise<void> {
  const { aggregation, outgoing, objects } = options
  const name = apiService.metadata.name ?? ''
  const remote = aggregation.remotes.find(one => one.name === name)
  if (!remote) return report(options, apiService, local)
  const { availability, description } = await checkRemote(outgoing, objects, apiService, remote, signal)
  // What is known of a server that is away for a while stays.
  if (description) aggregation.setDescription(name, description)
  await report(options, apiService, availability)
}

async function report(options: FollowOptions, apiService: ApiService, { status, reason, message }: Availability): Promise<void> {
  const { connection, clock } = options
  const before = availableCondition(apiService)
  if (apiService.spec?.service) count(options, apiService.metadata.name ?? '', status, before?.status === status ? undefined : reason)
  if (before && before.status === status && before.reason === reason && before.message === message) return
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : formatTime(clock.now())
  const others = apiService.status?.conditions?.filter(({ type }) => type !== 'Available') ?? []
  const conditions = [...others, { type: 'Available', status, lastTransitionTime, reason, message }]
  try {
    await connection.call({
      verb: 'patch',
      patchType: 'merge',
      resource: apiServices,
      name: apiService.metadata.name,
      subresource: 'status',
      body: { metadata: { resourceVersion: apiService.metadata.resourceVersion }, status: { conditions } },
    })
  } catch (error) {
    // It changed or is gone: that is a change to look at by itself.
    if (!isConflict(error) && !isNotFound(error)) throw error
  }
}

/** Under upstream's names; `reason` is that of a server that has just become unavailable. */
function count({ metrics }: FollowOptions, name: string, status: Availability['status'], reason: string | undefined): void {
  const isAway = status === 'False'
  metrics.gauge('aggregator_unavailable_apiservice', 'Servers that answer for an API and are away now.').set(isAway ? 1 : 0, { name })
  if (!isAway || reason === undefined) return
  metrics
    .counter('aggregator_unavailable_apiservice_total', 'How often servers that answer for an API went away, and why.')
    .add({ name, reason })
}
