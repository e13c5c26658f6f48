import { topLevel } from '../../apimachinery/kind.ts'
import { type Infer, int32, microTime, object, optional, required, text, time } from '../../apimachinery/schema.ts'
import { EventSource } from '../core/event.ts'
import { ObjectReference } from '../core/references.ts'

export const EventSeries = object('io.k8s.api.events.v1.EventSeries', '', {
  count: required(1, int32, '', { default: 0 }),
  lastObservedTime: required(2, microTime, ''),
})
export interface EventSeries extends Infer<typeof EventSeries> {}

export const Event = topLevel('io.k8s.api.events.v1.Event', '', {
  eventTime: required(2, microTime, ''),
  series: optional(3, EventSeries, ''),
  reportingController: optional(4, text, ''),
  reportingInstance: optional(5, text, ''),
  action: optional(6, text, ''),
  reason: optional(7, text, ''),
  regarding: optional(8, ObjectReference, ''),
  related: optional(9, ObjectReference, ''),
  note: optional(10, text, ''),
  type: optional(11, text, ''),
  deprecatedSource: optional(12, EventSource, ''),
  deprecatedFirstTimestamp: optional(13, time, ''),
  deprecatedLastTimestamp: optional(14, time, ''),
  deprecatedCount: optional(15, int32, ''),
})
export interface Event extends Infer<typeof Event> {}
