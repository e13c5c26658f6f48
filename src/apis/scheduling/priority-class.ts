import { type FieldError, forbiddenField } from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { boolean, type Infer, int32, optional, text } from '../../apimachinery/schema.ts'
import { withDefault } from '../core/sharing.ts'
import { oneOf } from '../core/validation/rules.ts'
import { immutable } from '../field-rules.ts'
import { withGeneration } from '../strategy.ts'

export const PriorityClass = topLevel('io.k8s.api.scheduling.v1.PriorityClass', 'A name for a priority of pods.', {
  value: optional(2, int32, "Priority that pods of this class get; can't be changed.", { default: 0 }),
  globalDefault: optional(3, boolean, 'Whether pods that name no class get this one.'),
  description: optional(4, text, 'When to use this class, for people.'),
  preemptionPolicy: optional(5, text, 'Never, or PreemptLowerPriority (the default): whether such pods may evict others to find room.', {
    enum: ['Never', 'PreemptLowerPriority'],
  }),
})
export interface PriorityClass extends Infer<typeof PriorityClass> {}

export const priorityClassKind: Kind<PriorityClass> = defineKind({
  kind: 'PriorityClass',
  resource: 'priorityclasses',
  group: 'scheduling.k8s.io',
  version: 'v1',
  schema: PriorityClass,
  scope: 'Cluster',
  shortNames: ['pc'],
  columns: [
    nameColumn,
    {
      name: 'Value',
      type: 'integer',
      description: 'Priority that pods of this class get.',
      priority: 0,
      cell: (priorityClass: PriorityClass) => priorityClass.value ?? 0,
    },
    {
      name: 'Global-Default',
      type: 'boolean',
      description: 'Whether pods that name no class get this one.',
      priority: 0,
      cell: (priorityClass: PriorityClass) => priorityClass.globalDefault ?? false,
    },
    ageColumn,
    {
      name: 'PreemptionPolicy',
      type: 'string',
      description: 'Whether pods of this class may preempt others.',
      priority: 0,
      cell: (priorityClass: PriorityClass) => priorityClass.preemptionPolicy ?? '',
    },
  ],
  strategy: {
    applyDefaults: priorityClass => withDefault(priorityClass, 'preemptionPolicy', 'PreemptLowerPriority'),
    prepareForCreate: priorityClass => withGeneration(priorityClass, 1),
    validate: validatePriorityClass,
    validateUpdate: validatePriorityClassUpdate,
    allowUnconditionalUpdate: true,
  },
})

/** Greater values belong to the system's own classes. */
export const highestUserDefinablePriority = 1_000_000_000

/** The classes that every cluster has. */
export const systemPriorityClasses: readonly PriorityClass[] = [
  {
    metadata: { name: 'system-node-critical' },
    value: 2 * highestUserDefinablePriority + 1000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2 * highestUserDefinablePriority,
    description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
]

function validatePriorityClass(priorityClass: PriorityClass): FieldError[] {
  const policies = ['Never', 'PreemptLowerPriority']
  return [...validateValue(priorityClass), ...oneOf(priorityClass.preemptionPolicy, 'preemptionPolicy', policies)]
}

function validateValue(priorityClass: PriorityClass): FieldError[] {
  if (priorityClass.metadata.name?.startsWith('system-')) {
    const problem = systemClassProblem(priorityClass)
    const reserved = "priority class names with 'system-' prefix are reserved for system use only. error: "
    return problem === undefined ? [] : [forbiddenField('metadata.name', reserved + problem)]
  }
  if ((priorityClass.value ?? 0) <= highestUserDefinablePriority) return []
  return [forbiddenField('value', `maximum allowed value of a user defined priority is ${highestUserDefinablePriority}`)]
}

function systemClassProblem({ metadata: { name }, value = 0, globalDefault = false }: PriorityClass): string | undefined {
  const known = systemPriorityClasses.find(system => system.metadata.name === name)
  if (known === undefined) return `${name} is not a known system priority class`
  if (known.value !== value) return `value of ${name} PriorityClass must be ${known.value}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}

function validatePriorityClassUpdate(priorityClass: PriorityClass, old: PriorityClass): FieldError[] {
  const hasNewValue = (priorityClass.value ?? 0) !== (old.value ?? 0)
  return [
    ...(hasNewValue ? [forbiddenField('value', 'may not be changed in an update.')] : []),
    ...immutable(priorityClass.preemptionPolicy, old.preemptionPolicy, 'preemptionPolicy'),
  ]
}
