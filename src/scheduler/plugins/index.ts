/**
 * The plugins, each in a file of its own behind `framework.ts`, and the one list that gives their order.
 * Filters run in this order and the first that refuses a node says why.
 */
import type { FilterPlugin, ScorePlugin } from '../framework.ts'
import { imageLocality } from './image-locality.ts'
import { interPodAffinityFilter, interPodAffinityScore } from './inter-pod-affinity.ts'
import { nodeAffinityFilter, nodeAffinityScore } from './node-affinity.ts'
import { nodeName, nodePorts, nodeUnschedulable } from './node-identity.ts'
import { balancedAllocation, leastAllocated, nodeResourcesFit } from './node-resources-fit.ts'
import { podTopologySpreadFilter, podTopologySpreadScore } from './pod-topology-spread.ts'
import { taintTolerationFilter, taintTolerationScore } from './taint-toleration.ts'

export const filterPlugins: readonly FilterPlugin[] = [
  nodeUnschedulable,
  nodeName,
  taintTolerationFilter,
  nodeAffinityFilter,
  nodePorts,
  nodeResourcesFit,
  podTopologySpreadFilter,
  interPodAffinityFilter,
]

export const scorePlugins: readonly ScorePlugin[] = [
  taintTolerationScore,
  nodeAffinityScore,
  leastAllocated,
  podTopologySpreadScore,
  interPodAffinityScore,
  balancedAllocation,
  imageLocality,
]
