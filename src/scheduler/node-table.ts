import type { Node, Taint } from '../apis/core/node.ts'
import { resourceAmount } from '../apis/core/pod/requests.ts'
import { createPlacedPods, type HeldTerm, type PlacedPod, type PodGroup } from './placed-pods.ts'
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
  /** A pod is on one node: it leaves the one where it was, and its amounts are those of `info` from now on. */
  addPod(nodeName: string, info: PodInfo): void
  removePod(uid: string): void
  /** Where a pod is counted, and as what; also on nodes that are not known (yet). */
  placementOf(uid: string): PlacedPod | undefined
  /** Pods on a slot, assumed ones included. */
  podsOn(slot: number): ReadonlyMap<string, PodInfo>
  /** Pods on known nodes, those together that no selector tells apart. */
  readonly groups: ReadonlyMap<string, PodGroup>
  /** Required anti-affinity of pods on known nodes: others must respect it. */
  readonly antiAffinityTerms: ReadonlyMap<string, HeldTerm>
  /** Whom pods on known nodes want near (more than 0) or far, by preference or because they need them. */
  readonly preferredTerms: ReadonlyMap<string, HeldTerm>
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
  /** On how many nodes an image is. */
  nodesWithImage(name: string): number
}

export const cpuColumn = 0
export const memoryColumn = 1
export const podsColumn = 3
const firstColumns = ['cpu', 'memory', 'ephemeral-storage', 'pods']
const noImages: ReadonlyMap<string, number> = new Map()

export function createNodeTable(): NodeTable {
  const names: (string | undefined)[] = []
  const nodes: (Node | undefined)[] = []
  const slots = new Map<string, number>()
  const free: number[] = []
  const columns = [...firstColumns]
  const images: ReadonlyMap<string, number>[] = []
  const imageCounts = new Map<string, number>()
  const taintSets: (readonly Taint[])[] = [[]]
  const taintSetNumbers = new Map<string, number>([['[]', 0]])
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

  const placed = createPlacedPods({ slotOf: name => slots.get(name), account })

  const setImages = (slot: number, next: ReadonlyMap<string, number>) => {
    for (const name of images[slot]?.keys() ?? []) {
      const left = (imageCounts.get(name) ?? 0) - 1
      if (left > 0) imageCounts.set(name, left)
      else imageCounts.delete(name)
    }
    for (const name of next.keys()) imageCounts.set(name, (imageCounts.get(name) ?? 0) + 1)
    images[slot] = next
  }

  return {
    names,
    nodes,
    columns,
    taintSets,
    groups: placed.groups,
    antiAffinityTerms: placed.antiAffinityTerms,
    preferredTerms: placed.preferredTerms,
    get nodeCount() {
      return slots.size
    },
    slotOf: name => slots.get(name),
    setNode(node) {
      const name = node.metadata.name ?? ''
      const known = slots.get(name)
      const slot = known ?? free.pop() ?? names.length
      if (known === undefined) {
        grow(slot + 1, columns.length)
        used.fill(0, slot * width, (slot + 1) * width)
        scored.fill(0, slot * 2, slot * 2 + 2)
        slots.set(name, slot)
      }
      const before = nodes[slot]
      names[slot] = name
      nodes[slot] = node
      const amounts = node.status?.allocatable ?? node.status?.capacity ?? {}
      for (const resource in amounts) columnFor(resource)
      allocatable.fill(0, slot * width, (slot + 1) * width)
      for (const resource in amounts)
        allocatable[slot * width + columns.indexOf(resource)] = resourceAmount(resource, amounts[resource] as string)
      unschedulable[slot] = node.spec?.unschedulable ? 1 : 0
      taints[slot] = internTaints(node.spec?.taints ?? [], taintSets, taintSetNumbers)
      if (!before || before.status?.images !== node.status?.images) setImages(slot, imageSizes(node))
      if (known === undefined) placed.nodeCame(name, slot)
    },
    removeNode(name) {
      const slot = slots.get(name)
      if (slot === undefined) return
      placed.nodeLeft(name, slot)
      setImages(slot, noImages)
      slots.delete(name)
      names[slot] = undefined
      nodes[slot] = undefined
      free.push(slot)
    },
    addPod: placed.add,
    removePod: placed.remove,
    placementOf: placed.get,
    podsOn: placed.on,
    columnOf: resource => columns.indexOf(resource),
    allocatable: (slot, column) => allocatable[slot * width + column] ?? 0,
    used: (slot, column) => used[slot * width + column] ?? 0,
    scoredCpu: slot => scored[slot * 2] ?? 0,
    scoredMemory: slot => scored[slot * 2 + 1] ?? 0,
    unschedulable: slot => unschedulable[slot] === 1,
    taintSet: slot => taints[slot] ?? 0,
    images: slot => images[slot] ?? noImages,
    nodesWithImage: name => imageCounts.get(name) ?? 0,
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
