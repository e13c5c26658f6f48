import { type Column, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, keyedList, object, optional, required, text } from '../../apimachinery/schema.ts'

export const ComponentCondition = object('io.k8s.api.core.v1.ComponentCondition', 'What is known of a component.', {
  type: required(1, text, 'Name of the condition: Healthy.'),
  status: required(2, text, 'True, False or Unknown.'),
  message: optional(3, text, 'What the component says of itself.'),
  error: optional(4, text, 'What went wrong in asking it.'),
})
export interface ComponentCondition extends Infer<typeof ComponentCondition> {}

export const ComponentStatus = topLevel(
  'io.k8s.api.core.v1.ComponentStatus',
  'How a part of the control plane is; asked when it is read.',
  {
    conditions: optional(2, keyedList(ComponentCondition, 'type'), 'What is known of it.', {
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    }),
  },
)
export interface ComponentStatus extends Infer<typeof ComponentStatus> {}

const healthy = ({ conditions }: ComponentStatus): ComponentCondition | undefined => conditions?.find(({ type }) => type === 'Healthy')

const column = (name: string, description: string, cell: (condition: ComponentCondition | undefined) => string): Column => ({
  name,
  type: 'string',
  description,
  priority: 0,
  cell: (status: ComponentStatus) => cell(healthy(status)),
})

const words: Readonly<Record<string, string>> = { True: 'Healthy', False: 'Unhealthy' }

export const componentStatusKind: Kind<ComponentStatus> = defineKind({
  kind: 'ComponentStatus',
  resource: 'componentstatuses',
  group: '',
  version: 'v1',
  schema: ComponentStatus,
  scope: 'Cluster',
  shortNames: ['cs'],
  verbs: ['get', 'list'],
  computed: true,
  deprecationWarning: 'v1 ComponentStatus is deprecated in v1.19+',
  columns: [
    nameColumn,
    column('Status', 'Healthy or Unhealthy.', condition => words[condition?.status ?? ''] ?? 'Unknown'),
    column('Message', 'What the component says of itself.', condition => condition?.message ?? ''),
    column('Error', 'What went wrong in asking it.', condition => condition?.error ?? ''),
  ],
  strategy: { validate: () => [] },
})
