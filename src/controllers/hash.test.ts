import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalJson, withSortedKeys } from './hash.ts'

const template = (spec: object, metadata?: object) => ({ spec: { template: { ...(metadata && { metadata }), spec, $patch: 'replace' } } })

test('templates that differ only in an empty object differ', () => {
  const volumes = (source: object) => template({ volumes: [{ name: 'v', ...source }] })
  const context = (securityContext?: object) => template({ containers: [{ name: 'c', ...(securityContext && { securityContext }) }] })
  assert.notEqual(canonicalJson(volumes({ emptyDir: {} })), canonicalJson(volumes({})))
  assert.notEqual(canonicalJson(context({})), canonicalJson(context()))
  assert.notEqual(canonicalJson({ selector: {} }), canonicalJson({}))
  // Each of them stands for something.
  assert.notEqual(canonicalJson([{}]), canonicalJson([]))
  assert.notEqual(canonicalJson([{}, 1]), canonicalJson([1]))
})

test('what Kubernetes writes whether it holds something or not makes no difference', () => {
  const containers = (resources?: object) => template({ containers: [{ name: 'c', ...(resources && { resources }) }] })
  assert.equal(canonicalJson(containers({})), canonicalJson(containers()))
  assert.equal(canonicalJson(template({}, {})), canonicalJson(template({})))
  assert.equal(canonicalJson(template({}, { labels: {}, creationTimestamp: undefined })), canonicalJson(template({})))
  assert.equal(canonicalJson({ b: 1, a: undefined, c: { e: 1, d: 2 } }), canonicalJson({ c: { d: 2, e: 1 }, b: 1 }))
})

test('keys are put in order at every depth, and nothing else is changed', () => {
  const value = { b: [{ d: null, c: {} }, 2], $a: 'x', a: { z: 0, y: false } }
  assert.equal(JSON.stringify(withSortedKeys(value)), '{"$a":"x","a":{"y":false,"z":0},"b":[{"c":{},"d":null},2]}')
})
