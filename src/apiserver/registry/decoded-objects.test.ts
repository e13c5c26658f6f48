import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { createDecodedObjects, type DecodedForm, decodedObject, forgetDecoded } from './decoded-objects.ts'

const mebibyte = 1024 * 1024
const named = (name: string): KubernetesObject => ({ metadata: { name } })

test('what was decoded lately is kept; the oldest is let go, yet found while somebody holds it', () => {
  const decoded = createDecodedObjects()
  const forms: DecodedForm[] = Array.from({ length: 40 }, () => ({}))
  const held = named('held')
  decoded.keep(forms[0] as DecodedForm, held, mebibyte)
  for (const [index, form] of forms.slice(1).entries()) decoded.keep(form, named(`n${index}`), mebibyte)
  assert.equal(forms.filter(form => form.object).length, 16)
  assert.equal(forms[39]?.object?.metadata.name, 'n38')
  assert.equal(forms[0]?.object, undefined)
  assert.equal(decodedObject(forms[0] as DecodedForm), held)
})

test('an object larger than all that may be kept is kept until the next', () => {
  const decoded = createDecodedObjects()
  const large: DecodedForm = {}
  decoded.keep(large, named('large'), 64 * mebibyte)
  assert.equal(large.object?.metadata.name, 'large')
  decoded.keep({}, named('next'), 1)
  assert.equal(large.object, undefined)
})

test('what is forgotten is not found again', () => {
  const form: DecodedForm = {}
  createDecodedObjects().keep(form, named('a'), 10)
  forgetDecoded(form)
  assert.equal(decodedObject(form), undefined)
})
