import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { validateDnsLabel } from '../../apimachinery/names.ts'
import { validateLabels } from '../../apimachinery/object-meta-validation.ts'
import { atomicList, type Infer, map, object, optional, quantity, required, text } from '../../apimachinery/schema.ts'
import { Toleration } from '../core/scheduling-terms.ts'
import { validateContainerResources } from '../core/validation/resources.ts'
import { invalid } from '../core/validation/rules.ts'
import { validateTolerations } from '../core/validation/tolerations.ts'
import { immutable } from '../field-rules.ts'

export const Overhead = object('io.k8s.api.node.v1.Overhead', 'What a pod takes beside its containers.', {
  podFixed: optional(1, map(quantity), 'Resources that every pod of the class takes.'),
})
export interface Overhead extends Infer<typeof Overhead> {}

export const Scheduling = object('io.k8s.api.node.v1.Scheduling', 'Where pods of a class can run.', {
  nodeSelector: optional(1, map(text, { mapType: 'atomic' }), 'Labels of the nodes that have the handler; pods get them as their own.'),
  tolerations: optional(2, atomicList(Toleration), 'Tolerations that pods of the class get.'),
})
export interface Scheduling extends Infer<typeof Scheduling> {}

export const RuntimeClass = topLevel('io.k8s.api.node.v1.RuntimeClass', 'A way to run containers, which pods can choose.', {
  handler: required(2, text, "Name of the handler in the node's runtime."),
  overhead: optional(3, Overhead, 'What a pod takes beside its containers.'),
  scheduling: optional(4, Scheduling, 'Where pods of the class can run.'),
})
export interface RuntimeClass extends Infer<typeof RuntimeClass> {}

export const runtimeClassKind: Kind<RuntimeClass> = defineKind({
  kind: 'RuntimeClass',
  resource: 'runtimeclasses',
  group: 'node.k8s.io',
  version: 'v1',
  schema: RuntimeClass,
  scope: 'Cluster',
  columns: [
    nameColumn,
    {
      name: 'Handler',
      type: 'string',
      description: "Name of the handler in the node's runtime.",
      priority: 0,
      cell: (one: RuntimeClass) => one.handler,
    },
    ageColumn,
  ],
  strategy: {
    validate: ({ handler = '', overhead, scheduling }) => [
      ...invalid('handler', handler, validateDnsLabel(handler)),
      // What a pod takes is checked as if it were a container's limits.
      ...(overhead ? validateContainerResources({ limits: overhead.podFixed }, new Set(), 'overhead') : []),
      ...(scheduling ? validateLabels(scheduling.nodeSelector, 'scheduling.nodeSelector') : []),
      ...(scheduling ? validateTolerations(scheduling.tolerations, 'scheduling.tolerations') : []),
    ],
    validateUpdate: (one, old) => immutable(one.handler, old.handler, 'handler'),
  },
})
