import type { CompiledTerm, PodInfo } from './pod-info.ts'

/**
 * Which pod counts on which node. Each pod is on one node; nodes need not be known yet. Pods that selectors can't tell
 * apart are kept as groups, and equal terms once, so that matching costs by workload and not by pod.
 */
export interface PlacedPods {
  add(nodeName: string, info: PodInfo): void
  remove(uid: string): void
  get(uid: string): PlacedPod | undefined
  on(slot: number): ReadonlyMap<string, PodInfo>
  /** Pods that wait for this node count from now on. */
  nodeCame(name: string, slot: number): void
  nodeLeft(name: string, slot: number): void
  readonly groups: ReadonlyMap<string, PodGroup>
  readonly antiAffinityTerms: ReadonlyMap<string, HeldTerm>
  readonly preferredTerms: ReadonlyMap<string, HeldTerm>
}

export interface PlacedPod {
  readonly info: PodInfo
  readonly nodeName: string
  /** -1 while the node is not known. */
  readonly slot: number
}

/** Pods on known nodes with the same namespace and labels. */
export interface PodGroup {
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>> | undefined
  readonly isLeaving: boolean
  /** How many of them are on which slot. */
  readonly bySlot: ReadonlyMap<number, number>
}

/** A term of pods on known nodes, with its weight by slot, summed over the pods there. */
export interface HeldTerm {
  readonly term: CompiledTerm
  readonly bySlot: ReadonlyMap<number, number>
}

export interface PlacedPodsOptions {
  readonly slotOf: (nodeName: string) => number | undefined
  readonly account: (slot: number, info: PodInfo, sign: 1 | -1) => void
}

const nobody: ReadonlyMap<string, PodInfo> = new Map()

export function createPlacedPods({ slotOf, account }: PlacedPodsOptions): PlacedPods {
  const placed = new Map<string, PlacedPod>()
  const bySlot: Map<string, PodInfo>[] = []
  const onUnknownNodes = new Map<string, Set<string>>()
  const groups = new Map<string, PodGroup & Countable>()
  const antiAffinityTerms = new Map<string, HeldTerm & Countable>()
  const preferredTerms = new Map<string, HeldTerm & Countable>()

  const count = (slot: number, info: PodInfo, sign: 1 | -1) => {
    account(slot, info, sign)
    addTo(groups, info.group, slot, sign, () => groupOf(info))
    for (const term of info.requiredAntiAffinity) addTo(antiAffinityTerms, term.key, slot, sign, () => holding(term))
    for (const term of info.preferredAffinity) addTo(preferredTerms, term.key, slot, sign * term.weight, () => holding(term))
    for (const term of info.preferredAntiAffinity) addTo(preferredTerms, term.key, slot, -sign * term.weight, () => holding(term))
    // A pod that needs such company is a little better off with more of it.
    for (const term of info.requiredAffinity) addTo(preferredTerms, term.key, slot, sign, () => holding(term))
  }

  const put = (nodeName: string, slot: number, info: PodInfo) => {
    placed.set(info.uid, { info, nodeName, slot })
    if (slot < 0) {
      const waiting = onUnknownNodes.get(nodeName)
      if (waiting) waiting.add(info.uid)
      else onUnknownNodes.set(nodeName, new Set([info.uid]))
      return
    }
    const pods = bySlot[slot] ?? new Map<string, PodInfo>()
    bySlot[slot] = pods
    pods.set(info.uid, info)
    count(slot, info, 1)
  }

  const take = (uid: string) => {
    const entry = placed.get(uid)
    if (!entry) return
    placed.delete(uid)
    if (entry.slot < 0) {
      const waiting = onUnknownNodes.get(entry.nodeName)
      waiting?.delete(uid)
      if (waiting?.size === 0) onUnknownNodes.delete(entry.nodeName)
      return
    }
    bySlot[entry.slot]?.delete(uid)
    count(entry.slot, entry.info, -1)
  }

  const moveAll = (uids: Iterable<string>, nodeName: string, slot: number) => {
    for (const uid of [...uids]) {
      const { info } = placed.get(uid) as PlacedPod
      take(uid)
      put(nodeName, slot, info)
    }
  }

  return {
    groups,
    antiAffinityTerms,
    preferredTerms,
    add(nodeName, info) {
      take(info.uid)
      put(nodeName, slotOf(nodeName) ?? -1, info)
    },
    remove: take,
    get: uid => placed.get(uid),
    on: slot => bySlot[slot] ?? nobody,
    nodeCame: (name, slot) => moveAll(onUnknownNodes.get(name) ?? [], name, slot),
    nodeLeft: (name, slot) => moveAll(bySlot[slot]?.keys() ?? [], name, -1),
  }
}

interface Countable {
  readonly bySlot: Map<number, number>
}

/** What has come to nothing is dropped, so that only what is held is walked. */
function addTo<T extends Countable>(held: Map<string, T>, key: string, slot: number, amount: number, make: () => T): void {
  let entry = held.get(key)
  if (!entry) {
    entry = make()
    held.set(key, entry)
  }
  const sum = (entry.bySlot.get(slot) ?? 0) + amount
  if (sum !== 0) entry.bySlot.set(slot, sum)
  else entry.bySlot.delete(slot)
  if (entry.bySlot.size === 0) held.delete(key)
}

const holding = (term: CompiledTerm) => ({ term, bySlot: new Map<number, number>() })

function groupOf({ pod: { metadata } }: PodInfo): PodGroup & Countable {
  const { namespace = '', labels, deletionTimestamp } = metadata
  return { namespace, labels, isLeaving: deletionTimestamp !== undefined, bySlot: new Map() }
}
