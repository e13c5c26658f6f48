import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authorizerType, authorizerValue, compileCel } from './index.ts'
import { toJson } from './json-values.ts'

const ask = () => ({ allowed: true, reason: '' })

/** [expression, least and most that it is estimated to cost, what it costs]: as Kubernetes counts. */
const costs: readonly (readonly [expression: string, min: number, max: number, actual: number])[] = [
  ['[1, 2, 3, 4, 5].sum()', 15, 15, 15],
  ['[uint(1), uint(2), uint(3), uint(4), uint(5)].sum()', 20, 20, 20],
  ["['012345678901', '012345678901', '012345678901', '012345678901', '012345678901'].isSorted()", 15, 25, 15],
  ["[bytes('012345678901'), bytes('012345678901'), bytes('012345678901')].max()", 19, 25, 19],
  ["[duration('1s'), duration('2s'), duration('3s'), duration('4s'), duration('5s')].min()", 20, 20, 20],
  ['[false, true, false, true, false].indexOf(true)', 15, 15, 15],
  ["'01234567890123456789012345678901234567890123456789'.indexOf('123')", 5, 5, 5],
  ["url('https:://kubernetes.io/').getHost()", 4, 4, 4],
  ["url('https:://kubernetes.io/') == url('http://x.b')", 5, 5, 5],
  ["ip('192.168.0.1')", 2, 2, 2],
  ["ip('2001:db8:3333:4444:5555:6666:7777:8888').isLoopback()", 5, 5, 5],
  ["ip('192.168.0.1') == ip('192.168.0.1')", 5, 5, 5],
  ["ip.isCanonical('2001:db8:3333:4444:5555:6666:7777:8888')", 8, 8, 8],
  ["cidr('192.168.0.0/16').masked()", 3, 3, 3],
  ["cidr('192.168.0.0/16').containsCIDR(cidr('192.0.0.0/30'))", 7, 11, 7],
  ["cidr('192.168.0.0/16').containsCIDR('192.0.0.0/30')", 7, 11, 7],
  ["cidr('192.168.0.0/16').containsIP(ip('192.0.0.1'))", 4, 7, 4],
  ["cidr('192.168.0.0/16').containsIP('192.169.0.1')", 5, 8, 5],
  ["cidr('2001:db8::/32').containsIP(ip('2001:db8:3333:4444:5555:6666:7777:8888'))", 7, 10, 7],
  ["'ABCDEFGHIJ abcdefghij'.lowerAscii()", 3, 3, 3],
  ["'ABCDEFGHIJ abcdefghij'.lowerAscii() == 'abcdefghij ABCDEFGHIJ'.lowerAscii()", 7, 9, 9],
  ["strings.quote('ABCDEFGHIJ abcdefghij')", 3, 3, 3],
  ["strings.quote('ABCDEFGHIJ abcdefghij') == strings.quote('ABCDEFGHIJ abcdefghij')", 7, 11, 9],
  ["'abc 123 def 123'.replace('123', '456')", 3, 3, 3],
  ["'abc 123 def 123'.replace('', 'x')", 3, 3, 3],
  ["'abc 123 def 123'.split(' ')", 3, 3, 3],
  ["'abc 123 def 123'.substring(5, 8)", 2, 2, 2],
  ["'  abc 123 def 123  '.trim()", 2, 2, 2],
  ["'abc 123 def 123'.findAll('123', 1)", 2, 2, 2],
  ["jsonpatch.escapeKey('abc/def~')", 2, 2, 2],
  ["authorizer.group('apps').resource('deployments').subresource('status').namespace('test').name('backend')", 6, 6, 6],
  [
    "authorizer.group('').resource('pods').fieldSelector('spec.nodeName=example-node-name.fully.qualified.domain.name.example.com')",
    1821,
    1821,
    1821,
  ],
  ["authorizer.path('/healthz').check('get').allowed()", 350_003, 350_003, 350_003],
  ['quantity("200M") == quantity("0.2G") && quantity("0.2G") == quantity("200M")', 3, 6, 6],
  ['quantity("50k").add(20).sub(quantity("100k")).asInteger() > 0', 6, 6, 6],
  ['format.named("dns1123Subdomain").value().validate("my-name")', 34, 34, 17],
  ['format.named("dns1123Label").value().validate("my-name")', 34, 34, 10],
  ['sets.contains([], [])', 21, 21, 21],
  ['sets.contains([1, 2, 3, 4], [2, 3])', 29, 29, 29],
  ['sets.contains([[1], [2, 3]], [[2, 3]])', 53, 53, 53],
  ['!sets.equivalent([2, 1], [1])', 26, 26, 26],
  ['sets.intersects([1, 2], [2, 2, 2])', 27, 27, 27],
  ['semver("1234.56789012345.67890123456789")', 4, 4, 4],
  ['semver("1.0.0").compareTo(semver("1.2.3"))', 3, 3, 3],
  ["{'a': 1, 'b': 2}.all(k, v, v > 0)", 37, 41, 41],
  ["{'a': 1, 'b': 2}.exists(k, v, v > 0)", 39, 43, 40],
  ["{'a': 1, 'b': 2}.existsOne(k, v, v > 0)", 38, 40, 40],
  ["{'a': 1, 'b': 2}.transformMap(k, v, v + 1)", 71, 71, 71],
  ["{'a': 1, 'b': 2}.transformMap(k, v, v < 5, v + 1)", 67, 75, 75],
  ["{'a': 1, 'b': 2}.transformMapEntry(k, v, {k: v + 1})", 131, 131, 131],
  ["{'a': 1, 'b': 2}.transformMapEntry(k, v, v < 5, {k: v + 1})", 67, 135, 135],
  ['[1, 2].all(i, v, v > 0)', 17, 21, 21],
  ['[1, 2].exists(i, v, v > 0)', 19, 23, 20],
  ['[1, 2].transformList(i, v, v + 1)', 49, 49, 49],
  ['[1, 2].transformList(i, v, v < 5, v + 1)', 27, 53, 53],
]

