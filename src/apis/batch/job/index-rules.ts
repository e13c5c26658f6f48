import { type FieldError, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import type { JobSpec } from '../job.ts'

/** Bounds of indexed jobs: the status lists indexes, and it has to fit into an object. */
const maximumParallelism = 100_000
const maximumFailedIndexes = 100_000
const manyCompletions = 100_000
const maximumForManyCompletions = 10_000

export function validateIndexedSpec(spec: JobSpec): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes } = spec
  const errors: FieldError[] = []
  if (completions === undefined) errors.push(requiredField('spec.completions', 'when completion mode is Indexed'))
  if (parallelism > maximumParallelism) {
    const limit = `must be less than or equal to ${maximumParallelism} when completion mode is Indexed`
    errors.push(invalidField('spec.parallelism', parallelism, limit))
  }
  if (maxFailedIndexes !== undefined) {
    if (completions !== undefined && maxFailedIndexes > completions) {
      errors.push(invalidField('spec.maxFailedIndexes', maxFailedIndexes, 'must be less than or equal to completions'))
    }
    if (maxFailedIndexes > maximumFailedIndexes) {
      errors.push(invalidField('spec.maxFailedIndexes', maxFailedIndexes, `must be less than or equal to ${maximumFailedIndexes}`))
    }
  }
  const isBig = completions !== undefined && completions > manyCompletions && spec.backoffLimitPerIndex !== undefined
  return isBig ? [...errors, ...validateManyCompletions(spec)] : errors
}

function validateManyCompletions({ parallelism = 0, maxFailedIndexes }: JobSpec): FieldError[] {
  const limit = `must be less than or equal to ${maximumForManyCompletions} when completions are above ${manyCompletions} and used with backoff limit per index`
  const errors: FieldError[] = []
  if (maxFailedIndexes === undefined) {
    errors.push(requiredField('spec.maxFailedIndexes', `must be specified when completions is above ${manyCompletions}`))
  }
  if (parallelism > maximumForManyCompletions) errors.push(invalidField('spec.parallelism', parallelism, limit))
  if (maxFailedIndexes !== undefined && maxFailedIndexes > maximumForManyCompletions) {
    errors.push(invalidField('spec.maxFailedIndexes', maxFailedIndexes, limit))
  }
  return errors
}

export const validateNonIndexedSpec = (spec: JobSpec): FieldError[] =>
  (['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
    .filter(field => spec[field] !== undefined)
    .map(field => invalidField(`spec.${field}`, spec[field], 'requires indexed completion mode'))

export interface IndexInterval {
  readonly first: number
  readonly last: number
}

/** Counts the indexes in a text such as `1,3-5,7`; they must be increasing and below `completions`. */
export const countIndexes = (text: string, completions: number): number =>
  parseIndexes(text, completions).reduce((total, { first, last }) => total + last - first + 1, 0)

/** Throws where the text breaks the rules, in words for whoever wrote it. */
export function parseIndexes(text: string, completions: number): readonly IndexInterval[] {
  const intervals: IndexInterval[] = []
  for (const part of text === '' ? [] : text.split(',')) {
    const interval = parseInterval(part, completions)
    const { last: previous = -1 } = intervals.at(-1) ?? {}
    if (interval.first <= previous) throw new Error(`non-increasing order, previous: ${previous}, current: ${interval.first}`)
    intervals.push(interval)
  }
  return intervals
}

function parseInterval(part: string, completions: number): IndexInterval {
  const bounds = part.split('-')
  if (bounds.length > 2) {
    throw new Error(
      `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`,
    )
  }
  const [first = 0, last = first] = bounds.map(bound => parseIndex(bound, completions))
  if (bounds.length === 2 && last <= first) throw new Error(`non-increasing order, previous: ${first}, current: ${last}`)
  return { first, last }
}

function parseIndex(text: string, completions: number): number {
  if (!/^\d+$/.test(text)) throw new Error(`cannot convert string to integer for index: ${JSON.stringify(text)}`)
  const index = Number(text)
  if (index >= completions) throw new Error(`too large index: ${JSON.stringify(text)}`)
  return index
}
