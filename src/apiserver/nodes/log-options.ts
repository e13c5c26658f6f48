import { badRequest, invalid } from '../../apimachinery/api-errors.ts'
import { type FieldError, forbiddenField, invalidField, unsupportedField } from '../../apimachinery/field-error.ts'
import { isSet } from './flags.ts'

/** What of a log is wanted: the query of v1's PodLogOptions. */
export interface LogOptions {
  readonly container: string
  readonly follow: boolean
  readonly skipVerification: boolean
  /** What the kubelet is asked for. */
  readonly query: URLSearchParams
}

export function parseLogOptions(given: URLSearchParams, podName: string): LogOptions {
  const query = new URLSearchParams()
  for (const flag of ['follow', 'previous', 'timestamps']) if (isSet(given, flag)) query.set(flag, 'true')
  const numbers = ['sinceSeconds', 'tailLines', 'limitBytes'] as const
  for (const name of numbers) {
    const value = parseInteger(given, name)
    if (value !== undefined) query.set(name, String(value))
  }
  const sinceTime = given.get('sinceTime')
  if (sinceTime) query.set('sinceTime', parseTime(sinceTime))
  const stream = given.get('stream')
  if (stream) query.set('stream', stream)
  const errors = validate(query)
  if (errors.length > 0) throw invalid('', 'PodLogOptions', podName, errors)
  return {
    container: given.get('container') ?? '',
    follow: query.has('follow'),
    skipVerification: isSet(given, 'insecureSkipTLSVerifyBackend'),
    query,
  }
}

function parseInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const value = Number(text)
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return value
}

function parseTime(text: string): string {
  if (Number.isNaN(Date.parse(text))) throw badRequest(`parsing time ${JSON.stringify(text)}: not a time as of RFC 3339`)
  return text
}

const streams = ['All', 'Stderr', 'Stdout']

function validate(query: URLSearchParams): FieldError[] {
  const errors: FieldError[] = []
  const least = (name: string, minimum: number, detail: string) => {
    const text = query.get(name)
    if (text !== null && Number(text) < minimum) errors.push(invalidField(name, Number(text), detail))
  }
  least('tailLines', 0, 'must be greater than or equal to 0')
  least('limitBytes', 1, 'must be greater than 0')
  if (query.has('sinceSeconds') && query.has('sinceTime'))
    errors.push(forbiddenField('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'))
  least('sinceSeconds', 1, 'must be greater than 0')
  const stream = query.get('stream')
  if (stream !== null && !streams.includes(stream)) errors.push(unsupportedField('stream', stream, streams))
  if (stream !== null && stream !== 'All' && query.has('tailLines'))
    errors.push(forbiddenField('', '`tailLines` and specific `stream` are mutually exclusive for now'))
  return errors
}
