import { celTypes } from '../../apimachinery/cel/index.ts'
import { duplicateField, type FieldError, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { Condition } from '../../apimachinery/meta.ts'
import { validateQualifiedName } from '../../apimachinery/names.ts'
import { atomicList, type Infer, int64, keyedList, object, optional, required, text } from '../../apimachinery/schema.ts'
import { validateConditions } from '../condition-rules.ts'
import { withDefault, withField } from '../core/sharing.ts'
import { byteLength, each, invalid, oneOf } from '../core/validation/rules.ts'
import { countGeneration, keepMetadata, keepStatus, statusSubresource, withGeneration } from '../strategy.ts'
import { conditionProblem, type ExpressionScope, expressionScope, problemOf } from './expressions.ts'
import { validateMatchConditions } from './match-condition.ts'
import { MatchResources, validateConstraints, withMatchDefaults } from './match-resources.ts'
import { ParamKind, validateParamKind } from './params.ts'
import { Variable, validateExpression, validateVariables } from './variable.ts'
import { failurePolicies, matchConditionsField } from './webhook.ts'

export const Validation = object('io.k8s.api.admissionregistration.v1.Validation', 'An expression that must be true of every request.', {
  expression: required(
    1,
    text,
    'CEL over object, oldObject, request, params, namespaceObject, variables and authorizer that gives a boolean.',
  ),
  message: optional(2, text, 'What the client is told where it is false, in one line.'),
  reason: optional(3, text, 'Unauthorized, Forbidden, Invalid (the default) or RequestEntityTooLarge: the reason of the refusal.'),
  messageExpression: optional(4, text, 'CEL that gives the message; where it fails, message counts.'),
})
export interface Validation extends Infer<typeof Validation> {}

export const AuditAnnotation = object('io.k8s.api.admissionregistration.v1.AuditAnnotation', 'A note for the audit log.', {
  key: required(1, text, "Key behind the policy's name and a slash."),
  valueExpression: required(2, text, 'CEL that gives a text, or null for no note.'),
})
export interface AuditAnnotation extends Infer<typeof AuditAnnotation> {}

export const ExpressionWarning = object(
  'io.k8s.api.admissionregistration.v1.ExpressionWarning',
  'What checking an expression by types found.',
  {
    fieldRef: required(2, text, 'Path of the field with the expression.'),
    warning: required(3, text, 'What was found, for each kind that the policy is about.'),
  },
)
export interface ExpressionWarning extends Infer<typeof ExpressionWarning> {}

export const TypeChecking = object('io.k8s.api.admissionregistration.v1.TypeChecking', 'What checking the expressions by types found.', {
  expressionWarnings: optional(1, atomicList(ExpressionWarning), 'What was found, by expression.'),
})

export const ValidatingAdmissionPolicySpec = object(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec',
  'What requests the policy is about, and what must be true of them.',
  {
    paramKind: optional(1, ParamKind, 'Kind of the objects that parameters come from; none by default.'),
    matchConstraints: optional(2, MatchResources, 'Requests that the policy is about.'),
    validations: optional(3, atomicList(Validation), 'Expressions that all must be true.'),
    failurePolicy: optional(
      4,
      text,
      'What happens where an expression fails: Fail (the default) refuses the request, Ignore lets it pass.',
      {
        enum: failurePolicies,
      },
    ),
    auditAnnotations: optional(5, atomicList(AuditAnnotation), 'Notes for the audit log.'),
    matchConditions: matchConditionsField(6),
    variables: optional(7, keyedList(Variable, 'name'), 'Expressions that others use.', { patchStrategy: 'merge', patchMergeKey: 'name' }),
  },
)
export interface ValidatingAdmissionPolicySpec extends Infer<typeof ValidatingAdmissionPolicySpec> {}

export const ValidatingAdmissionPolicyStatus = object(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyStatus',
  'What was found when the policy was looked at.',
  {
    observedGeneration: optional(1, int64, 'Generation of the policy that was looked at.'),
    typeChecking: optional(2, TypeChecking, 'What checking by types found; absent until it is done.'),
    conditions: optional(3, keyedList(Condition, 'type'), 'State of the policy.'),
  },
)

export const ValidatingAdmissionPolicy = topLevel(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy',
  'Expressions that requests must satisfy, once a binding puts them into force.',
  {
    spec: optional(2, ValidatingAdmissionPolicySpec, 'What the policy demands.'),
    status: optional(3, ValidatingAdmissionPolicyStatus, 'What was found when it was looked at.'),
  },
)
export interface ValidatingAdmissionPolicy extends Infer<typeof ValidatingAdmissionPolicy> {}

type Policy = ValidatingAdmissionPolicy

export const validatingAdmissionPolicyKind: Kind<Policy> = defineKind<Policy>({
  kind: 'ValidatingAdmissionPolicy',
  resource: 'validatingadmissionpolicies',
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  schema: ValidatingAdmissionPolicy,
  scope: 'Cluster',
  categories: ['api-extensions'],
  columns: [
    nameColumn,
    {
      name: 'Validations',
      type: 'integer',
      description: 'Number of expressions that must be true.',
      priority: 0,
      cell: ({ spec }: Policy) => spec?.validations?.length ?? 0,
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
    prepareForCreate: ({ status: _status, ...policy }) => withGeneration(policy, 1),
    prepareForUpdate: (policy, old) => countGeneration(keepStatus(policy, old), old),
    validate: validatePolicy,
  },
  subresources: { status: statusSubresource<Policy>('ValidatingAdmissionPolicy', validateStatus, keepMetadata) },
})

function withSpecDefaults(given: ValidatingAdmissionPolicySpec | undefined): ValidatingAdmissionPolicySpec | undefined {
  if (!given) return undefined
  const spec = withDefault(given, 'failurePolicy', 'Fail')
  return withField(spec, 'matchConstraints', withMatchDefaults(spec.matchConstraints))
}

const { bool, string, null: none } = celTypes
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized']
const mostAnnotations = 20
const longestValueExpression = 5 * 1024
const empty = 'validations or auditAnnotations must contain at least one item'

function validatePolicy({ metadata, spec = {} }: Policy): FieldError[] {
  const { paramKind, validations = [], auditAnnotations = [] } = spec
  const hasParams = paramKind !== undefined
  const scope = expressionScope({ hasParams, hasAuthorizer: true })
  return [
    ...oneOf(spec.failurePolicy, 'spec.failurePolicy', failurePolicies),
    ...validateParamKind(paramKind, 'spec.paramKind'),
    ...validateConstraints(spec.matchConstraints, 'spec.matchConstraints'),
    ...validateMatchConditions(spec.matchConditions, 'spec.matchConditions', expression => conditionProblem(expression, hasParams)),
    ...validateVariables(spec.variables, 'spec.variables', scope),
    ...(validations.length + auditAnnotations.length === 0
      ? [requiredField('spec.validations', empty), requiredField('spec.auditAnnotations', empty)]
      : []),
    ...each(validations, 'spec.validations', (validation, at) => validateValidation(validation, at, scope)),
    ...validateAnnotations(auditAnnotations, metadata.name ?? '', scope),
  ]
}

function validateValidation(
  { expression, message = '', messageExpression = '', reason }: Validation,
  path: string,
  scope: ExpressionScope,
): FieldError[] {
  const errors = validateExpression(
    expression,
    `${path}.expression`,
    () => problemOf(scope.compile(expression, [bool])),
    'expression is not specified',
  )
  if (messageExpression.trim() !== '') {
    const problem = problemOf(scope.compile(messageExpression, [string], { withoutAuthorizer: true }))
    if (problem !== undefined) errors.push(invalidField(`${path}.messageExpression`, messageExpression, problem))
  } else if (messageExpression !== '') {
    errors.push(invalidField(`${path}.messageExpression`, messageExpression, 'must be non-empty if specified'))
  }
  if (message !== '' && message.trim() === '')
    errors.push(invalidField(`${path}.message`, message, 'message must be non-empty if specified'))
  else if (/[\n\r]/.test(message.trim())) errors.push(invalidField(`${path}.message`, message, 'message must not contain line breaks'))
  if (reason !== undefined && !reasons.includes(reason)) errors.push(unsupportedField(`${path}.reason`, reason, reasons))
  return errors
}

function validateAnnotations(annotations: readonly AuditAnnotation[], name: string, scope: ExpressionScope): FieldError[] {
  const path = 'spec.auditAnnotations'
  const keys = new Set<string>()
  const tooMany = annotations.length > mostAnnotations
  return [
    ...(tooMany ? [invalidField(path, annotations, `must not have more than ${mostAnnotations} auditAnnotations`)] : []),
    ...each(annotations, path, ({ key, valueExpression }, at) => {
      const repeated = keys.has(key)
      keys.add(key)
      const keyErrors =
        name === ''
          ? [invalidField(`${at}.key`, key, 'requires metadata.name be non-empty')]
          : invalid(`${at}.key`, `${name}/${key}`, validateQualifiedName(`${name}/${key}`))
      return [
        ...keyErrors,
        ...validateValueExpression(valueExpression, `${at}.valueExpression`, scope),
        ...(repeated ? [duplicateField(`${at}.key`, key)] : []),
      ]
    }),
  ]
}

function validateValueExpression(expression: string, path: string, scope: ExpressionScope): FieldError[] {
  if (byteLength(expression.trim()) > longestValueExpression) {
    return [requiredField(path, `must not exceed ${longestValueExpression} bytes in length`)]
  }
  const problem = () => problemOf(scope.compile(expression.trim(), [string, none]))
  return validateExpression(expression, path, problem, 'valueExpression is not specified')
}

function validateStatus({ status = {} }: Policy): FieldError[] {
  return [
    ...each(status.typeChecking?.expressionWarnings, 'status.typeChecking.expressionWarnings', ({ fieldRef, warning }, at) => [
      ...(warning === '' ? [requiredField(`${at}.warning`)] : []),
      ...(fieldRef.trim() === '' ? [requiredField(`${at}.fieldRef`)] : []),
    ]),
    ...validateConditions(status.conditions, 'status.conditions'),
  ]
}
