import { validateDns1035Label, validateDnsLabel, validateDnsSubdomain, validateLabelValue, validateQualifiedName } from '../../names.ts'
import { type CostModel, patternOfLength } from '../function-cost.ts'
import { type CelFunction, defineFunction } from '../functions.ts'
import { parseTimestamp } from '../timestamps.ts'
import { ArrayList, type CelValue, none, OpaqueValue, OptionalValue } from '../values.ts'
import { isUrl } from './url.ts'

/** What is wrong with a text; empty where it has the format. */
type Check = (text: string) => readonly string[]

class NamedFormat extends OpaqueValue {
  override readonly typeName = 'kubernetes.NamedFormat'
  readonly name: string
  readonly check: Check
  constructor(name: string, check: Check) {
    super()
    this.name = name
    this.check = check
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof NamedFormat && other.name === this.name
  }
}

/** A dash may stand at the end of what something generated follows. */
const asPrefix =
  (check: Check): Check =>
  text =>
    check(text.replace(/-$/, 'a'))

const mustBe =
  (holds: (text: string) => boolean, message: string): Check =>
  text =>
    holds(text) ? [] : [message]

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/
const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && parseTimestamp(text) !== undefined
const isDateTime = (text: string): boolean => /T/i.test(text) && parseTimestamp(text) !== undefined

const checks: Readonly<Record<string, Check>> = {
  dns1123Label: validateDnsLabel,
  dns1123Subdomain: validateDnsSubdomain,
  dns1035Label: validateDns1035Label,
  qualifiedName: validateQualifiedName,
  dns1123LabelPrefix: asPrefix(validateDnsLabel),
  dns1123SubdomainPrefix: asPrefix(validateDnsSubdomain),
  dns1035LabelPrefix: asPrefix(validateDns1035Label),
  labelValue: validateLabelValue,
  uri: mustBe(isUrl, 'invalid URI'),
  uuid: mustBe(text => uuid.test(text), 'does not match the UUID format'),
  byte: mustBe(text => base64.test(text), 'invalid base64'),
  date: mustBe(isDate, 'invalid date'),
  datetime: mustBe(isDateTime, 'invalid datetime'),
}

const formats: ReadonlyMap<string, NamedFormat> = new Map(
  Object.entries(checks).map(([name, check]) => [name, new NamedFormat(name, check)]),
)

/** Names of labels are matched by a pattern of half the length of the others'. */
const lengthOf = (name: string): number => (/Label(?:Prefix)?$/.test(name) ? 30 : 60)
const longestPattern = 128

const validating: CostModel = {
  actual: (args, result) => patternOfLength(1, lengthOf((args[0] as NamedFormat).name), longestPattern).actual(args, result),
  estimate: patternOfLength(1, longestPattern, longestPattern).estimate,
}

export const formatLibrary: readonly CelFunction[] = [
  defineFunction('format.named', ['(string) -> optional(kubernetes.NamedFormat)'], ([name]) => {
    const format = formats.get(name as string)
    return format ? new OptionalValue(format) : none
  }),
  ...Array.from(formats.values(), format => defineFunction(`format.${format.name}`, ['() -> kubernetes.NamedFormat'], () => format)),
  defineFunction(
    'validate',
    ['kubernetes.NamedFormat.(string) -> optional(list(string))'],
    ([format, text]: readonly CelValue[]) => {
      const problems = (format as NamedFormat).check(text as string)
      return problems.length === 0 ? none : new OptionalValue(new ArrayList(problems))
    },
    { cost: validating },
  ),
]
