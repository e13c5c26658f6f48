import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { boolean, bytes, type Infer, map, optional, text } from '../../apimachinery/schema.ts'

export const ConfigMap = topLevel('io.k8s.api.core.v1.ConfigMap', '', {
  data: optional(2, map(text), ''),
  binaryData: optional(3, map(bytes), ''),
  immutable: optional(4, boolean, ''),
})
export interface ConfigMap extends Infer<typeof ConfigMap> {}

export const configMapKind: Kind<ConfigMap> = defineKind({
  kind: 'ConfigMap',
  resource: 'configmaps',
  group: '',
  version: 'v1',
  schema: ConfigMap,
  scope: 'Namespaced',
  shortNames: ['cm'],
  strategy: { validate: () => [] },
})
