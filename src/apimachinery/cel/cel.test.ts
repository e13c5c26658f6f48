import assert from 'node:assert/strict'
import { test } from 'node:test'
import { customKindSchema, type JsonSchema, schemaNodeOf } from '../json-schema/index.ts'
import { atomicList, int32, keyedList, map, object, optional, required, setList, text, time } from '../schema.ts'
import { type CelType, type CelValue, celTypeOf, celTypes, compileCel, formatIssues, listOf, mapOf, toJson } from './index.ts'

const variables: Readonly<Record<string, CelType>> = {
  object: celTypes.dyn,
  numbers: listOf(celTypes.int),
  ages: mapOf(celTypes.string, celTypes.int),
}
const bindings = {
  object: { spec: { replicas: 3, 'a-b': 'x', list: [1, 2, 3], ratio: 0.5, none: null, namespace: 'n' } },
  numbers: [1, 2, 3],
  ages: { ann: 40, bob: 30 },
}

/** The value as JSON, or the error, or the issues. */
function evaluated(source: string, types = variables, values: Readonly<Record<string, unknown>> = bindings): unknown {
  const { program, issues } = compileCel(source, { variables: types })
  if (!program) return formatIssues(source, issues)
  const { value, error } = program.evaluate(values, { costLimit: 1_000_000 })
  return error ? `error: ${error.message}` : toJson(value as CelValue)
}

const cases = (title: string, table: readonly (readonly [source: string, value: unknown])[]): void => {
  for (const [source, value] of table) test(`${title}: ${source}`, () => assert.deepEqual(evaluated(source), value))
}

cases('operators', [
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['7 / 2', 3],
  ['-7 / 2', -3],
  ['-7 % 2', -1],
  ['7.0 / 2.0', 3.5],
  ['2u + 3u', 5],
  ['1u - 2u', 'error: unsigned integer overflow'],
  ['1 / 0', 'error: division by zero'],
  ['1 % 0', 'error: modulus by zero'],
  ['9223372036854775807 + 1', 'error: integer overflow'],
  ['-9223372036854775808 < 0', true],
  ['--1', 1],
  ['!true', false],
  ['!!true', true],
  ['"a" + "b"', 'ab'],
  ['"a" < "b" && "b" < "\\U0001F600"', true],
  ['1 < 2.5 && 2u > 1', true],
  ['dyn(1) == 1.0', true],
  ['dyn(1) == "1"', false],
  ['[1, 2] == [1, 2]', true],
  ['{"a": [1]} == {"a": [1]}', true],
  ['{"a": 1} == {"a": 2}', false],
  ['null == null', true],
  ['2 in [1, 2]', true],
  ['"x" in {"x": 1}', true],
  ['true ? 1 : 2', 1],
  ['[1, 2][1]', 2],
  ['[1, 2][2]', 'error: index out of bounds: 2'],
  ['{"a": 1}["b"]', 'error: no such key: b'],
  ['{1: "one"}[dyn(1.0)]', 'one'],
  ['dyn("x") + 1', 'error: no such overload: _+_(string, int)'],
])

cases('errors that do not matter', [
  ['object.nope || true', true],
  ['true || object.nope', true],
  ['object.nope && false', false],
  ['object.nope || false', 'error: no such key: nope'],
  ['[0, 1].exists(x, 1 / x == 1)', true],
  ['[0, 1].all(x, 1 / x == 2)', false],
  ['[0, 1].all(x, 1 / x == 1)', 'error: division by zero'],
])

cases('fields', [
  ['object.spec.replicas', 3],
  ['object.spec.ratio', 0.5],
  ['object.spec["a-b"]', 'x'],
  ['object.spec.`a-b`', 'x'],
  ['object.spec.namespace', 'n'],
  ['object.spec.__namespace__', 'n'],
  ['object.spec.nope', 'error: no such key: nope'],
  ['object.spec.replicas.nope', 'error: no such overload'],
  ['has(object.spec.replicas)', true],
  ['has(object.spec.nope)', false],
  ['has(object.nope.nope)', 'error: no such key: nope'],
  ['object.spec.none == null', true],
  ['object.?spec.?nope.orValue("d")', 'd'],
  ['object.?spec.?replicas.hasValue()', true],
  ['object.spec.list[?7].orValue(0)', 0],
  ['object[?"spec"].replicas.value()', 3],
])

