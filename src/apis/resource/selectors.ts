import { type CelType, celTypes, compileCel, formatIssues, formatType, objectOf } from '../../apimachinery/cel/index.ts'
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

const { bool } = celTypes
const quantity: CelType = { kind: 'opaque', name: 'kubernetes.Quantity', parameters: [] }
const text = (maxElements: number): CelType => ({ kind: 'string', maxElements })

/** Texts of attributes, names of drivers and domains, and names within a domain have limits, and so has what a device holds. */
const [driver, domain, identifier] = [text(63), text(63), text(32)]
const attribute: CelType = { kind: 'dyn', maxElements: 64 }
const named = (key: CelType, value: CelType): CelType => ({ kind: 'map', key, value, maxElements: 32 })

/** What expressions know of a device; domains stand before the names of its attributes and capacities. */
const device = objectOf('kubernetes.DRADevice', {
  driver,
  attributes: named(domain, named(identifier, attribute)),
  capacity: named(domain, named(identifier, quantity)),
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
