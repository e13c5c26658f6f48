import type { Node } from '../../apis/core/node.ts'
import type { AdmissionStep } from '../types.ts'
import { isAbout } from './requests.ts'

/** A new node takes no pods until the node lifecycle controller has seen it ready and removes this taint. */
export const taintNodesByCondition: AdmissionStep = {
  name: 'TaintNodesByCondition',
  handles: request => request.operation === 'CREATE' && isAbout(request, '', 'nodes'),
  mutate({ object }) {
    const node = object as Node
    const taints = node.spec?.taints ?? []
    if (taints.some(taint => taint.key === notReady.key && taint.effect === notReady.effect)) return node
    return { ...node, spec: { ...node.spec, taints: [...taints, notReady] } }
  },
}

const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' } as const