cases('macros', [
  ['numbers.all(x, x > 0)', true],
  ['[].all(x, false)', true],
  ['numbers.exists(x, x == 2)', true],
  ['numbers.exists_one(x, x > 1)', false],
  ['numbers.map(x, x * 2)', [2, 4, 6]],
  ['numbers.map(x, x > 1, x * 2)', [4, 6]],
  ['numbers.filter(x, x > 1)', [2, 3]],
  [
    'numbers.map(x, numbers.map(y, x * y))',
    [
      [1, 2, 3],
      [2, 4, 6],
      [3, 6, 9],
    ],
  ],
  ['ages.all(name, ages[name] > 20)', true],
  ['ages.exists(name, age, age > 35)', true],
  ['ages.all(name, age, age > 35)', false],
  ['numbers.existsOne(index, value, index == 0 && value == 1)', true],
  ['numbers.transformList(index, value, index + value)', [1, 3, 5]],
  ['numbers.transformList(index, value, index > 0, value)', [2, 3]],
  ['ages.transformMap(name, age, age + 1)', { ann: 41, bob: 31 }],
  ['ages.transformMap(name, age, age > 35, age)', { ann: 40 }],
  ['ages.transformMapEntry(name, age, {name + "!": age})', { 'ann!': 40, 'bob!': 30 }],
  ['cel.bind(x, 4, x * x)', 16],
  ['cel.bind(x, 4, cel.bind(y, x + 1, x * y))', 20],
  ['optional.of(3).optMap(x, x + 1).value()', 4],
  ['optional.none().optMap(x, x + 1).hasValue()', false],
  ['optional.of(3).optFlatMap(x, optional.of(x * 2)).value()', 6],
  ['optional.of(null).orValue(null) == null', true],
  ['[?optional.none(), 1]', [1]],
  ['{?"a": optional.of(1), ?"b": optional.none()}', { a: 1 }],
  ['optional.ofNonZeroValue("").hasValue()', false],
  ['[optional.of(1), optional.none()].unwrapOpt()', [1]],
  ['[3, 4].first().value() + [3, 4].last().value()', 7],
  ['[1].filter(x, x > 1).first().orValue(9)', 9],
  ['[].last().hasValue()', false],
  ['optional.none().value()', 'error: optional.none() dereference'],
])

cases('literals', [
  ['"\\u0041\\x42\\103\\n"', 'ABC\n'],
  ["r'\\d'", '\\d'],
  ['"""a"b"""', 'a"b'],
  ["b'\\xff\\x00'", '/wA='],
  ['0x1F', 31],
  ['1e3', 1000],
  ['.5', 0.5],
  ['[1, 2,]', [1, 2]],
  ['1 // one', 1],
])

cases('conversions', [
  ['int("-12")', -12],
  ['int("x")', "error: type conversion error from 'string' to 'int'"],
  ['int(1.9)', 1],
  ['int(1e30)', 'error: integer overflow'],
  ['uint("3")', 3],
  ['double("1.5")', 1.5],
  ['string(1.0)', '1'],
  ['string(1e21)', '1e+21'],
  ['string(0.00001)', '1e-05'],
  ['string(true)', 'true'],
  ['string(b"abc")', 'abc'],
  ['string(duration("90m"))', '5400s'],
  ['string(timestamp("2020-01-01T00:00:00.5Z"))', '2020-01-01T00:00:00.5Z'],
  ['bool("t")', true],
  ['type(1) == int && type("a") == string && type([]) == list && type({}) == map', true],
  ['type(null) == null_type', true],
  ['type(duration("1s")) == google.protobuf.Duration', true],
])

