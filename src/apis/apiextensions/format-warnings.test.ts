import assert from 'node:assert/strict'
import { test } from 'node:test'
import { created, updated } from '../testing/cases.ts'
import { customResourceDefinitionKind as kind } from './custom-resource-definition.ts'

const definition = (properties: object) => ({
  metadata: { name: 'ships.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'ships', kind: 'Ship' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties } } }],
  },
})

test('formats that nobody knows are told when they come in', () => {
  const old = created(kind, definition({ port: { type: 'integer', format: 'port' } }))
  const schemas = {
    port: { type: 'integer', format: 'port' },
    count: { type: 'integer', format: 'int64' },
    share: { type: 'number', format: 'double' },
    size: { type: 'integer', format: 'uint8' },
    when: { type: 'string', format: 'date-time' },
    name: { type: 'string', format: 'k8s-long-name' },
    amount: { type: 'string', format: 'quantity' },
    hue: { type: 'array', items: { type: 'string', format: 'colour', not: { format: 'shade' } } },
    hues: { type: 'array', format: 'cidr', items: { type: 'string', format: 'colour' } },
    any: { type: 'string', anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] },
  }
  const warnings = ['"uint8"', '"colour"', '"shade"', '"cidr"'].map(format => `unrecognized format ${format}`)
  const now = updated(kind, definition(schemas), old)
  assert.deepEqual(kind.strategy.warnings?.(created(kind, definition(schemas)), undefined), ['unrecognized format "port"', ...warnings])
  assert.deepEqual(kind.strategy.warnings?.(now, old), warnings)
  assert.deepEqual(kind.strategy.warnings?.(now, now), [])
})
