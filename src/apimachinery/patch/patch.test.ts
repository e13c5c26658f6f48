import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { StatusError } from '../api-errors.ts'
import { int32, keyedList, list, map, object, optional, required, setList, text } from '../schema.ts'
import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch } from './index.ts'

const operationCases: [name: string, document: unknown, operations: unknown, expected: unknown][] = [
  ['adds a member', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
  ['adds into a list', { a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
  ['appends', { a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
  ['removes', { a: { b: 1, c: 2 } }, [{ op: 'remove', path: '/a/b' }], { a: { c: 2 } }],
  ['removes from the end', { a: [1, 2] }, [{ op: 'remove', path: '/a/-1' }], { a: [1] }],
  ['replaces', { a: [1] }, [{ op: 'replace', path: '/a/0', value: { x: null } }], { a: [{ x: null }] }],
  ['moves', { a: { b: 1 }, c: {} }, [{ op: 'move', from: '/a/b', path: '/c/d' }], { a: {}, c: { d: 1 } }],
  [
    'copies apart',
    { a: { b: 1 } },
    [
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'replace', path: '/c/b', value: 2 },
    ],
    { a: { b: 1 }, c: { b: 2 } },
  ],
  ['unescapes pointers', { 'a/b': { 'm~n': 1 } }, [{ op: 'replace', path: '/a~1b/m~0n', value: 2 }], { 'a/b': { 'm~n': 2 } }],
  ['tests deeply', { a: { x: [1] } }, [{ op: 'test', path: '/a', value: { x: [1] } }], { a: { x: [1] } }],
  ['tests an absent member for null', {}, [{ op: 'test', path: '/a', value: null }], {}],
  ['replaces the whole document', { a: 1 }, [{ op: 'replace', path: '', value: { b: 1 } }], { b: 1 }],
  ['reads __proto__ as a name', {}, [{ op: 'add', path: '/__proto__', value: 1 }], JSON.parse('{"__proto__":1}')],
]

const operationRefusals: [name: string, document: unknown, operations: unknown, code: number, cause: RegExp][] = [
  ['a missing parent', {}, [{ op: 'add', path: '/a/b', value: 1 }], 422, /doc is missing path: "\/a\/b"/],
  ['a missing key', {}, [{ op: 'replace', path: '/a', value: 1 }], 422, /doc is missing key: \/a/],
  ['removing what is not there', {}, [{ op: 'remove', path: '/a' }], 422, /nonexistent key: a/],
  ['an inherited member', {}, [{ op: 'remove', path: '/toString' }], 422, /nonexistent key/],
  ['an index out of range', { a: [] }, [{ op: 'add', path: '/a/1', value: 1 }], 422, /invalid index/],
  ['an index with leading zero', { a: [1, 2] }, [{ op: 'remove', path: '/a/01' }], 422, /not a proper array index/],
  ['a failed test', { a: 1 }, [{ op: 'test', path: '/a', value: 2 }], 422, /testing path \/a failed/],
  ['an unknown operation', {}, [{ op: 'frob', path: '/a' }], 422, /Unexpected kind: frob/],
  ['moving into itself', { a: { b: 1 } }, [{ op: 'move', from: '/a', path: '/a/b' }], 422, /missing path/],
]

const causeOf = (error: StatusError) => error.status.details?.causes?.[0]?.message ?? error.message

describe('JSON patch', () => {
  for (const [name, document, operations, expected] of operationCases) {
    test(name, () => {
      const before = structuredClone(document)
      assert.deepEqual(applyJsonPatch(document, operations), expected)
      assert.deepEqual(document, before)
    })
  }
  for (const [name, document, operations, code, cause] of operationRefusals) {
    test(`refuses ${name}`, () => {
      assert.throws(
        () => applyJsonPatch(document, operations),
        (error: StatusError) => {
          assert.equal(error.code, code)
          assert.match(causeOf(error), cause)
          return true
        },
      )
    })
  }
  test('refuses what is no list, too many operations and growth without bound', () => {
    assert.throws(() => applyJsonPatch({}, {}), { code: 400 })
    assert.throws(
      () =>
        applyJsonPatch(
          {},
          Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: null })),
        ),
      { code: 413, message: /maximum operations in a JSON patch is 10000, got 10001/ },
    )
    const doubling = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }))
    assert.throws(() => applyJsonPatch({ a: ['x'] }, doubling), { code: 422 })
  })
})

