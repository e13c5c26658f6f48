import type { Pod } from '../../apis/core/pod.ts'
import type { Toleration } from '../../apis/core/scheduling-terms.ts'
import type { AdmissionStep } from '../types.ts'
import { isPod } from './requests.ts'

/** Pods stay for five minutes on a node that has become not ready or unreachable, unless they say otherwise. */
export const defaultTolerationSeconds: AdmissionStep = {
  name: 'DefaultTolerationSeconds',
  handles: request => isPod(request) && (request.operation === 'CREATE' || request.operation === 'UPDATE'),
  mutate({ object }) {
    const pod = object as Pod
    const given = pod.spec?.tolerations ?? []
    const missing = taints.filter(key => !given.some(toleration => tolerates(toleration, key)))
    if (missing.length === 0 || !pod.spec) return pod
    return { ...pod, spec: { ...pod.spec, tolerations: [...given, ...missing.map(forFiveMinutes)] } }
  },
}

const taints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

// Whatever its operator and seconds say: whoever mentions the taint has decided.
const tolerates = ({ key, effect }: Toleration, taint: string): boolean => (!key || key === taint) && (!effect || effect === 'NoExecute')

const forFiveMinutes = (key: string): Toleration => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })
