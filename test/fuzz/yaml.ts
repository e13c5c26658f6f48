import assert from 'node:assert/strict'
import { parseYaml } from '../../src/apimachinery/codec/index.ts'
import { type Dice, isObject } from './dice.ts'

/** YAML in the styles that people and tools write it, read back as the value it was written from. */
export function fuzzYaml(dice: Dice): void {
  const value = withoutOddNumbers(dice.json(4))
  const text = block(dice, value, 0)
  assert.deepEqual(parseYaml(text), value, text)
}

// How large and tiny numbers are written is the reader's own business.
function withoutOddNumbers(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, one) => (typeof one === 'number' && !Number.isSafeInteger(one * 4) ? 5 : one)))
}

function block(dice: Dice, value: unknown, indent: number): string {
  const margin = ' '.repeat(indent)
  const comment = () => (dice.once(10) ? `${margin}# ${dice.word()}: ${dice.word()}\n` : '')
  if (dice.once(5)) return flow(dice, value)
  if (Array.isArray(value) && value.length > 0) {
    return `\n${value.map(item => `${comment()}${margin}- ${nested(dice, item, indent + 2)}`).join('\n')}`
  }
  if (isObject(value) && Object.keys(value).length > 0) {
    const members = Object.entries(value).map(([key, member]) => `${comment()}${margin}${quoted(key)}: ${nested(dice, member, indent + 2)}`)
    return `\n${members.join('\n')}`
  }
  if (typeof value === 'string' && indent > 0 && /^[\w.-][\w. -]*(\n[\w.-][\w. -]*)*\n$/.test(value) && dice.once(2)) {
    return `|\n${value.slice(0, -1).replace(/^/gm, margin)}`
  }
  return flow(dice, value)
}

const nested = (dice: Dice, value: unknown, indent: number): string => block(dice, value, indent)

function flow(dice: Dice, value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(item => flow(dice, item)).join(', ')}]`
  if (isObject(value)) {
    return `{${Object.entries(value)
      .map(([key, member]) => `${quoted(key)}: ${flow(dice, member)}`)
      .join(', ')}}`
  }
  if (value === null) return dice.pick(['null', '~', 'Null'])
  if (value === true) return dice.pick(['true', 'yes', 'on', 'True'])
  if (value === false) return dice.pick(['false', 'no', 'off', 'FALSE'])
  if (typeof value !== 'string') return String(value)
  if (/^[a-zA-Z][a-zA-Z-]*$/.test(value) && !reserved.test(value) && dice.once(2)) return value
  if (/^[\x20-\x7e]*$/.test(value) && dice.once(3)) return `'${value.replaceAll("'", "''")}'`
  return quoted(value)
}

const reserved = /^(y|yes|n|no|on|off|true|false|null)$/i

/** Double quotes take JSON's escapes; what JSON leaves as it is, YAML may not. */
const quoted = (text: string): string =>
  JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
