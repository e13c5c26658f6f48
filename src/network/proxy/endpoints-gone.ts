import type { EndpointSlice } from '../../apis/discovery/endpoint-slice.ts'
import type { Informer } from '../../client/types.ts'
import { isReady } from './endpoints.ts'

/** Who waits for a pod to leave the rules of this node. */
export interface EndpointsGone {
  /** The rules now reflect everything up to this revision of the proxy's own counting. */
  applied(revision: number): void
  /** `latest` tells the revision that what the informers show now will be applied with. */
  wait(podUid: string, latest: () => number, signal: AbortSignal): Promise<void>
}

export function createEndpointsGone(slices: Informer<EndpointSlice>): EndpointsGone {
  slices.addIndex('pod-uid', podUids)
  let reached = -1
  const checks = new Set<() => void>()

  const takesConnections = (podUid: string): boolean =>
    slices
      .byIndex('pod-uid', podUid)
      // A service that publishes unready addresses calls them ready to the very end.
      .some(slice => slice.endpoints?.some(one => one.targetRef?.uid === podUid && isReady(one) && !one.conditions?.terminating))

  return {
    applied(revision) {
      reached = revision
      for (const check of [...checks]) check()
    },
    wait(podUid, latest, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      /** The revision with which the pod's absence gets into the rules, once it is absent. */
      let needed: number | undefined
      const check = () => {
        needed = takesConnections(podUid) ? undefined : (needed ?? latest())
        if (needed !== undefined && reached >= needed) resolve()
      }
      const abort = () => reject(signal.reason)
      signal.addEventListener('abort', abort, { once: true })
      checks.add(check)
      if (signal.aborted) abort()
      else check()
      return promise.finally(() => {
        checks.delete(check)
        signal.removeEventListener('abort', abort)
      })
    },
  }
}

const podUids = (slice: EndpointSlice): string[] => [...new Set((slice.endpoints ?? []).flatMap(({ targetRef }) => targetRef?.uid ?? []))]
