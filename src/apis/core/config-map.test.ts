import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, createCases, updateCases } from '../testing/cases.ts'
import { configMapKind } from './config-map.ts'

const configMap = { kind: configMapKind, valid: { metadata: { name: 'settings' }, data: { a: '1' }, binaryData: { b: 'AAE=' } } }
const immutable = { ...configMap, valid: { ...configMap.valid, immutable: true } }
const keyRule =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

createCases(configMap, [
  ['key with a slash', { data: { 'a/b': '' } }, `data[a/b]: Invalid value: "a/b": ${keyRule}`],
  ['binary key with a slash', { binaryData: { 'a/b': '' } }, `binaryData[a/b]: Invalid value: "a/b": ${keyRule}`],
  ['key in both', { binaryData: { a: '' } }, 'data[a]: Invalid value: "a": duplicate of key present in binaryData'],
  ['exactly 1 MiB', { data: { a: 'x'.repeat(1024 * 1024 - 2) } }],
  ['more than 1 MiB', { data: { a: 'é'.repeat(512 * 1024) } }, '[]: Too long: may not be more than 1048576 bytes'],
])

updateCases(configMap, [['of data', { data: { a: '2' } }]])

updateCases(immutable, [
  ['of labels', { metadata: { labels: { a: 'b' } } }],
  ['to mutable', { immutable: false }, 'immutable: Forbidden: field is immutable when `immutable` is set'],
  ['without immutable', { immutable: null }, 'immutable: Forbidden: field is immutable when `immutable` is set'],
  ['of immutable data', { data: { a: '2' } }, 'data: Forbidden: field is immutable when `immutable` is set'],
  ['of immutable binary data', { binaryData: { b: 'AAA=' } }, 'binaryData: Forbidden: field is immutable when `immutable` is set'],
])

test('ConfigMap: columns', () => {
  assert.deepEqual(cells(configMapKind, { metadata: { name: 'settings' }, data: { a: '' }, binaryData: { b: '' } }), [
    'settings',
    2,
    '<unknown>',
  ])
})
