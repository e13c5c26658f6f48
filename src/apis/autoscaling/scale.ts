import { topLevel } from '../../apimachinery/kind.ts'
import { type Infer, int32, object, optional, required, text } from '../../apimachinery/schema.ts'

export const ScaleSpec = object('io.k8s.api.autoscaling.v1.ScaleSpec', '', {
  replicas: optional(1, int32, ''),
})
export interface ScaleSpec extends Infer<typeof ScaleSpec> {}

export const ScaleStatus = object('io.k8s.api.autoscaling.v1.ScaleStatus', '', {
  replicas: required(1, int32, ''),
  selector: optional(2, text, ''),
})
export interface ScaleStatus extends Infer<typeof ScaleStatus> {}

export const Scale = topLevel('io.k8s.api.autoscaling.v1.Scale', '', {
  spec: optional(2, ScaleSpec, ''),
  status: optional(3, ScaleStatus, ''),
})
export interface Scale extends Infer<typeof Scale> {}
