import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import fc from 'fast-check'
import { parseYaml, parseYamlDocuments } from './index.ts'

test("scalars are read in kubectl's dialect", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['yes', true],
    ['Off', false],
    ['"yes"', 'yes'],
    ['y', true],
    ['yEs', 'yEs'],
    ['~', null],
    ['Null', null],
    ['0777', 511],
    ['0o17', 15],
    ['0x1F', 31],
    ['0b101', 5],
    ['-0x10', -16],
    ['+5', 5],
    ['1_000', 1000],
    ['08', 8],
    ['9007199254740991', 9007199254740991],
    ['1.50', 1.5],
    ['.5', 0.5],
    ['1e3', 1000],
    ['1.2.3', '1.2.3'],
    ['1:30', '1:30'],
    ['100m', '100m'],
    ['2020-01-01', '2020-01-01'],
    ['2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z'],
    ['"0777"', '0777'],
    ['!!str 1', '1'],
    ['0x', '0x'],
  ]
  for (const [text, value] of cases) assert.deepEqual(parseYaml(`a: ${text}`), { a: value }, text)
})

test('keys become strings, anchors and merges are followed', () => {
  assert.deepEqual(parseYaml('1: a\ntrue: b\n'), { 1: 'a', true: 'b' })
  assert.deepEqual(parseYaml('a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\nc: *x\n'), {
    a: { p: 1, q: 2 },
    b: { p: 1, q: 3 },
    c: { p: 1, q: 2 },
  })
  assert.equal(Object.getPrototypeOf(parseYaml('__proto__: {a: 1}') as object), Object.prototype)
})

test('documents', () => {
  assert.deepEqual(parseYamlDocuments('---\n---\na: 1\n---\n# nothing\n---\nb: 2\n...\n'), [{ a: 1 }, { b: 2 }])
  assert.deepEqual(parseYamlDocuments(''), [])
  assert.equal(parseYaml(''), null)
  assert.deepEqual(parseYaml('a: 1\n---\nb: 2\n'), { a: 1 })
})

test('the last of two equal keys counts, and is told where asked', () => {
  const told: string[] = []
  assert.deepEqual(parseYaml('a: 1\nb: 2\na: 3\n', { onDuplicate: text => told.push(text) }), { a: 3, b: 2 })
  assert.deepEqual(told, ['line 3: key "a" already set in map'])
  assert.deepEqual(parseYaml('a: 1\na: 3\n'), { a: 3 })
})

test('bombs, cycles, depth and mistakes are refused', () => {
  const levels = 'bcdefghi'.split('')
  const bomb = [
    'a: &a [1,1,1,1,1,1,1,1,1,1]',
    ...levels.map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[index]}`).join(',')}]`),
  ].join('\n')
  assert.throws(() => parseYaml(bomb), /yaml: document contains excessive aliasing/)
  const long = `a: &a ${'x'.repeat(100_000)}\nb: [${Array(100).fill('*a').join(',')}]`
  assert.throws(() => parseYaml(long), /yaml: document contains excessive aliasing/)
  assert.throws(() => parseYaml('a: &a [*a]'), /yaml: anchor value contains itself/)
  assert.throws(() => parseYaml(`a: ${'['.repeat(5000)}`), /error converting YAML to JSON: yaml: /)
  assert.throws(() => parseYaml('a: ['), /error converting YAML to JSON: yaml: line 1: /)
  assert.throws(() => parseYaml('a: !custom 1'), /error converting YAML to JSON: yaml: line 1: /)
})

test('JSON is YAML', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3, noUnicodeString: true }), value => {
      assert.deepEqual(parseYaml(JSON.stringify({ value })), JSON.parse(JSON.stringify({ value })))
    }),
  )
})

describe('of several documents, one is asked for', () => {
  const cases: readonly (readonly [text: string, first: unknown])[] = [
    ['a: b', { a: 'b' }],
    ['---\na: b\n---\nc: [', { a: 'b' }],
    ['# about\n\n---\na: b\n...\n%broken', { a: 'b' }],
    ['a: b\n---\n}', { a: 'b' }],
    ['--- {a: b}\n--- {', { a: 'b' }],
    ['%YAML 1.2\n---\na: b', { a: 'b' }],
    ['---\n---\na: b', null],
    ['a: |\n  ---\n  x\n', { a: '---\nx\n' }],
    ['a: ---b', { a: '---b' }],
    ['----: b', { '----': 'b' }],
  ]
  for (const [text, first] of cases) it(JSON.stringify(text), () => assert.deepEqual(parseYaml(text), first))
})
