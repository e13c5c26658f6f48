import { type FieldError, invalidField, requiredField } from '../../apimachinery/field-error.ts'
import { type Infer, object, required, text } from '../../apimachinery/schema.ts'
import { each } from '../core/validation/rules.ts'
import { type ExpressionScope, problemOf } from './expressions.ts'

export const Variable = object(
  'io.k8s.api.admissionregistration.v1.Variable',
  'A named expression that others use, evaluated when it is first needed.',
  {
    name: required(1, text, 'Name, an identifier: expressions say variables.NAME.'),
    expression: required(2, text, 'CEL; may use variables that stand before it.'),
  },
  { mapType: 'atomic' },
)
export interface Variable extends Infer<typeof Variable> {}

const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)

/** Declares the variables one after the other in the scope, so that what comes later may use them. */
export function validateVariables(variables: readonly Variable[] | undefined, path: string, scope: ExpressionScope): FieldError[] {
  return each(variables, path, ({ name, expression }, at) => {
    const errors: FieldError[] = []
    if (name.trim() === '') errors.push(requiredField(`${at}.name`, 'name is not specified'))
    else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) || reserved.has(name)) {
      errors.push(invalidField(`${at}.name`, name, 'name is not a valid CEL identifier'))
    }
    if (expression.trim() === '') return [...errors, requiredField(`${at}.expression`, 'expression is not specified')]
    const problem = problemOf(scope.declare(name, expression))
    return problem === undefined ? errors : [...errors, invalidField(`${at}.expression`, expression, problem)]
  })
}

/** An expression that must be there and compile; `missing` is the text of the error where it isn't there. */
export function validateExpression(expression: string, path: string, problem: () => string | undefined, missing: string): FieldError[] {
  if (expression.trim() === '') return [requiredField(path, missing)]
  const found = problem()
  return found === undefined ? [] : [invalidField(path, expression, found)]
}
