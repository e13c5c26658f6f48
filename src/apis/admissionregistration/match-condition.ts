import { duplicateField, type FieldError, invalidField, requiredField, tooManyField } from '../../apimachinery/field-error.ts'
import { validateQualifiedName } from '../../apimachinery/names.ts'
import { type Infer, object, required, text } from '../../apimachinery/schema.ts'
import { each, requiredName } from '../core/validation/rules.ts'

export const MatchCondition = object(
  'io.k8s.api.admissionregistration.v1.MatchCondition',
  'An expression that must be true for a request to be asked about.',
  {
    name: required(1, text, 'Name of the condition, a qualified name that is unique in its list.'),
    expression: required(2, text, 'CEL over object, oldObject, request and authorizer that gives a boolean.'),
  },
)
export interface MatchCondition extends Infer<typeof MatchCondition> {}

const mostConditions = 64

/** What is wrong with an expression, as its field's message says it; undefined if nothing is. */
export type ExpressionCheck = (expression: string) => string | undefined

export function validateMatchConditions(
  conditions: readonly MatchCondition[] | undefined,
  path: string,
  checkExpression: ExpressionCheck,
): FieldError[] {
  const names = new Set<string>()
  const count = conditions?.length ?? 0
  return [
    ...(count > mostConditions ? [tooManyField(path, count, mostConditions)] : []),
    ...each(conditions, path, ({ name, expression }, at) => {
      const repeated = name !== '' && names.has(name)
      names.add(name)
      return [
        ...validateExpression(expression.trim(), `${at}.expression`, checkExpression),
        ...requiredName(name, `${at}.name`, validateQualifiedName),
        ...(repeated ? [duplicateField(`${at}.name`, name)] : []),
      ]
    }),
  ]
}

function validateExpression(expression: string, path: string, check: ExpressionCheck): FieldError[] {
  if (expression === '') return [requiredField(path)]
  const problem = check(expression)
  return problem === undefined ? [] : [invalidField(path, expression, problem)]
}