const mergeCases: [target: unknown, patch: unknown, expected: unknown][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [1, 2] }, { a: [{ b: null }] }, { a: [{ b: null }] }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  [{ a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
]

describe('merge patch', () => {
  for (const [target, patch, expected] of mergeCases) {
    test(`${JSON.stringify(target)} with ${JSON.stringify(patch)}`, () => {
      const before = structuredClone(target)
      assert.deepEqual(applyMergePatch(target, patch), expected)
      assert.deepEqual(target, before)
    })
  }
  test('merging a document with what makes it empty and back', () => {
    const json = fc.dictionary(
      fc.string(),
      fc.jsonValue({ maxDepth: 2 }).filter(value => value !== null && typeof value !== 'object'),
      { noNullPrototype: true },
    )
    fc.assert(
      fc.property(json, json, (from, to) => {
        const patch = { ...Object.fromEntries(Object.keys(from).map(key => [key, null])), ...to }
        assert.deepEqual(applyMergePatch(from, patch), to)
      }),
    )
  })
})

const Item = object('Item', '', { name: required(1, text, ''), image: optional(2, text, ''), env: optional(3, map(text), '') })
const schema = object('Thing', '', {
  items: optional(1, keyedList(Item, 'name'), '', { patchStrategy: 'merge', patchMergeKey: 'name' }),
  finalizers: optional(2, setList(text), '', { patchStrategy: 'merge' }),
  plain: optional(3, list(text), ''),
  strategy: optional(
    4,
    object('Strategy', '', { type: optional(1, text, ''), rolling: optional(2, object('R', '', { max: optional(1, int32, '') }), '') }),
    '',
    { patchStrategy: 'retainKeys' },
  ),
  labels: optional(5, map(text), ''),
})

const a = { name: 'a', image: '1' }
const b = { name: 'b', image: '1' }
const strategicCases: [name: string, original: unknown, patch: unknown, expected: unknown][] = [
  ['merges items by key', { items: [a, b] }, { items: [{ name: 'b', image: '2' }] }, { items: [a, { name: 'b', image: '2' }] }],
  ['puts new items first, as upstream does without an order', { items: [a] }, { items: [b] }, { items: [b, a] }],
  ['deletes an item', { items: [a, b] }, { items: [{ name: 'a', $patch: 'delete' }] }, { items: [b] }],
  ['replaces a list', { items: [a] }, { items: [b, { $patch: 'replace' }] }, { items: [b] }],
  ['replaces an object', { labels: { a: '1' } }, { labels: { $patch: 'replace', b: '2' } }, { labels: { b: '2' } }],
  ['empties an object', { labels: { a: '1' } }, { labels: { $patch: 'delete' } }, { labels: {} }],
  [
    'follows the element order',
    { items: [a, b] },
    { $setElementOrder: 0, '$setElementOrder/items': [{ name: 'b' }, { name: 'a' }] },
    { items: [b, a], $setElementOrder: 0 },
  ],
  [
    'keeps items of the server between ordered ones',
    { items: [a, { name: 's' }, b] },
    { '$setElementOrder/items': [{ name: 'a' }, { name: 'n' }, { name: 'b' }], items: [{ name: 'n' }] },
    { items: [a, { name: 'n' }, { name: 's' }, b] },
  ],
  ['merges sets of scalars', { finalizers: ['x'] }, { finalizers: ['y', 'x'] }, { finalizers: ['y', 'x'] }],
  [
    'deletes scalars',
    { finalizers: ['x', 'y'] },
    { '$deleteFromPrimitiveList/finalizers': ['x'], '$setElementOrder/finalizers': ['y'] },
    { finalizers: ['y'] },
  ],
  ['replaces lists without a strategy', { plain: ['x'] }, { plain: ['y'] }, { plain: ['y'] }],
  [
    'drops what retainKeys does not name',
    { strategy: { type: 'Rolling', rolling: { max: 1 } } },
    { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
    { strategy: { type: 'Recreate' } },
  ],
  ['null removes', { labels: { a: '1', b: '2' } }, { labels: { a: null } }, { labels: { b: '2' } }],
  [
    'new parts come without directives and nulls',
    {},
    {
      items: [
        { name: 'a', env: { x: null } },
        { name: 'b', $patch: 'delete' },
      ],
      strategy: { $retainKeys: ['type'], type: 'R' },
    },
    { items: [{ name: 'a', env: {} }], strategy: { type: 'R' } },
  ],
]

const strategicRefusals: [name: string, original: unknown, patch: unknown, message: RegExp][] = [
  [
    'an item without its key',
    { items: [a] },
    { items: [{ image: '2' }] },
    /^map: map\[image:2\] does not contain declared merge key: name$/,
  ],
  [
    'an unknown directive',
    { labels: { a: '1' } },
    { labels: { $patch: 'frob' } },
    /^unknown patch type: frob in map: map\[\$patch:frob\]$/,
  ],
  [
    'fields beyond retainKeys',
    { strategy: { type: 'R' } },
    { strategy: { $retainKeys: ['type'], rolling: {} } },
    /^invalid patch format of retainKeys$/,
  ],
  [
    'scalars to delete that are none',
    { finalizers: ['x'] },
    { '$deleteFromPrimitiveList/finalizers': [{}] },
    /^invalid patch format of primitive list$/,
  ],
  [
    'an order that misses items',
    { items: [a] },
    { '$setElementOrder/items': [{ name: 'a' }], items: [b] },
    /doesn't match \$setElementOrder list/,
  ],
  ['an order that is no list', { items: [a] }, { '$setElementOrder/items': 'x' }, /^expected a \[\]interface \{\}, but received a string$/],
]

describe('strategic merge patch', () => {
  for (const [name, original, patch, expected] of strategicCases) {
    test(name, () => {
      const before = structuredClone([original, patch])
      assert.deepEqual(applyStrategicMergePatch(schema, original, patch), expected)
      assert.deepEqual([original, patch], before)
    })
  }
  for (const [name, original, patch, message] of strategicRefusals) {
    test(`refuses ${name}`, () => assert.throws(() => applyStrategicMergePatch(schema, original, patch), { message, code: 400 }))
  }
  test('merging items twice is merging them once', () => {
    const items = fc.uniqueArray(
      fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), image: fc.string() }, { noNullPrototype: true }),
      {
        selector: one => one.name,
      },
    )
    fc.assert(
      fc.property(items, items, (original, patch) => {
        const once = applyStrategicMergePatch(schema, { items: original }, { items: patch })
        assert.deepEqual(applyStrategicMergePatch(schema, once, { items: patch }), once)
        const merged = new Map([...original, ...patch].map(one => [one.name, one.image]))
        const got = (once as { items: { name: string; image: string }[] }).items
        assert.deepEqual(new Map(got.map(one => [one.name, one.image])), merged)
        assert.equal(got.length, merged.size)
      }),
    )
  })
})
