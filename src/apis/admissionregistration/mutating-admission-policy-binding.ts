import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { validateDnsSubdomain } from '../../apimachinery/names.ts'
import { type Infer, object, optional, text } from '../../apimachinery/schema.ts'
import { withField } from '../core/sharing.ts'
import { requiredName } from '../core/validation/rules.ts'
import { countGeneration, withGeneration } from '../strategy.ts'
import { MatchResources, validateMatchResources, withMatchDefaults } from './match-resources.ts'
import { ParamRef, validateParamRef } from './params.ts'
import { bindingColumns } from './validating-admission-policy-binding.ts'

export const MutatingAdmissionPolicyBindingSpec = object(
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBindingSpec',
  'Which policy is in force, and for which requests.',
  {
    policyName: optional(1, text, 'Name of the policy.'),
    paramRef: optional(2, ParamRef, 'Objects with the parameters of the policy.'),
    matchResources: optional(3, MatchResources, 'Requests among those of the policy; all of them by default.'),
  },
)

export const MutatingAdmissionPolicyBinding = topLevel(
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding',
  'Puts a mutating policy into force.',
  { spec: optional(2, MutatingAdmissionPolicyBindingSpec, 'What is in force.') },
)
export interface MutatingAdmissionPolicyBinding extends Infer<typeof MutatingAdmissionPolicyBinding> {}

export const mutatingAdmissionPolicyBindingKind: Kind<MutatingAdmissionPolicyBinding> = defineKind<MutatingAdmissionPolicyBinding>({
  kind: 'MutatingAdmissionPolicyBinding',
  resource: 'mutatingadmissionpolicybindings',
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  schema: MutatingAdmissionPolicyBinding,
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
    ],
  },
})
