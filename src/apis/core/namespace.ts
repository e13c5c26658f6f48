import { type FieldError, invalidField } from '../../apimachinery/field-error.ts'
import { ageColumn, allVerbs, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { asNameRule, validateDnsLabel, validateQualifiedName } from '../../apimachinery/names.ts'
import { atomicList, type Infer, keyedList, object, optional, required, text, time } from '../../apimachinery/schema.ts'
import { keepStatus, statusSubresource } from '../strategy.ts'
import { withDefault, withField } from './sharing.ts'
import { each, invalid } from './validation/rules.ts'

export const NamespaceSpec = object('io.k8s.api.core.v1.NamespaceSpec', 'What is asked of a namespace.', {
  finalizers: optional(
    1,
    atomicList(text),
    'What must be done before the namespace can go; removed one by one through the finalize subresource.',
  ),
})
export interface NamespaceSpec extends Infer<typeof NamespaceSpec> {}

export const NamespaceCondition = object(
  'io.k8s.api.core.v1.NamespaceCondition',
  'One aspect of the state of a namespace, such as what keeps it from going.',
  {
    type: required(1, text, 'Name of the condition.'),
    status: required(2, text, 'True, False or Unknown.'),
    lastTransitionTime: optional(4, time, 'When the status changed last.'),
    reason: optional(5, text, 'Why, in a word for machines.'),
    message: optional(6, text, 'Why, for people.'),
  },
)
export interface NamespaceCondition extends Infer<typeof NamespaceCondition> {}

export const NamespaceStatus = object('io.k8s.api.core.v1.NamespaceStatus', 'What has become of a namespace.', {
  phase: optional(1, text, 'Active, or Terminating while its contents are deleted.', { enum: ['Active', 'Terminating'] }),
  conditions: optional(2, keyedList(NamespaceCondition, 'type'), 'Aspects of its state, one for each type.', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export interface NamespaceStatus extends Infer<typeof NamespaceStatus> {}

export const Namespace = topLevel('io.k8s.api.core.v1.Namespace', 'A scope for names; most objects live in one and are deleted with it.', {
  spec: optional(2, NamespaceSpec, 'What is asked of the namespace.'),
  status: optional(3, NamespaceStatus, 'What has become of it; written by the system.'),
})
export interface Namespace extends Infer<typeof Namespace> {}

export const namespaceKind: Kind<Namespace> = defineKind({
  kind: 'Namespace',
  resource: 'namespaces',
  group: '',
  version: 'v1',
  schema: Namespace,
  scope: 'Cluster',
  shortNames: ['ns'],
  verbs: allVerbs.filter(verb => verb !== 'deletecollection'),
  columns: [
    nameColumn,
    {
      name: 'Status',
      type: 'string',
      description: 'Phase of the namespace.',
      priority: 0,
      cell: (namespace: Namespace) => namespace.status?.phase ?? '',
    },
    ageColumn,
  ],
  selectableFields: {
    name: namespace => namespace.metadata.name ?? '',
    'status.phase': namespace => namespace.status?.phase ?? '',
  },
  strategy: {
    applyDefaults: namespace => withNameLabel(withField(namespace, 'status', withDefault(namespace.status ?? {}, 'phase', 'Active'))),
    prepareForCreate: namespace => withKubernetesFinalizer(withNameLabel({ ...namespace, status: { phase: 'Active' } })),
    prepareForUpdate: (namespace, old) => withNameLabel(keepStatus(withFinalizers(namespace, old.spec?.finalizers), old)),
    validate: namespace => validateNamespaceFinalizers(namespace.spec?.finalizers),
    allowUnconditionalUpdate: true,
    validateName: asNameRule(validateDnsLabel),
  },
  subresources: {
    status: statusSubresource<Namespace>('Namespace', validatePhase),
    finalize: { kind: 'Namespace', verbs: ['update'], action: { type: 'handler', handler: 'finalize' } },
  },
})

/** What a write to `finalize` makes of a namespace: it takes the finalizers and leaves the status alone. */
export const finalizeNamespace = (namespace: Namespace, old: Namespace): Namespace => keepStatus(namespace, old)

const nameLabel = 'kubernetes.io/metadata.name'
const kubernetesFinalizer = 'kubernetes'
const standardFinalizers = [kubernetesFinalizer, 'orphan', 'foregroundDeletion']

/** Selectors of namespaces can rely on a label with the namespace's name. */
function withNameLabel(namespace: Namespace): Namespace {
  const { name, labels } = namespace.metadata
  if (!name || labels?.[nameLabel] === name) return namespace
  return { ...namespace, metadata: { ...namespace.metadata, labels: { ...labels, [nameLabel]: name } } }
}

/** A namespace goes only when the namespace controller has emptied it and removed this finalizer. */
function withKubernetesFinalizer(namespace: Namespace): Namespace {
  const finalizers = namespace.spec?.finalizers ?? []
  return finalizers.includes(kubernetesFinalizer) ? namespace : withFinalizers(namespace, [...finalizers, kubernetesFinalizer])
}

const withFinalizers = (namespace: Namespace, finalizers: readonly string[] | undefined): Namespace => ({
  ...namespace,
  spec: { ...namespace.spec, finalizers },
})

export const validateNamespaceFinalizers = (finalizers: readonly string[] | undefined): FieldError[] =>
  each(finalizers, 'spec.finalizers', finalizer => {
    const errors = invalid('spec.finalizers', finalizer, validateQualifiedName(finalizer))
    if (errors.length || finalizer.includes('/') || standardFinalizers.includes(finalizer)) return errors
    return [invalidField('spec.finalizers', finalizer, 'name is neither a standard finalizer name nor is it fully qualified')]
  })

function validatePhase(namespace: Namespace): FieldError[] {
  const phase = namespace.status?.phase
  if (namespace.metadata.deletionTimestamp === undefined) {
    return phase === 'Active' ? [] : [invalidField('status.Phase', phase, "may only be 'Active' if `deletionTimestamp` is empty")]
  }
  return phase === 'Terminating'
    ? []
    : [invalidField('status.Phase', phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")]
}
