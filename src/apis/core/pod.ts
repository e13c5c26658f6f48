import { topLevel } from '../../apimachinery/kind.ts'
import { type Infer, optional } from '../../apimachinery/schema.ts'
import { PodSpec } from './pod-spec.ts'
import { PodStatus } from './pod-status.ts'

export const Pod = topLevel('io.k8s.api.core.v1.Pod', '', {
  spec: optional(2, PodSpec, ''),
  status: optional(3, PodStatus, ''),
})
export interface Pod extends Infer<typeof Pod> {}
