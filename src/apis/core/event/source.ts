import { type Infer, object, optional, text } from '../../../apimachinery/schema.ts'

export const EventSource = object('io.k8s.api.core.v1.EventSource', 'Who saw an event.', {
  component: optional(1, text, 'Component that reports it.'),
  host: optional(2, text, 'Node on which that component runs.'),
})
export interface EventSource extends Infer<typeof EventSource> {}
