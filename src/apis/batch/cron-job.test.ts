import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Case, cells, change, createCases, created, defaultCases, updated } from '../testing/cases.ts'
import { nextTime } from './cron-job/next-time.ts'
import { parseSchedule } from './cron-job/schedule.ts'
import { findTimeZone, type TimeZone, utc } from './cron-job/time-zone.ts'
import { cronJobKind } from './cron-job.ts'

const template = { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'main', image: 'report:1' }] } }
const valid = { metadata: { name: 'report' }, spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } } } }
const cronJob = { kind: cronJobKind, valid }
const spec = (by: object) => ({ spec: by })
const job = (by: object) => spec({ jobTemplate: { spec: by } })
const notNegative = 'must be greater than or equal to 0'

defaultCases(cronJob, [
  [{}, 'spec.concurrencyPolicy', 'Allow'],
  [{}, 'spec.suspend', false],
  [{}, 'spec.successfulJobsHistoryLimit', 3],
  [{}, 'spec.failedJobsHistoryLimit', 1],
  [spec({ failedJobsHistoryLimit: 0 }), 'spec.failedJobsHistoryLimit', 0],
  [{}, 'spec.jobTemplate.spec.template.spec.dnsPolicy', 'ClusterFirst'],
  [{}, 'spec.jobTemplate.spec.parallelism', undefined],
])

const at = (schedule: string, problem?: string): Case => [
  `schedule ${schedule}`,
  spec({ schedule }),
  ...(problem === undefined ? [] : [`spec.schedule: Invalid value: ${JSON.stringify(schedule)}: ${problem}`]),
]
const noZone = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'

