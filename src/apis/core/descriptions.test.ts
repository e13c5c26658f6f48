import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveSchema, type Schema } from '../../apimachinery/schema.ts'
import { bindingKind } from './binding.ts'
import { nodeKind } from './node.ts'
import { podKind } from './pod.ts'

test('kubectl explain has a sentence for every type and field', () => {
  const missing: string[] = []
  const seen = new Set<unknown>()
  const visit = (schema: Schema, path: string): void => {
    const node = resolveSchema(schema)
    if (node.type === 'list') return visit(node.items, path)
    if (node.type === 'map') return visit(node.values, path)
    if (node.type !== 'object' || seen.has(node)) return
    seen.add(node)
    if (!isSentence(node.description)) missing.push(path)
    for (const [name, field] of Object.entries(node.fields)) {
      if (!isSentence(field.description)) missing.push(`${path}.${name}`)
      visit(field.schema, `${path}.${name}`)
    }
  }
  for (const kind of [podKind, nodeKind, bindingKind]) visit(kind.schema, kind.kind)
  assert.deepEqual(missing, [])
})

const isSentence = (text: string): boolean => /^\S.*\.$/.test(text)
