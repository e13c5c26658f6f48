import { formatFieldSelector, labelSelectorMatcher, parseFieldSelector, parseLabelSelector } from '../../apimachinery/selectors.ts'
import type { FieldSelectorAttributes, LabelSelectorAttributes } from '../../apis/authorization/subject-access-review.ts'

/**
 * Selectors between the two forms that they have: text in requests, requirements in reviews. A requirement that can't be
 * expressed is left out, which widens what is asked for, and is reported.
 */
export interface SelectorText {
  readonly text: string
  readonly problems: readonly string[]
}

const none: SelectorText = { text: '', problems: [] }

export function fieldSelectorText(selector: FieldSelectorAttributes | undefined): SelectorText {
  const { rawSelector, requirements = [] } = selector ?? {}
  if (rawSelector) return checked('fieldSelector', rawSelector, parseFieldSelector)
  const problems: string[] = []
  const usable = requirements.flatMap(({ key, operator, values = [] }) => {
    const [value] = values
    if ((operator === 'In' || operator === 'NotIn') && values.length === 1 && value !== undefined)
      return [{ field: key, operator: operator === 'In' ? ('=' as const) : ('!=' as const), value }]
    problems.push(
      operator === 'In' || operator === 'NotIn'
        ? 'fieldSelectors do not yet support multiple values'
        : `fieldSelectors do not yet support ${operator}`,
    )
    return []
  })
  return { text: formatFieldSelector(usable), problems }
}

export function labelSelectorText(selector: LabelSelectorAttributes | undefined): SelectorText {
  const { rawSelector, requirements = [] } = selector ?? {}
  if (rawSelector) return checked('labelSelector', rawSelector, parseLabelSelector)
  if (requirements.length === 0) return none
  try {
    return { text: labelSelectorMatcher({ matchExpressions: requirements }).toString(), problems: [] }
  } catch (error) {
    return { text: '', problems: [(error as Error).message] }
  }
}

function checked(what: string, text: string, parse: (text: string) => unknown): SelectorText {
  try {
    parse(text)
    return { text, problems: [] }
  } catch (error) {
    return { text: '', problems: [`spec.resourceAttributes.${what} ignored due to parse error: ${(error as Error).message}`] }
  }
}

/** A request's selector as reviews show it; undefined where there is none, or none that can be read. */
export function fieldRequirements(text: string | undefined): FieldSelectorAttributes['requirements'] {
  if (!text) return undefined
  try {
    return parseFieldSelector(text).map(({ field, operator, value }) => ({
      key: field,
      operator: operator === '!=' ? 'NotIn' : 'In',
      values: [value],
    }))
  } catch {
    // What can't be read will be refused later; until then the question is the wider one.
    return undefined
  }
}

const operators: Readonly<Record<string, string>> = {
  exists: 'Exists',
  '!': 'DoesNotExist',
  '=': 'In',
  '==': 'In',
  in: 'In',
  '!=': 'NotIn',
  notin: 'NotIn',
}

export function labelRequirements(text: string | undefined): LabelSelectorAttributes['requirements'] {
  if (!text) return undefined
  try {
    return parseLabelSelector(text).requirements.flatMap(({ key, operator, values }) => {
      const name = operators[operator]
      return name === undefined ? [] : [{ key, operator: name, ...(values.length > 0 && { values }) }]
    })
  } catch {
    // As above.
    return undefined
  }
}
