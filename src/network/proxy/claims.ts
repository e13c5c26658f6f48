import { countSkeleton, type Family } from './table.ts'

/** An element of a map (with value) or set of the table. */
export interface Element {
  readonly target: string
  readonly key: string
  readonly value?: string
  /** The number of endpoints whose maps and chains this element needs. */
  readonly count?: number
}

export interface Chain {
  readonly name: string
  readonly rules: readonly string[]
}

/** A set of clients that forgets each after a time. */
export interface AffinitySet {
  readonly name: string
  readonly family: Family
  readonly timeout_s: number
}

/** What one owner (a service, or a pod with host ports) wants in the table. */
export interface Claims {
  readonly elements: readonly Element[]
  readonly chains: readonly Chain[]
  readonly affinity: readonly AffinitySet[]
  /** `ADDRESS PORT` that UDP is sent to: the kernel goes on sending known flows there until it is told to forget them. */
  readonly udpTargets: readonly string[]
}

/**
 * Everything that owners want, and the commands that bring the table from what was wanted before to what is wanted now.
 * Where several owners want the same key, the one whose name comes first has it, whatever the order of arrival.
 */
export interface ClaimStore {
  /** Undefined takes everything of the owner away. */
  set(owner: string, claims: Claims | undefined): void
  /** Commands for what changed since the last `takeChanges` or `all`; empty where nothing did. */
  takeChanges(): string
  /** What `takeChanges` gave last did not get into the table. */
  refused(): void
  /** Commands that fill a fresh skeleton. */
  all(): string
  owners(): Iterable<string>
  /** Forgets everything, as for a table that holds the skeleton alone. */
  clear(): void
  /** Keys that an owner wants and does not have, with the owner who has it. */
  conflictsOf(owner: string): readonly { readonly element: Element; readonly holder: string }[]
}

export const noClaims: Claims = { elements: [], chains: [], affinity: [], udpTargets: [] }

export function createClaimStore(table: string): ClaimStore {
  const owners = new Map<string, Claims>()
  const wanted = new Map<string, Map<string, Element>>()
  /** What the table has had since the last taking, of each key that was touched. */
  let before = new Map<string, Element | undefined>()
  let oldChains = new Map<string, Chain | undefined>()
  let oldSets = new Map<string, AffinitySet | undefined>()
  const chains = new Map<string, Chain>()
  const sets = new Map<string, AffinitySet>()
  let counts = new Set<number>()
  let lastCounts: readonly number[] = []

  const idOf = ({ target, key }: Element) => `${target} ${key}`
  const effective = (id: string) => holderOf(wanted.get(id))?.[1]

  function touch(id: string): void {
    if (!before.has(id)) before.set(id, effective(id))
  }

  function retract(owner: string, claims: Claims): void {
    for (const element of claims.elements) {
      const id = idOf(element)
      touch(id)
      const claimants = wanted.get(id)
      claimants?.delete(owner)
      if (claimants?.size === 0) wanted.delete(id)
    }
    for (const { name } of claims.chains) {
      if (!oldChains.has(name)) oldChains.set(name, chains.get(name))
      chains.delete(name)
    }
    for (const { name } of claims.affinity) {
      if (!oldSets.has(name)) oldSets.set(name, sets.get(name))
      sets.delete(name)
    }
  }

  function claim(owner: string, claims: Claims): void {
    for (const element of claims.elements) {
      const id = idOf(element)
      touch(id)
      const claimants = wanted.get(id)
      if (claimants) claimants.set(owner, element)
      else wanted.set(id, new Map([[owner, element]]))
    }
    for (const chain of claims.chains) {
      if (!oldChains.has(chain.name)) oldChains.set(chain.name, chains.get(chain.name))
      chains.set(chain.name, chain)
    }
    for (const set of claims.affinity) {
      if (!oldSets.has(set.name)) oldSets.set(set.name, sets.get(set.name))
      sets.set(set.name, set)
    }
  }

  function forget(): void {
    before = new Map()
    oldChains = new Map()
    oldSets = new Map()
  }

  return {
    set(owner, claims) {
      retract(owner, owners.get(owner) ?? noClaims)
      if (claims) {
        owners.set(owner, claims)
        claim(owner, claims)
      } else owners.delete(owner)
    },
    takeChanges() {
      const removed: Element[] = []
      const added: Element[] = []
      for (const [id, old] of before) {
        const current = effective(id)
        if (old?.value === current?.value && !old === !current) continue
        if (old) removed.push(old)
        if (current) added.push(current)
      }
      const changedSets = changesOf(oldSets, sets, (old, current) => old.timeout_s === current.timeout_s)
      const changedChains = changesOf(oldChains, chains, (old, current) => old.rules.join('\n') === current.rules.join('\n'))
      forget()
      const newCounts = countsOf(added).filter(count => !counts.has(count))
      for (const count of newCounts) counts.add(count)
      lastCounts = newCounts
      return commandsOf(table, { newCounts, sets: changedSets, chains: changedChains, removed, added })
    },
    refused() {
      for (const count of lastCounts) counts.delete(count)
    },
    all() {
      forget()
      const added = [...wanted.keys()].flatMap(id => effective(id) ?? [])
      const newCounts = countsOf(added)
      counts = new Set(newCounts)
      const all = { added: [...sets.values()], removed: [] }
      return commandsOf(table, { newCounts, sets: all, chains: { added: [...chains.values()], removed: [] }, removed: [], added })
    },
    owners: () => owners.keys(),
    clear() {
      for (const owned of [owners, wanted, chains, sets]) owned.clear()
      counts = new Set()
      forget()
    },
    conflictsOf(owner) {
      return (owners.get(owner)?.elements ?? []).flatMap(element => {
        const holder = holderOf(wanted.get(idOf(element)))
        return holder && holder[0] !== owner && holder[1].value !== element.value ? [{ element, holder: holder[0] }] : []
      })
    },
  }
}

