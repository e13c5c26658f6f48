import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, int32, microTime, object, optional, required, text, time } from '../../apimachinery/schema.ts'
import { eventsV1 } from '../events/event.ts'
import { eventColumns } from './event/columns.ts'
import { eventSelectableFields } from './event/selectable-fields.ts'
import { EventSource } from './event/source.ts'
import { validateEvent } from './event/validation.ts'
import { ObjectReference } from './references.ts'

export { EventSource }

export const EventSeries = object('io.k8s.api.core.v1.EventSeries', '', {
  count: optional(1, int32, ''),
  lastObservedTime: optional(2, microTime, ''),
})
export interface EventSeries extends Infer<typeof EventSeries> {}

export const Event = topLevel('io.k8s.api.core.v1.Event', '', {
  involvedObject: required(2, ObjectReference, ''),
  reason: optional(3, text, ''),
  message: optional(4, text, ''),
  source: optional(5, EventSource, ''),
  firstTimestamp: optional(6, time, ''),
  lastTimestamp: optional(7, time, ''),
  count: optional(8, int32, ''),
  type: optional(9, text, ''),
  eventTime: optional(10, microTime, ''),
  series: optional(11, EventSeries, ''),
  action: optional(12, text, ''),
  related: optional(13, ObjectReference, ''),
  reportingComponent: optional(14, text, ''),
  reportingInstance: optional(15, text, ''),
})
export interface Event extends Infer<typeof Event> {}

export const eventKind: Kind<Event> = defineKind({
  kind: 'Event',
  resource: 'events',
  group: '',
  version: 'v1',
  schema: Event,
  scope: 'Namespaced',
  shortNames: ['ev'],
  columns: eventColumns,
  alsoServed: [eventsV1],
  selectableFields: eventSelectableFields,
  timeToLive_ms: 60 * 60 * 1000,
  strategy: { validate: validateEvent, allowCreateOnUpdate: true, allowUnconditionalUpdate: true },
})
