import { topLevel } from '../../kind.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../../meta.ts'
import { keyedList, object, optional, required, setList, text } from '../../schema.ts'
import { type FieldSet, visitMembers } from '../field-set.ts'

/** The rules of ownership over flat facts, for tests that compare apply with them. */
const Part = object('Part', '', { name: required(1, text, '') })
export const thingSchema = topLevel('Thing', '', {
  spec: optional(2, object('Spec', '', { parts: optional(1, keyedList(Part, 'name'), ''), hosts: optional(2, setList(text), '') }), ''),
})

/** A whole object as flat facts: `label a = 1`, `part x`, `host y`. */
export type Facts = Readonly<Record<string, string>>

export function toObject(facts: Facts): KubernetesObject {
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

export function toFacts(given: KubernetesObject): Facts {
  const { metadata, spec = {} } = given as KubernetesObject & { spec?: { parts?: { name: string }[]; hosts?: string[] } }
  return {
    ...Object.fromEntries(Object.entries(metadata.labels ?? {}).map(([name, value]) => [`label ${name}`, value])),
    ...Object.fromEntries((spec.parts ?? []).map(({ name }) => [`part ${name}`, ''])),
    ...Object.fromEntries((spec.hosts ?? []).map(name => [`host ${name}`, ''])),
  }
}

/** The rules of ownership, said plainly over facts. */
export function ownershipModel() {
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

export function ownersIn(entries: readonly ManagedFieldsEntry[], fact: string): string[] {
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
