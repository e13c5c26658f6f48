import { allVerbs, defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, type Infer, keyedList, object, optional, required, text, time } from '../../apimachinery/schema.ts'

export const NamespaceSpec = object('io.k8s.api.core.v1.NamespaceSpec', '', {
  finalizers: optional(1, atomicList(text), ''),
})
export interface NamespaceSpec extends Infer<typeof NamespaceSpec> {}

export const NamespaceCondition = object('io.k8s.api.core.v1.NamespaceCondition', '', {
  type: required(1, text, ''),
  status: required(2, text, ''),
  lastTransitionTime: optional(4, time, ''),
  reason: optional(5, text, ''),
  message: optional(6, text, ''),
})
export interface NamespaceCondition extends Infer<typeof NamespaceCondition> {}

export const NamespaceStatus = object('io.k8s.api.core.v1.NamespaceStatus', '', {
  phase: optional(1, text, '', { enum: ['Active', 'Terminating'] }),
  conditions: optional(2, keyedList(NamespaceCondition, 'type'), '', { patchStrategy: 'merge', patchMergeKey: 'type' }),
})
export interface NamespaceStatus extends Infer<typeof NamespaceStatus> {}

export const Namespace = topLevel('io.k8s.api.core.v1.Namespace', '', {
  spec: optional(2, NamespaceSpec, ''),
  status: optional(3, NamespaceStatus, ''),
})
export interface Namespace extends Infer<typeof Namespace> {}

export const namespaceKind: Kind<Namespace> = defineKind({
  kind: 'Namespace',
  resource: 'namespaces',
  group: '',
  version: 'v1',
  schema: Namespace,
  scope: 'Cluster',
  shortNames: ['ns'],
  verbs: allVerbs.filter(verb => verb !== 'deletecollection'),
  strategy: { validate: () => [] },
})
