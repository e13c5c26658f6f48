import { type Infer, object, optional, text } from '../../../apimachinery/schema.ts'

export const EventSource = object('io.k8s.api.core.v1.EventSource', '', {
  component: optional(1, text, ''),
  host: optional(2, text, ''),
})
export interface EventSource extends Infer<typeof EventSource> {}
