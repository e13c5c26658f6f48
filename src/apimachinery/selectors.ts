import { badRequest } from './api-errors.ts'
import { parseLabelRequirements } from './label-selector-parser.ts'
import type { LabelSelector } from './meta.ts'
import { validateLabelValue, validateQualifiedName } from './names.ts'

/**
 * Label and field selectors: parsing of what clients send, matching of what is stored.
 * Everything that is wrong with a selector is a BadRequest with upstream's text.
 */
export type LabelOperator = 'exists' | '!' | '=' | '==' | '!=' | 'in' | 'notin' | 'gt' | 'lt'

export interface LabelRequirement {
  readonly key: string
  readonly operator: LabelOperator
  /** Sorted, each once. */
  readonly values: readonly string[]
}

type LabelsOf = Readonly<Record<string, string>> | undefined

export interface LabelMatcher {
  matches(labels: LabelsOf): boolean
  /** kubectl's syntax, requirements sorted by key. */
  toString(): string
  readonly requirements: readonly LabelRequirement[]
  /** True for the selector without requirements that matches every object. */
  readonly matchesEverything: boolean
}

/** `app=web,tier in (front, back),!canary` */
export function parseLabelSelector(text: string): LabelMatcher {
  return matcherOf(
    parseLabelRequirements(text).map(({ key, operator, values }) => {
      // Without a field path, upstream's text has Go's nil in its place; people search for it so.
      const keyProblems = validateQualifiedName(key)
      const problem = keyProblems.length
        ? `<nil>: Invalid value: ${JSON.stringify(key)}: ${keyProblems.join('; ')}`
        : valuesProblem(key, operator, values)
      if (problem !== undefined) throw badRequest(`unable to parse requirement: ${problem}`)
      return { key, operator, values: sortedSet(values) }
    }),
  )
}

/** A LabelSelector of an object's spec: absent matches nothing, an empty one everything. */
export function labelSelectorMatcher(selector: LabelSelector | undefined): LabelMatcher {
  if (selector === undefined) return matchesNothing
  const requirements: LabelRequirement[] = []
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) requirements.push(labelRequirement(key, '=', [value]))
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    requirements.push(labelRequirement(key, expressionOperator(operator), values))
  }
  return matcherOf(requirements)
}

/** As shown in columns: `<none>` for a selector that selects everything or nothing. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  try {
    return labelSelectorMatcher(selector).toString() || '<none>'
  } catch {
    return '<error>'
  }
}

const matchesNothing: LabelMatcher = { matches: () => false, toString: () => '', requirements: [], matchesEverything: false }

function matcherOf(unsorted: readonly LabelRequirement[]): LabelMatcher {
  const requirements = unsorted.toSorted((a, b) => compareText(a.key, b.key))
  return {
    requirements,
    matchesEverything: requirements.length === 0,
    matches(labels) {
      for (const requirement of requirements) if (!meets(labels, requirement)) return false
      return true
    },
    toString: () => requirements.map(formatRequirement).join(','),
  }
}

function meets(labels: LabelsOf, { key, operator, values }: LabelRequirement): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case 'gt':
    case 'lt':
      return value !== undefined && comparesAs(operator, value, values[0] ?? '')
  }
}

function comparesAs(operator: 'gt' | 'lt', value: string, bound: string): boolean {
  if (!isInteger(value)) return false
  return operator === 'gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound)
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key
    case '!':
      return `!${key}`
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`
    case 'gt':
      return `${key}>${values[0]}`
    case 'lt':
      return `${key}<${values[0]}`
    default:
      return `${key}${operator}${values[0]}`
  }
}

function labelRequirement(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  const keyProblems = validateQualifiedName(key)
  const problem = keyProblems.length
    ? `key: Invalid value: ${JSON.stringify(key)}: ${keyProblems.join('; ')}`
    : valuesProblem(key, operator, values)
  if (problem !== undefined) throw badRequest(problem)
  return { key, operator, values: sortedSet(values) }
}

function valuesProblem(key: string, operator: LabelOperator, values: readonly string[]): string | undefined {
  const problem = (detail: string) => `values: Invalid value: ${JSON.stringify(values)}: ${detail}`
  switch (operator) {
    case 'in':
    case 'notin':
      if (values.length === 0) return problem("for 'in', 'notin' operators, values set can't be empty")
      break
    case '=':
    case '==':
    case '!=':
      if (values.length !== 1) return problem('exact-match compatibility requires one single value')
      break
    case 'exists':
    case '!':
      if (values.length !== 0) return problem('values set must be empty for exists and does not exist')
      break
    case 'gt':
    case 'lt':
      if (values.length !== 1) return problem("for 'Gt', 'Lt' operators, exactly one value is required")
      if (!isInteger(values[0] ?? '')) {
        return `values[0]: Invalid value: ${JSON.stringify(values[0])}: for 'Gt', 'Lt' operators, the value must be an integer`
      }
  }
  for (const [index, value] of values.entries()) {
    const problems = validateLabelValue(value)
    if (problems.length) return `values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${problems.join('; ')}`
  }
  return undefined
}

function expressionOperator(operator: string): LabelOperator {
  switch (operator) {
    case 'In':
      return 'in'
    case 'NotIn':
      return 'notin'
    case 'Exists':
      return 'exists'
    case 'DoesNotExist':
      return '!'
    default:
      throw badRequest(`${JSON.stringify(operator)} is not a valid label selector operator`)
  }
}

export interface FieldRequirement {
  readonly field: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** `status.phase!=Running,metadata.name=a\,b`: comma, equals sign and backslash in values are escaped by a backslash. */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  return splitTerms(text)
    .filter(term => term !== '')
    .map(term => {
      const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term)
      if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`)
      const [, field = '', operator, value = ''] = match
      return { field, operator: operator === '!=' ? '!=' : '=', value: unescapeValue(value) }
    })
}

/** Formats what `parseFieldSelector` reads. */
export const formatFieldSelector = (requirements: readonly FieldRequirement[]): string =>
  requirements.map(({ field, operator, value }) => `${field}${operator}${value.replace(/[\\,=]/g, '\\$&')}`).join(',')

function splitTerms(text: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === ',') {
      terms.push(text.slice(start, index))
      start = index + 1
    }
  }
  terms.push(text.slice(start))
  return terms
}

function unescapeValue(value: string): string {
  if (!/[\\,=]/.test(value)) return value
  let result = ''
  for (let index = 0; index < value.length; index++) {
    const character = value[index] ?? ''
    if (character === '\\') {
      const escaped = value[++index] ?? ''
      if (!/^[\\,=]$/.test(escaped)) throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped}`)
      result += escaped
    } else if (character === ',' || character === '=') {
      throw badRequest(`invalid field selector: unescaped character in value: ${character}`)
    } else result += character
  }
  return result
}

const isInteger = (text: string) => /^[+-]?\d{1,19}$/.test(text)
const sortedSet = (values: readonly string[]) => [...new Set(values)].sort(compareText)
const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
