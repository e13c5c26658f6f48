import { type FieldError, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import { validateQualifiedName } from '../../../apimachinery/names.ts'
import type { Event } from '../event.ts'
import { byteLength, invalid } from '../validation/rules.ts'

/** Events with an `eventTime` come from clients of the newer API and have to be complete; older ones may be anything. */
export const validateEvent = (event: Event): FieldError[] => [
  ...validateNamespace(event),
  ...(event.eventTime ? validateCompleteEvent(event) : []),
]

/** An event lives where its object lives; those about objects of the cluster live in default or kube-system. */
function validateNamespace(event: Event): FieldError[] {
  const { namespace = '' } = event.metadata
  const involved = event.involvedObject?.namespace ?? ''
  const homes = event.eventTime ? ['default', 'kube-system'] : ['', 'default']
  const agrees = involved ? namespace === involved || event.eventTime !== undefined : homes.includes(namespace)
  return agrees ? [] : [invalidField('involvedObject.namespace', involved, 'does not match event.namespace')]
}

function validateCompleteEvent(event: Event): FieldError[] {
  const { reportingComponent: component = '' } = event
  return [
    ...(component ? [] : [requiredField('reportingComponent')]),
    ...invalid('reportingComponent', component, validateQualifiedName(component)),
    ...validateText(event.reportingInstance, 'reportingInstance'),
    ...validateText(event.action, 'action'),
    ...validateText(event.reason, 'reason'),
    ...atMost(event.message ?? '', 1024, 'message'),
  ]
}

const validateText = (value: string | undefined, path: string): FieldError[] => (value ? atMost(value, 128, path) : [requiredField(path)])

const atMost = (value: string, maximum: number, path: string): FieldError[] =>
  byteLength(value) > maximum ? [invalidField(path, '', `can have at most ${maximum} characters`)] : []
