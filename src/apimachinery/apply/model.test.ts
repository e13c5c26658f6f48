import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { StatusError } from '../api-errors.ts'
import { topLevel } from '../kind.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../meta.ts'
import { keyedList, object, optional, required, setList, text } from '../schema.ts'
import { difference, type FieldSet, intersection, setsEqual, union, visitMembers } from './field-set.ts'
import { serverSideApply, trackUpdate } from './index.ts'

const Part = object('Part', '', { name: required(1, text, '') })
const schema = topLevel('Thing', '', {
  spec: optional(2, object('Spec', '', { parts: optional(1, keyedList(Part, 'name'), ''), hosts: optional(2, setList(text), '') }), ''),
})

/** A whole object as flat facts: `label a = 1`, `part x`, `host y`. */
type Facts = Readonly<Record<string, string>>

function toObject(facts: Facts): KubernetesObject {
  const names = (prefix: string) =>
    Object.keys(facts)
      .filter(fact => fact.startsWith(prefix))
      .map(fact => fact.slice(prefix.length))
  const labels = Object.fromEntries(names('label ').map(name => [name, facts[`label ${name}`] ?? '']))
  const parts = names('part ').map(name => ({ name }))
  const hosts = names('host ')
  const spec = { ...(parts.length && { parts }), ...(hosts.length && { hosts }) }
  return {
    metadata: { name: 'a', ...(Object.keys(labels).length && { labels }) },
    ...(Object.keys(spec).length && { spec }),
  } as KubernetesObject
}

function toFacts(given: KubernetesObject): Facts {
  const { metadata, spec = {} } = given as KubernetesObject & { spec?: { parts?: { name: string }[]; hosts?: string[] } }
  return {
    ...Object.fromEntries(Object.entries(metadata.labels ?? {}).map(([name, value]) => [`label ${name}`, value])),
    ...Object.fromEntries((spec.parts ?? []).map(({ name }) => [`part ${name}`, ''])),
    ...Object.fromEntries((spec.hosts ?? []).map(name => [`host ${name}`, ''])),
  }
}

/** The rules of ownership, said plainly over facts. */
function model() {
  const values = new Map<string, string>()
  const owners = new Map<string, Set<string>>()
  const own = (fact: string, who: string, value: string) => {
    if (values.get(fact) !== value) owners.set(fact, new Set([who]))
    else if (who.startsWith('apply')) owners.get(fact)?.add(who)
    values.set(fact, value)
  }
  const drop = (fact: string) => {
    values.delete(fact)
    owners.delete(fact)
  }
  return {
    facts: (): Facts => Object.fromEntries(values),
    ownersOf: (fact: string) => [...(owners.get(fact) ?? [])].sort(),
    /** False where another manager owns what would change. */
    apply(who: string, facts: Facts, force: boolean): boolean {
      const disputed = Object.keys(facts).filter(
        fact => values.has(fact) && values.get(fact) !== facts[fact] && [...(owners.get(fact) ?? [])].some(one => one !== who),
      )
      if (disputed.length && !force) return false
      for (const [fact, value] of Object.entries(facts)) own(fact, who, value)
      for (const [fact, who_] of [...owners]) {
        if (fact in facts || !who_.delete(who)) continue
        if (who_.size === 0) drop(fact)
      }
      return true
    },
    update(who: string, facts: Facts): void {
      for (const fact of [...values.keys()]) if (!(fact in facts)) drop(fact)
      for (const [fact, value] of Object.entries(facts)) own(fact, who, value)
    },
  }
}

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

function ownersIn(entries: readonly ManagedFieldsEntry[], fact: string): string[] {
  const [kind, name] = fact.split(' ')
  const path =
    kind === 'label'
      ? `/f:metadata/f:labels/f:${name}`
      : kind === 'part'
        ? `/f:spec/f:parts/k:{"name":"${name}"}`
        : `/f:spec/f:hosts/v:"${name}"`
  return entries
    .filter(entry => {
      let found = false
      visitMembers(entry.fieldsV1 as FieldSet, member => {
        found ||= `/${member.join('/')}` === path
      })
      return found
    })
    .map(entry => `${entry.operation === 'Apply' ? 'apply' : 'update'} ${entry.manager}`)
    .sort()
}

describe('ownership follows the plain rules', () => {
  test('whatever managers write, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 12 }), writes => {
        const expected = model()
        let live: KubernetesObject | undefined
        for (const [index, { kind, manager, facts }] of writes.entries()) {
          const common = { schema, live, manager, apiVersion: 'v1', time: `2026-01-01T00:00:${String(index).padStart(2, '0')}Z` }
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