function holderOf(claimants: ReadonlyMap<string, Element> | undefined): readonly [string, Element] | undefined {
  if (!claimants) return undefined
  let first: readonly [string, Element] | undefined
  for (const entry of claimants) if (!first || entry[0] < first[0]) first = entry
  return first
}

const countsOf = (elements: readonly Element[]): number[] => [...new Set(elements.flatMap(({ count }) => count ?? []))]

interface Changes<T> {
  readonly added: readonly T[]
  readonly removed: readonly T[]
}

function changesOf<T>(
  olds: ReadonlyMap<string, T | undefined>,
  current: ReadonlyMap<string, T>,
  same: (a: T, b: T) => boolean,
): Changes<T> {
  const added: T[] = []
  const removed: T[] = []
  for (const [name, old] of olds) {
    const now = current.get(name)
    if (old && now && same(old, now)) continue
    if (old && !now) removed.push(old)
    if (now) added.push(now)
  }
  return { added, removed }
}

interface TableChanges {
  readonly newCounts: readonly number[]
  readonly sets: Changes<AffinitySet>
  readonly chains: Changes<Chain>
  readonly removed: readonly Element[]
  readonly added: readonly Element[]
}

/** In an order in which nothing is named before it is there and nothing goes while it is named. */
function commandsOf(table: string, changes: TableChanges): string {
  const lines: string[] = []
  for (const count of changes.newCounts) lines.push(countSkeleton(table, count).trimEnd())
  for (const { name, family, timeout_s } of changes.sets.added)
    lines.push(`add set inet ${table} ${name} { type ipv${family}_addr; flags dynamic,timeout; timeout ${timeout_s}s; }`)
  for (const { name } of changes.chains.added) lines.push(`add chain inet ${table} ${name}`)
  for (const { name } of changes.chains.added) lines.push(`flush chain inet ${table} ${name}`)
  for (const { name } of changes.chains.removed) lines.push(`flush chain inet ${table} ${name}`)
  for (const { name, rules } of changes.chains.added) for (const rule of rules) lines.push(`add rule inet ${table} ${name} ${rule}`)
  lines.push(...elementCommands('delete', table, changes.removed), ...elementCommands('add', table, changes.added))
  for (const { name } of changes.chains.removed) lines.push(`delete chain inet ${table} ${name}`)
  for (const { name } of changes.sets.removed) lines.push(`delete set inet ${table} ${name}`)
  return lines.length ? `${lines.join('\n')}\n` : ''
}

function elementCommands(verb: 'add' | 'delete', table: string, elements: readonly Element[]): string[] {
  const byTarget = Map.groupBy(elements, ({ target }) => target)
  return [...byTarget].map(([target, list]) => {
    const texts = list.map(({ key, value }) => (verb === 'add' && value !== undefined ? `${key} : ${value}` : key))
    return `${verb} element inet ${table} ${target} { ${texts.join(', ')} }`
  })
}
