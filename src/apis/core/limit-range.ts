import { defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, type Infer, map, object, optional, quantity, required, text } from '../../apimachinery/schema.ts'
import { mapShared, orNull, withField } from './sharing.ts'
import { validateLimitRange } from './validation/limit-range.ts'

export const LimitRangeItem = object('io.k8s.api.core.v1.LimitRangeItem', 'What one thing of one type may ask for.', {
  type: required(1, text, 'What is limited: Container, Pod or PersistentVolumeClaim.'),
  max: optional(2, map(quantity), 'The most that one may use, by resource name.'),
  min: optional(3, map(quantity), 'The least that one may ask for, by resource name.'),
  default: optional(4, map(quantity), 'The limit of containers that state none, by resource name.'),
  defaultRequest: optional(5, map(quantity), 'The request of containers that state none, by resource name.'),
  maxLimitRequestRatio: optional(6, map(quantity), 'How many times its request a limit may be, by resource name.'),
})
export interface LimitRangeItem extends Infer<typeof LimitRangeItem> {}

export const LimitRangeSpec = object('io.k8s.api.core.v1.LimitRangeSpec', 'The limits of a namespace.', {
  limits: required(1, atomicList(LimitRangeItem), 'One entry for each type that is limited.'),
})
export interface LimitRangeSpec extends Infer<typeof LimitRangeSpec> {}

export const LimitRange = topLevel(
  'io.k8s.api.core.v1.LimitRange',
  'What containers, pods and claims of a namespace may ask for, each by itself, and what containers get that do not say.',
  { spec: optional(2, LimitRangeSpec, 'The limits.') },
)
export interface LimitRange extends Infer<typeof LimitRange> {}

export const limitRangeKind: Kind<LimitRange> = defineKind({
  kind: 'LimitRange',
  resource: 'limitranges',
  group: '',
  version: 'v1',
  schema: LimitRange,
  scope: 'Namespaced',
  shortNames: ['limits'],
  columns: [
    nameColumn,
    {
      name: 'Created At',
      type: 'date',
      description: 'When the object was created.',
      priority: 0,
      cell: ({ metadata }: LimitRange) => metadata.creationTimestamp ?? '<unknown>',
    },
  ],
  strategy: {
    applyDefaults(limitRange) {
      const spec: Partial<LimitRangeSpec> = limitRange.spec ?? {}
      const limits = orNull(mapShared(spec.limits ?? undefined, withContainerDefaults))
      return spec.limits === limits ? limitRange : withField(limitRange, 'spec', { ...spec, limits })
    },
    validate: limitRange => validateLimitRange(limitRange.spec?.limits),
    allowUnconditionalUpdate: true,
  },
})

type Quantities = Readonly<Record<string, string>>

/** What is not said follows from what is: a limit from the maximum, a request from the limit, or else from the minimum. */
function withContainerDefaults(item: LimitRangeItem): LimitRangeItem {
  if (item.type !== 'Container') return item
  const limits = withMissing(item.default, item.max)
  const requests = withMissing(withMissing(item.defaultRequest, limits), item.min)
  if (limits === item.default && requests === item.defaultRequest) return item
  return { ...item, ...(limits && { default: limits }), ...(requests && { defaultRequest: requests }) }
}

function withMissing(own: Quantities | undefined, others: Quantities | undefined): Quantities | undefined {
  const missing = Object.keys(others ?? {}).some(name => own?.[name] === undefined)
  return missing ? { ...others, ...own } : own
}
