import { type CelProgram, celLimits, celTypes } from '../../../apimachinery/cel/index.ts'
import { expressionScope, problemOf } from '../../../apis/admissionregistration/expressions.ts'
import type { MatchCondition } from '../../../apis/admissionregistration/match-condition.ts'
import type { Bindings } from './bindings.ts'
import { CostBudget, failedExpression, OutOfBudget } from './budget.ts'

/** Does the request satisfy all of them? An error where that can't be said, and none of them is false. */
export type ConditionAnswer =
  | { readonly matches: boolean; readonly error?: undefined }
  | { readonly matches?: undefined; readonly error: string }

export interface MatchConditions {
  /** May throw what `whenAnswered` waits for. */
  readonly evaluate: (bindings: Bindings) => ConditionAnswer
}

interface Condition {
  readonly expression: string
  readonly program: CelProgram | undefined
  readonly problem: string | undefined
}

/** Compiled when first needed; undefined where there are no conditions. */
export function compileMatchConditions(conditions: readonly MatchCondition[] | undefined, hasParams: boolean): MatchConditions | undefined {
  if (!conditions?.length) return undefined
  let compiled: readonly Condition[] | undefined
  return {
    evaluate(bindings) {
      compiled ??= compileAll(conditions, hasParams)
      try {
        return evaluateAll(compiled, bindings)
      } catch (error) {
        if (error instanceof OutOfBudget) return { error: error.message }
        throw error
      }
    },
  }
}

function compileAll(conditions: readonly MatchCondition[], hasParams: boolean): readonly Condition[] {
  const scope = expressionScope({ hasParams, hasAuthorizer: true })
  return conditions.map(({ expression }) => {
    const compilation = scope.compile(expression, [celTypes.bool])
    return { expression, program: compilation.program, problem: problemOf(compilation) }
  })
}

function evaluateAll(conditions: readonly Condition[], bindings: Bindings): ConditionAnswer {
  const budget = new CostBudget(celLimits.costOfMatchConditions)
  const errors: string[] = []
  for (const { expression, program, problem } of conditions) {
    if (!program) {
      errors.push(`compilation error: ${problem}`)
      continue
    }
    const { value, error } = budget.evaluate(program, bindings)
    if (error !== undefined) errors.push(failedExpression(expression, error))
    else if (value === false) return { matches: false }
  }
  if (errors.length === 0) return { matches: true }
  return { error: errors.length === 1 ? (errors[0] as string) : `[${errors.join(', ')}]` }
}
