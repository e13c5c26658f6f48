/**
 * JSON paths as columns and subresources use them: `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`,
 * `.spec.ports[*].name`, `.metadata.labels['app.kubernetes.io/name']`, `.items[0]`, `.items[-1:]`.
 */
export type JsonPath = readonly Step[]

type Step =
  | { readonly type: 'member'; readonly name: string }
  | { readonly type: 'all' }
  | { readonly type: 'descend' }
  | {
      readonly type: 'slice'
      readonly from: number | undefined
      readonly to: number | undefined
      readonly step: number
      readonly single: boolean
    }
  | { readonly type: 'filter'; readonly left: Operand; readonly operator: string; readonly right: Operand | undefined }

type Operand = { readonly path: JsonPath } | { readonly value: unknown }

export type ParsedJsonPath = { readonly path: JsonPath } | { readonly problem: string }

export function parseJsonPath(text: string): ParsedJsonPath {
  try {
    const reader: Reader = { text, at: 0 }
    return { path: parseSteps(reader) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** The names of a path that has nothing but names. */
export function simplePathOf(text: string): readonly string[] | undefined {
  const parsed = parseJsonPath(text)
  if ('problem' in parsed || !text.startsWith('.')) return undefined
  const names: string[] = []
  for (const step of parsed.path) {
    if (step.type !== 'member') return undefined
    names.push(step.name)
  }
  return names
}

interface Reader {
  readonly text: string
  at: number
}

function parseSteps(reader: Reader): Step[] {
  const steps: Step[] = []
  while (reader.at < reader.text.length) {
    const character = reader.text[reader.at]
    if (character === '.') steps.push(...parseDot(reader))
    else if (character === '[') steps.push(parseBracket(reader))
    else throw new Error(`unrecognized character in action: U+${hexOf(character ?? '')} '${character}'`)
  }
  return steps
}

const hexOf = (character: string): string => (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')

function parseDot(reader: Reader): Step[] {
  reader.at++
  if (reader.text[reader.at] === '.') {
    reader.at++
    return [{ type: 'descend' }, ...nameAt(reader)]
  }
  return nameAt(reader)
}

function nameAt(reader: Reader): Step[] {
  if (reader.text[reader.at] === '*') {
    reader.at++
    return [{ type: 'all' }]
  }
  let name = ''
  while (reader.at < reader.text.length && !'.[]{} '.includes(reader.text[reader.at] as string)) {
    // Names with dots are written with a backslash before each.
    if (reader.text[reader.at] === '\\') reader.at++
    name += reader.text[reader.at++] ?? ''
  }
  return name ? [{ type: 'member', name }] : []
}

function parseBracket(reader: Reader): Step {
  const start = ++reader.at
  const end = closingBracket(reader)
  const inner = reader.text.slice(start, end).trim()
  reader.at = end + 1
  if (inner === '*') return { type: 'all' }
  const quoted = /^(['"])(.*)\1$/s.exec(inner)
  if (quoted) return { type: 'member', name: (quoted[2] as string).replace(/\\(.)/g, '$1') }
  const filter = /^\?\((.*)\)$/s.exec(inner)
  if (filter) return parseFilter((filter[1] as string).trim())
  return parseSlice(inner)
}

function closingBracket({ text, at }: Reader): number {
  let depth = 0
  let quote = ''
  for (let index = at; index < text.length; index++) {
    const character = text[index] as string
    if (quote) {
      if (character === quote) quote = ''
    } else if (character === '"' || character === "'") quote = character
    else if (character === '[') depth++
    else if (character === ']' && depth-- === 0) return index
  }
  throw new Error('unterminated array')
}

function parseSlice(text: string): Step {
  const match = /^(-?\d*)(:)?(-?\d*)?(?::(-?\d*))?$/.exec(text)
  if (!match || text === '') throw new Error(`invalid array index ${text}`)
  const [, from = '', colon, to = '', step = ''] = match
  const read = (digits: string) => (digits === '' || digits === '-' ? undefined : Number(digits))
  return { type: 'slice', from: read(from), to: read(to), step: read(step) ?? 1, single: colon === undefined }
}

function parseFilter(text: string): Step {
  const match = /^(.*?)(==|!=|<=|>=|<|>)(.*)$/s.exec(text)
  if (!match) return { type: 'filter', left: operand(text), operator: 'exists', right: undefined }
  return { type: 'filter', left: operand(match[1] ?? ''), operator: match[2] ?? '', right: operand(match[3] ?? '') }
}

function operand(text: string): Operand {
  const trimmed = text.trim()
  if (trimmed.startsWith('@')) {
    const parsed = parseJsonPath(trimmed.slice(1))
    if ('problem' in parsed) throw new Error(parsed.problem)
    return parsed
  }
  const quoted = /^(['"])(.*)\1$/s.exec(trimmed)
  if (quoted) return { value: quoted[2] }
  if (trimmed === 'true' || trimmed === 'false') return { value: trimmed === 'true' }
  const number = Number(trimmed)
  if (trimmed === '' || Number.isNaN(number)) throw new Error(`unrecognized filter ${JSON.stringify(text)}`)
  return { value: number }
}

/** All values at a path; none where it leads nowhere. */
export function valuesAt(path: JsonPath, value: unknown): readonly unknown[] {
  let found: readonly unknown[] = [value]
  for (const step of path) {
    found = found.flatMap(one => take(step, one))
    if (found.length === 0) return found
    // What several ways lead to counts once: each further `..` would multiply it.
    if (step.type === 'descend') found = [...new Set(found)]
  }
  return found
}

function take(step: Step, value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return step.type === 'descend' ? [value] : []
  switch (step.type) {
    case 'member':
      return Object.hasOwn(value, step.name) ? [(value as Readonly<Record<string, unknown>>)[step.name]] : []
    case 'all':
      return Object.values(value)
    case 'descend':
      return [value, ...Object.values(value).flatMap(one => (typeof one === 'object' ? take(step, one) : []))]
    case 'filter':
      return Object.values(value).filter(one => holds(step, one))
    case 'slice':
      return Array.isArray(value) ? slice(step, value) : []
  }
}

function slice({ from, to, step, single }: Extract<Step, { type: 'slice' }>, items: readonly unknown[]): readonly unknown[] {
  if (single) {
    const index = (from ?? 0) < 0 ? items.length + (from ?? 0) : (from ?? 0)
    return index >= 0 && index < items.length ? [items[index]] : []
  }
  return items.slice(from, to).filter((_, index) => index % Math.max(1, step) === 0)
}

function holds({ left, operator, right }: Extract<Step, { type: 'filter' }>, item: unknown): boolean {
  const [a] = resolve(left, item)
  if (right === undefined) return resolve(left, item).length > 0
  const [b] = resolve(right, item)
  if (a === undefined || b === undefined) return false
  switch (operator) {
    case '==':
      return a === b
    case '!=':
      return a !== b
    default:
      return typeof a === typeof b && compares(operator, a as number, b as number)
  }
}

function compares(operator: string, a: number, b: number): boolean {
  if (operator === '<') return a < b
  if (operator === '>') return a > b
  return operator === '<=' ? a <= b : a >= b
}

const resolve = (operand: Operand, item: unknown): readonly unknown[] =>
  'path' in operand ? valuesAt(operand.path, item) : [operand.value]
