import { containment, joining, patternSearch, quoting, replacing, splitting, traversalKeepingSize, traversalOf } from '../function-cost.ts'
import { type CallSite, defineFunction } from '../functions.ts'
import { ArrayList, CelFailure, type CelValue, codePointCount, isOfSingleUnits, ListValue } from '../values.ts'
import { longestText, tooMuch } from './bounds.ts'
import { formatText } from './format-text.ts'
import { patternOf } from './pattern.ts'

const text = (value: CelValue | undefined): string => value as string
const number = (value: CelValue | undefined): number => Number(value as bigint)

export const stringLibrary = [
  defineFunction('contains', ['string.(string) -> bool'], ([whole, part]) => text(whole).includes(text(part)), { cost: containment }),
  defineFunction('startsWith', ['string.(string) -> bool'], ([whole, part]) => text(whole).startsWith(text(part)), {
    cost: traversalOf(1),
  }),
  defineFunction('endsWith', ['string.(string) -> bool'], ([whole, part]) => text(whole).endsWith(text(part)), { cost: traversalOf(1) }),
  defineFunction(
    'matches',
    ['string.(string) -> bool', '(string, string) -> bool'],
    ([whole, pattern], site) => patternOf(text(pattern), site).matcher(text(whole)).find(),
    { cost: patternSearch },
  ),
  defineFunction('charAt', ['string.(int) -> string'], ([whole, index], site) => charAt(pointsOf(text(whole), site), number(index))),
  defineFunction(
    'indexOf',
    ['string.(string) -> int', 'string.(string, int) -> int'],
    ([whole, part, from], site) =>
      BigInt(indexOf(text(whole), pointsOf(text(whole), site), text(part), from === undefined ? 0 : number(from))),
    { cost: traversalOf(0) },
  ),
  defineFunction(
    'lastIndexOf',
    ['string.(string) -> int', 'string.(string, int) -> int'],
    ([whole, part, from], site) =>
      BigInt(lastIndexOf(text(whole), pointsOf(text(whole), site), text(part), from === undefined ? undefined : number(from))),
    { cost: traversalOf(0) },
  ),
  defineFunction(
    'join',
    ['list(string).() -> string', 'list(string).(string) -> string'],
    ([list, separator]) => join(list as ListValue, separator),
    {
      cost: joining,
    },
  ),
  defineFunction('lowerAscii', ['string.() -> string'], ([whole]) => text(whole).replace(/[A-Z]+/g, letters => letters.toLowerCase()), {
    cost: traversalKeepingSize(0),
  }),
  defineFunction('upperAscii', ['string.() -> string'], ([whole]) => text(whole).replace(/[a-z]+/g, letters => letters.toUpperCase()), {
    cost: traversalKeepingSize(0),
  }),
  defineFunction(
    'replace',
    ['string.(string, string) -> string', 'string.(string, string, int) -> string'],
    ([whole, old, by, count]) => replace(text(whole), text(old), text(by), count === undefined ? -1 : number(count)),
    { cost: replacing },
  ),
  defineFunction(
    'split',
    ['string.(string) -> list(string)', 'string.(string, int) -> list(string)'],
    ([whole, separator, count]) => new ArrayList(split(text(whole), text(separator), count === undefined ? -1 : number(count))),
    { cost: splitting },
  ),
  defineFunction(
    'substring',
    ['string.(int) -> string', 'string.(int, int) -> string'],
    ([whole, from, to], site) => substring(pointsOf(text(whole), site), number(from), to === undefined ? undefined : number(to)),
    { cost: traversalKeepingSize(0) },
  ),
  defineFunction('trim', ['string.() -> string'], ([whole]) => trim(text(whole)), {
    cost: traversalKeepingSize(0),
  }),
  defineFunction('reverse', ['string.() -> string'], ([whole]) => [...text(whole)].reverse().join(''), { cost: traversalKeepingSize(0) }),
  defineFunction('strings.quote', ['(string) -> string'], ([whole]) => quote(text(whole)), { cost: quoting }),
  defineFunction('format', ['string.(list(dyn)) -> string'], ([format, values]) => checked(formatText(text(format), values as ListValue)), {
    cost: {
      actual: ([format], result) => Math.max(traversalOf(0).actual([format as CelValue], result), traversalOf(0).actual([result], result)),
      estimate: args => traversalOf(0).estimate(args),
    },
  }),
]

