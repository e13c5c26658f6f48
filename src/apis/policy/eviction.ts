import { topLevel } from '../../apimachinery/kind.ts'
import { DeleteOptions } from '../../apimachinery/meta.ts'
import { type Infer, optional } from '../../apimachinery/schema.ts'

export const Eviction = topLevel('io.k8s.api.policy.v1.Eviction', 'Asks a pod to leave, if its disruption budgets allow that.', {
  deleteOptions: optional(2, DeleteOptions, 'How the pod is to be deleted.'),
})
export interface Eviction extends Infer<typeof Eviction> {}
