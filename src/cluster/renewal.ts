import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import { type KeyPair, renewBefore_ms } from './certificates.ts'
import type { ClusterPki } from './pki.ts'

/** A pair that can be replaced while others hold it: whoever reads it for each use has the present one. */
export interface LivePair {
  readonly pair: KeyPair
  replace(pair: KeyPair): void
}

export function createLivePair(initial: KeyPair): LivePair {
  let present = initial
  return {
    pair: {
      get certificate() {
        return present.certificate
      },
      get key() {
        return present.key
      },
    },
    replace(pair) {
      present = pair
    },
  }
}

export interface RenewalOptions {
  readonly pki: ClusterPki
  /** Opens the files again, which signs anew whatever is near its end. */
  readonly reopen: () => Promise<ClusterPki>
  readonly onRenewed: (pki: ClusterPki) => void | Promise<void>
  readonly clock: Clock
  readonly logger: Logger
}

const day_ms = 86_400_000
const retry_ms = 3_600_000
/** Timers can't be longer than 24 days. */
const longest_ms = 20 * day_ms

/** Renews certificates before they expire, and says so when the authority itself comes near its end, which needs a person. */
export function keepPkiFresh({ pki: initial, reopen, onRenewed, clock, logger }: RenewalOptions): { close(): void } {
  let pki = initial
  let closed = false
  let timer = { cancel() {} }
  const schedule = (delay_ms: number) => {
    if (!closed) timer = clock.setTimer(Math.min(delay_ms, longest_ms), () => void look())
  }
  const look = async () => {
    if (closed) return
    warnOfAuthority(pki, clock.now(), logger)
    const due_ms = pki.expires_ms - renewBefore_ms
    if (clock.now() < due_ms) return schedule(untilNext(pki, clock.now()))
    try {
      const renewed = await reopen()
      if (closed) return
      if (renewed.expires_ms !== pki.expires_ms) {
        await onRenewed(renewed)
        logger.info(`certificates were renewed; the first one ends ${new Date(renewed.expires_ms).toISOString()}`)
      }
      pki = renewed
      schedule(untilNext(pki, clock.now()))
    } catch (error) {
      logger.error('renew certificates: failed; trying again in an hour', { error })
      schedule(retry_ms)
    }
  }
  warnOfAuthority(pki, clock.now(), logger)
  schedule(untilNext(pki, clock.now()))
  return {
    close() {
      closed = true
      timer.cancel()
    },
  }
}

/** Near the authority's end leaves can't be renewed for long: then once a day is often enough. */
function untilNext({ expires_ms, authorityExpires_ms }: ClusterPki, now: number): number {
  const isLate = authorityExpires_ms - now < renewBefore_ms
  return Math.max(isLate ? day_ms : 60_000, expires_ms - renewBefore_ms - now)
}

function warnOfAuthority({ authorityExpires_ms }: ClusterPki, now: number, logger: Logger): void {
  const left_ms = authorityExpires_ms - now
  if (left_ms > renewBefore_ms) return
  const days = Math.floor(left_ms / day_ms)
  logger.warn(
    `the cluster's certificate authority ends in ${days} days (${new Date(authorityExpires_ms).toISOString()}): nothing signed by it works afterwards; move to a new cluster, or stop this one and remove its pki directory, which gives every client new certificates`,
  )
}
