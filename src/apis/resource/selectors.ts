import { type CelType, celTypes, compileCel, formatIssues, formatType, mapOf, objectOf } from '../../apimachinery/cel/index.ts'
import { type FieldError, forbiddenField, invalidField, requiredField, tooLongField } from '../../apimachinery/field-error.ts'
import { byteLength } from '../core/validation/rules.ts'
import type { DeviceSelector } from './device-class.ts'
import { limitedList } from './rules.ts'

const mostSelectors = 32
const longestExpression = 10 * 1024
const highestCost = 1_000_000

export const validateSelectors = (selectors: readonly DeviceSelector[] | undefined, path: string): FieldError[] =>
  limitedList(selectors, path, mostSelectors, ({ cel }, at) =>
    cel === undefined ? [requiredField(`${at}.cel`)] : validateExpression(cel.expression ?? '', `${at}.cel.expression`),
  )

const { bool, dyn, string } = celTypes
const quantity: CelType = { kind: 'opaque', name: 'kubernetes.Quantity', parameters: [] }

/** What expressions know of a device; domains stand before the names of its attributes and capacities. */
const device = objectOf('kubernetes.DRADevice', {
  driver: string,
  attributes: mapOf(string, mapOf(string, dyn)),
  capacity: mapOf(string, mapOf(string, quantity)),
  allowMultipleAllocations: bool,
})

function validateExpression(expression: string, path: string): FieldError[] {
  if (byteLength(expression) > longestExpression) return [tooLongField(path, longestExpression)]
  const { program, issues } = compileCel(expression, { variables: { device } })
  if (!program) return [invalidField(path, expression, `compilation failed: ${formatIssues(expression, issues)}`)]
  const { kind } = program.resultType
  if (kind !== 'bool' && kind !== 'dyn') {
    const why = `must evaluate to bool or the unknown type, not ${formatType(program.resultType)}`
    return [invalidField(path, expression, why)]
  }
  return program.estimateCost().max > highestCost ? [forbiddenField(path, 'too complex, exceeds cost limit')] : []
}