cases('time', [
  ['timestamp("2020-02-29T12:30:15.25Z").getFullYear()', 2020],
  ['timestamp("2020-02-29T12:30:15.25Z").getMonth()', 1],
  ['timestamp("2020-02-29T12:30:15.25Z").getDate()', 29],
  ['timestamp("2020-02-29T12:30:15.25Z").getDayOfMonth()', 28],
  ['timestamp("2020-02-29T12:30:15.25Z").getDayOfWeek()', 6],
  ['timestamp("2020-02-29T12:30:15.25Z").getDayOfYear()', 59],
  ['timestamp("2020-02-29T23:30:15Z").getHours("+01:00")', 0],
  ['timestamp("2020-07-01T23:30:15Z").getHours("America/New_York")', 19],
  ['timestamp("2020-02-29T12:30:15.25Z").getMilliseconds()', 250],
  ['timestamp("2020-01-01T00:00:00Z") - timestamp("2019-12-31T23:00:00Z") == duration("1h")', true],
  ['timestamp("2020-01-01T00:00:00Z") < timestamp("2020-01-01T00:00:01Z")', true],
  ['duration("1h30m").getMinutes()', 90],
  ['int(timestamp("1970-01-01T00:01:00Z"))', 60],
  ['timestamp("9999-12-31T23:59:59Z") + duration("1s")', 'error: timestamp overflow'],
])

cases('strings', [
  ['"hello".charAt(1)', 'e'],
  ['"hello".indexOf("l")', 2],
  ['"hello".indexOf("l", 3)', 3],
  ['"hello".lastIndexOf("l")', 3],
  ['"😀é".size()', 2],
  ['"a😀b".indexOf("b")', 2],
  ['"a😀b".substring(1, 2)', '😀'],
  ['"hello".substring(2)', 'llo'],
  ['"hello".substring(3, 2)', 'error: invalid substring range. start: 3, end: 2'],
  ['"hello".charAt(9)', 'error: index out of range: 9'],
  ['["a", "b"].join("-")', 'a-b'],
  ['"aXbX".replace("X", "-", 1)', 'a-bX'],
  ['"ab".replace("", "-")', '-a-b-'],
  ['"a,b,c".split(",", 2)', ['a', 'b,c']],
  ['" a\\t".trim()', 'a'],
  ['"aÉ".upperAscii()', 'AÉ'],
  ['"abc".matches("^b")', false],
  ['"abc".find("[bc]+")', 'bc'],
  ['"a1b22".findAll("[0-9]+")', ['1', '22']],
  ['"a1b22".findAll("[0-9]+", 1)', ['1']],
  ['"%s is %d, %.2f%%".format(["x", 3, 1.5])', 'x is 3, 1.50%'],
  ['"%x %X %b %o %e".format([255, 255, 5, 8, 1234.5])', 'ff FF 101 10 1.234500e+03'],
  ['"%s %s".format([[1, 2], {"k": true}])', '[1, 2] {k: true}'],
  ['"%d".format(["a"])', 'error: error during formatting: decimal clause can only be used on integers, was given string'],
  ['strings.quote("a\\n\\"b\\"")', '"a\\n\\"b\\""'],
])

cases('lists and sets', [
  ['[3, 1, 2].isSorted()', false],
  ['["a", "b"].isSorted()', true],
  ['numbers.sum()', 6],
  ['[1.5, 2.0].sum()', 3.5],
  ['numbers.min()', 1],
  ['numbers.max()', 3],
  ['[].max()', 'error: max called on empty list'],
  ['[1, 2, 1].indexOf(1)', 0],
  ['[1, 2, 1].lastIndexOf(1)', 2],
  ['[1, 2, 2].distinct()', [1, 2]],
  ['[[[1]], [[2], [3]]].flatten()', [[1], [2], [3]]],
  ['[[[1]], [[2], [3]]].flatten(2)', [1, 2, 3]],
  ['[1, 2, 3, 4].slice(1, 3)', [2, 3]],
  ['[3, 1, 2].sort()', [1, 2, 3]],
  ['[{"n": 2}, {"n": 1}].sortBy(e, e.n)', [{ n: 1 }, { n: 2 }]],
  ['lists.range(3)', [0, 1, 2]],
  ['[1, 2].reverse()', [2, 1]],
  ['sets.contains([1, 2, 3], [2, 3])', true],
  ['sets.equivalent([1, 2, 2], [2, 1])', true],
  ['sets.intersects([1, 2], [3])', false],
])

