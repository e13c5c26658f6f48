import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, int32, microTime, object, optional, required, text, time } from '../../apimachinery/schema.ts'
import { eventsV1 } from '../events/event.ts'
import { eventColumns } from './event/columns.ts'
import { eventSelectableFields } from './event/selectable-fields.ts'
import { EventSource } from './event/source.ts'
import { validateEvent } from './event/validation.ts'
import { ObjectReference } from './references.ts'

export { EventSource }

export const EventSeries = object('io.k8s.api.core.v1.EventSeries', 'Repetitions of an event.', {
  count: optional(1, int32, 'How often it was seen up to the last observation.'),
  lastObservedTime: optional(2, microTime, 'When it was seen last.'),
})
export interface EventSeries extends Infer<typeof EventSeries> {}

const fields = topLevel(
  'io.k8s.api.core.v1.Event',
  'Something that happened to an object; kept for an hour and never a basis for decisions.',
  {
    involvedObject: required(2, ObjectReference, 'What it happened to.'),
    reason: optional(3, text, 'Why, in a word for machines.'),
    message: optional(4, text, 'What happened, for people.'),
    source: optional(5, EventSource, 'Who saw it, as old clients write it.'),
    firstTimestamp: optional(6, time, 'When it was seen first.'),
    lastTimestamp: optional(7, time, 'When it was seen last.'),
    count: optional(8, int32, 'How often it was seen.'),
    type: optional(9, text, 'Normal or Warning.'),
    eventTime: optional(10, microTime, 'When it was seen first, to the microsecond.'),
    series: optional(11, EventSeries, 'Its repetitions; absent for what happened once.'),
    action: optional(12, text, 'What was done or failed.'),
    related: optional(13, ObjectReference, 'A second object, for more complex actions.'),
    reportingComponent: optional(14, text, 'Controller that reports it, as in kubernetes.io/kubelet.'),
    reportingInstance: optional(15, text, 'Which instance of that controller.'),
  },
)
/** Alone among kinds, it is published as having to bring metadata. */
export const Event: typeof fields = { ...fields, constraints: { required: ['metadata', 'involvedObject'] } }
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
