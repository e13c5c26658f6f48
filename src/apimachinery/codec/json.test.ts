import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DecodeError, parseJson } from './index.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)

test('mistakes are told in the words of Go', () => {
  const cases = [
    ['', 'unexpected end of JSON input'],
    ['{', 'unexpected end of JSON input'],
    ['tru', 'unexpected end of JSON input'],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['[1 2]', "invalid character '2' after array element"],
    ['nul!', "invalid character '!' in literal null (expecting 'l')"],
    ['01', "invalid character '1' after top-level value"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u00x0"', "invalid character 'x' in \\u hexadecimal character escape"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ["'a'", "invalid character '\\'' looking for beginning of value"],
    ['é', "invalid character 'Ã' looking for beginning of value"],
  ] as const
  for (const [text, message] of cases) assert.throws(() => parseJson(bytes(text)), new DecodeError(message), text)
})

test('bytes that are no text are named as they are', () => {
  assert.throws(() => parseJson(Buffer.from([0x9e, 0x41])), new DecodeError("invalid character '\\u009e' looking for beginning of value"))
  assert.throws(() => parseJson(Buffer.from([0x5b, 0xff])), new DecodeError("invalid character 'ÿ' looking for beginning of value"))
})

test('duplicate keys are told with their paths, and the last one counts', () => {
  const found: string[] = []
  const value = parseJson(bytes('{"spec":{"a":[{"b":1,"b":2}]},"spec2":{},"spec2":{"\\u0061":1}}'), {
    onDuplicate: path => found.push(path),
  })
  assert.deepEqual(found, ['spec.a[0].b', 'spec2'])
  assert.deepEqual(value, { spec: { a: [{ b: 2 }] }, spec2: { a: 1 } })
})

test('depth is bounded before anything is parsed, whatever stands in strings', () => {
  const deep = `${'['.repeat(1001)}${']'.repeat(1001)}`
  assert.throws(() => parseJson(bytes(deep)), /exceeded max depth/)
  assert.throws(() => parseJson(bytes('['.repeat(1_000_000))), /exceeded max depth/)
  assert.throws(() => parseJson(bytes('[[[]]]'), { maximumDepth: 2 }), /exceeded max depth/)
  assert.deepEqual(parseJson(bytes('["[[[[{{{{\\"["]'), { maximumDepth: 2 }), ['[[[[{{{{"['])
})

test('agrees with JSON.parse on every text', () => {
  const almostJson = fc.oneof(
    fc.json(),
    fc
      .tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 }))
      .map(([text, at, patch]) => text.slice(0, at % (text.length + 1)) + patch + text.slice((at % (text.length + 1)) + 1)),
  )
  fc.assert(
    fc.property(almostJson, text => {
      let expected: unknown
      try {
        expected = JSON.parse(text)
      } catch {
        // Only mistakes that the scanner found itself have Go's words.
        assert.throws(() => parseJson(bytes(text)), /^DecodeError: (invalid character|unexpected end of JSON input)/)
        return
      }
      assert.deepEqual(parseJson(bytes(text), { onDuplicate: () => {} }), expected)
    }),
    { numRuns: 500 },
  )
})
