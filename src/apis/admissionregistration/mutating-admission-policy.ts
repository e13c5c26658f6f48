import { type CelType, celTypes, listOf, objectOf } from '../../apimachinery/cel/index.ts'
import { type FieldError, forbiddenField, requiredField } from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, type Infer, object, optional, required, text } from '../../apimachinery/schema.ts'
import { withDefault, withField } from '../core/sharing.ts'
import { each, oneOf } from '../core/validation/rules.ts'
import { countGeneration, withGeneration } from '../strategy.ts'
import { conditionProblem, type ExpressionScope, expressionScope, problemOf } from './expressions.ts'
import { validateMatchConditions } from './match-condition.ts'
import { MatchResources, validateConstraints, withMatchDefaults } from './match-resources.ts'
import { reinvocationPolicies } from './mutating-webhook-configuration.ts'
import { ParamKind, validateParamKind } from './params.ts'
import { Variable, validateExpression, validateVariables } from './variable.ts'
import { failurePolicies, matchConditionsField } from './webhook.ts'

export const ApplyConfiguration = object(
  'io.k8s.api.admissionregistration.v1.ApplyConfiguration',
  'A change that names what is wanted; the rest stays.',
  { expression: optional(1, text, 'CEL that gives an Object with the wanted fields, laid over the object as server-side apply does.') },
)

export const JSONPatch = object('io.k8s.api.admissionregistration.v1.JSONPatch', 'A change as a list of operations.', {
  expression: optional(1, text, 'CEL that gives a list of JSONPatch.'),
})

const patchTypes = ['ApplyConfiguration', 'JSONPatch']

export const Mutation = object('io.k8s.api.admissionregistration.v1.Mutation', 'One change of the object.', {
  patchType: required(2, text, 'ApplyConfiguration or JSONPatch: which of the two others is given.', { enum: patchTypes }),
  applyConfiguration: optional(3, ApplyConfiguration, 'The wanted fields.'),
  jsonPatch: optional(4, JSONPatch, 'The operations.'),
})
export interface Mutation extends Infer<typeof Mutation> {}

export const MutatingAdmissionPolicySpec = object(
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicySpec',
  'What requests the policy is about, and what it changes in them.',
  {
    paramKind: optional(1, ParamKind, 'Kind of the objects that parameters come from; none by default.'),
    matchConstraints: optional(2, MatchResources, 'Requests that the policy is about.'),
    variables: optional(3, atomicList(Variable), 'Expressions that others use.'),
    mutations: optional(4, atomicList(Mutation), 'Changes, in their order.'),
    failurePolicy: optional(
      5,
      text,
      'What happens where an expression fails: Fail (the default) refuses the request, Ignore lets it pass.',
      {
        enum: failurePolicies,
      },
    ),
    matchConditions: matchConditionsField(6),
    reinvocationPolicy: optional(7, text, 'Never, or IfNeeded: carried out once more if something after it changed the object.', {
      enum: reinvocationPolicies,
    }),
  },
)
export interface MutatingAdmissionPolicySpec extends Infer<typeof MutatingAdmissionPolicySpec> {}

export const MutatingAdmissionPolicy = topLevel(
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy',
  'Changes of requests, once a binding puts them into force.',
  { spec: optional(2, MutatingAdmissionPolicySpec, 'What the policy changes.') },
)
export interface MutatingAdmissionPolicy extends Infer<typeof MutatingAdmissionPolicy> {}

type Policy = MutatingAdmissionPolicy

export const mutatingAdmissionPolicyKind: Kind<Policy> = defineKind<Policy>({
  kind: 'MutatingAdmissionPolicy',
  resource: 'mutatingadmissionpolicies',
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  schema: MutatingAdmissionPolicy,
  scope: 'Cluster',
  categories: ['api-extensions'],
  columns: [
    nameColumn,
    {
      name: 'Mutations',
      type: 'integer',
      description: 'Number of changes.',
      priority: 0,
      cell: ({ spec }: Policy) => spec?.mutations?.length ?? 0,
    },
    {
      name: 'ParamKind',
      type: 'string',
      description: 'Kind of the objects that parameters come from.',
      priority: 0,
      cell: ({ spec }: Policy) => (spec?.paramKind ? `${spec.paramKind.apiVersion}/${spec.paramKind.kind}` : '<unset>'),
    },
    ageColumn,
  ],
  strategy: {
    applyDefaults: policy => withField(policy, 'spec', withSpecDefaults(policy.spec)),
    prepareForCreate: policy => withGeneration(policy, 1),
    prepareForUpdate: (policy, old) => countGeneration(policy, old),
    validate: validatePolicy,
  },
})