for (const [expression, min, max, actual] of costs) {
  test(`what it costs: ${expression}`, () => {
    const { program, issues } = compileCel(expression, { variables: { authorizer: authorizerType } })
    assert.deepEqual(issues, undefined)
    assert.deepEqual(program?.estimateCost(), { min, max })
    assert.deepEqual(program?.evaluate({ authorizer: authorizerValue(ask) }).cost, actual)
  })
}

test('what would cost more than is allowed is not begun', () => {
  const list = { kind: 'list', element: { kind: 'dyn' } } as const
  const variables = { items: list, text: { kind: 'string' }, pattern: { kind: 'string' } } as const
  // Each of these would take minutes.
  const items = Array.from({ length: 200_000 }, (_, index) => ({ index }))
  const text = 'a'.repeat(1_000_000)
  const pattern = '(a|b)?'.repeat(150_000)
  for (const expression of ['items.distinct()', 'sets.contains(items, items)', 'text.matches(pattern)', 'text.find(pattern)']) {
    const { program, issues } = compileCel(expression, { variables })
    assert.deepEqual(issues, undefined)
    assert.equal(program?.evaluate({ items, text, pattern }, { costLimit: 10_000_000 }).error?.costExceeded, true, expression)
  }
})

test('the last place of a long text in a longer one is found in linear time', () => {
  const variables = { text: { kind: 'string' }, part: { kind: 'string' } } as const
  const value = (expression: string, text: string, part: string) =>
    compileCel(expression, { variables }).program?.evaluate({ text, part }).value
  const many = 'a'.repeat(400_000)
  // Tried at each place, this takes minutes.
  assert.equal(value('text.lastIndexOf(part)', many + many, `${many}b`), -1n)
  const text = `😀b${many}ab${many}`
  assert.equal(value('text.lastIndexOf(part)', text, `b${many}`), 400_003n)
  assert.equal(value('text.lastIndexOf(part, 400002)', text, `b${many}`), 1n)
  assert.equal(value('text.lastIndexOf(part, 0)', text, `b${many}`), -1n)
})

test('a loop that goes through a long text sees the one that it is about, with and without surrogates', () => {
  const texts = ['a', '😀', 'é'].map(letter => letter.repeat(1000))
  const { program } = compileCel(
    'texts.map(t, lists.range(1000).all(i, t.charAt(i) == t.substring(999) && t.indexOf(t.charAt(i), i) == i))',
    {
      variables: { texts: { kind: 'list', element: { kind: 'string' } } },
    },
  )
  const { value, error } = program?.evaluate({ texts }) ?? {}
  assert.equal(error, undefined)
  assert.deepEqual(toJson(value as never), [true, true, true])
})

test('many matches of a pattern cost what they take, and there is an end to them', () => {
  const evaluate = (text: string) =>
    compileCel("text.findAll('9').size()", { variables: { text: { kind: 'string' } } }).program?.evaluate({ text })
  const costOf = (length: number) => evaluate('9'.repeat(length))?.cost ?? 0
  assert.ok(costOf(100) < 20)
  assert.ok(costOf(10_100) > 100_000)
  assert.equal(evaluate('9'.repeat(100_001))?.error?.costExceeded, true)
})
