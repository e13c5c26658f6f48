import type { Node, Taint } from '../apis/core/node.ts'
import { resourceAmount } from '../apis/core/pod/requests.ts'
import type { PodInfo } from './pod-info.ts'

/**
 * All nodes as flat arrays: row = slot of a node, column = resource. Filters and scores run over slots without
 * allocating. Pods that were placed here but whose binding is not yet seen (assumed pods) count like bound ones.
 */
export interface NodeTable {
  /** Slots in use are those with a name; slots of removed nodes are used again. */
  readonly names: readonly (string | undefined)[]
  readonly nodes: readonly (Node | undefined)[]
  readonly nodeCount: number
  slotOf(name: string): number | undefined
  setNode(node: Node): void
  removeNode(name: string): void
  addPod(nodeName: string, info: PodInfo): void
  removePod(nodeName: string, uid: string): void
  /** Pods on a slot, assumed ones included. */
  podsOn(slot: number): ReadonlyMap<string, PodInfo>
  /** Pods anywhere that have required anti-affinity: others must respect it. */
  readonly podsWithAntiAffinity: ReadonlySet<PlacedPod>
  /** Column of a resource, or -1 where no node has it. */
  columnOf(resource: string): number
  readonly columns: readonly string[]
  allocatable(slot: number, column: number): number
  used(slot: number, column: number): number
  scoredCpu(slot: number): number
  scoredMemory(slot: number): number
  unschedulable(slot: number): boolean
  /** Equal numbers mean equal taints, so that tolerance is decided once for many nodes. */
  taintSet(slot: number): number
  readonly taintSets: readonly (readonly Taint[])[]
  /** Names of images on the node with their sizes in bytes. */
  images(slot: number): ReadonlyMap<string, number>
}

export interface PlacedPod {
  readonly info: PodInfo
  readonly slot: number
}

export const cpuColumn = 0
export const memoryColumn = 1
export const podsColumn = 3
const firstColumns = ['cpu', 'memory', 'ephemeral-storage', 'pods']

