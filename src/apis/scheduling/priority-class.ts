import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { boolean, type Infer, int32, optional, text } from '../../apimachinery/schema.ts'

export const PriorityClass = topLevel('io.k8s.api.scheduling.v1.PriorityClass', '', {
  value: optional(2, int32, '', { default: 0 }),
  globalDefault: optional(3, boolean, ''),
  description: optional(4, text, ''),
  preemptionPolicy: optional(5, text, '', { enum: ['Never', 'PreemptLowerPriority'] }),
})
export interface PriorityClass extends Infer<typeof PriorityClass> {}

export const priorityClassKind: Kind<PriorityClass> = defineKind({
  kind: 'PriorityClass',
  resource: 'priorityclasses',
  group: 'scheduling.k8s.io',
  version: 'v1',
  schema: PriorityClass,
  scope: 'Cluster',
  shortNames: ['pc'],
  strategy: { validate: () => [] },
})