cases('libraries', [
  ['math.greatest(1, 2.5, 2)', 2.5],
  ['math.least([3, 1, 2])', 1],
  ['math.ceil(1.2) + math.round(-1.5)', 0],
  ['math.bitAnd(6, 3)', 2],
  ['math.bitShiftRight(-1024, 3) == 2305843009213693824', true],
  ['url("https://u@example.com:80/a b?x=1&x=2").getHost()', 'example.com:80'],
  ['url("https://example.com:80/path").getPort()', '80'],
  ['url("https://[::1]:80/").getHostname()', '::1'],
  ['url("/path?x=1&x=2").getQuery()', { x: ['1', '2'] }],
  ['isURL("../relative")', false],
  ['ip("1.2.3.4").family()', 4],
  ['isIP("1.2.3.999")', false],
  ['isIP("::ffff:1.2.3.4")', false],
  ['ip.isCanonical("::1") && !ip.isCanonical("0:0:0:0:0:0:0:1")', true],
  ['ip("127.0.0.1").isLoopback() && ip("fe80::1").isLinkLocalUnicast()', true],
  ['string(ip("2001:DB8::1"))', '2001:db8::1'],
  ['cidr("10.0.0.0/8").containsIP("10.1.2.3")', true],
  ['cidr("10.0.0.0/8").containsCIDR(cidr("10.1.0.0/16"))', true],
  ['cidr("10.0.0.0/16").containsCIDR("10.0.0.0/8")', false],
  ['cidr("10.1.2.3/8").masked() == cidr("10.0.0.0/8")', true],
  ['string(cidr("10.0.0.0/8").ip())', '10.0.0.0'],
  ['quantity("1Gi").isGreaterThan(quantity("1000Mi"))', true],
  ['quantity("50k").add(1000).sub(quantity("1k")) == quantity("50k")', true],
  ['quantity("200M").asInteger()', 200000000],
  ['quantity("1500m").isInteger()', false],
  ['quantity("1500m").asApproximateFloat()', 1.5],
  ['isQuantity("10X")', false],
  ['semver("1.2.3").isLessThan(semver("1.10.0"))', true],
  ['semver("1.0.0-rc.1").compareTo(semver("1.0.0"))', -1],
  ['isSemver("v1.2")', false],
  ['semver("v01.2", true).minor()', 2],
  ['format.dns1123Label().validate("web").hasValue()', false],
  ['format.named("dns1123Label").value().validate("Web").value().size()', 1],
  ['format.named("nope").hasValue()', false],
  ['format.uuid().validate("x").value()', ['does not match the UUID format']],
  ['jsonpatch.escapeKey("a/b~c")', 'a~1b~0c'],
])

cases('issues', [
  ['foo', "ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo\n | ^"],
  ['object.f()', "ERROR: <input>:1:9: undeclared reference to 'f' (in container '')\n | object.f()\n | ........^"],
  ['1 + "a"', "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + \"a\"\n | ..^"],
  [
    'numbers.startsWith("a")',
    "ERROR: <input>:1:19: found no matching overload for 'startsWith' applied to 'list(int).(string)'\n | numbers.startsWith(\"a\")\n | ..................^",
  ],
  ['numbers.size', "ERROR: <input>:1:8: type 'list(int)' does not support field selection\n | numbers.size\n | .......^"],
  ['[1, "a"]', "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, \"a\"]\n | ....^"],
  [
    '"a".all(x, true)',
    'ERROR: <input>:1:1: expression of type \'string\' cannot be range of a comprehension (must be list, map, or dynamic)\n | "a".all(x, true)\n | ^',
  ],
  ['"a".matches("[")', 'ERROR: <input>:1:13: invalid matches argument\n | "a".matches("[")\n | ............^'],
  ['duration("x")', 'ERROR: <input>:1:10: invalid duration argument\n | duration("x")\n | .........^'],
  ['(1', "ERROR: <input>:1:3: Syntax error: mismatched input '<EOF>' expecting ')'\n | (1\n | ..^"],
  ['for', 'ERROR: <input>:1:1: reserved identifier: for\n | for\n | ^'],
  ['true &&\n foo', "ERROR: <input>:2:2: undeclared reference to 'foo' (in container '')\n |  foo\n | .^"],
])

