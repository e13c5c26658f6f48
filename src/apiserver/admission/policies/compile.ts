import { type CelProgram, type CelType, celTypes } from '../../../apimachinery/cel/index.ts'
import { type ExpressionScope, expressionScope, problemOf } from '../../../apis/admissionregistration/expressions.ts'
import {
  compileApplyConfiguration,
  compileJsonPatch,
  type MutatingAdmissionPolicy,
} from '../../../apis/admissionregistration/mutating-admission-policy.ts'
import type { ValidatingAdmissionPolicy } from '../../../apis/admissionregistration/validating-admission-policy.ts'
import type { Bindings } from '../expressions/bindings.ts'
import { type CostBudget, failedExpression, type Outcome } from '../expressions/budget.ts'
import { compileMatchConditions, type MatchConditions } from '../expressions/match-conditions.ts'
import { type CompiledVariables, compileVariables } from './variables.ts'

/** An expression and its program, or why it has none: policies may have been stored by another version. */
export interface CompiledExpression {
  readonly expression: string
  readonly program: CelProgram | undefined
  readonly problem: string | undefined
}

export interface CompiledValidatingPolicy {
  readonly conditions: MatchConditions | undefined
  readonly variables: CompiledVariables
  readonly validations: readonly CompiledValidation[]
  readonly annotations: readonly { readonly key: string; readonly value: CompiledExpression }[]
}

export interface CompiledValidation {
  readonly check: CompiledExpression
  readonly message: string
  readonly messageExpression: CompiledExpression | undefined
  readonly reason: string | undefined
}

export interface CompiledMutatingPolicy {
  readonly conditions: MatchConditions | undefined
  readonly variables: CompiledVariables
  readonly mutations: readonly CompiledMutation[]
  readonly isReinvoked: boolean
}

export interface CompiledMutation {
  readonly type: 'ApplyConfiguration' | 'JSONPatch'
  readonly patch: CompiledExpression
}

const { bool, string, null: none } = celTypes

export function compileValidatingPolicy({ spec = {} }: ValidatingAdmissionPolicy): CompiledValidatingPolicy {
  const hasParams = spec.paramKind !== undefined
  const scope = expressionScope({ hasParams, hasAuthorizer: true })
  return {
    conditions: compileMatchConditions(spec.matchConditions, hasParams),
    variables: compileVariables(scope, spec.variables),
    validations: (spec.validations ?? []).map(({ expression, message = '', messageExpression = '', reason }) => ({
      check: compileExpression(scope, expression, [bool]),
      message: message.trim(),
      messageExpression: messageExpression.trim() === '' ? undefined : compileExpression(scope, messageExpression, [string]),
      reason,
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      value: compileExpression(scope, valueExpression.trim(), [string, none]),
    })),
  }
}

export function compileMutatingPolicy({ spec = {} }: MutatingAdmissionPolicy): CompiledMutatingPolicy {
  const hasParams = spec.paramKind !== undefined
  const scope = expressionScope({ hasParams, hasAuthorizer: true })
  return {
    conditions: compileMatchConditions(spec.matchConditions, hasParams),
    variables: compileVariables(scope, spec.variables),
    mutations: (spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }) => {
      const isPatch = patchType === 'JSONPatch'
      const expression = (isPatch ? jsonPatch : applyConfiguration)?.expression ?? ''
      const compilation = (isPatch ? compileJsonPatch : compileApplyConfiguration)(scope, expression)
      return {
        type: isPatch ? 'JSONPatch' : 'ApplyConfiguration',
        patch: { expression, program: compilation.program, problem: problemOf(compilation) },
      }
    }),
    isReinvoked: spec.reinvocationPolicy === 'IfNeeded',
  }
}

function compileExpression(scope: ExpressionScope, expression: string, results: readonly CelType[]): CompiledExpression {
  const compilation = scope.compile(expression, results)
  return { expression, program: compilation.program, problem: problemOf(compilation) }
}

/** The value, or an error that names the expression. */
export function evaluateExpression({ expression, program, problem }: CompiledExpression, bindings: Bindings, budget: CostBudget): Outcome {
  if (!program) return { error: `compilation error: ${problem}` }
  const outcome = budget.evaluate(program, bindings)
  return outcome.error === undefined ? outcome : { error: failedExpression(expression, outcome.error) }
}
