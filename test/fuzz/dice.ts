import { seededRandom } from '../../src/base/random.ts'

/** Choices from a seed: the same seed gives the same case. */
export interface Dice {
  /** Both ends included. */
  integer(least: number, most: number): number
  /** True once in `of` times. */
  once(of: number): boolean
  pick<T>(values: readonly T[]): T
  /** A list of up to `most` values. */
  several<T>(most: number, make: () => T): T[]
  shuffled<T>(values: readonly T[]): T[]
  text(): string
  word(): string
  /** A JSON value, at most this deep. */
  json(depth: number): unknown
}

const words = [
  'a',
  'b',
  'app',
  'name',
  'web',
  'metadata',
  'spec',
  'items',
  'x-y',
  'Zebra',
  '0',
  '1',
  'true',
  'no',
  '__proto__',
  'constructor',
]
const oddCharacters = [
  '"',
  '\\',
  '/',
  '\n',
  '\t',
  '\u0000',
  '\u001f',
  'é',
  '☃',
  '\u2028',
  '😀',
  '~',
  "'",
  ' ',
  ':',
  '#',
  '-',
  '{',
  ']',
  ',',
  '%',
  '&',
  '*',
  '!',
  '|',
  '>',
  '@',
  '`',
  '=',
]
const numbers = [0, 1, -1, 7, 80, 65536, 2147483647, -2147483648, 9007199254740991, 0.5, -2.25, 1e21, 1e-7]

export function rollDice(seed: number): Dice {
  const random = seededRandom(seed)
  const integer = (least: number, most: number) => least + Math.floor(random.next() * (most - least + 1))
  const pick = <T>(values: readonly T[]): T => values[integer(0, values.length - 1)] as T
  const several = <T>(most: number, make: () => T) => Array.from({ length: integer(0, most) }, make)
  const word = () => pick(words)
  const text = () => several(6, () => (integer(0, 2) ? pick([...'abcXYZ019._-']) : pick(oddCharacters))).join('')
  const json = (depth: number): unknown => {
    switch (integer(0, depth > 0 ? 7 : 4)) {
      case 0:
        return null
      case 1:
        return integer(0, 1) === 1
      case 2:
        return pick(numbers)
      case 3:
        return word()
      case 4:
        return text()
      case 5:
        return several(3, () => json(depth - 1))
      default:
        return objectOf(several(4, () => [integer(0, 3) ? word() : text(), json(depth - 1)] as const))
    }
  }
  return {
    integer,
    pick,
    several,
    word,
    text,
    json,
    once: of => integer(1, of) === 1,
    shuffled: values =>
      values
        .map(value => ({ value, at: random.next() }))
        .sort((left, right) => left.at - right.at)
        .map(({ value }) => value),
  }
}

/** An object with these members, whatever they are called. */
export function objectOf(members: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (const [key, value] of members) Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  return object
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const ownMember = (object: Record<string, unknown>, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined)
