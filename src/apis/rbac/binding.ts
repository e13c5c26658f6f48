import { type FieldError, invalidField, unsupportedField } from '../../apimachinery/field-error.ts'
import type { Column } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { validateDnsSubdomain, validatePathSegmentName } from '../../apimachinery/names.ts'
import { mapShared, semanticEqual, withDefault, withField } from '../core/sharing.ts'
import { each, required, requiredName } from '../core/validation/rules.ts'
import { rbacGroup } from './policy-rule.ts'
import type { RoleRef, Subject } from './role-binding.ts'

/** What RoleBindings and ClusterRoleBindings have in common. */
interface Binding extends KubernetesObject {
  readonly roleRef: RoleRef
  readonly subjects?: readonly Subject[]
}

export function bindingColumns(age: Column): readonly Column[] {
  return [
    {
      name: 'Role',
      type: 'string',
      description: 'Role that is granted.',
      priority: 0,
      cell: ({ roleRef }: Binding) => `${roleRef.kind}/${roleRef.name}`,
    },
    age,
    subjectColumn('Users', 'User'),
    subjectColumn('Groups', 'Group'),
    subjectColumn('ServiceAccounts', 'ServiceAccount'),
  ]
}

const subjectColumn = (name: string, kind: string): Column => ({
  name,
  type: 'string',
  description: `${name} to which the role is granted.`,
  priority: 1,
  cell: ({ subjects = [] }: Binding) =>
    subjects
      .filter(subject => subject.kind === kind)
      .map(subject => (kind === 'ServiceAccount' ? `${subject.namespace ?? ''}/${subject.name}` : subject.name))
      .join(', '),
})

export function withBindingDefaults<T extends Binding>(binding: T): T {
  const roleRef = withDefault(binding.roleRef ?? { kind: '', name: '' }, 'apiGroup', rbacGroup)
  return withField(withField(binding, 'roleRef', roleRef), 'subjects', mapShared(binding.subjects, withSubjectGroup))
}

const withSubjectGroup = (subject: Subject): Subject =>
  subject.kind === 'User' || subject.kind === 'Group' ? withDefault(subject, 'apiGroup', rbacGroup) : subject

interface BindingRules {
  readonly isNamespaced: boolean
  readonly roleKinds: readonly string[]
}

export const validateBinding = ({ roleRef, subjects }: Binding, rules: BindingRules): FieldError[] => [
  ...validateChoice(roleRef.apiGroup ?? '', [rbacGroup], 'roleRef.apiGroup'),
  ...validateChoice(roleRef.kind, rules.roleKinds, 'roleRef.kind'),
  ...requiredName(roleRef.name, 'roleRef.name', validatePathSegmentName),
  ...each(subjects, 'subjects', (subject, path) => validateSubject(subject, rules.isNamespaced, path)),
]

/** Here an absent value is an unsupported one too. */
const validateChoice = (value: string, supported: readonly string[], path: string): FieldError[] =>
  supported.includes(value) ? [] : [unsupportedField(path, value, supported)]

function validateSubject(subject: Subject, isNamespaced: boolean, path: string): FieldError[] {
  const group = subject.apiGroup ?? ''
  switch (subject.kind) {
    case 'ServiceAccount':
      return [
        ...requiredName(subject.name, `${path}.name`, validateDnsSubdomain),
        ...validateChoice(group, [''], `${path}.apiGroup`),
        ...(isNamespaced ? [] : required(subject.namespace, `${path}.namespace`)),
      ]
    case 'User':
    case 'Group':
      return [...required(subject.name, `${path}.name`), ...validateChoice(group, [rbacGroup], `${path}.apiGroup`)]
    default:
      return [
        ...required(subject.name, `${path}.name`),
        unsupportedField(`${path}.kind`, subject.kind, ['Group', 'ServiceAccount', 'User']),
      ]
  }
}

/** Whoever may change a binding's subjects must not be able to turn it into another role's. */
export const validateRoleRefUpdate = (binding: Binding, old: Binding): FieldError[] =>
  semanticEqual(binding.roleRef, old.roleRef) ? [] : [invalidField('roleRef', binding.roleRef, 'cannot change roleRef')]
