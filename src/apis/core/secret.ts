import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { boolean, bytes, type Infer, map, optional, text } from '../../apimachinery/schema.ts'

export const Secret = topLevel('io.k8s.api.core.v1.Secret', '', {
  data: optional(2, map(bytes), ''),
  type: optional(3, text, ''),
  stringData: optional(4, map(text), ''),
  immutable: optional(5, boolean, ''),
})
export interface Secret extends Infer<typeof Secret> {}

export const secretKind: Kind<Secret> = defineKind({
  kind: 'Secret',
  resource: 'secrets',
  group: '',
  version: 'v1',
  schema: Secret,
  scope: 'Namespaced',
  strategy: { validate: () => [] },
})
