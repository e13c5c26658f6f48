import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { StatusError } from './api-errors.ts'
import { formatFieldSelector, formatLabelSelector, labelSelectorMatcher, parseFieldSelector, parseLabelSelector } from './selectors.ts'

const matching: [selector: string, labels: Record<string, string> | undefined, matches: boolean][] = [
  ['', undefined, true],
  ['', { a: 'b' }, true],
  ['a=b', { a: 'b' }, true],
  ['a==b', { a: 'c' }, false],
  ['a!=b', {}, true],
  ['a!=b', { a: 'b' }, false],
  ['a in (b, c)', { a: 'c' }, true],
  ['a in (b,c)', undefined, false],
  ['a notin (b)', undefined, true],
  ['a notin (b)', { a: 'b' }, false],
  ['a', { a: '' }, true],
  ['!a', { a: '' }, false],
  ['!a', {}, true],
  ['a=', { a: '' }, true],
  ['a in (,b)', { a: '' }, true],
  ['a>5', { a: '6' }, true],
  ['a<5', { a: 'x' }, false],
  ['in in (notin)', { in: 'notin' }, true],
  ['a=b,c!=d , e', { a: 'b', e: '1' }, true],
  ['toString', {}, false],
]

const refusals: [selector: string, message: string][] = [
  ['a=b,', "found '', expected: identifier after ','"],
  [',a', "found ',', expected: !, identifier, or 'end of string'"],
  ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ['a in b', "unable to parse requirement: found 'b' expected: '('"],
  ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
  ['!', "unable to parse requirement: found '', expected: identifier"],
  ['a=b=c', "found '=', expected: ',' or 'end of string'"],
  ['a>x', "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer"],
]

describe('label selectors', () => {
  for (const [selector, labels, expected] of matching) {
    test(`${JSON.stringify(selector)} ${expected ? 'matches' : 'does not match'} ${JSON.stringify(labels)}`, () => {
      assert.equal(parseLabelSelector(selector).matches(labels), expected)
    })
  }
  for (const [selector, message] of refusals) {
    test(`refuses ${JSON.stringify(selector)}`, () => {
      assert.throws(() => parseLabelSelector(selector), { message, code: 400 } as Partial<StatusError>)
    })
  }
  test('refuses bad keys and values in upstream words', () => {
    assert.throws(() => parseLabelSelector('a/b/c=d'), /^StatusError: unable to parse requirement: <nil>: Invalid value: "a\/b\/c": /)
    assert.throws(() => parseLabelSelector('a=-'), /unable to parse requirement: values\[0\]\[a\]: Invalid value: "-": /)
  })

  test('parsing what it prints gives the same selector', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/)
    const requirement = fc.oneof(
      fc.tuple(name, fc.constantFrom('=', '==', '!='), name).map(parts => parts.join('')),
      fc
        .tuple(name, fc.constantFrom('in', 'notin'), fc.array(name, { minLength: 1 }))
        .map(([key, operator, values]) => `${key} ${operator} (${values.join(' , ')})`),
      name,
      name.map(key => `!${key}`),
    )
    fc.assert(
      fc.property(fc.array(requirement), fc.dictionary(name, name), (requirements, labels) => {
        const selector = parseLabelSelector(requirements.join(','))
        const again = parseLabelSelector(selector.toString())
        assert.equal(again.toString(), selector.toString())
        assert.equal(again.matches(labels), selector.matches(labels))
      }),
    )
  })

  test('a LabelSelector: absent matches nothing, empty everything', () => {
    assert.equal(labelSelectorMatcher(undefined).matches({}), false)
    assert.equal(labelSelectorMatcher({}).matches(undefined), true)
    const selector = { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['b', 'a'] }] }
    assert.equal(labelSelectorMatcher(selector).matches({ app: 'web' }), true)
    assert.equal(formatLabelSelector(selector), 'app=web,tier notin (a,b)')
    assert.equal(formatLabelSelector({}), '<none>')
    assert.throws(
      () => labelSelectorMatcher({ matchExpressions: [{ key: 'a', operator: 'in' }] }),
      /"in" is not a valid label selector operator/,
    )
  })
})

describe('field selectors', () => {
  test('reads operators, escapes and empty terms', () => {
    assert.deepEqual(parseFieldSelector('status.phase!=Running,,metadata.name==a\\,b\\=c\\\\,x='), [
      { field: 'status.phase', operator: '!=', value: 'Running' },
      { field: 'metadata.name', operator: '=', value: 'a,b=c\\' },
      { field: 'x', operator: '=', value: '' },
    ])
  })
  test('refuses in upstream words', () => {
    assert.throws(() => parseFieldSelector('a'), { message: "invalid selector: 'a'; can't understand 'a'" })
    assert.throws(() => parseFieldSelector('a=b=c'), /unescaped character in value/)
    assert.throws(() => parseFieldSelector('a=\\x'), /invalid escape sequence/)
  })
  test('reads what it formats', () => {
    const requirement = fc.record(
      {
        field: fc.stringMatching(/^[a-z.]{1,8}$/),
        operator: fc.constantFrom('=' as const, '!=' as const),
        value: fc.string(),
      },
      { noNullPrototype: true },
    )
    fc.assert(
      fc.property(fc.array(requirement), requirements =>
        assert.deepEqual(parseFieldSelector(formatFieldSelector(requirements)), requirements),
      ),
    )
  })
})
