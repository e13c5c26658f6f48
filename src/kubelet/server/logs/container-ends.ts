import { type Clock, type Logger, sleep } from '../../../base/index.ts'
import type { ContainerRuntime, ContainerStatus, RuntimeEvent } from '../../runtime/types.ts'

/** Tells when containers end, from one subscription to the runtime's events, held while anybody asks. */
export interface ContainerEnds {
  /** Resolves when the container has ended, and when nobody is to know (`signal`). */
  wait(containerId: string, signal: AbortSignal): Promise<void>
}

const resubscribe_ms = 1000
/** Events are hints: one can be missed, and on a busy machine the runtime shows the end long after it told of it. */
const recheck_ms = 2000

export function containerEnds(runtime: ContainerRuntime, clock: Clock, logger: Logger): ContainerEnds {
  const waiting = new Map<string, Set<() => void>>()
  let subscription: AbortController | undefined

  const check = async (containerId: string) => {
    const status = await runtime.containerStatus(containerId)
    if (!status || hasEnded(status)) for (const resolve of waiting.get(containerId) ?? []) resolve()
  }
  // What is asked for ahead may fail before its turn comes: then too it is the loop that deals with it.
  const ahead = (events: AsyncIterator<RuntimeEvent>) => {
    const next = events.next()
    next.catch(() => {})
    return next
  }
  const follow = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      try {
        // Subscribed first: what ends between the check and the subscription would be missed otherwise.
        const events = runtime.events(signal)[Symbol.asyncIterator]()
        let next = ahead(events)
        await Promise.all([...waiting.keys()].map(check))
        for (let event = await next; !event.done; event = await next) {
          next = ahead(events)
          const { type, containerId } = event.value
          if (waiting.has(containerId) && (type === 'stopped' || type === 'deleted')) await check(containerId)
        }
      } catch (error) {
        logger.debug('watch containers whose logs are followed: the runtime is away; trying again', { error })
      }
      await sleep(clock, resubscribe_ms, signal).catch(() => {})
    }
  }

  const recheck = async (signal: AbortSignal) => {
    for (;;) {
      await sleep(clock, recheck_ms, signal)
      // A runtime that is away shows nothing; the next time it may.
      await Promise.allSettled([...waiting.keys()].map(check))
    }
  }

  return {
    async wait(containerId, signal) {
      if (signal.aborted) return
      const ended = new Promise<void>(resolve => {
        const all = waiting.get(containerId) ?? new Set()
        waiting.set(containerId, all)
        const done = () => {
          all.delete(done)
          if (!all.size) waiting.delete(containerId)
          if (!waiting.size) {
            subscription?.abort()
            subscription = undefined
          }
          resolve()
        }
        all.add(done)
        signal.addEventListener('abort', done, { once: true })
      })
      if (subscription) {
        // A runtime that is away is the subscription's business: it checks everybody when it is back.
        await check(containerId).catch(() => {})
      } else {
        subscription = new AbortController()
        void follow(subscription.signal)
        void recheck(subscription.signal).catch(() => {})
      }
      await ended
    },
  }
}

export const hasEnded = ({ state }: ContainerStatus): boolean => state === 'exited' || state === 'unknown'