createCases(cronJob, [
  ['no schedule', spec({ schedule: '' }), 'spec.schedule: Required value'],
  at('*/5 9-17/2 1,15 jan-MAR mon-fri'),
  at('? ? ? * ?'),
  at('@every 1h30m'),
  at('@daily'),
  at('@sometimes', 'unrecognized descriptor: @sometimes'),
  at('@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'),
  at('hello', 'expected exactly 5 fields, found 1: [hello]'),
  at('0 0 * * * *', 'expected exactly 5 fields, found 6: [0 0 * * * *]'),
  at('60 * * * *', 'end of range (60) above maximum (59): 60'),
  at('* * 0 * *', 'beginning of range (0) below minimum (1): 0'),
  at('* * * * 7', 'end of range (7) above maximum (6): 7'),
  at('* 5-3 * * *', 'beginning of range (5) beyond end of range (3): 5-3'),
  at('*/0 * * * *', 'step of range should be a positive number: */0'),
  at('1-2-3 * * * *', 'too many hyphens: 1-2-3'),
  at('1/2/3 * * * *', 'too many slashes: 1/2/3'),
  at('x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
  at('TZ=Europe/Berlin 0 3 * * *', noZone),
  [
    'schedule with a zone that is none',
    spec({ schedule: 'CRON_TZ=Moon/Base 0 3 * * *' }),
    'spec.schedule: Invalid value: "CRON_TZ=Moon/Base 0 3 * * *": provided bad location Moon/Base: unknown time zone Moon/Base',
    `spec.schedule: Invalid value: "CRON_TZ=Moon/Base 0 3 * * *": ${noZone}`,
  ],
  ['deadline', spec({ startingDeadlineSeconds: -1 }), `spec.startingDeadlineSeconds: Invalid value: -1: ${notNegative}`],
  ['zone', spec({ timeZone: 'Europe/Berlin' })],
  ['no zone', spec({ timeZone: '' }), 'spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
  ...['Moon/Base', '../etc', 'europe/berlin', '+01:00', '+0100'].map(
    timeZone =>
      [`zone ${timeZone}`, spec({ timeZone }), `spec.timeZone: Invalid value: "${timeZone}": unknown time zone ${timeZone}`] as const,
  ),
  [
    'the zone of the machine',
    spec({ timeZone: 'Local' }),
    'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
  ],
  [
    'concurrency',
    spec({ concurrencyPolicy: 'Queue' }),
    'spec.concurrencyPolicy: Unsupported value: "Queue": supported values: "Allow", "Forbid", "Replace"',
  ],
  ['successes', spec({ successfulJobsHistoryLimit: -1 }), `spec.successfulJobsHistoryLimit: Invalid value: -1: ${notNegative}`],
  ['failures', spec({ failedJobsHistoryLimit: -1 }), `spec.failedJobsHistoryLimit: Invalid value: -1: ${notNegative}`],
  [
    'pods that go on',
    job({ template: { spec: { restartPolicy: 'Always' } } }),
    'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ],
  ['containers', job({ template: { spec: { containers: [] } } }), 'spec.jobTemplate.spec.template.spec.containers: Required value'],
  ['selector', job({ selector: {} }), 'spec.jobTemplate.spec.selector: Invalid value: {}: `selector` will be auto-generated'],
  [
    'selector by hand',
    job({ manualSelector: true }),
    'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "false", "nil"',
  ],
  ['parallelism', job({ parallelism: -1 }), `spec.jobTemplate.spec.parallelism: Invalid value: -1: ${notNegative}`],
  [
    'a name that leaves no room for the time',
    { metadata: { name: 'a'.repeat(53) } },
    `metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 characters`,
  ],
])

test('CronJob: generation, status and columns', () => {
  const old = created(cronJobKind, change(valid, { status: { lastScheduleTime: '2026-01-01T00:00:00Z' } }))
  assert.deepEqual([old.metadata.generation, old.status], [1, {}])
  const write = (by: object) => updated(cronJobKind, change(old, by), old).metadata.generation
  assert.deepEqual([write({ metadata: { labels: { a: 'b' } } }), write(spec({ suspend: true }))], [1, 2])
  const row = cells(
    cronJobKind,
    change(old, { spec: { timeZone: 'Asia/Tokyo' }, status: { active: [{ name: 'report-1' }], lastScheduleTime: '2026-01-01T00:30:00Z' } }),
  )
  assert.deepEqual(row, ['report', '0 3 * * *', 'Asia/Tokyo', 'False', 1, '30m', '<unknown>', 'main', 'report:1', '<none>'])
  assert.deepEqual(cells(cronJobKind, old).slice(2, 6), ['<none>', 'False', 0, '<none>'])
})

const zoneOf = (name: string): TimeZone => findTimeZone(name) as TimeZone
const newYork = zoneOf('America/New_York')

/** [schedule, zone, after, next] */
const times: readonly (readonly [schedule: string, zone: TimeZone, after: string, next: string | undefined])[] = [
  ['*/15 * * * *', utc, '2026-01-01T00:00:00Z', '2026-01-01T00:15:00Z'],
  ['*/15 * * * *', utc, '2026-01-01T00:14:59.999Z', '2026-01-01T00:15:00Z'],
  ['30 3 * * *', utc, '2026-01-01T04:00:00Z', '2026-01-02T03:30:00Z'],
  ['0 0 1 1 *', utc, '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ['0 0 29 feb *', utc, '2026-03-01T00:00:00Z', '2028-02-29T00:00:00Z'],
  ['0 0 30 feb *', utc, '2026-03-01T00:00:00Z', undefined],
  ['0 12 13 * fri', utc, '2026-01-01T00:00:00Z', '2026-01-02T12:00:00Z'],
  ['0 12 * * mon', utc, '2026-01-01T00:00:00Z', '2026-01-05T12:00:00Z'],
  ['0 12 */2 * mon', utc, '2026-01-01T13:00:00Z', '2026-01-03T12:00:00Z'],
  ['@every 90m', utc, '2026-01-01T00:00:00.500Z', '2026-01-01T01:30:00Z'],
  ['@every 1ms', utc, '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'],
  ['0 9 * * *', newYork, '2026-01-01T00:00:00Z', '2026-01-01T14:00:00Z'],
  ['0 0 1 * *', newYork, '2026-03-02T00:00:00Z', '2026-04-01T04:00:00Z'],
  // Clocks go from 2:00 to 3:00 on 8 March: half past two is left out.
  ['30 2 * * *', newYork, '2026-03-08T00:00:00Z', '2026-03-09T06:30:00Z'],
  // And from 2:00 back to 1:00 on 1 November: half past one comes twice.
  ['30 1 * * *', newYork, '2026-11-01T00:00:00Z', '2026-11-01T05:30:00Z'],
  ['30 1 * * *', newYork, '2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z'],
  ['30 1 * * *', newYork, '2026-11-01T06:30:00Z', '2026-11-02T06:30:00Z'],
  ['0 6 * * *', zoneOf('Asia/Kathmandu'), '2026-01-01T00:00:00Z', '2026-01-01T00:15:00Z'],
  // In Beirut clocks skip the first hour of 29 March.
  ['30 0 * * *', zoneOf('Asia/Beirut'), '2026-03-28T00:00:00Z', '2026-03-29T21:30:00Z'],
]
for (const [schedule, zone, after, next] of times) {
  test(`${schedule} after ${after}`, () => {
    const found = nextTime(parseSchedule(schedule), Date.parse(after), zone)
    assert.equal(found && new Date(found).toISOString().replace('.000', ''), next)
  })
}
