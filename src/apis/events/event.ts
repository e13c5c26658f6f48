import { type Column, type ServedVersion, topLevel } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { type Infer, int32, microTime, object, optional, required, text, time } from '../../apimachinery/schema.ts'
import { eventColumns } from '../core/event/columns.ts'
import { EventSource } from '../core/event/source.ts'
import type { Event as CoreEvent } from '../core/event.ts'
import { ObjectReference } from '../core/references.ts'
import { validateStrictEvent } from './validation.ts'

export const EventSeries = object('io.k8s.api.events.v1.EventSeries', 'Repetitions of an event.', {
  count: required(1, int32, 'How often it was seen up to the last observation.', { default: 0 }),
  lastObservedTime: required(2, microTime, 'When it was seen last.'),
})
export interface EventSeries extends Infer<typeof EventSeries> {}

export const Event = topLevel(
  'io.k8s.api.events.v1.Event',
  'Something that happened to an object; kept for an hour and never a basis for decisions.',
  {
    eventTime: required(2, microTime, 'When it was seen first, to the microsecond.'),
    series: optional(3, EventSeries, 'Its repetitions; absent for what happened once.'),
    reportingController: optional(4, text, 'Controller that reports it, as in kubernetes.io/kubelet.'),
    reportingInstance: optional(5, text, 'Which instance of that controller.'),
    action: optional(6, text, 'What was done or failed.'),
    reason: optional(7, text, 'Why that was done.'),
    regarding: optional(8, ObjectReference, 'What it happened to.'),
    related: optional(9, ObjectReference, 'A second object, for more complex actions.'),
    note: optional(10, text, 'What happened, for people.'),
    type: optional(11, text, 'Normal or Warning.'),
    deprecatedSource: optional(12, EventSource, "Who saw it, in the core API's form."),
    deprecatedFirstTimestamp: optional(13, time, "When it was seen first, in the core API's form."),
    deprecatedLastTimestamp: optional(14, time, "When it was seen last, in the core API's form."),
    deprecatedCount: optional(15, int32, "How often it was seen, in the core API's form."),
  },
)
export interface Event extends Infer<typeof Event> {}

/** Events are stored as those of the core group; this API shows the same objects with the fields renamed. */
const names: readonly (readonly [stored: keyof CoreEvent, served: keyof Event])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
]

function rename(object: KubernetesObject, pairs: readonly (readonly [from: string, to: string])[]): KubernetesObject {
  const renamed: Record<string, unknown> & KubernetesObject = { ...object }
  for (const [from, to] of pairs) {
    if (!(from in renamed)) continue
    renamed[to] = renamed[from]
    delete renamed[from]
  }
  return renamed
}

const reversed = names.map(([stored, served]) => [served, stored] as const)

function toStored(event: KubernetesObject): KubernetesObject {
  const { eventTime, ...stored } = rename(event, reversed) as KubernetesObject & { readonly eventTime?: unknown }
  if (eventTime) Object.assign(stored, { eventTime })
  return 'involvedObject' in stored ? stored : Object.assign(stored, { involvedObject: {} })
}

/** Events of the older API have no `eventTime`; clients that are generated from the schema want to see even that. */
const fromStored = (event: KubernetesObject): KubernetesObject => ({
  ...rename(event, names),
  ...('eventTime' in event ? {} : { eventTime: null }),
})

const convertedColumn = (column: Column): Column => ({
  ...column,
  cell: (event: Event) => column.cell(toStored(event) as never),
})

export const eventsV1: ServedVersion = {
  group: 'events.k8s.io',
  version: 'v1',
  schema: Event,
  toStored,
  fromStored,
  validate: validateStrictEvent,
  columns: eventColumns.map(convertedColumn),
}