export function createNodeTable(): NodeTable {
  const names: (string | undefined)[] = []
  const nodes: (Node | undefined)[] = []
  const slots = new Map<string, number>()
  const free: number[] = []
  const columns = [...firstColumns]
  const pods: Map<string, PodInfo>[] = []
  const images: Map<string, number>[] = []
  const taintSets: (readonly Taint[])[] = [[]]
  const taintSetNumbers = new Map<string, number>([['[]', 0]])
  const withAntiAffinity = new Map<string, PlacedPod>()
  const antiAffinityView = new Set<PlacedPod>()
  // Pods of nodes that are not known (yet): they count as soon as the node appears.
  const waiting = new Map<string, Map<string, PodInfo>>()
  let width = columns.length
  let room = 0
  let allocatable = new Float64Array(0)
  let used = new Float64Array(0)
  let scored = new Float64Array(0)
  let unschedulable = new Uint8Array(0)
  let taints = new Int32Array(0)

  const grow = (slotsNeeded: number, columnsNeeded: number) => {
    if (slotsNeeded <= room && columnsNeeded <= width) return
    const newRoom = slotsNeeded <= room ? room : Math.max(16, slotsNeeded, room * 2)
    allocatable = resize(allocatable, width, columnsNeeded, newRoom)
    used = resize(used, width, columnsNeeded, newRoom)
    scored = resize(scored, 2, 2, newRoom)
    unschedulable = copyInto(new Uint8Array(newRoom), unschedulable)
    taints = copyInto(new Int32Array(newRoom), taints)
    room = newRoom
    width = columnsNeeded
  }

  const columnFor = (resource: string): number => {
    const known = columns.indexOf(resource)
    if (known >= 0) return known
    columns.push(resource)
    grow(room, columns.length)
    return columns.length - 1
  }

  const account = (slot: number, info: PodInfo, sign: 1 | -1) => {
    for (const resource in info.requests) {
      // Asked for first: a resource that no node had so far adds a column, which moves rows.
      const column = columnFor(resource)
      const cell = slot * width + column
      used[cell] = (used[cell] ?? 0) + sign * (info.requests[resource] ?? 0)
    }
    const podCell = slot * width + podsColumn
    used[podCell] = (used[podCell] ?? 0) + sign
    scored[slot * 2] = (scored[slot * 2] ?? 0) + sign * info.scoredCpu
    scored[slot * 2 + 1] = (scored[slot * 2 + 1] ?? 0) + sign * info.scoredMemory
  }

  const place = (slot: number, info: PodInfo) => {
    const existing = pods[slot]?.get(info.uid)
    if (existing) account(slot, existing, -1)
    pods[slot]?.set(info.uid, info)
    account(slot, info, 1)
    const previous = withAntiAffinity.get(info.uid)
    if (previous) antiAffinityView.delete(previous)
    if (info.requiredAntiAffinity.length === 0) return
    const placed = { info, slot }
    withAntiAffinity.set(info.uid, placed)
    antiAffinityView.add(placed)
  }

  return {
    names,
    nodes,
    columns,
    taintSets,
    podsWithAntiAffinity: antiAffinityView,
    get nodeCount() {
      return slots.size
    },
    slotOf: name => slots.get(name),
    setNode(node) {
      const name = node.metadata.name ?? ''
      let slot = slots.get(name)
      if (slot === undefined) {
        slot = free.pop() ?? names.length
        grow(slot + 1, columns.length)
        slots.set(name, slot)
        pods[slot] = new Map()
        used.fill(0, slot * width, (slot + 1) * width)
        scored.fill(0, slot * 2, slot * 2 + 2)
      }
      names[slot] = name
      nodes[slot] = node
      const amounts = node.status?.allocatable ?? node.status?.capacity ?? {}
      for (const resource in amounts) columnFor(resource)
      allocatable.fill(0, slot * width, (slot + 1) * width)
      for (const resource in amounts)
        allocatable[slot * width + columns.indexOf(resource)] = resourceAmount(resource, amounts[resource] as string)
      unschedulable[slot] = node.spec?.unschedulable ? 1 : 0
      taints[slot] = internTaints(node.spec?.taints ?? [], taintSets, taintSetNumbers)
      images[slot] = imageSizes(node)
      const early = waiting.get(name)
      if (!early) return
      waiting.delete(name)
      for (const info of early.values()) place(slot, info)
    },
    removeNode(name) {
      const slot = slots.get(name)
      if (slot === undefined) return
      const left = pods[slot] as Map<string, PodInfo>
      for (const info of left.values()) forgetAntiAffinity(info.uid)
      if (left.size) waiting.set(name, left)
      slots.delete(name)
      names[slot] = undefined
      nodes[slot] = undefined
      pods[slot] = new Map()
      free.push(slot)
    },
    addPod(nodeName, info) {
      const slot = slots.get(nodeName)
      if (slot !== undefined) return place(slot, info)
      const early = waiting.get(nodeName) ?? new Map<string, PodInfo>()
      waiting.set(nodeName, early.set(info.uid, info))
    },
    removePod(nodeName, uid) {
      const early = waiting.get(nodeName)
      if (early?.delete(uid) && early.size === 0) waiting.delete(nodeName)
      const slot = slots.get(nodeName)
      const info = slot === undefined ? undefined : pods[slot]?.get(uid)
      if (slot === undefined || !info) return
      pods[slot]?.delete(uid)
      account(slot, info, -1)
      forgetAntiAffinity(uid)
    },
    podsOn: slot => pods[slot] ?? new Map(),
    columnOf: resource => columns.indexOf(resource),
    allocatable: (slot, column) => allocatable[slot * width + column] ?? 0,
    used: (slot, column) => used[slot * width + column] ?? 0,
    scoredCpu: slot => scored[slot * 2] ?? 0,
    scoredMemory: slot => scored[slot * 2 + 1] ?? 0,
    unschedulable: slot => unschedulable[slot] === 1,
    taintSet: slot => taints[slot] ?? 0,
    images: slot => images[slot] ?? new Map(),
  }

  function forgetAntiAffinity(uid: string): void {
    const placed = withAntiAffinity.get(uid)
    if (!placed) return
    withAntiAffinity.delete(uid)
    antiAffinityView.delete(placed)
  }
}

function internTaints(taints: readonly Taint[], sets: (readonly Taint[])[], numbers: Map<string, number>): number {
  const key = JSON.stringify(taints.map(taint => [taint.key, taint.value ?? '', taint.effect]))
  const known = numbers.get(key)
  if (known !== undefined) return known
  numbers.set(key, sets.length)
  sets.push(taints)
  return sets.length - 1
}

function imageSizes(node: Node): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const image of node.status?.images ?? []) for (const name of image.names ?? []) sizes.set(name, image.sizeBytes ?? 0)
  return sizes
}

function resize(old: Float64Array, oldWidth: number, newWidth: number, rows: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(rows * newWidth)
  const oldRows = oldWidth === 0 ? 0 : Math.floor(old.length / oldWidth)
  for (let row = 0; row < oldRows; row++) grown.set(old.subarray(row * oldWidth, row * oldWidth + oldWidth), row * newWidth)
  return grown
}

function copyInto<T extends Uint8Array | Int32Array>(target: T, source: T): T {
  target.set(source)
  return target
}
