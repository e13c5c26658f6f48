import type { Event } from '../event.ts'

type FieldOf = (event: Event) => string

const referenceFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const

/** The object's fields go by one name in the core group and another in events.k8s.io. */
const involvedFields = (prefix: string): [string, FieldOf][] =>
  referenceFields.map(field => [`${prefix}.${field}`, event => event.involvedObject?.[field] ?? ''])

const reportingComponent: FieldOf = event => event.reportingComponent ?? ''

export const eventSelectableFields: Readonly<Record<string, FieldOf>> = {
  ...Object.fromEntries([...involvedFields('involvedObject'), ...involvedFields('regarding')]),
  reason: event => event.reason ?? '',
  type: event => event.type ?? '',
  source: event => event.source?.component || reportingComponent(event),
  reportingComponent,
  reportingController: reportingComponent,
}
