import { type FieldError, invalidField, requiredField } from '../../apimachinery/field-error.ts'
import type { Event } from '../core/event.ts'
import { semanticEqual } from '../core/sharing.ts'
import { immutable } from '../field-rules.ts'

/** What only this group asks for. Fields have the names of what is stored, as in upstream's messages. */
export const validateStrictEvent = (event: Event, old: Event | undefined): FieldError[] =>
  old === undefined ? validateNew(event) : validateChanged(event, old)

function validateNew(event: Event): FieldError[] {
  const { eventTime, type = '', source } = event
  const deprecated = {
    firstTimestamp: event.firstTimestamp,
    lastTimestamp: event.lastTimestamp,
    count: event.count,
    source: source?.component || source?.host,
  }
  return [
    ...validateSeries(event),
    ...(eventTime ? [] : [requiredField('eventTime')]),
    ...(type === 'Normal' || type === 'Warning' ? [] : [invalidField('type', '', `has invalid value: ${type}`)]),
    ...Object.entries(deprecated).flatMap(([field, value]) => (value ? [invalidField(field, '', 'needs to be unset')] : [])),
  ]
}

function validateSeries({ series }: Event): FieldError[] {
  if (series === undefined) return []
  return [
    ...((series.count ?? 0) < 2 ? [invalidField('series.count', '', 'should be at least 2')] : []),
    ...(series.lastObservedTime ? [] : [requiredField('series.lastObservedTime')]),
  ]
}

const fixed = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
] as const

const validateChanged = (event: Event, old: Event): FieldError[] => [
  ...(semanticEqual(event.series, old.series) ? [] : validateSeries(event)),
  ...fixed.flatMap(name => immutable(event[name], old[name], name === 'reportingComponent' ? 'reportingController' : name)),
]