const Item = object('Item', 'An item.', { key: required(1, text, 'k'), value: optional(2, int32, 'v') })
const Sample = object('Sample', 'A sample.', {
  name: { ...optional(1, text, 'n'), schema: { ...text, constraints: { maxLength: 10 } } },
  count: optional(2, int32, 'c'),
  'a-b': optional(3, text, 'a'),
  namespace: optional(4, text, 'n'),
  tags: optional(5, setList(text), 't'),
  items: optional(6, keyedList(Item, 'key'), 'i'),
  plain: optional(7, atomicList(text), 'p'),
  labels: optional(8, map(text), 'l'),
  at: optional(9, time, 'a'),
})
const sampleType = celTypeOf(Sample) as CelType
const sample = {
  name: 'x',
  count: 2,
  'a-b': 'y',
  namespace: 'n',
  tags: ['a', 'b'],
  items: [
    { key: 'k1', value: 1 },
    { key: 'k2', value: 2 },
  ],
  at: '2020-01-01T00:00:00Z',
}

for (const [source, value] of [
  ['self.count + 1', 3],
  ['self.a__dash__b', 'y'],
  ['self.__namespace__', 'n'],
  ['has(self.labels)', false],
  ['self.tags == ["b", "a"]', true],
  ['["b", "a"] == self.tags', false],
  ['self.tags + ["b", "c"]', ['a', 'b', 'c']],
  ['self.tags == other.tags', true],
  ['self.items == other.items', true],
  ['(self.items + other.more)[1].value', 5],
  ['self.items.exists(i, i.key == "k2" && i.value == 2)', true],
  ['self.at < timestamp("2021-01-01T00:00:00Z")', true],
  ['self == other', false],
  ['self.nope', "ERROR: <input>:1:5: undefined field 'nope'\n | self.nope\n | ....^"],
  ['self.namespace', "ERROR: <input>:1:5: undefined field 'namespace'\n | self.namespace\n | ....^"],
  [
    'self.count == "a"',
    "ERROR: <input>:1:12: found no matching overload for '_==_' applied to '(int, string)'\n | self.count == \"a\"\n | ...........^",
  ],
] as const) {
  test(`typed by a schema: ${source}`, () => {
    const Other = object('Other', 'Another.', {
      tags: optional(1, setList(text), 't'),
      items: optional(2, keyedList(Item, 'key'), 'i'),
      more: optional(3, keyedList(Item, 'key'), 'm'),
    })
    const other = { tags: ['b', 'a'], items: [...sample.items].reverse(), more: [{ key: 'k2', value: 5 }] }
    const types = { self: sampleType, other: source === 'self == other' ? sampleType : (celTypeOf(Other) as CelType) }
    assert.deepEqual(evaluated(source, types, { self: sample, other }), value)
  })
}

test('results of another type than wanted are refused', () => {
  const { issues } = compileCel('1', { variables: {}, results: [celTypes.bool] })
  assert.equal(formatIssues('1', issues ?? []), 'must evaluate to bool')
  assert.ok(compileCel('dyn(1)', { variables: {}, results: [celTypes.bool] }).program)
})

test('costs follow the sizes that a schema allows', () => {
  const most = (source: string): number | undefined => compileCel(source, { variables: { self: sampleType } }).program?.estimateCost().max
  assert.equal(most('self.name == "abc"'), 3)
  assert.equal(most('self.name.contains("a")'), 6)
  assert.equal(most('self.count > 1'), 3)
  assert.ok((most('self.plain.all(p, p.contains("abc"))') ?? 0) > 10_000_000)
  assert.ok((most('self.labels.all(k, true)') ?? 0) < 10_000_000)
})

for (const [name, source] of [
  ['nested loops', 'lists.range(1000).all(a, lists.range(1000).all(b, a + b >= 0))'],
  [
    'a text that doubles',
    `lists.range(100).map(x, ${'"'.padEnd(1000, 'x')}").join("").replace("x", ${'"'.padEnd(1000, 'y')}").replace("y", ${'"'.padEnd(1000, 'z')}") == ""`,
  ],
  ['a list that is too long', 'lists.range(1000000000).size() > 0'],
] as const) {
  test(`the cost limit ends ${name}`, () => {
    const { program } = compileCel(source, { variables: {} })
    const { error } = program?.evaluate({}, { costLimit: 1_000_000 }) ?? {}
    assert.equal(error?.message, 'operation cancelled: actual cost limit exceeded')
    assert.equal(error?.costExceeded, true)
  })
}

