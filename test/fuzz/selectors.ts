import assert from 'node:assert/strict'
import { StatusError } from '../../src/apimachinery/api-errors.ts'
import { formatFieldSelector, parseFieldSelector, parseLabelSelector } from '../../src/apimachinery/selectors.ts'
import type { Dice } from './dice.ts'

type Labels = Readonly<Record<string, string>>

const keys = ['app', 'tier', 'example.com/role', 'a', 'in', 'notin', 'Upper_Case.1']
const values = ['web', 'db', '', '5', '3', '12', 'a.b_c-d', 'in']

interface Term {
  readonly text: string
  readonly holds: (labels: Labels) => boolean
}

/** Selectors written in every way, against what each requirement means; field selectors through their own text; noise is refused or stays as it is. */
export function fuzzSelectors(dice: Dice): void {
  const terms = dice.several(4, () => term(dice))
  const space = () => (dice.once(3) ? dice.pick([' ', '  ']) : '')
  const text = terms.map(one => space() + one.text + space()).join(',')
  const matcher = parseLabelSelector(text)
  const again = parseLabelSelector(matcher.toString())
  for (let round = 0; round < 4; round++) {
    const labels = Object.fromEntries(dice.several(4, () => [dice.pick(keys), dice.pick(values)]))
    const expected = terms.every(one => one.holds(labels))
    assert.equal(matcher.matches(labels), expected, `${text} of ${JSON.stringify(labels)}`)
    assert.equal(again.matches(labels), expected, `${text} as ${matcher} of ${JSON.stringify(labels)}`)
  }
  fields(dice)
  noise(dice)
}

function term(dice: Dice): Term {
  const key = dice.pick(keys)
  const gap = () => dice.pick(['', ' '])
  const value = dice.pick(values)
  const list = [value, ...dice.several(2, () => dice.pick(values))]
  const listed = `(${list.map(one => gap() + one + gap()).join(',')})`
  const number = dice.pick(['5', '3', '0', '12'])
  const integer = (text: string | undefined) => (text !== undefined && /^-?\d+$/.test(text) ? Number(text) : Number.NaN)
  switch (dice.integer(0, 7)) {
    case 0:
      return { text: key, holds: labels => key in labels }
    case 1:
      return { text: `!${gap()}${key}`, holds: labels => !(key in labels) }
    case 2:
      return { text: `${key}${gap()}=${gap()}${value}`, holds: labels => labels[key] === value }
    case 3:
      return { text: `${key}${gap()}==${gap()}${value}`, holds: labels => labels[key] === value }
    case 4:
      return { text: `${key}${gap()}!=${gap()}${value}`, holds: labels => labels[key] !== value }
    case 5:
      return { text: `${key} in ${listed}`, holds: labels => key in labels && list.includes(labels[key] as string) }
    case 6:
      return { text: `${key} notin ${listed}`, holds: labels => !(key in labels) || !list.includes(labels[key] as string) }
    default:
      return dice.once(2)
        ? { text: `${key}>${number}`, holds: labels => integer(labels[key]) > Number(number) }
        : { text: `${key}<${number}`, holds: labels => integer(labels[key]) < Number(number) }
  }
}

function fields(dice: Dice): void {
  const terms = dice.several(4, () => ({
    field: dice.pick(['metadata.name', 'spec.nodeName', 'a']),
    operator: dice.pick(['=', '!=', '==']),
    value: dice.text(),
  }))
  const escaped = (value: string) => value.replace(/[\\,=]/g, '\\$&')
  const text = terms.map(({ field, operator, value }) => `${field}${operator}${escaped(value)}`).join(',')
  const parsed = parseFieldSelector(text)
  assert.deepEqual(
    parsed.map(({ value }) => value),
    terms.map(({ value }) => value),
    text,
  )
  assert.deepEqual(parseFieldSelector(formatFieldSelector(parsed)), parsed, text)
}

/** What is no selector is a bad request; what is one means the same when it is written again. */
function noise(dice: Dice): void {
  const text = dice
    .several(10, () => dice.pick(['app', '=', '!', '==', '!=', ' in ', ' notin ', '(', ')', ',', 'x', '<', '>', '1', ' ', dice.text()]))
    .join('')
  try {
    const written = parseLabelSelector(text).toString()
    assert.equal(parseLabelSelector(written).toString(), written, text)
  } catch (error) {
    assert.ok(error instanceof StatusError && error.code === 400, `${JSON.stringify(text)}: ${error}`)
  }
}
