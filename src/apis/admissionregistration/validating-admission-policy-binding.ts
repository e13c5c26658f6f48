import { duplicateField, type FieldError, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import { ageColumn, type Column, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { validateDnsSubdomain } from '../../apimachinery/names.ts'
import { type Infer, object, optional, required, setList, text } from '../../apimachinery/schema.ts'
import { withField } from '../core/sharing.ts'
import { each, requiredName } from '../core/validation/rules.ts'
import { countGeneration, withGeneration } from '../strategy.ts'
import { MatchResources, validateMatchResources, withMatchDefaults } from './match-resources.ts'
import { ParamRef, validateParamRef } from './params.ts'

const actions = ['Audit', 'Deny', 'Warn']

export const ValidatingAdmissionPolicyBindingSpec = object(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec',
  'Which policy is in force, for which requests, and what follows where it is not satisfied.',
  {
    policyName: required(1, text, 'Name of the policy.'),
    paramRef: optional(2, ParamRef, 'Objects with the parameters of the policy.'),
    matchResources: optional(3, MatchResources, 'Requests among those of the policy; all of them by default.'),
    validationActions: required(
      4,
      setList(text),
      'Deny, Warn, Audit: what follows where an expression is false. Deny and Warn exclude each other.',
      {
        enum: actions,
      },
    ),
  },
)

export const ValidatingAdmissionPolicyBinding = topLevel(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding',
  'Puts a validating policy into force.',
  { spec: required(2, ValidatingAdmissionPolicyBindingSpec, 'What is in force.') },
)
export interface ValidatingAdmissionPolicyBinding extends Infer<typeof ValidatingAdmissionPolicyBinding> {}

type Binding = ValidatingAdmissionPolicyBinding
interface AnyBinding extends KubernetesObject {
  readonly spec?: { readonly policyName?: string; readonly paramRef?: ParamRef }
}

/** Both kinds of bindings show the same. */
export const bindingColumns: readonly Column[] = [
  nameColumn,
  {
    name: 'PolicyName',
    type: 'string',
    description: 'Name of the policy.',
    priority: 0,
    cell: ({ spec }: AnyBinding) => spec?.policyName ?? '',
  },
  {
    name: 'ParamRef',
    type: 'string',
    description: 'Object with the parameters.',
    priority: 0,
    cell: ({ spec }: AnyBinding) => paramRefCell(spec?.paramRef),
  },
  ageColumn,
]

function paramRefCell(ref: ParamRef | undefined): string {
  if (!ref) return '<unset>'
  return ref.namespace ? `${ref.namespace}/${ref.name ?? '*'}` : (ref.name ?? '*')
}

export const validatingAdmissionPolicyBindingKind: Kind<Binding> = defineKind<Binding>({
  kind: 'ValidatingAdmissionPolicyBinding',
  resource: 'validatingadmissionpolicybindings',
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  schema: ValidatingAdmissionPolicyBinding,
  scope: 'Cluster',
  categories: ['api-extensions'],
  columns: bindingColumns,
  strategy: {
    applyDefaults: binding =>
      binding.spec
        ? withField(binding, 'spec', withField(binding.spec, 'matchResources', withMatchDefaults(binding.spec.matchResources)))
        : binding,
    prepareForCreate: binding => withGeneration(binding, 1),
    prepareForUpdate: (binding, old) => countGeneration(binding, old),
    validate: ({ spec }) => [
      ...requiredName(spec?.policyName, 'spec.policyName', validateDnsSubdomain),
      ...validateParamRef(spec?.paramRef, 'spec.paramRef'),
      ...validateMatchResources(spec?.matchResources, 'spec.matchResouces'),
      ...validateActions(spec?.validationActions ?? [], 'spec.validationActions'),
    ],
  },
})

const deniesAndWarns =
  'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'

function validateActions(given: readonly string[], path: string): FieldError[] {
  if (given.length === 0) return [requiredField(path, 'at least one validation action is required')]
  const seen = new Set<string>()
  const errors = each(given, path, (action, at) => {
    const repeated = seen.has(action)
    seen.add(action)
    return [...(actions.includes(action) ? [] : [unsupportedField(at, action, actions)]), ...(repeated ? [duplicateField(at, action)] : [])]
  })
  if (seen.has('Deny') && seen.has('Warn')) errors.push(invalidField(path, given, deniesAndWarns))
  return errors
}
