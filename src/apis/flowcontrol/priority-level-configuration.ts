import { ageColumn, type Column, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { asNameRule, validatePathSegmentName } from '../../apimachinery/names.ts'
import { type Infer, int32, keyedList, object, optional, required, text, time } from '../../apimachinery/schema.ts'
import { none } from '../columns.ts'
import { withDefault, withField } from '../core/sharing.ts'
import { countGeneration, keepMetadata, keepStatus, statusSubresource, withGeneration } from '../strategy.ts'
import { validatePriorityLevel } from './priority-level-validation.ts'

const prefix = 'io.k8s.api.flowcontrol.v1'

export const QueuingConfiguration = object(`${prefix}.QueuingConfiguration`, 'Queues of requests that wait for a seat.', {
  queues: optional(1, int32, 'How many queues there are, 64 by default.', { default: 0 }),
  handSize: optional(2, int32, 'How many of them one flow may use, 8 by default.', { default: 0 }),
  queueLengthLimit: optional(3, int32, 'How many requests may wait in one queue, 50 by default.', { default: 0 }),
})
export interface QueuingConfiguration extends Infer<typeof QueuingConfiguration> {}

export const LimitResponse = object(`${prefix}.LimitResponse`, 'What happens to requests for which there is no seat now.', {
  type: required(1, text, 'Queue to let them wait, Reject to refuse them.'),
  queuing: optional(2, QueuingConfiguration, 'Where they wait, with type Queue.'),
})
export interface LimitResponse extends Infer<typeof LimitResponse> {}

export const LimitedPriorityLevelConfiguration = object(`${prefix}.LimitedPriorityLevelConfiguration`, 'How many seats a level has.', {
  nominalConcurrencyShares: optional(1, int32, "The level's share of all seats, 30 by default."),
  limitResponse: optional(2, LimitResponse, 'What happens when all seats are taken.'),
  lendablePercent: optional(3, int32, 'How much of its seats others may use while it does not.'),
  borrowingLimitPercent: optional(4, int32, 'How much more than its own it may use of what others lend; without it, all of that.'),
})
export interface LimitedPriorityLevelConfiguration extends Infer<typeof LimitedPriorityLevelConfiguration> {}

export const ExemptPriorityLevelConfiguration = object(`${prefix}.ExemptPriorityLevelConfiguration`, 'Seats of a level without limits.', {
  nominalConcurrencyShares: optional(1, int32, 'The share of all seats that is set aside for it; it is never bound by them.'),
  lendablePercent: optional(2, int32, 'How much of these seats others may use.'),
})
export interface ExemptPriorityLevelConfiguration extends Infer<typeof ExemptPriorityLevelConfiguration> {}

export const PriorityLevelConfigurationSpec = object(`${prefix}.PriorityLevelConfigurationSpec`, 'How requests of the level are bound.', {
  type: required(1, text, 'Exempt for no bounds, Limited otherwise.'),
  limited: optional(2, LimitedPriorityLevelConfiguration, 'The bounds, with type Limited.'),
  exempt: optional(3, ExemptPriorityLevelConfiguration, 'What is set aside, with type Exempt.'),
})
export interface PriorityLevelConfigurationSpec extends Infer<typeof PriorityLevelConfigurationSpec> {}

export const PriorityLevelConfigurationCondition = object(
  `${prefix}.PriorityLevelConfigurationCondition`,
  'One aspect of the state of a priority level.',
  {
    type: optional(1, text, 'Name of the condition.'),
    status: optional(2, text, 'True, False or Unknown.'),
    lastTransitionTime: optional(3, time, 'When the status changed last.'),
    reason: optional(4, text, 'Why, in a word for machines.'),
    message: optional(5, text, 'Why, for people.'),
  },
)
export const PriorityLevelConfigurationStatus = object(`${prefix}.PriorityLevelConfigurationStatus`, 'What has become of a level.', {
  conditions: optional(1, keyedList(PriorityLevelConfigurationCondition, 'type'), 'Aspects of its state, one for each type.', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})

export const PriorityLevelConfiguration = topLevel(
  `${prefix}.PriorityLevelConfiguration`,
  'A share of what the API server can do at a time, for the requests of some flow schemas.',
  {
    spec: optional(2, PriorityLevelConfigurationSpec, 'How its requests are bound.'),
    status: optional(3, PriorityLevelConfigurationStatus, 'What has become of it; written by the system.'),
  },
)
export interface PriorityLevelConfiguration extends Infer<typeof PriorityLevelConfiguration> {}

const column = (
  name: string,
  description: string,
  read: (spec: PriorityLevelConfigurationSpec) => string | number | undefined,
): Column => ({
  name,
  type: 'string',
  description,
  priority: 0,
  cell: ({ spec }: PriorityLevelConfiguration) => (spec ? read(spec) : undefined) ?? none,
})

export const priorityLevelConfigurationKind: Kind<PriorityLevelConfiguration> = defineKind({
  kind: 'PriorityLevelConfiguration',
  resource: 'prioritylevelconfigurations',
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  schema: PriorityLevelConfiguration,
  scope: 'Cluster',
  columns: [
    nameColumn,
    column('Type', 'Exempt or Limited.', ({ type }) => type),
    column(
      'NominalConcurrencyShares',
      'Its share of all seats.',
      ({ limited, exempt }) => limited?.nominalConcurrencyShares ?? exempt?.nominalConcurrencyShares,
    ),
    column('Queues', 'How many queues there are.', ({ limited }) => limited?.limitResponse?.queuing?.queues),
    column('HandSize', 'How many of them one flow may use.', ({ limited }) => limited?.limitResponse?.queuing?.handSize),
    column('QueueLengthLimit', 'How many requests may wait in one.', ({ limited }) => limited?.limitResponse?.queuing?.queueLengthLimit),
    ageColumn,
  ],
  strategy: {
    applyDefaults: withDefaults,
    prepareForCreate: level => withGeneration({ ...level, status: {} }, 1),
    prepareForUpdate: (level, old) => countGeneration(keepStatus(level, old), old),
    validate: validatePriorityLevel,
    allowUnconditionalUpdate: true,
    validateName: asNameRule(validatePathSegmentName),
  },
  subresources: { status: statusSubresource<PriorityLevelConfiguration>('PriorityLevelConfiguration', undefined, keepMetadata) },
})

function withDefaults(level: PriorityLevelConfiguration): PriorityLevelConfiguration {
  const { spec } = level
  if (!spec) return level
  let complete = spec
  if (spec.limited) complete = withField(complete, 'limited', withQueues(withShares(spec.limited, 30)))
  if (spec.exempt) complete = withField(complete, 'exempt', withShares(spec.exempt, 0))
  return withField(level, 'spec', complete)
}

/** Zero is a number of shares like any other: only what is absent is filled in. */
function withShares<T extends { readonly nominalConcurrencyShares?: number; readonly lendablePercent?: number }>(
  one: T,
  shares: number,
): T {
  if (one.nominalConcurrencyShares !== undefined && one.lendablePercent !== undefined) return one
  return { nominalConcurrencyShares: shares, lendablePercent: 0, ...one }
}

function withQueues(limited: LimitedPriorityLevelConfiguration): LimitedPriorityLevelConfiguration {
  const { limitResponse } = limited
  const queuing = limitResponse?.queuing
  if (!limitResponse || !queuing) return limited
  const complete = withDefault(withDefault(withDefault(queuing, 'queues', 64), 'handSize', 8), 'queueLengthLimit', 50)
  return withField(limited, 'limitResponse', withField(limitResponse, 'queuing', complete))
}
