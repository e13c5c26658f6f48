import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { StatusError } from '../api-errors.ts'
import type { KubernetesObject } from '../meta.ts'
import { difference, type FieldSet, intersection, setsEqual, union, visitMembers } from './field-set.ts'
import { serverSideApply, trackUpdate } from './index.ts'
import { type Facts, ownershipModel, ownersIn, thingSchema, toFacts, toObject } from './testing/ownership-model.ts'

const factNames = ['label a', 'label b', 'part x', 'part y', 'part z', 'host h', 'host i']
const facts = fc
  .uniqueArray(fc.constantFrom(...factNames))
  .chain(names =>
    fc
      .tuple(...names.map(name => fc.constantFrom(...(name.startsWith('label') ? ['1', '2'] : [''])).map(value => [name, value] as const)))
      .map(pairs => Object.fromEntries(pairs) as Facts),
  )
const write = fc.record(
  { kind: fc.constantFrom('apply', 'force', 'update'), manager: fc.constantFrom('m', 'n'), facts },
  { noNullPrototype: true },
)

describe('ownership follows the plain rules', () => {
  test('whatever managers write, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 12 }), writes => {
        const expected = ownershipModel()
        let live: KubernetesObject | undefined
        for (const [index, { kind, manager, facts }] of writes.entries()) {
          const common = {
            schema: thingSchema,
            live,
            manager,
            apiVersion: 'v1',
            time: `2026-01-01T00:00:${String(index).padStart(2, '0')}Z`,
          }
          if (kind === 'update') {
            const updated = { ...toObject(facts), metadata: { ...toObject(facts).metadata, managedFields: live?.metadata.managedFields } }
            const managedFields = trackUpdate({ ...common, updated })
            live = { ...updated, metadata: { ...updated.metadata, managedFields } }
            expected.update(`update ${manager}`, facts)
          } else {
            const accepted = expected.apply(`apply ${manager}`, facts, kind === 'force')
            try {
              const { object, managedFields } = serverSideApply({ ...common, applied: toObject(facts), force: kind === 'force' })
              assert.ok(accepted, 'a conflict was missed')
              live = { ...object, metadata: { ...object.metadata, managedFields } }
            } catch (error) {
              if (!(error instanceof StatusError)) throw error
              assert.ok(!accepted, error.message)
            }
          }
          assert.deepEqual(live ? toFacts(live) : {}, expected.facts())
          for (const fact of Object.keys(expected.facts()))
            assert.deepEqual(ownersIn(live?.metadata.managedFields ?? [], fact), expected.ownersOf(fact), fact)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('field sets are sets', () => {
  const { set } = fc.letrec<{ set: FieldSet; node: FieldSet }>(tie => ({
    set: fc.dictionary(fc.constantFrom('f:a', 'f:b', 'k:{"n":1}', 'v:1'), tie('node'), { noNullPrototype: true, maxKeys: 3 }),
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant({}),
      fc.tuple(tie('set'), fc.boolean()).map(([below, member]) => (member ? { '.': {}, ...below } : below)),
    ),
  }))
  const members = (of: FieldSet): Set<string> => {
    const all = new Set<string>()
    visitMembers(of, path => all.add(path.join('/')))
    return all
  }
  test('union, intersection and difference', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const before = structuredClone([a, b])
        assert.deepEqual(members(union(a, b)), members(a).union(members(b)))
        assert.deepEqual(members(intersection(a, b)), members(a).intersection(members(b)))
        assert.deepEqual(members(difference(a, b)), members(a).difference(members(b)))
        assert.equal(union(a, a), a)
        assert.ok(setsEqual(difference(a, {}), a))
        assert.deepEqual([a, b], before)
      }),
    )
  })
})