// A pattern for the end would look at every run of spaces within.
function trim(whole: string): string {
  let end = whole.length
  while (end > 0 && isSpace.test(whole[end - 1] as string)) end--
  let start = 0
  while (start < end && isSpace.test(whole[start] as string)) start++
  return whole.slice(start, end)
}

const isSpace = /[\s\u0085]/

function checked(result: string): string {
  if (result.length > longestText) throw tooMuch()
  return result
}

const outOfRange = (index: number): CelFailure => new CelFailure(`index out of range: ${index}`)

type Points = string | readonly string[]

/** Shorter texts are looked through faster than remembered. */
const longText = 256

/**
 * Indices count code points; texts without surrogates need no splitting. A loop that goes through a long text asks for
 * the same one each time, so it is looked through once for each place that asks.
 */
function pointsOf(whole: string, site: CallSite): Points {
  if (site.memo?.key === whole) return site.memo.value as Points
  const value = isOfSingleUnits(whole) ? whole : [...whole]
  if (whole.length > longText) site.memo = { key: whole, value }
  return value
}

function charAt(points: Points, index: number): string {
  if (index < 0 || index > points.length) throw outOfRange(index)
  return points[index] ?? ''
}

function indexOf(whole: string, points: Points, part: string, from: number): number {
  if (part === '') return from >= 0 && from <= points.length ? from : notInRange(from)
  if (from < 0 || from > points.length) throw outOfRange(from)
  if (typeof points === 'string') return whole.indexOf(part, from)
  const before = points.slice(0, from).join('').length
  const at = whole.indexOf(part, before)
  return at < 0 ? -1 : codePointCount(whole.slice(0, at))
}

function notInRange(index: number): never {
  throw outOfRange(index)
}

function lastIndexOf(whole: string, points: Points, part: string, from: number | undefined): number {
  if (from !== undefined && (from < 0 || from > points.length)) throw outOfRange(from)
  if (part === '') return from ?? points.length
  if (typeof points === 'string') return lastPlaceOf(part, whole, from)
  const at = lastPlaceOf(part, whole, from === undefined ? undefined : points.slice(0, from).join('').length)
  return at < 0 ? -1 : codePointCount(whole.slice(0, at))
}

/** More comparisons than this would be noticed. */
const manyComparisons = 10_000_000

/** The runtime searches for first places in linear time, for last ones by trying each: long texts are searched the other way round. */
function lastPlaceOf(part: string, whole: string, from: number | undefined): number {
  if (part.length * whole.length < manyComparisons) return whole.lastIndexOf(part, from)
  const searched = from === undefined ? whole : whole.slice(0, from + part.length)
  const first = backwards(searched).indexOf(backwards(part))
  return first < 0 ? -1 : searched.length - part.length - first
}

const backwards = (text: string): string => text.split('').reverse().join('')

function join(list: ListValue, separator: CelValue | undefined): string {
  const parts: string[] = []
  let length = 0
  const between = separator === undefined ? '' : text(separator)
  for (const part of list) {
    if (typeof part !== 'string') throw new CelFailure('no such overload')
    length += part.length + between.length
    if (length > longestText) throw tooMuch()
    parts.push(part)
  }
  return parts.join(between)
}

function replace(whole: string, old: string, by: string, count: number): string {
  if (count === 0) return whole
  const pieces = old === '' ? ['', ...whole, ''] : whole.split(old)
  const times = count < 0 ? pieces.length - 1 : Math.min(count, pieces.length - 1)
  if (whole.length + times * by.length > longestText) throw tooMuch()
  return (
    pieces.slice(0, times + 1).join(by) +
    pieces
      .slice(times + 1)
      .map(piece => old + piece)
      .join('')
  )
}

function split(whole: string, separator: string, count: number): string[] {
  if (count === 0) return []
  if (count === 1) return [whole]
  const pieces = separator === '' ? [...whole] : whole.split(separator)
  if (count < 0 || pieces.length <= count) return pieces
  return [...pieces.slice(0, count - 1), pieces.slice(count - 1).join(separator)]
}

function substring(points: Points, from: number, to: number | undefined): string {
  const end = to ?? points.length
  if (from < 0 || from > points.length) throw outOfRange(from)
  if (end < 0 || end > points.length) throw outOfRange(end)
  if (from > end) throw new CelFailure(`invalid substring range. start: ${from}, end: ${end}`)
  return typeof points === 'string' ? points.slice(from, end) : points.slice(from, end).join('')
}

const quoted: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is escaped.
const quote = (whole: string): string => `"${whole.toWellFormed().replace(/[\x07-\r\\"]/g, letter => quoted[letter] ?? letter)}"`
