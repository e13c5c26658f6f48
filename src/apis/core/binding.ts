import { defineKind, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, required } from '../../apimachinery/schema.ts'
import { ObjectReference } from './references.ts'
import { validateBinding } from './validation/binding.ts'

export const Binding = topLevel('io.k8s.api.core.v1.Binding', 'Ties a pod to a node; written by schedulers.', {
  target: required(2, ObjectReference, 'The node, by name.'),
})
export interface Binding extends Infer<typeof Binding> {}

export const bindingKind = defineKind<Binding>({
  kind: 'Binding',
  resource: 'bindings',
  group: '',
  version: 'v1',
  schema: Binding,
  scope: 'Namespaced',
  verbs: ['create'],
  strategy: { validate: validateBinding },
})
