import type { DaemonSet } from '../../apis/apps/daemon-set.ts'
import type { Node } from '../../apis/core/node.ts'
import { isPodTerminal } from '../../apis/core/pod/status-text.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { untilAvailable } from '../pod-control.ts'
import { verdictsOf } from './nodes.ts'
import { byAge, hashLabel, nodeOfPod } from './pods.ts'

/** What is to be done next about the pods of a daemon set: pure. */
export interface Plan {
  /** Names of nodes that get a pod. */
  readonly create: readonly string[]
  readonly delete: readonly Pod[]
  /** Pods that ended by themselves; they are deleted too, after a while where they keep failing. */
  readonly ended: readonly Pod[]
}

/** The pods of a set by the node that each is on or meant for. */
export type PodsByNode = ReadonlyMap<string, readonly Pod[]>

export function groupByNode(pods: readonly Pod[]): PodsByNode {
  const groups = new Map<string, Pod[]>()
  for (const pod of [...pods].sort(byAge)) {
    const node = nodeOfPod(pod)
    if (node === undefined) continue
    const group = groups.get(node)
    if (group) group.push(pod)
    else groups.set(node, [pod])
  }
  return groups
}

export function planDaemons(set: DaemonSet, nodes: readonly Node[], pods: PodsByNode, hash: string, now_ms: number): Plan {
  const plan = placePods(set, nodes, pods, hash)
  const isSettled = plan.create.length + plan.delete.length + plan.ended.length === 0
  return isSettled && set.spec?.updateStrategy?.type === 'RollingUpdate' ? planUpdate(set, nodes, pods, hash, now_ms) : plan
}

/** A pod on each node that should have one, and none elsewhere. */
function placePods(set: DaemonSet, nodes: readonly Node[], pods: PodsByNode, hash: string): Plan {
  const create: string[] = []
  const gone: Pod[] = []
  const ended: Pod[] = []
  const verdictFor = verdictsOf(set)
  for (const node of nodes) {
    const name = node.metadata.name as string
    const own = pods.get(name) ?? []
    const { run, stay } = verdictFor(node)
    const staying = own.filter(pod => !pod.metadata.deletionTimestamp)
    if (!stay) {
      gone.push(...staying)
      continue
    }
    const running = staying.filter(pod => !isPodTerminal(pod))
    ended.push(...staying.filter(isPodTerminal))
    // A pod that is going, or has ended, leaves the node before another comes.
    if (own.length === 0 && run) create.push(name)
    gone.push(...surplus(set, running, hash))
  }
  const known = new Set(nodes.map(node => node.metadata.name))
  for (const [node, own] of pods) {
    // Pods that were to run on a node that is no more will never be placed.
    if (!known.has(node)) gone.push(...own.filter(pod => !pod.spec?.nodeName && !pod.metadata.deletionTimestamp))
  }
  return { create, delete: gone, ended }
}

/** Of several pods on a node the oldest stays; during an update that adds before it takes away, the oldest of each sort. */
function surplus(set: DaemonSet, running: readonly Pod[], hash: string): readonly Pod[] {
  if (limits(set, 1).surge === 0) return running.slice(1)
  const isNew = (pod: Pod): boolean => pod.metadata.labels?.[hashLabel] === hash
  return [...running.filter(isNew).slice(1), ...running.filter(pod => !isNew(pod)).slice(1)]
}

interface Limits {
  readonly unavailable: number
  readonly surge: number
}

/** Shares are rounded up. */
function limits({ spec }: DaemonSet, nodes: number): Limits {
  const { maxUnavailable, maxSurge } = spec?.updateStrategy?.rollingUpdate ?? {}
  const scaled = (value: number | string | undefined): number =>
    typeof value === 'string' ? Math.ceil((Number.parseInt(value, 10) * nodes) / 100) : (value ?? 0)
  const surge = scaled(maxSurge)
  const unavailable = scaled(maxUnavailable)
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable }
}

function planUpdate(set: DaemonSet, nodes: readonly Node[], pods: PodsByNode, hash: string, now_ms: number): Plan {
  const verdictFor = verdictsOf(set)
  const wanted = nodes.filter(node => verdictFor(node).run).map(node => node.metadata.name as string)
  const { surge, unavailable } = limits(set, wanted.length)
  const isAvailable = (pod: Pod): boolean => untilAvailable(pod, set.spec?.minReadySeconds ?? 0, now_ms) === 0
  const states = wanted.map(node => {
    const staying = (pods.get(node) ?? []).filter(pod => !pod.metadata.deletionTimestamp)
    const isNew = (pod: Pod): boolean => pod.metadata.labels?.[hashLabel] === hash
    return { node, fresh: staying.find(isNew), old: staying.find(pod => !isNew(pod)) }
  })
  return surge > 0 ? replaceBySurge(states, surge, isAvailable) : replaceInPlace(states, unavailable, isAvailable)
}

interface NodeState {
  readonly node: string
  readonly fresh: Pod | undefined
  readonly old: Pod | undefined
}

/** Old pods go first, as many as may be missing; those that do no work cost nothing. */
function replaceInPlace(states: readonly NodeState[], most: number, isAvailable: (pod: Pod) => boolean): Plan {
  const isOld = ({ fresh, old }: NodeState): boolean => fresh === undefined && old !== undefined
  const missing = states.filter(state => !isOld(state) && !(state.fresh && !state.old && isAvailable(state.fresh))).length
  const old = states.filter(isOld).map(state => state.old as Pod)
  const idle = old.filter(pod => !isAvailable(pod))
  const working = old.filter(isAvailable)
  return { create: [], ended: [], delete: [...idle, ...working.slice(0, Math.max(0, most - missing))] }
}

/** New pods come beside the old ones, which go once their successor works. */
function replaceBySurge(states: readonly NodeState[], most: number, isAvailable: (pod: Pod) => boolean): Plan {
  const gone: Pod[] = []
  const create: string[] = []
  const candidates: string[] = []
  let surging = 0
  for (const { node, fresh, old } of states) {
    if (old === undefined) continue
    if (fresh === undefined) (isAvailable(old) ? candidates : create).push(node)
    else if (!isAvailable(old) || isAvailable(fresh)) gone.push(old)
    else surging++
  }
  return { create: [...create, ...candidates.slice(0, Math.max(0, most - surging))], delete: gone, ended: [] }
}