function withSpecDefaults(given: MutatingAdmissionPolicySpec | undefined): MutatingAdmissionPolicySpec | undefined {
  if (!given) return undefined
  let spec = withDefault(given, 'failurePolicy', 'Fail')
  spec = withDefault(spec, 'reinvocationPolicy', 'Never')
  return withField(spec, 'matchConstraints', withMatchDefaults(spec.matchConstraints))
}

function validatePolicy({ spec = {} }: Policy): FieldError[] {
  const { paramKind, mutations = [] } = spec
  const hasParams = paramKind !== undefined
  const scope = expressionScope({ hasParams, hasAuthorizer: true })
  return [
    ...oneOf(spec.failurePolicy, 'spec.failurePolicy', failurePolicies),
    ...validateParamKind(paramKind, 'spec.paramKind'),
    ...validateConstraints(spec.matchConstraints, 'spec.matchConstraints'),
    ...validateMatchConditions(spec.matchConditions, 'spec.matchConditions', expression => conditionProblem(expression, hasParams)),
    ...validateVariables(spec.variables, 'spec.variables', scope),
    ...(mutations.length === 0 ? [requiredField('spec.mutations', 'mutations must contain at least one item')] : []),
    ...each(mutations, 'spec.mutations', (mutation, at) => validateMutation(mutation, at, scope)),
    ...oneOf(spec.reinvocationPolicy, 'spec.reinvocationPolicy', reinvocationPolicies),
  ]
}

function validateMutation({ patchType, applyConfiguration, jsonPatch }: Mutation, path: string, scope: ExpressionScope): FieldError[] {
  switch (patchType) {
    case 'ApplyConfiguration':
      return [
        ...(jsonPatch ? [forbiddenField(`${path}.jsonPatch`, 'must not specify jsonPatch when patchType is ApplyConfiguration')] : []),
        ...validatePatch(applyConfiguration, `${path}.applyConfiguration`, patchType, expression =>
          problemOf(compileApplyConfiguration(scope, expression)),
        ),
      ]
    case 'JSONPatch':
      return [
        ...(applyConfiguration
          ? [forbiddenField(`${path}.applyConfiguration`, 'must not specify applyConfiguration when patchType is JSONPatch')]
          : []),
        ...validatePatch(jsonPatch, `${path}.jsonPatch`, patchType, expression => problemOf(compileJsonPatch(scope, expression))),
      ]
    default:
      return oneOf(patchType, `${path}.patchType`, patchTypes)
  }
}

function validatePatch(
  patch: { readonly expression?: string } | undefined,
  path: string,
  type: string,
  problem: (expression: string) => string | undefined,
): FieldError[] {
  if (!patch) return [requiredField(path, `must be specified when patchType is ${type}`)]
  const { expression = '' } = patch
  return validateExpression(expression, `${path}.expression`, () => problem(expression), 'expression is not specified')
}

const patchOperation = objectOf('JSONPatch', { op: celTypes.string, path: celTypes.string, from: celTypes.string, value: celTypes.dyn })

/** `Object` and the types of its fields, `Object.spec.template`: what they may hold is known only when they are applied. */
function constructible(name: string): CelType | undefined {
  if (name === 'JSONPatch') return patchOperation
  return name === 'Object' || name.startsWith('Object.') ? { kind: 'object', name, fields: {}, isOpen: true } : undefined
}

export const compileApplyConfiguration = (scope: ExpressionScope, expression: string) =>
  scope.compile(expression, [{ kind: 'object', name: 'Object', fields: {}, isOpen: true }], { constructible })

export const compileJsonPatch = (scope: ExpressionScope, expression: string) =>
  scope.compile(expression, [listOf(patchOperation)], { constructible })
