import type { Random } from '../../base/random.ts'
import { limits } from '../limits.ts'

/** When a watch ends by itself: as asked, or at a random time, so that not all clients come back at once. */
export const watchTimeout = (random: Random, timeoutSeconds: number | undefined): number =>
  timeoutSeconds ? timeoutSeconds * 1000 : Math.floor(limits.watchTimeout_ms * (1 + random.next()))