test('deep nesting is refused, long chains are not', () => {
  const deep = `${'('.repeat(300)}1${')'.repeat(300)}`
  assert.match(formatIssues(deep, compileCel(deep, { variables: {} }).issues ?? []), /expression recursion limit exceeded: 250/)
  assert.equal(evaluated(Array(1000).fill('true').join(' && ')), true)
})

/** Schemas as definitions of custom resources have them, with values, and what rules come to. */
const customCases: readonly (readonly [source: string, properties: object, self: object, value: unknown])[] = [
  ['type(self.a) == double && self.a == 1.0', { a: { type: 'number' } }, { a: 1 }, true],
  ["self.a == b'AB'", { a: { type: 'string', format: 'byte' } }, { a: 'QUI=' }, true],
  ['self.a == duration("1h2m") + duration("3s4ms")', { a: { type: 'string', format: 'duration' } }, { a: '1h2m3s4ms' }, true],
  ['self.a.getMonth() == 06', { a: { type: 'string', format: 'date' } }, { a: '1997-07-16' }, true],
  ['string(self.a)', { a: { type: 'string', format: 'date-time' } }, { a: '2011-08-18T19:03:37.01+01:00' }, '2011-08-18T19:03:37.01+01:00'],
  ['self.a.getHours("01:00")', { a: { type: 'string', format: 'date-time' } }, { a: '2011-08-18T19:03:37Z' }, 20],
  ['has(self.a)', { a: { type: 'integer', nullable: true } }, { a: null }, false],
  [
    'type(self.a["x"]) == null_type',
    { a: { type: 'object', additionalProperties: { type: 'string', nullable: true } } },
    { a: { x: null } },
    true,
  ],
  [
    'self.a == null',
    { a: { type: 'string' } },
    { a: 'x' },
    "ERROR: <input>:1:8: found no matching overload for '_==_' applied to '(string, null)'\n | self.a == null\n | .......^",
  ],
  ['self.a == 1 || self.a == "25%"', { a: { 'x-kubernetes-int-or-string': true } }, { a: '25%' }, true],
  [
    'has(self.a.b)',
    { a: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    { a: { b: 1 } },
    "ERROR: <input>:1:4: undefined field 'b'\n | has(self.a.b)\n | ...^",
  ],
  [
    'self.a[0] == self.a[1]',
    { a: { type: 'array', items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } },
    { a: [{ b: 1 }, { b: 2 }] },
    false,
  ],
  [
    'has(self.a)',
    { a: { 'x-kubernetes-preserve-unknown-fields': true } },
    { a: 1 },
    "ERROR: <input>:1:4: undefined field 'a'\n | has(self.a)\n | ...^",
  ],
  ['self.a.sum() == duration("0")', { a: { type: 'array', items: { type: 'string', format: 'duration' } } }, { a: [] }, true],
  ['self.a.map(x, x + 1).sum()', { a: { type: 'array', items: { type: 'integer' } } }, { a: [1, 2] }, 5],
  ['[self.a].max() == self.a', { a: { type: 'boolean' } }, { a: true }, true],
  [
    'self.__namespace__ + self.dot__dot__dot + self.x__underscores__y',
    { namespace: { type: 'string' }, 'dot.dot': { type: 'string' }, x__y: { type: 'string' } },
    { namespace: 'a', 'dot.dot': 'b', x__y: 'c' },
    'abc',
  ],
  [
    'self.a == self.b',
    {
      a: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k!'],
        items: { type: 'object', properties: { 'k!': { type: 'string' } } },
      },
      b: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k!'],
        items: { type: 'object', properties: { 'k!': { type: 'string' } } },
      },
    },
    {},
    "ERROR: <input>:1:8: found no matching overload for '_==_' applied to '(list(object.a.@items), list(object.b.@items))'\n | self.a == self.b\n | .......^",
  ],
  [
    '[self.a[0] == self.a[1], self.a[0] == self.a[2]]',
    {
      a: {
        type: 'array',
        items: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k!'],
          items: { type: 'object', properties: { 'k!': { type: 'string' } } },
        },
      },
    },
    {
      a: [
        [{ 'k!': 'a' }, { 'k!': 'b' }],
        [{ 'k!': 'b' }, { 'k!': 'a' }],
        [{ 'k!': 'b' }, { 'k!': 'c' }],
      ],
    },
    [true, false],
  ],
  [
    'self.a.find(")") == ""',
    { a: { type: 'string' } },
    {},
    'ERROR: <input>:1:13: program instantiation failed: error parsing regexp: unexpected ): `)`\n | self.a.find(")") == ""\n | ............^',
  ],
]

