import assert from 'node:assert/strict'
import { DecodeError, parseJson } from '../../src/apimachinery/codec/index.ts'
import { type Dice, isObject } from './dice.ts'

/** JSON text: read as the language's own parser reads it, with every repeated key named, and refused exactly where that one refuses. */
export function fuzzJson(dice: Dice): void {
  const duplicates: string[] = []
  const text = write(dice, dice.json(4), '', duplicates)
  const found: string[] = []
  const value = parseJson(Buffer.from(text), { onDuplicate: path => found.push(path) })
  assert.deepEqual(value, JSON.parse(text))
  assert.deepEqual(found.toSorted(), duplicates.toSorted(), text)

  const broken = damage(dice, text)
  const accepts = (parse: () => unknown): boolean => {
    try {
      parse()
      return true
    } catch (error) {
      assert.ok(error instanceof SyntaxError || error instanceof DecodeError, `${broken}: ${error}`)
      return false
    }
  }
  assert.equal(
    accepts(() => parseJson(Buffer.from(broken), { onDuplicate: () => undefined })),
    accepts(() => JSON.parse(Buffer.from(broken).toString())),
    broken,
  )
}

/** Notes the path of every second use of a key, as decoding names paths. */
function write(dice: Dice, value: unknown, path: string, duplicates: string[]): string {
  const space = () => (dice.once(6) ? dice.pick([' ', '\n', '\t', '\r\n ']) : '')
  if (Array.isArray(value)) {
    const items = value.map((item, index) => space() + write(dice, item, `${path}[${index}]`, duplicates))
    return `[${items.join(`${space()},`)}${space()}]`
  }
  if (!isObject(value)) return typeof value === 'string' ? quoted(dice, value) : JSON.stringify(value)
  const members: string[] = []
  for (const [key, member] of Object.entries(value)) {
    const below = path === '' ? key : `${path}.${key}`
    const times = dice.once(8) ? 2 : 1
    for (let time = 0; time < times; time++) {
      if (time > 0) duplicates.push(below)
      members.push(`${space()}${quoted(dice, key)}${space()}:${space()}${write(dice, member, below, duplicates)}`)
    }
  }
  return `{${members.join(`${space()},`)}${space()}}`
}

const quoted = (dice: Dice, text: string): string =>
  `"${text
    .split('')
    .map(one => (dice.once(5) ? `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}` : JSON.stringify(one).slice(1, -1)))
    .join('')}"`

/** Cuts, doubles, swaps or changes a character or two. */
function damage(dice: Dice, text: string): string {
  const at = dice.integer(0, text.length)
  switch (dice.integer(0, 3)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text.slice(0, at) + text.slice(at + 1)
    case 2:
      return text.slice(0, at) + dice.pick([...'{}[],:"\\0-+.eEtfnu \u0001é']) + text.slice(at)
    default:
      return text.slice(0, at) + text.slice(dice.integer(0, at))
  }
}
