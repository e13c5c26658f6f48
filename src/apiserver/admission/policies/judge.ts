import { celLimits } from '../../../apimachinery/cel/index.ts'
import { byteLength } from '../../../apis/core/validation/rules.ts'
import type { Bindings } from '../expressions/bindings.ts'
import { CostBudget, OutOfBudget } from '../expressions/budget.ts'
import { type CompiledValidatingPolicy, type CompiledValidation, evaluateExpression } from './compile.ts'
import { withVariables } from './variables.ts'

/** What a policy says about a request. */
export interface Judgement {
  readonly violations: readonly Violation[]
  readonly annotations: readonly { readonly key: string; readonly value: string }[]
}

export interface Violation {
  /** Of the expression in its list. */
  readonly index: number
  readonly message: string
  /** Absent: an expression failed, rather than being false. */
  readonly reason: string | undefined
  /** An annotation failed: that refuses whatever the binding's actions are. */
  readonly isOfAnnotation?: boolean
}

const nothing: Judgement = { violations: [], annotations: [] }

/** Carries out one policy with one object of parameters. Failures count as violations unless they are ignored. */
export function judge(policy: CompiledValidatingPolicy, bindings: Bindings, ignoresFailure: boolean): Judgement {
  const failure = (message: string): Judgement =>
    ignoresFailure ? nothing : { violations: [{ index: 0, message, reason: undefined }], annotations: [] }
  const condition = policy.conditions?.evaluate(bindings)
  if (condition?.error !== undefined) return failure(condition.error)
  if (condition && !condition.matches) return nothing
  try {
    const budget = new CostBudget(celLimits.costOfObject)
    const all = withVariables(bindings, policy.variables, budget)
    const violations = policy.validations.flatMap((validation, index) => check(validation, index, all, budget, ignoresFailure))
    const annotations = annotate(policy, bindings, ignoresFailure)
    return { violations: [...violations, ...annotations.violations], annotations: annotations.annotations }
  } catch (error) {
    if (error instanceof OutOfBudget) return failure(error.message)
    throw error
  }
}

function check(
  validation: CompiledValidation,
  index: number,
  bindings: Bindings,
  budget: CostBudget,
  ignoresFailure: boolean,
): readonly Violation[] {
  const { value, error } = evaluateExpression(validation.check, bindings, budget)
  if (error !== undefined) return ignoresFailure ? [] : [{ index, message: error, reason: undefined }]
  if (value === true) return []
  return [{ index, message: messageOf(validation, bindings, budget), reason: validation.reason ?? 'Invalid' }]
}

const longestMessage = 5 * 1024

/** What its expression says, if that is one line of bearable length; else the fixed message; else the expression itself. */
function messageOf({ check, message, messageExpression }: CompiledValidation, bindings: Bindings, budget: CostBudget): string {
  if (messageExpression) {
    const { value } = evaluateExpression(messageExpression, bindings, budget)
    const text = typeof value === 'string' ? value.trim() : ''
    if (text !== '' && !text.includes('\n') && byteLength(text) <= longestMessage) return text
  }
  return message || `failed expression: ${check.expression.trim()}`
}

/** They have a budget of their own. */
function annotate({ annotations, variables }: CompiledValidatingPolicy, bindings: Bindings, ignoresFailure: boolean): Judgement {
  if (annotations.length === 0) return nothing
  const budget = new CostBudget(celLimits.costOfObject)
  const all = withVariables(bindings, variables, budget)
  const violations: Violation[] = []
  const found: { key: string; value: string }[] = []
  for (const [index, { key, value: expression }] of annotations.entries()) {
    const { value, error } = evaluateExpression(expression, all, budget)
    const text = typeof value === 'string' ? value.trim() : ''
    if (error !== undefined) {
      if (!ignoresFailure) violations.push({ index, message: error, reason: undefined, isOfAnnotation: true })
    } else if (text !== '') found.push({ key, value: text })
  }
  return { violations, annotations: found }
}