for (const [source, properties, self, value] of customCases) {
  test(`of a custom resource: ${source} ${JSON.stringify(properties).slice(0, 60)}`, () => {
    const type = celTypeOf(schemaNodeOf({ type: 'object', properties } as JsonSchema)) as CelType
    assert.deepEqual(evaluated(source, { self: type }, { self }), value)
  })
}

test('of the metadata of a custom resource, only the names can be read', () => {
  const type = celTypeOf(
    customKindSchema({ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'string' } } } } }),
    { isResource: true },
  )
  const self = { apiVersion: 'a/v1', kind: 'B', metadata: { name: 'n', namespace: 'm' }, spec: { a: 'x' } }
  assert.equal(evaluated('self.kind + self.metadata.name + self.spec.a', { self: type as CelType }, { self }), 'Bnx')
  assert.match(String(evaluated('has(self.metadata.namespace)', { self: type as CelType }, { self })), /undefined field 'namespace'/)
})

const long = 300_000
/** Texts that make bad patterns look at everything again and again: with one of those these tests would not end. */
const longTexts: readonly (readonly [expression: string, text: string, value: unknown])[] = [
  ['text.trim().size()', `a${' '.repeat(long)}b`, long + 2],
  ['isURL(text)', `https://a${':]'.repeat(long)}`, false],
  ['isURL(text)', `/${'%20'.repeat(long)}`, true],
  ['double(text)', `${'1'.repeat(long)}x`, "error: type conversion error from 'string' to 'double'"],
  ['int(text)', '1'.repeat(long), "error: type conversion error from 'string' to 'int'"],
  ['isQuantity(text)', '9'.repeat(long), false],
  ['isSemver(text)', `1.2.${'3'.repeat(long)}`, false],
  ['isSemver(text)', `1.2.3-${'a.'.repeat(long)}`, false],
  ['isIP(text) || isCIDR(text)', '1.'.repeat(long), false],
  ['format.dns1123Subdomain().validate(text).hasValue()', `${'a.'.repeat(long)}!`, true],
  ['format.byte().validate(text).hasValue()', 'A'.repeat(long + 1), true],
  ['text.matches("(a*)*b")', 'a'.repeat(1000), false],
  [
    'text.matches("((a{100}){100}){100}") || true',
    '',
    'ERROR: <input>:1:14: invalid matches argument\n | text.matches("((a{100}){100}){100}") || true\n | .............^',
  ],
  [
    '"%s%s%s%s".format([text, text, text, text]).size() > 0',
    'a'.repeat(6_000_000),
    'error: operation cancelled: actual cost limit exceeded',
  ],
  ['text.replace("", text).size() > 0', 'a'.repeat(long), 'error: operation cancelled: actual cost limit exceeded'],
]

for (const [expression, text, value] of longTexts) {
  test(`long texts take no longer than their length: ${expression} of ${text.slice(0, 20)}`, () => {
    assert.deepEqual(evaluated(expression, { text: celTypes.string }, { text }), value)
  })
}

/** Each of these does little for its cost upstream, and could do it again and again for hours. */
const patient: readonly (readonly [expression: string, bindings: Readonly<Record<string, unknown>>])[] = [
  ['size(text) > 0', { text: 'é'.repeat(1_000_000) }],
  ["text != 'a'", { text: 'é'.repeat(1_000_000) }],
  ['size(numbers + numbers) > 0', { numbers: Array(500_000).fill(1) }],
  ['duration(text) == duration(text) || true', { text: '1'.repeat(1_000_000) }],
]

for (const [expression, bindings] of patient) {
  test(`the cost limit comes soon: ${expression}`, () => {
    const loop = `lists.range(300).all(a, lists.range(300).all(b, ${expression}))`
    const { program } = compileCel(loop, { variables: { text: celTypes.string, numbers: listOf(celTypes.int) } })
    assert.ok((program?.evaluate(bindings, { costLimit: 1_000_000 }).cost ?? 0) > 300_000)
  })
}
