import { type Column, type ServedVersion, topLevel } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { type Infer, int32, microTime, object, optional, required, text, time } from '../../apimachinery/schema.ts'
import { eventColumns } from '../core/event/columns.ts'
import { EventSource } from '../core/event/source.ts'
import type { Event as CoreEvent } from '../core/event.ts'
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
  const stored = rename(event, reversed)
  return 'involvedObject' in stored ? stored : Object.assign(stored, { involvedObject: {} })
}

const fromStored = (event: KubernetesObject): KubernetesObject => rename(event, names)

const convertedColumn = (column: Column): Column => ({
  ...column,
  cell: (event: Event, now: number) => column.cell(toStored(event) as never, now),
})

export const eventsV1: ServedVersion = {
  group: 'events.k8s.io',
  version: 'v1',
  schema: Event,
  toStored,
  fromStored,
  columns: eventColumns.map(convertedColumn),
}
