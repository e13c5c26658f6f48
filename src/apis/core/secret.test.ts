import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, createCases, defaultCases, defaulted, updateCases } from '../testing/cases.ts'
import { secretKind } from './secret.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const secret = { kind: secretKind, valid: { metadata: { name: 'token' }, data: { a: base64('1') } } }
const immutable = { ...secret, valid: { ...secret.valid, immutable: true } }
const typed = (type: string, data: Record<string, string> | null = null) => ({ type: `kubernetes.io/${type}`, data })
const redacted = (key: string, problem: string) => `data[${key}]: Invalid value: "<secret contents redacted>": ${problem}`

defaultCases(secret, [
  [{}, 'type', 'Opaque'],
  [{ stringData: { a: '2', b: 'é' } }, 'data', { a: base64('2'), b: base64('é') }],
  [{ stringData: {} }, 'data', { a: base64('1') }],
])

createCases(secret, [
  [
    'key with a slash',
    { data: { 'a/b': '' } },
    "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
  ],
  ['more than 1 MiB', { data: { a: base64('x'.repeat(1024 * 1024 + 1)) } }, 'data: Too long: may not be more than 1048576 bytes'],
  ['a type of its own', { type: 'example.com/mine' }],
  ['tls without data', typed('tls'), 'data[tls.crt]: Required value', 'data[tls.key]: Required value'],
  ['tls without key', typed('tls', { 'tls.crt': '' }), 'data[tls.key]: Required value'],
  ['tls', typed('tls', { 'tls.crt': '', 'tls.key': '' })],
  ['basic-auth without both', typed('basic-auth'), 'data[username]: Required value', 'data[password]: Required value'],
  ['basic-auth with an empty password', typed('basic-auth', { password: '' })],
  ['ssh-auth without key', typed('ssh-auth'), 'data[ssh-privatekey]: Required value'],
  ['ssh-auth with an empty key', typed('ssh-auth', { 'ssh-privatekey': '' }), 'data[ssh-privatekey]: Required value'],
  ['dockercfg without data', typed('dockercfg'), 'data[.dockercfg]: Required value'],
  ['dockerconfigjson without data', typed('dockerconfigjson'), 'data[.dockerconfigjson]: Required value'],
  [
    'empty dockerconfigjson',
    typed('dockerconfigjson', { '.dockerconfigjson': '' }),
    redacted('.dockerconfigjson', 'unexpected end of JSON input'),
  ],
  [
    'dockerconfigjson that is no JSON',
    typed('dockerconfigjson', { '.dockerconfigjson': base64('{') }),
    redacted('.dockerconfigjson', 'invalid JSON'),
  ],
  [
    'dockercfg that is a list',
    typed('dockercfg', { '.dockercfg': base64('[]') }),
    redacted('.dockercfg', 'json: cannot unmarshal array into Go value of type map[string]interface {}'),
  ],
  ['dockerconfigjson', typed('dockerconfigjson', { '.dockerconfigjson': base64('{"auths":{}}') })],
  [
    'service account token without account',
    typed('service-account-token'),
    'metadata.annotations[kubernetes.io/service-account.name]: Required value',
  ],
  [
    'service account token',
    { ...typed('service-account-token'), metadata: { annotations: { 'kubernetes.io/service-account.name': 'default' } } },
  ],
])

updateCases(secret, [
  ['of data', { data: { a: base64('2') } }],
  ['of the type', { type: 'example.com/mine' }, 'type: Invalid value: "example.com/mine": field is immutable'],
])

updateCases(immutable, [
  ['to mutable', { immutable: false }, 'immutable: Forbidden: field is immutable when `immutable` is set'],
  ['of immutable data', { data: { a: base64('2') } }, 'data: Forbidden: field is immutable when `immutable` is set'],
  ['of immutable data by stringData', { stringData: { a: '2' } }, 'data: Forbidden: field is immutable when `immutable` is set'],
])

test('Secret: stringData is never stored', () => {
  assert.equal('stringData' in defaulted(secretKind, { metadata: {}, stringData: { a: '1' } }), false)
})

test('Secret: columns', () => {
  assert.deepEqual(cells(secretKind, { metadata: { name: 'token' }, type: 'Opaque', data: { a: '' } }), ['token', 'Opaque', 1, '<unknown>'])
})
