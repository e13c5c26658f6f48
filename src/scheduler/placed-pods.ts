import type { PodInfo } from './pod-info.ts'

/** Which pod counts on which node. Each pod is on one node; nodes need not be known yet. */
export interface PlacedPods {
  add(nodeName: string, info: PodInfo): void
  remove(uid: string): void
  get(uid: string): PlacedPod | undefined
  on(slot: number): ReadonlyMap<string, PodInfo>
  /** Pods that wait for this node count from now on. */
  nodeCame(name: string, slot: number): void
  nodeLeft(name: string, slot: number): void
  readonly withAntiAffinity: ReadonlySet<PlacedPod>
  readonly withPreferences: ReadonlySet<PlacedPod>
}

export interface PlacedPod {
  readonly info: PodInfo
  readonly nodeName: string
  /** -1 while the node is not known. */
  readonly slot: number
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
  const withAntiAffinity = new Set<PlacedPod>()
  const withPreferences = new Set<PlacedPod>()

  const put = (nodeName: string, slot: number, info: PodInfo) => {
    const entry: PlacedPod = { info, nodeName, slot }
    placed.set(info.uid, entry)
    if (slot < 0) {
      const waiting = onUnknownNodes.get(nodeName)
      if (waiting) waiting.add(info.uid)
      else onUnknownNodes.set(nodeName, new Set([info.uid]))
      return
    }
    const pods = bySlot[slot] ?? new Map<string, PodInfo>()
    bySlot[slot] = pods
    pods.set(info.uid, info)
    account(slot, info, 1)
    if (info.requiredAntiAffinity.length > 0) withAntiAffinity.add(entry)
    if (info.requiredAffinity.length + info.preferredAffinity.length + info.preferredAntiAffinity.length > 0) withPreferences.add(entry)
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
    account(entry.slot, entry.info, -1)
    withAntiAffinity.delete(entry)
    withPreferences.delete(entry)
  }

  const moveAll = (uids: Iterable<string>, nodeName: string, slot: number) => {
    for (const uid of [...uids]) {
      const { info } = placed.get(uid) as PlacedPod
      take(uid)
      put(nodeName, slot, info)
    }
  }

  return {
    withAntiAffinity,
    withPreferences,
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
