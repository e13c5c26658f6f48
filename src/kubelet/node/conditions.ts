import { quantityValue } from '../../apimachinery/quantity.ts'
import type { NodeCondition } from '../../apis/core/node.ts'
import type { MachineUsage } from '../host/types.ts'

export interface NodeHealth {
  readonly usage: MachineUsage
  readonly runtimeProblem: string | undefined
  readonly networkProblem: string | undefined
}

const memoryLeast = quantityValue('100Mi')
const diskLeast = 0.1
const inodesLeast = 0.05
const processesLeast = 0.05

/** The node's conditions with upstream's reasons and messages; pressure begins where upstream evicts by default. */
export function nodeConditions(
  { usage, runtimeProblem, networkProblem }: NodeHealth,
  before: readonly NodeCondition[],
  now: string,
): NodeCondition[] {
  const memory = usage.memoryAvailable_bytes < memoryLeast
  const disk =
    usage.diskAvailable_bytes < usage.diskCapacity_bytes * diskLeast || (usage.inodes > 0 && usage.inodesFree < usage.inodes * inodesLeast)
  const processes = usage.processes > usage.processesMaximum * (1 - processesLeast)
  const problems = [runtimeProblem, networkProblem].filter(problem => problem !== undefined)
  const conditions = [
    pressure(
      'MemoryPressure',
      memory,
      ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
      ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    ),
    pressure(
      'DiskPressure',
      disk,
      ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
      ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ),
    pressure(
      'PIDPressure',
      processes,
      ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
      ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ),
    problems.length
      ? { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: problems.join(', ') }
      : { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
  ]
  return conditions.map(condition => {
    const old = before.find(({ type }) => type === condition.type)
    const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : now
    return { ...condition, lastHeartbeatTime: now, lastTransitionTime }
  })
}

type Words = readonly [reason: string, message: string]

function pressure(type: string, isPressed: boolean, pressed: Words, relaxed: Words): NodeCondition {
  const [reason, message] = isPressed ? pressed : relaxed
  return { type, status: isPressed ? 'True' : 'False', reason, message }
}
