import { type FieldError, invalidField, requiredField, unsupportedField } from '../../../apimachinery/field-error.ts'
import { notNegative, oneOf } from '../../core/validation/rules.ts'
import type { CronJob, CronJobSpec, JobTemplateSpec } from '../cron-job.ts'
import { validateJobSpecOfTemplate } from '../job/validation.ts'
import { parseSchedule, ScheduleError } from './schedule.ts'
import { findTimeZone } from './time-zone.ts'

/** Jobs are named after the cron job with a time behind, and have to fit into a label. */
const longestName = 52

export function validateCronJob({ metadata: { name = '' }, spec }: CronJob): FieldError[] {
  const isTooLong = name.length > longestName
  return [
    ...validateSpec(spec ?? {}),
    ...(isTooLong ? [invalidField('metadata.name', name, `must be no more than ${longestName} characters`)] : []),
  ]
}

const validateSpec = (spec: Partial<CronJobSpec>): FieldError[] => [
  ...validateSchedule(spec.schedule ?? '', 'spec.schedule'),
  ...notNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'),
  ...(spec.timeZone === undefined ? [] : validateTimeZone(spec.timeZone, 'spec.timeZone')),
  ...oneOf(spec.concurrencyPolicy, 'spec.concurrencyPolicy', ['Allow', 'Forbid', 'Replace']),
  ...validateJobTemplate(spec.jobTemplate ?? {}, 'spec.jobTemplate'),
  ...notNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit'),
  ...notNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit'),
]

function validateSchedule(schedule: string, path: string): FieldError[] {
  if (schedule === '') return [requiredField(path)]
  const zoned = /^(?:CRON_)?TZ=(\S*)\s+(.*)$/s.exec(schedule)
  const unknownZone = zoned?.[1] !== undefined && findTimeZone(zoned[1]) === undefined
  const problem = unknownZone
    ? `provided bad location ${zoned[1]}: unknown time zone ${zoned[1]}`
    : scheduleProblem((zoned?.[2] ?? schedule).trim())
  return [
    ...(problem === undefined ? [] : [invalidField(path, schedule, problem)]),
    ...(schedule.includes('TZ') ? [invalidField(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')] : []),
  ]
}

function scheduleProblem(schedule: string): string | undefined {
  try {
    parseSchedule(schedule)
    return undefined
  } catch (error) {
    if (error instanceof ScheduleError) return error.message
    throw error
  }
}

function validateTimeZone(zone: string, path: string): FieldError[] {
  if (zone === '') return [invalidField(path, zone, 'timeZone must be nil or non-empty string')]
  const unknown = [invalidField(path, zone, `unknown time zone ${zone}`)]
  if (zone.split('/').some(part => !/^[A-Za-z.\-_0-9+]{1,14}$/.test(part) || part === '.' || part === '..' || part.startsWith('-'))) {
    return unknown
  }
  if (zone.toLowerCase() === 'local') {
    return [invalidField(path, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')]
  }
  return findTimeZone(zone) ? [] : unknown
}

/** The selector is made with each job. */
function validateJobTemplate({ spec = {} as NonNullable<JobTemplateSpec['spec']> }: JobTemplateSpec, path: string): FieldError[] {
  const errors = validateJobSpecOfTemplate(spec).map(error => ({ ...error, field: `${path}.${error.field}` }))
  if (spec.selector !== undefined) errors.push(invalidField(`${path}.spec.selector`, spec.selector, '`selector` will be auto-generated'))
  if (spec.manualSelector) errors.push(unsupportedField(`${path}.spec.manualSelector`, spec.manualSelector, ['nil', 'false']))
  return errors
}
