/** The subresources that come with the server; others are given to it as handlers. */
import type { Clock } from '../../base/clock.ts'
import type { ReviewHandler, SubresourceHandler } from '../types.ts'
import { bindingHandler } from './binding.ts'
import { evictionHandler } from './eviction.ts'
import { finalizeHandler } from './finalize.ts'
import { oldBinding } from './old-binding.ts'

export const ownReviews = (clock: Clock): Readonly<Record<string, ReviewHandler>> => ({ Binding: oldBinding(clock) })

export const ownSubresources = (clock: Clock): Readonly<Record<string, SubresourceHandler>> => ({
  binding: bindingHandler(clock),
  eviction: evictionHandler(clock),
  finalize: finalizeHandler,
})
