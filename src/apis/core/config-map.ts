import { topLevel } from '../../apimachinery/kind.ts'
import { boolean, bytes, type Infer, map, optional, text } from '../../apimachinery/schema.ts'

export const ConfigMap = topLevel('io.k8s.api.core.v1.ConfigMap', '', {
  data: optional(2, map(text), ''),
  binaryData: optional(3, map(bytes), ''),
  immutable: optional(4, boolean, ''),
})
export interface ConfigMap extends Infer<typeof ConfigMap> {}
