import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import { semanticEqual } from '../core/sharing.ts'
import { mandatoryPriorityLevels } from './bootstrap.ts'
import type {
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from './priority-level-configuration.ts'

export function validatePriorityLevel({ metadata, spec }: PriorityLevelConfiguration): FieldError[] {
  if (!spec) return [requiredField('spec.type')]
  const { name = '' } = metadata
  const errors: FieldError[] = []
  if ((name === 'exempt') !== (spec.type === 'Exempt'))
    errors.push(invalidField('spec.type', spec.type, "type must be 'Exempt' if and only if the name is 'exempt'"))
  errors.push(...validateSpec(spec))
  const fixed = mandatoryPriorityLevels.find(level => level.metadata.name === name)
  if (fixed && !semanticEqual(withoutShares(spec), withoutShares(fixed.spec as PriorityLevelConfigurationSpec)))
    errors.push(invalidField('spec', spec, `spec of '${name}' must equal the fixed value`))
  return errors
}

/** How much is set aside for requests without limits is for the administrator to say. */
const withoutShares = (spec: PriorityLevelConfigurationSpec) => (spec.exempt ? { ...spec, exempt: undefined } : spec)

function validateSpec({ type, limited, exempt }: PriorityLevelConfigurationSpec): FieldError[] {
  switch (type) {
    case 'Exempt':
      return [
        ...(limited ? [forbiddenField('spec.limited', 'must be nil if the type is not Limited')] : []),
        ...(exempt ? validateShares(exempt, 'spec.exempt') : []),
      ]
    case 'Limited':
      return [
        ...(exempt ? [forbiddenField('spec.exempt', 'must be nil if the type is Limited')] : []),
        ...(limited ? validateLimited(limited) : [requiredField('spec.limited', 'must not be empty when type is Limited')]),
      ]
    default:
      return [unsupportedField('spec.type', type, ['Exempt', 'Limited'])]
  }
}

function validateShares(
  {
    nominalConcurrencyShares = 0,
    lendablePercent = 0,
  }: Pick<LimitedPriorityLevelConfiguration, 'nominalConcurrencyShares' | 'lendablePercent'>,
  path: string,
): FieldError[] {
  return [
    ...(nominalConcurrencyShares < 0
      ? [invalidField(`${path}.nominalConcurrencyShares`, nominalConcurrencyShares, 'must be a non-negative integer')]
      : []),
    ...(lendablePercent < 0 || lendablePercent > 100
      ? [invalidField(`${path}.lendablePercent`, lendablePercent, 'must be between 0 and 100, inclusive')]
      : []),
  ]
}

function validateLimited(limited: LimitedPriorityLevelConfiguration): FieldError[] {
  const { borrowingLimitPercent, limitResponse } = limited
  return [
    ...validateShares(limited, 'spec.limited'),
    ...(borrowingLimitPercent !== undefined && borrowingLimitPercent < 0
      ? [invalidField('spec.limited.borrowingLimitPercent', borrowingLimitPercent, 'if specified, must be a non-negative integer')]
      : []),
    ...validateLimitResponse(limitResponse),
  ]
}

function validateLimitResponse({ type, queuing }: Partial<LimitResponse> = {}): FieldError[] {
  const path = 'spec.limited.limitResponse'
  switch (type) {
    case 'Reject':
      return queuing ? [forbiddenField(`${path}.queuing`, 'must be nil if limited type is not Queue')] : []
    case 'Queue':
      return queuing
        ? validateQueuing(queuing, `${path}.queuing`)
        : [requiredField(`${path}.queuing`, 'must not be empty if limited type is Queue')]
    default:
      return [unsupportedField(`${path}.type`, type ?? '', ['Queue', 'Reject'])]
  }
}

const mostQueues = 10_000_000
const mostEntropyBits = 60

function validateQueuing({ queues = 0, handSize = 0, queueLengthLimit = 0 }: QueuingConfiguration, path: string): FieldError[] {
  const positive = (value: number, field: string) => (value <= 0 ? [invalidField(`${path}.${field}`, value, 'must be positive')] : [])
  const errors = [...positive(queueLengthLimit, 'queueLengthLimit'), ...positive(queues, 'queues')]
  if (queues > mostQueues) errors.push(invalidField(`${path}.queues`, queues, `must not be greater than ${mostQueues}`))
  errors.push(...positive(handSize, 'handSize'))
  if (handSize > queues) errors.push(invalidField(`${path}.handSize`, handSize, `should not be greater than queues (${queues})`))
  else if (entropyBits(queues, handSize) > mostEntropyBits) {
    const detail = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${mostEntropyBits}`
    errors.push(invalidField(`${path}.handSize`, handSize, detail))
  }
  return errors
}

/** How many bits of a hash it takes to deal such a hand. */
function entropyBits(deck: number, hand: number): number {
  let bits = 0
  for (let dealt = 0; dealt < hand; dealt++) bits += Math.log2(deck - dealt)
  return Math.ceil(bits)
}
